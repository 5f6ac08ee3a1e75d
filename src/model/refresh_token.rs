//! Refresh tokens: what a session's next access token is had for.

use super::clock::Timestamp;
use super::ids::{RefreshTokenId, SessionId, TenantId};

/// A refresh token, without its text. All those of one session are a family: each is had for the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub tenant_id: TenantId,
    pub id: RefreshTokenId,
    pub session_id: SessionId,
    /// SHA-256 of the token's text.
    pub hash: [u8; 32],
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the next one was had for it.
    pub used_at: Option<Timestamp>,
}
