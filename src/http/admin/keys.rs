//! `/v1/api-keys`: a tenant's keys, and the instance's own for a credential of the instance that names no tenant.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::InstanceSession;
use super::values::{cursor, names, page, time, time_of};
use super::{Admin, Part};
use crate::model::{self, KeyId, UserId};
use crate::provisioning::directory::{KeyDraft, NewKey};

/// How long the old text of a rotated key works when nobody says, in seconds: a day.
const OVERLAP: u32 = 24 * 60 * 60;

pub(super) struct Keys;

/// An API key, without its text.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct ApiKey {
    id: Uuid,
    name: String,
    /// Whose key it is; missing for the tenant's own, and for those of the instance.
    user_id: Option<Uuid>,
    /// What it is bounded to, beside what its owner may do; missing where it is bounded to nothing else.
    permissions: Option<Vec<String>>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// To about a minute.
    last_used_at: Option<String>,
}

/// An API key with its text, which is shown only now.
#[derive(Debug, Object)]
struct ShownKey {
    /// The key itself: send it as `X-API-Key` or as a bearer token.
    key: String,
    #[oai(flatten)]
    record: ApiKey,
}

/// A page of API keys.
#[derive(Debug, Object)]
struct ApiKeyList {
    api_keys: Vec<ApiKey>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// A key to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewApiKey {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// Whose key: it ends with the user, and never does more than they may. The tenant's own where nobody is named.
    user_id: Option<Uuid>,
    /// What it is bounded to.
    #[oai(validator(max_items = 64))]
    permissions: Option<Vec<String>>,
    /// RFC 3339; never where it is left out.
    #[oai(validator(
        max_length = 40,
        pattern = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$"
    ))]
    expires_at: Option<String>,
}

/// How a key is rotated.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct Rotation {
    /// How long the old text still works; a day where it is left out, a week at the most.
    #[oai(validator(minimum(value = "0"), maximum(value = "604800")))]
    overlap_seconds: Option<u32>,
}

#[OpenApi(tag = "Part::ApiKeys")]
impl Keys {
    /// Create an API key
    ///
    /// Nobody makes one that may do more than they may. A credential of the instance that names no tenant works on the
    /// instance's own keys, here and in all that follows.
    #[oai(path = "/api-keys", method = "post")]
    async fn create_api_key(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        body: Body<NewApiKey>,
    ) -> Answer<Created<ShownKey>> {
        let NewApiKey { name, user_id, permissions, expires_at } = body.check()?;
        let expires_at = expires_at.map(|text| time_of(&text, "/expires_at")).transpose()?;
        let draft = KeyDraft { name, user_id: user_id.map(UserId), permissions, expires_at };
        let made = admin.directory.create_key(&session.0, draft).await?;
        let location = format!("{}/api-keys/{}", admin.base_url, made.record.id);
        Ok(Created { value: made.into(), location, version: None })
    }

    /// List API keys
    #[oai(path = "/api-keys", method = "get")]
    async fn list_api_keys(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<ApiKeyList>> {
        let page = page(limit.0, after.0.as_deref(), KeyId)?;
        let (keys, next) = admin.directory.list_keys(&session.0, page).await?;
        let api_keys = keys.into_iter().map(ApiKey::from).collect();
        Ok(Found::plain(ApiKeyList { api_keys, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Read an API key
    #[oai(path = "/api-keys/:id", method = "get")]
    async fn read_api_key(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
    ) -> Answer<Found<ApiKey>> {
        Ok(Found::plain(admin.directory.read_key(&session.0, KeyId(id.0)).await?.into()))
    }

    /// Rotate an API key
    ///
    /// It gets another text; the old one works a while longer. Whoever rotates a key holds what it may do.
    #[oai(path = "/api-keys/:id/rotate", method = "post")]
    async fn rotate_api_key(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
        body: Body<Rotation>,
    ) -> Answer<Found<ShownKey>> {
        let overlap = body.check()?.overlap_seconds.unwrap_or(OVERLAP);
        Ok(Found::plain(admin.directory.rotate_key(&session.0, KeyId(id.0), overlap).await?.into()))
    }

    /// Revoke an API key
    ///
    /// It stops working everywhere within a second.
    #[oai(path = "/api-keys/:id", method = "delete")]
    async fn revoke_api_key(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.revoke_key(&session.0, KeyId(id.0)).await?;
        Ok(Done)
    }
}

impl From<model::ApiKey> for ApiKey {
    fn from(key: model::ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            user_id: key.user_id.map(|id| id.0),
            permissions: key.permissions.map(names),
            created_at: time(key.created_at),
            expires_at: key.expires_at.map(time),
            revoked_at: key.revoked_at.map(time),
            last_used_at: key.last_used_at.map(time),
        }
    }
}

impl From<NewKey> for ShownKey {
    fn from(made: NewKey) -> Self {
        Self { key: made.text.expose().to_owned(), record: made.record.into() }
    }
}
