//! What is kept beside users: their pictures, those of them that were deleted, and which requests made them.

use super::adoption::AdoptionChange;
use super::avatar::StoredAvatar;
use super::clock::Timestamp;
use super::ids::{ConnectionId, GroupId, UserId};

/// Changes to what is kept beside users.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordChange {
    /// Gives a user this picture instead of the one it has, if it has one.
    SetAvatar {
        user_id: UserId,
        avatar: StoredAvatar,
        at: Timestamp,
    },
    RemoveAvatar {
        user_id: UserId,
    },
    /// Gives a user that the same change set inserts what went with it when it was deleted; the deleted one is no more.
    /// Guard: it was deleted at `deleted_at`.
    Restore {
        id: UserId,
        deleted_at: Timestamp,
        external_ids: Vec<(ConnectionId, String)>,
        /// The roles in groups that the user joins in the same change set.
        roles: Vec<(GroupId, String)>,
        at: Timestamp,
    },
    /// Guard: the user was deleted at `deleted_at`.
    PurgeDeletedUser {
        id: UserId,
        deleted_at: Timestamp,
    },
    /// Notes what a request made. Taken, if the key was used at `valid_from` or later.
    UseIdempotencyKey {
        key: IdempotencyKey,
        user_id: UserId,
        /// The status that was answered.
        status: u16,
        at: Timestamp,
        valid_from: Timestamp,
    },
    /// Forgets keys that were used before this, a bounded number of them.
    PurgeIdempotencyKeys {
        before: Timestamp,
    },
    Adoption(AdoptionChange),
}

/// What a client calls one request, so that it is fulfilled once however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Of the key and who sent it.
    pub key_hash: [u8; 32],
    /// Of what was asked for.
    pub request_hash: [u8; 32],
}

/// What a key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedKey {
    pub request_hash: [u8; 32],
    pub user_id: UserId,
    /// The status that was answered.
    pub status: u16,
}
