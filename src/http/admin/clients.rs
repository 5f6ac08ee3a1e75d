//! `/v1/connections/{id}/clients` and `/v1/users/{id}/clients`: OAuth 2.0 clients.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::{Answer, Refused};
use super::session::Session;
use super::values::{time, time_of};
use super::{Admin, Part};
use crate::auth::client::ClientIdText;
use crate::model::{self, ClientId, ClientProof, ConnectionId, Scopes, UserId};
use crate::provisioning::directory::{ClientDraft, NewClient};

pub(super) struct Clients;

/// A scope of OAuth 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum OAuthScope {
    #[oai(rename = "scim.read")]
    Read,
    #[oai(rename = "scim.write")]
    Write,
}

/// How a client shows who it is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum ClientAuth {
    /// By its secret: `client_secret_basic` or `client_secret_post`.
    ClientSecret,
    /// By assertions that it signs.
    PrivateKeyJwt,
}

/// A client to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewOAuthClient {
    /// What the client is for, in your words.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What its tokens are bounded to. Where it is left out a connection's may read and write; a service account's may do
    /// all that its user may, on SCIM and on the API.
    #[oai(validator(min_items = 1, max_items = 2))]
    scopes: Option<Vec<OAuthScope>>,
    /// Its public keys, a JWK Set or one JWK (RFC 7517): RSA of 2048 to 4096 bits, P-256 or Ed25519. It then signs
    /// assertions (`private_key_jwt`), and has no secret.
    jwks: Option<Value>,
    /// RFC 3339; never where it is left out.
    #[oai(validator(
        max_length = 40,
        pattern = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$"
    ))]
    expires_at: Option<String>,
}

/// An OAuth 2.0 client, without its secret.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct OAuthClient {
    id: Uuid,
    /// What it calls itself at `POST /oauth/token`.
    client_id: String,
    name: String,
    authentication: ClientAuth,
    /// Missing where nothing bounds it beside what its user may do.
    scopes: Option<Vec<OAuthScope>>,
    /// Its public keys, where it has some.
    jwks: Option<Value>,
    created_at: String,
    expires_at: Option<String>,
    /// When one of its tokens was used, to about a minute.
    last_used_at: Option<String>,
}

/// A client that was just made, with its secret, if it has one, which is shown only now.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct ShownClient {
    client_secret: Option<String>,
    #[oai(flatten)]
    record: OAuthClient,
}

/// The clients of a connection, or of a service account.
#[derive(Debug, Object)]
struct OAuthClientList {
    clients: Vec<OAuthClient>,
}

#[OpenApi(tag = "Part::OAuth")]
impl Clients {
    /// Create a client of a connection
    ///
    /// Its tokens do on SCIM what the connection's bearer tokens with these scopes do.
    #[oai(path = "/connections/:id/clients", method = "post")]
    async fn create_connection_client(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        body: Body<NewOAuthClient>,
    ) -> Answer<Created<ShownClient>> {
        let draft = body.check()?.draft()?;
        let made = admin.directory.create_connection_client(&session.0, ConnectionId(id.0), draft).await?;
        let location = format!("{}/connections/{}/clients/{}", admin.base_url, id.0, made.record.id);
        Ok(Created { value: made.into(), location, version: None })
    }

    /// List a connection's clients
    #[oai(path = "/connections/:id/clients", method = "get")]
    async fn list_connection_clients(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<OAuthClientList>> {
        let clients = admin.directory.list_connection_clients(&session.0, ConnectionId(id.0)).await?;
        Ok(Found::plain(clients.into()))
    }

    /// Revoke a client of a connection
    ///
    /// Its tokens stop working everywhere within a second.
    #[oai(path = "/connections/:id/clients/:client", method = "delete")]
    async fn revoke_connection_client(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        client: Path<Uuid>,
    ) -> Answer<Done> {
        let (id, client) = (ConnectionId(id.0), ClientId(client.0));
        admin.directory.revoke_connection_client(&session.0, id, client).await?;
        Ok(Done)
    }

    /// Create a client of a service account
    ///
    /// It never does more than its user, and ends with it. Policies see it as a key of the user.
    #[oai(path = "/users/:id/clients", method = "post")]
    async fn create_user_client(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        body: Body<NewOAuthClient>,
    ) -> Answer<Created<ShownClient>> {
        let draft = body.check()?.draft()?;
        let made = admin.directory.create_user_client(&session.0, UserId(id.0), draft).await?;
        let location = format!("{}/users/{}/clients/{}", admin.base_url, id.0, made.record.id);
        Ok(Created { value: made.into(), location, version: None })
    }

    /// List a service account's clients
    #[oai(path = "/users/:id/clients", method = "get")]
    async fn list_user_clients(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<OAuthClientList>> {
        Ok(Found::plain(admin.directory.list_user_clients(&session.0, UserId(id.0)).await?.into()))
    }

    /// Revoke a client of a service account
    ///
    /// Its tokens stop working everywhere within a second.
    #[oai(path = "/users/:id/clients/:client", method = "delete")]
    async fn revoke_user_client(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        client: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.revoke_user_client(&session.0, UserId(id.0), ClientId(client.0)).await?;
        Ok(Done)
    }
}

impl NewOAuthClient {
    fn draft(self) -> Result<ClientDraft, Refused> {
        let Self { name, scopes, jwks, expires_at } = self;
        let scopes = scopes.map(|scopes| Scopes {
            read: scopes.contains(&OAuthScope::Read),
            write: scopes.contains(&OAuthScope::Write),
        });
        let expires_at = expires_at.map(|text| time_of(&text, "/expires_at")).transpose()?;
        Ok(ClientDraft { name, scopes, keys: jwks.filter(|keys| !keys.is_null()), expires_at })
    }
}

impl From<model::Client> for OAuthClient {
    fn from(client: model::Client) -> Self {
        let scopes = client.scopes.map(|scopes| {
            let all = [(OAuthScope::Read, scopes.read), (OAuthScope::Write, scopes.write)];
            all.into_iter().filter(|(_, has)| *has).map(|(scope, _)| scope).collect()
        });
        let (authentication, jwks) = match &client.proof {
            ClientProof::Secret(_) => (ClientAuth::ClientSecret, None),
            ClientProof::Keys(text) => (ClientAuth::PrivateKeyJwt, serde_json::from_str(text).ok()),
        };
        Self {
            id: client.id.0,
            client_id: ClientIdText::of(&client).to_string(),
            name: client.name,
            authentication,
            scopes,
            jwks,
            created_at: time(client.created_at),
            expires_at: client.expires_at.map(time),
            last_used_at: client.last_used_at.map(time),
        }
    }
}

impl From<Vec<model::Client>> for OAuthClientList {
    fn from(clients: Vec<model::Client>) -> Self {
        Self { clients: clients.into_iter().map(OAuthClient::from).collect() }
    }
}

impl From<NewClient> for ShownClient {
    fn from(made: NewClient) -> Self {
        let client_secret = made.secret.map(|secret| secret.expose().to_owned());
        Self { client_secret, record: made.record.into() }
    }
}
