//! The keys that sign access tokens, as they are kept.

use super::clock::Timestamp;
use super::ids::SigningKeyId;

/// A key of the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    pub id: SigningKeyId,
    /// As in a JWT's header: `EdDSA`.
    pub algorithm: String,
    pub public_key: Vec<u8>,
    /// Encrypted with the secret key that is kept outside the database.
    pub private_key: Vec<u8>,
    pub created_at: Timestamp,
    /// When another key took its place; it signs nothing from then on.
    pub retired_at: Option<Timestamp>,
}
