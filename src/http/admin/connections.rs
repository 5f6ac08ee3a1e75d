//! `/v1/connections`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::{cursor, if_matches, page, time, time_of};
use super::{Admin, Part};
use crate::model::{AccessToken, ConnectionId, OnExistingUser, Scopes, TokenId};
use crate::provisioning::directory::{ConnectionDraft, ConnectionView, TokenDraft};
use crate::provisioning::tenants::NewToken;

pub(super) struct Connections;

/// What happens when a connection writes to a user that it did not bring.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum ExistingUser {
    /// The user becomes the connection's.
    Adopt,
    /// It is refused, and the audit log tells that the connection asked.
    Ask,
    /// It is refused.
    Refuse,
}

/// What a token lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Scope {
    Read,
    Write,
}

/// An identity provider's link into the tenant.
#[derive(Debug, Object)]
struct Connection {
    id: Uuid,
    /// Unique in the tenant.
    name: String,
    /// Whether requests are read by the letter of the RFCs, or what clients really send is understood too.
    strict: bool,
    /// The name of a role: the connection changes nobody who holds more, and joins nobody to more.
    role_ceiling: String,
    on_existing_user: ExistingUser,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// A page of connections.
#[derive(Debug, Object)]
struct ConnectionList {
    connections: Vec<Connection>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// A connection to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewConnection {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    strict: Option<bool>,
    /// The name of a role; `user` where it is left out.
    #[oai(validator(min_length = 1, max_length = 100))]
    role_ceiling: Option<String>,
    /// `adopt` where it is left out.
    on_existing_user: Option<ExistingUser>,
}

/// What changes of a connection.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct ConnectionPatch {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    strict: Option<bool>,
    #[oai(validator(min_length = 1, max_length = 100))]
    role_ceiling: Option<String>,
    on_existing_user: Option<ExistingUser>,
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
impl Connections {
    /// Create a connection
    #[oai(path = "/connections", method = "post")]
    async fn create_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewConnection>,
    ) -> Answer<Created<Connection>> {
        let NewConnection { name, strict, role_ceiling, on_existing_user } = body.check()?;
        let on_existing_user = on_existing_user.map(OnExistingUser::from);
        let draft = ConnectionDraft { name: Some(name), strict, role_ceiling, on_existing_user };
        let made = admin.directory.create_connection(&session.0, draft).await?;
        let location = format!("{}/connections/{}", admin.base_url, made.connection.id);
        Ok(Created { version: Some(made.connection.version), value: made.into(), location })
    }

    /// List connections
    #[oai(path = "/connections", method = "get")]
    async fn list_connections(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<ConnectionList>> {
        let page = page(limit.0, after.0.as_deref(), ConnectionId)?;
        let (found, next) = admin.directory.list_connections(&session.0, page).await?;
        let connections = found.into_iter().map(Connection::from).collect();
        Ok(Found::plain(ConnectionList { connections, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Read a connection
    #[oai(path = "/connections/:id", method = "get")]
    async fn read_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Connection>> {
        Ok(found(admin.directory.read_connection(&session.0, ConnectionId(id.0)).await?))
    }

    /// Change a connection
    ///
    /// Its settings work within a second.
    #[oai(path = "/connections/:id", method = "patch")]
    async fn patch_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<ConnectionPatch>,
    ) -> Answer<Found<Connection>> {
        let ConnectionPatch { name, strict, role_ceiling, on_existing_user } = body.check()?;
        let on_existing_user = on_existing_user.map(OnExistingUser::from);
        let draft = ConnectionDraft { name, strict, role_ceiling, on_existing_user };
        let (id, preconditions) = (ConnectionId(id.0), if_matches(if_match.0));
        Ok(found(admin.directory.update_connection(&session.0, id, draft, &preconditions).await?))
    }

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

fn found(view: ConnectionView) -> Found<Connection> {
    Found { version: Some(view.connection.version), value: view.into() }
}

impl From<ConnectionView> for Connection {
    fn from(ConnectionView { connection, role_ceiling }: ConnectionView) -> Self {
        Self {
            id: connection.id.0,
            name: connection.name,
            strict: connection.strict,
            role_ceiling,
            on_existing_user: connection.settings.on_existing_user.into(),
            created_at: time(connection.created_at),
            updated_at: time(connection.updated_at),
            version: connection.version,
        }
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

impl From<ExistingUser> for OnExistingUser {
    fn from(rule: ExistingUser) -> Self {
        match rule {
            ExistingUser::Adopt => Self::Adopt,
            ExistingUser::Ask => Self::Ask,
            ExistingUser::Refuse => Self::Refuse,
        }
    }
}

impl From<OnExistingUser> for ExistingUser {
    fn from(rule: OnExistingUser) -> Self {
        match rule {
            OnExistingUser::Adopt => Self::Adopt,
            OnExistingUser::Ask => Self::Ask,
            OnExistingUser::Refuse => Self::Refuse,
        }
    }
}
