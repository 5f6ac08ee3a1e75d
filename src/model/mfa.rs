//! Second factors: authenticator apps that show codes (TOTP, RFC 6238), and codes that stand in for a lost device.

use super::clock::Timestamp;
use super::ids::{FactorId, UserId};
use super::outbox::Sealed;

/// An authenticator app of a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpFactor {
    pub id: FactorId,
    pub user_id: UserId,
    /// What its holder calls the device.
    pub name: String,
    pub secret: Sealed,
    pub created_at: Timestamp,
    /// When a first code showed that the app has the secret; nothing until then.
    pub confirmed_at: Option<Timestamp>,
    /// The last step of time whose code was used, 0 before the first. No code of it, or of an earlier one, is taken again.
    pub last_step: i64,
    pub last_used_at: Option<Timestamp>,
}

impl TotpFactor {
    /// How long a factor can be confirmed: an hour, in milliseconds.
    pub const CONFIRMABLE: i64 = 60 * 60 * 1000;

    /// Whether the factor counts, or can still be made to count at `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_some() || now.0 - self.created_at.0 < Self::CONFIRMABLE
    }
}

/// Changes to a user's second factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MfaChange {
    /// A factor that is not confirmed yet; another such one of its user's goes. Guard: the user is there.
    InsertFactor(Box<TotpFactor>),
    /// Guards: the factor is there and not confirmed, and its user has `confirmed` confirmed ones.
    ConfirmFactor { user_id: UserId, id: FactorId, step: i64, confirmed: usize, at: Timestamp },
    /// Guard: the factor is confirmed, and no code of this step or a later one was used.
    UseStep { user_id: UserId, id: FactorId, step: i64, at: Timestamp },
    /// The recovery codes go with the last confirmed factor. Guard: the factor is there.
    RemoveFactor { user_id: UserId, id: FactorId },
    /// The recovery codes go too.
    RemoveFactors { user_id: UserId },
    /// SHA-256 of each code; those that the user had before go. Guard: the user has a confirmed factor, which may be
    /// confirmed by the same change set.
    SetRecoveryCodes { user_id: UserId, hashes: Vec<[u8; 32]>, at: Timestamp },
    /// Guard: the code is there, and was not used.
    UseRecoveryCode { user_id: UserId, hash: [u8; 32], at: Timestamp },
}
