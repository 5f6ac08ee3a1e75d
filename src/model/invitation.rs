//! Invitations: who was asked to join, by whom, and what became of it. Never the link's token itself.

use super::audit::Actor;
use super::clock::Timestamp;
use super::ids::{InvitationId, TenantId, UserId};
use super::permission::Permissions;

/// An invitation of one address to one tenant, for the user record that waits for its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub tenant_id: TenantId,
    pub id: InvitationId,
    pub user_id: UserId,
    /// Who was invited, as the address was when the link was made.
    pub email: String,
    /// `email`, folded.
    pub email_key: String,
    /// As it is stored: never [`InvitationState::Expired`], which follows from the time. See [`Invitation::state_at`].
    pub state: InvitationState,
    /// SHA-256 of the token in the link that is good now.
    pub token_hash: [u8; 32],
    pub invited_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the link that is good now was mailed; nothing where it was shown to who asked for it.
    pub sent_at: Option<Timestamp>,
    /// What they may do who were shown the link that is good now; nothing where it was mailed.
    pub shown_to: Permissions,
    pub accepted_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// 1 at first, one more with each change.
    pub version: i64,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    Pending,
    Accepted,
    Expired,
    Revoked,
}

impl InvitationState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Accepted, Self::Expired, Self::Revoked];

    /// The word that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The state that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Invitation {
    /// The state at `now`: what is still pending when its time is over has expired.
    pub fn state_at(&self, now: Timestamp) -> InvitationState {
        match self.state {
            InvitationState::Pending if now >= self.expires_at => InvitationState::Expired,
            state => state,
        }
    }

    /// Whether the link that is good now went to the address, so that whoever has it reads that address's mail.
    pub fn was_mailed(&self) -> bool {
        self.sent_at.is_some()
    }

    /// What of these permissions somebody would get by accepting who was shown the link and lacks them. A link that was
    /// mailed was shown to nobody but its holder.
    pub fn beyond_viewer(&self, held: Permissions) -> Permissions {
        if self.was_mailed() { Permissions::NONE } else { held.without(self.shown_to) }
    }
}

/// Changes to invitations.
#[derive(Clone, Debug, PartialEq)]
pub enum InvitationChange {
    /// Guard: its user is there and has accepted none, and the invitation that it follows, if there is one, still has
    /// this version.
    Issue { invitation: Box<Invitation>, after: Option<(InvitationId, i64)> },
    /// Another token, address and end. Guard: it is pending, and the stored version is the one before `version`.
    Renew(Box<Invitation>),
    /// Guard: it is pending, and the stored version is `expected`.
    Accept { id: InvitationId, expected: i64, at: Timestamp },
    /// Ends its link before its time, so that it has expired. Guard: as for accepting.
    Lapse { id: InvitationId, expected: i64, at: Timestamp },
    /// Revokes what a user who goes has not accepted.
    End { user_id: UserId, at: Timestamp },
    /// Forgets what was accepted, revoked or over before this, a bounded number. The last invitation of a user who has
    /// accepted none stays: by it the user is invited again, or taken back.
    Purge { before: Timestamp },
}
