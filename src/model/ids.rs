//! Typed ids, so that a user's id can never stand where a group's is meant. All are UUIDv7: they sort by age.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::clock::Timestamp;
use crate::model::random;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later than every one made before it on this machine.
            pub fn generate() -> Self {
                Self(random::uuid_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A tenant's id: the first part of every key.
    TenantId
);
id!(
    /// The id of an identity provider's link into a tenant.
    ConnectionId
);
impl ConnectionId {
    /// No connection: administrators see users and groups without any connection's external ids but their own.
    pub const NONE: Self = Self(Uuid::nil());
}

id!(
    /// The id of a SCIM bearer token (not the token).
    TokenId
);
id!(
    /// A user's id, which is also its SCIM `id`.
    UserId
);
id!(
    /// A group's id, which is also its SCIM `id`.
    GroupId
);
id!(
    /// An audit event's id.
    EventId
);
impl EventId {
    /// The first id that could have been made in this millisecond.
    pub fn first_of(at: Timestamp) -> Self {
        let milliseconds = u128::try_from(at.0.clamp(0, (1 << 48) - 1)).unwrap_or_default();
        Self(Uuid::from_u128(milliseconds << 80))
    }

    /// When the id was made, by its own account.
    pub fn made_at(self) -> Timestamp {
        Timestamp(i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX))
    }
}

id!(
    /// A role's id.
    RoleId
);
id!(
    /// The id of an API key (not the key).
    KeyId
);
id!(
    /// An invitation's id.
    InvitationId
);
id!(
    /// The id of a policy of a tenant's own.
    PolicyId
);
id!(
    /// The id of something that has to leave: a mail, or a webhook's event.
    OutboxId
);
id!(
    /// A webhook's id.
    WebhookId
);
id!(
    /// A session's id.
    SessionId
);
id!(
    /// The id of a one-time token (not the token).
    OneTimeTokenId
);
id!(
    /// The id of a refresh token (not the token).
    RefreshTokenId
);
id!(
    /// The id of a second factor.
    FactorId
);
id!(
    /// The id of a key that signs access tokens, which is also its JWK's `kid`.
    SigningKeyId
);

impl TenantId {
    /// Stands for the instance itself, whose settings belong to no tenant. No tenant has this id.
    pub const INSTANCE: Self = Self(Uuid::nil());
}

id!(
    /// The id of a connection's request to be let have a user.
    AdoptionRequestId
);
id!(
    /// The id of an OAuth 2.0 client, which its `client_id` carries.
    ClientId
);
id!(
    /// The id of one attempt at delivering something to a webhook.
    AttemptId
);
