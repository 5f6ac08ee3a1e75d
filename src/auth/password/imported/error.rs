//! Why a hash is not taken from another system.

use thiserror::Error;

/// What is wrong with an imported hash. Each continues a sentence that names the hash ("'password_hash' …", "line 7 …");
/// nothing of the hash itself is told.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ImportError {
    #[error("is longer than {max} characters", max = super::LONGEST)]
    TooLong,
    #[error(
        "is of no known form; known are bcrypt, Argon2, scrypt, Firebase's scrypt, PBKDF2, SHA-crypt, phpass, LDAP's {{SSHA}} and its like, and {{digest}}"
    )]
    Unknown,
    #[error("looks like {family}, but {problem}")]
    Malformed { family: &'static str, problem: &'static str },
    #[error("would take too much to compare a password with: {0}")]
    Exhausting(String),
}

impl ImportError {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Malformed { .. } => "malformed_hash",
            Self::Unknown => "unknown_hash",
            Self::Exhausting(_) => "exhausting_hash",
        }
    }
}
