//! Adoption: a connection that writes to a user whom it did not bring may have to ask an administrator first.

use super::clock::Timestamp;
use super::ids::{AdoptionRequestId, ConnectionId, UserId};

/// A connection's request to be let have a user, with both as they are called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptionRequest {
    pub id: AdoptionRequestId,
    pub connection_id: ConnectionId,
    pub connection_name: String,
    pub user_id: UserId,
    pub user_name: String,
    pub state: AdoptionState,
    pub requested_at: Timestamp,
    pub decided_at: Option<Timestamp>,
}

/// What became of the request. One that was approved is used up when the user becomes the connection's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdoptionState {
    Pending,
    /// The connection has the user as soon as it writes to it again.
    Approved,
    /// The connection is refused, and nobody is told again.
    Denied,
}

impl AdoptionState {
    /// The word that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }

    /// The state that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied].into_iter().find(|state| state.as_str() == word)
    }
}

/// Changes to such requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdoptionChange {
    /// Guard: the connection has not asked for the user yet.
    Ask { id: AdoptionRequestId, connection_id: ConnectionId, user_id: UserId, at: Timestamp },
    /// Guard: the stored state is `expected`.
    Decide { id: AdoptionRequestId, expected: AdoptionState, state: AdoptionState, at: Timestamp },
    /// The user becomes the connection's. Guard: the request is still approved.
    Use { id: AdoptionRequestId },
}
