//! Sessions: that somebody has signed in, how, and until when it holds.

use super::clock::Timestamp;
use super::ids::{SessionId, TenantId, UserId};

/// A session of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub tenant_id: TenantId,
    pub id: SessionId,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
    /// How the user signed in, in the words of RFC 8176: `pwd`, `otp`, …; none of them has a space in it.
    pub amr: Vec<String>,
    /// Where the user signed in from.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Session {
    /// Whether the session holds at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}
