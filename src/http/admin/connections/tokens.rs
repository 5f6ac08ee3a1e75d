//! `/v1/connections/{id}/tokens`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::super::answer::{Created, Done, Found};
use super::super::body::Body;
use super::super::failure::Answer;
use super::super::session::Session;
use super::super::values::{time, time_of};
use super::super::{Admin, Part};
use crate::model::{AccessToken, ConnectionId, Scopes, TokenId};
use crate::provisioning::directory::TokenDraft;
use crate::provisioning::tenants::NewToken;

pub struct Tokens;

/// What a token lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Scope {
    Read,
    Write,
}

/// A token to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewScimToken {
    /// What the token is for, in your words.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// Both where it is left out.
    #[oai(validator(min_items = 1, max_items = 2))]
    scopes: Option<Vec<Scope>>,
    /// RFC 3339; never where it is left out.
    #[oai(validator(max_length = 40))]
    expires_at: Option<String>,
}

/// A SCIM token, without its text.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct ScimToken {
    id: Uuid,
    name: String,
    scopes: Vec<Scope>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// To about a minute.
    last_used_at: Option<String>,
}

/// A SCIM token with its text, which is shown only now.
#[derive(Debug, Object)]
struct ShownToken {
    /// The bearer token itself.
    token: String,
    #[oai(flatten)]
    record: ScimToken,
}

/// A connection's tokens.
#[derive(Debug, Object)]
struct ScimTokenList {
    tokens: Vec<ScimToken>,
}

#[OpenApi(tag = "Part::Connections")]
impl Tokens {
    /// Create a SCIM token
    #[oai(path = "/connections/:id/tokens", method = "post")]
    async fn create_scim_token(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        body: Body<NewScimToken>,
    ) -> Answer<Created<ShownToken>> {
        let NewScimToken { name, scopes, expires_at } = body.check()?;
        let scopes = scopes.map_or(Scopes::ALL, |scopes| Scopes {
            read: scopes.contains(&Scope::Read),
            write: scopes.contains(&Scope::Write),
        });
        let expires_at = expires_at.map(|text| time_of(&text, "/expires_at")).transpose()?;
        let draft = TokenDraft { name, scopes, expires_at };
        let made = admin.directory.create_connection_token(&session.0, ConnectionId(id.0), draft).await?;
        let location = format!("{}/connections/{}/tokens/{}", admin.base_url, id.0, made.record.id);
        Ok(Created { value: made.into(), location, version: None })
    }

    /// List SCIM tokens
    #[oai(path = "/connections/:id/tokens", method = "get")]
    async fn list_scim_tokens(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<ScimTokenList>> {
        let tokens = admin.directory.list_connection_tokens(&session.0, ConnectionId(id.0)).await?;
        Ok(Found::plain(ScimTokenList { tokens: tokens.into_iter().map(ScimToken::from).collect() }))
    }

    /// Revoke a SCIM token
    ///
    /// It stops working everywhere within a second.
    #[oai(path = "/connections/:id/tokens/:token", method = "delete")]
    async fn revoke_scim_token(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        token: Path<Uuid>,
    ) -> Answer<Done> {
        let (id, token) = (ConnectionId(id.0), TokenId(token.0));
        admin.directory.revoke_connection_token(&session.0, id, token).await?;
        Ok(Done)
    }
}

impl From<AccessToken> for ScimToken {
    fn from(token: AccessToken) -> Self {
        let scopes = [(Scope::Read, token.scopes.read), (Scope::Write, token.scopes.write)];
        Self {
            id: token.id.0,
            name: token.name,
            scopes: scopes.into_iter().filter(|(_, has)| *has).map(|(scope, _)| scope).collect(),
            created_at: time(token.created_at),
            expires_at: token.expires_at.map(time),
            revoked_at: token.revoked_at.map(time),
            last_used_at: token.last_used_at.map(time),
        }
    }
}

impl From<NewToken> for ShownToken {
    fn from(made: NewToken) -> Self {
        Self { token: made.text.expose().to_owned(), record: made.record.into() }
    }
}
