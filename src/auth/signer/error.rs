//! Why a token is not made, or not believed.

use thiserror::Error;

use super::super::SecretKeyError;
use crate::model::SigningKeyId;
use crate::model::random::NoRandomness;
use crate::storage::StorageError;

/// Why tokens cannot be signed.
#[derive(Debug, Error)]
pub enum SignerError {
    #[error("The signing keys cannot be read: {0}")]
    SecretKey(#[from] SecretKeyError),
    #[error("The signing key '{0}' is not one that this server made, or was changed in the database.")]
    Key(SigningKeyId),
    #[error("No key signs, though one was just made.")]
    NoKey,
    #[error("The claim '{0}' has a meaning of its own and cannot be a custom claim.")]
    ReservedClaim(String),
    #[error("The token would have {0} bytes; it may have {max}. Put fewer attributes into tokens.", max = super::MAX_BYTES)]
    TooLarge(usize),
    #[error("The token could not be signed: {0}")]
    Sign(String),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<NoRandomness> for SignerError {
    fn from(error: NoRandomness) -> Self {
        Self::SecretKey(error.into())
    }
}

/// Why a token is not believed. The client is told no more than that it is invalid.
#[derive(Debug, Error)]
pub enum TokenError {
    #[error("the token is not a JWT of ours")]
    Malformed,
    #[error("the token is not signed with EdDSA")]
    Algorithm,
    #[error("the token's key is unknown, or was retired too long ago")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is from the future")]
    NotYetValid,
    /// Whether the token is good cannot be said.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl From<jsonwebtoken::errors::Error> for TokenError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        use jsonwebtoken::errors::ErrorKind;
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Self::Algorithm,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            _ => Self::Malformed,
        }
    }
}
