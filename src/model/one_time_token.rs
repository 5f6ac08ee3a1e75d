//! One-time tokens: what a link in a mail carries, to prove that its bearer reads that mail.

use super::clock::Timestamp;
use super::ids::{OneTimeTokenId, TenantId, UserId};

/// A one-time token, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeToken {
    pub tenant_id: TenantId,
    pub id: OneTimeTokenId,
    pub kind: OneTimeKind,
    pub user_id: UserId,
    /// SHA-256 of the token's text.
    pub hash: [u8; 32],
    /// The address that it was mailed to: it says nothing of an address that the user has later.
    pub email: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

impl OneTimeToken {
    /// Whether the token can still be used at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// What a one-time token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneTimeKind {
    /// Shows that the user's address reaches the user.
    VerifyEmail,
    /// Lets its bearer choose another password.
    ResetPassword,
    /// Puts the address that it was mailed to in the place of the user's.
    ChangeEmail,
    /// Stands for the password, which was given, while signing in asks for more.
    SignIn,
    /// The same for the password and a second factor.
    SignInWithFactor,
}

impl OneTimeKind {
    const ALL: [Self; 5] =
        [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail, Self::SignIn, Self::SignInWithFactor];

    /// The word that the database holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::SignIn => "sign_in",
            Self::SignInWithFactor => "sign_in_with_factor",
        }
    }

    /// The kind that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
