//! Rows become the model's words. Columns are read by position: each `SELECT` lists them in the order of the fields.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::model::clock::Timestamp;
use crate::model::group::{Member, MemberRow};
use crate::model::ids::{ConnectionId, GroupId, SessionId, SigningKeyId, TenantId, TokenId, UserId};
use crate::model::query::{GroupOfUser, StoredGroup, StoredUser};
use crate::model::{AccessToken, Connection, PasswordCredential, PasswordHash, Session, SigningKey, Tenant};

macro_rules! from_row {
    ($($row:ident => $name:ty { $($field:ident: $read:expr),* $(,)? })*) => {$(
        impl<'r> FromRow<'r, SqliteRow> for $name {
            fn from_row($row: &'r SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $read),* })
            }
        }
        impl<'r> FromRow<'r, PgRow> for $name {
            fn from_row($row: &'r PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $read),* })
            }
        }
    )*};
}

from_row! {
    row => StoredUser {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created_at: row.try_get(2)?,
        updated_at: row.try_get(3)?,
        document: row.try_get(4)?,
        name_origins: row.try_get(5)?,
        email: row.try_get(6)?,
        external_id: row.try_get(7)?,
        manager_id: row.try_get(8)?,
        manager_display_name: row.try_get(9)?,
        in_groups: row.try_get(10)?,
    }
    row => StoredGroup {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created_at: row.try_get(2)?,
        updated_at: row.try_get(3)?,
        document: row.try_get(4)?,
        external_id: row.try_get(5)?,
    }
    row => GroupOfUser {
        user_id: row.try_get(0)?,
        group_id: row.try_get(1)?,
        display_name: row.try_get(2)?,
        direct: row.try_get::<i32, _>(3)? != 0,
    }
    row => MemberRow {
        member: member(row.try_get(0)?, row.try_get(1)?),
        display: row.try_get(2)?,
    }
    row => Tenant {
        id: TenantId(row.try_get(0)?),
        slug: row.try_get(1)?,
        name: row.try_get(2)?,
        created_at: Timestamp(row.try_get(3)?),
    }
    row => Connection {
        tenant_id: TenantId(row.try_get(0)?),
        id: ConnectionId(row.try_get(1)?),
        name: row.try_get(2)?,
        strict: row.try_get(3)?,
        created_at: Timestamp(row.try_get(4)?),
    }
    row => AccessToken {
        tenant_id: TenantId(row.try_get(0)?),
        id: TokenId(row.try_get(1)?),
        connection_id: ConnectionId(row.try_get(2)?),
        name: row.try_get(3)?,
        hash: digest(row.try_get(4)?)?,
        scopes: row.try_get::<String, _>(5)?.parse().map_err(|text: String| sqlx::Error::Decode(text.into()))?,
        created_at: Timestamp(row.try_get(6)?),
        expires_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
        last_used_at: row.try_get::<Option<i64>, _>(9)?.map(Timestamp),
    }
    row => PasswordCredential {
        user_id: UserId(row.try_get(0)?),
        hash: PasswordHash::new(row.try_get::<String, _>(1)?),
        changed_at: Timestamp(row.try_get(2)?),
    }
    row => Session {
        tenant_id: TenantId(row.try_get(0)?),
        id: SessionId(row.try_get(1)?),
        user_id: UserId(row.try_get(2)?),
        created_at: Timestamp(row.try_get(3)?),
        expires_at: Timestamp(row.try_get(4)?),
        ended_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
        amr: row.try_get::<String, _>(6)?.split_whitespace().map(str::to_owned).collect(),
        ip: row.try_get(7)?,
        user_agent: row.try_get(8)?,
    }
    row => SigningKey {
        id: SigningKeyId(row.try_get(0)?),
        algorithm: row.try_get(1)?,
        public_key: row.try_get(2)?,
        private_key: row.try_get(3)?,
        created_at: Timestamp(row.try_get(4)?),
        retired_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
    }
}

fn member(id: Uuid, is_user: bool) -> Member {
    if is_user { Member::User(UserId(id)) } else { Member::Group(GroupId(id)) }
}

fn digest(bytes: Vec<u8>) -> sqlx::Result<[u8; 32]> {
    bytes.try_into().map_err(|_| sqlx::Error::Decode("a token's hash is not 32 bytes long".into()))
}
