//! What a user signs in with, as it is kept.

use std::fmt;

use super::clock::Timestamp;
use super::ids::UserId;

/// A hashed password, as text. `Debug` does not show it: who has it can try passwords on it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash from its text, which is read when a password is compared with it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The password of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordCredential {
    pub user_id: UserId,
    pub hash: PasswordHash,
    /// When the password was set; hashing the same password anew does not change it.
    pub changed_at: Timestamp,
}
