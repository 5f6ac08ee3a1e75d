//! Connections of identity providers, and their tokens. A token's text is shown once and never stored.

use serde_json::{Map, Value, json};

use super::error::{DirectoryError, Kind, Problem};
use super::users::exceeds;
use super::{Directory, Page};
use crate::auth::{CredentialKind, TenantView, TokenText, permissions_of_scopes};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{
    AccessToken, BuiltInRole, Connection, ConnectionId, ConnectionSettings, OnExistingUser, Permission,
    Permissions, Scopes, Timestamp, TokenId,
};
use crate::provisioning::preconditions::Preconditions;
use crate::provisioning::tenants::NewToken;
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::{StorageError, Taken};

/// How many connections a tenant may have.
const MOST_CONNECTIONS: usize = 500;

/// What is said of a connection; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct ConnectionDraft {
    pub name: Option<String>,
    pub strict: Option<bool>,
    /// The name of a role.
    pub role_ceiling: Option<String>,
    pub on_existing_user: Option<OnExistingUser>,
}

/// What is said of a token.
#[derive(Clone, Debug)]
pub struct TokenDraft {
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
}

/// A connection as answers show it.
#[derive(Clone, Debug)]
pub struct ConnectionView {
    pub connection: Connection,
    /// The name of the role that is its ceiling.
    pub role_ceiling: String,
}

impl Directory {
    /// A page of the tenant's connections, oldest first.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_connections(
        &self,
        request: &Request,
        page: Page<ConnectionId>,
    ) -> Result<(Vec<ConnectionView>, Option<ConnectionId>), DirectoryError> {
        self.admit(request, &[Permission::ConnectionsRead]).await?;
        let view = Self::tenant(request)?;
        let mut connections = self.provisioning.storage.list_connections(view.tenant.id).await?;
        connections.retain(|connection| page.after.is_none_or(|after| connection.id > after));
        let next = page.cut(&mut connections, |connection| connection.id);
        Ok((connections.into_iter().map(|connection| shown(view, connection)).collect(), next))
    }

    /// One connection.
    ///
    /// # Errors
    /// No such connection (404), a missing permission (403).
    pub async fn read_connection(
        &self,
        request: &Request,
        id: ConnectionId,
    ) -> Result<ConnectionView, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsRead]).await?;
        Ok(shown(Self::tenant(request)?, self.connection(request, id).await?))
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// An unknown role (422), one that holds more than the caller (403), a taken name (409).
    pub async fn create_connection(
        &self,
        request: &Request,
        draft: ConnectionDraft,
    ) -> Result<ConnectionView, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let view = Self::tenant(request)?;
        let at = self.now();
        if self.provisioning.storage.list_connections(view.tenant.id).await?.len() >= MOST_CONNECTIONS {
            let message = format!("A tenant has at most {MOST_CONNECTIONS} connections.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_connections", message));
        }
        let mut connection = Connection {
            tenant_id: view.tenant.id,
            id: ConnectionId::generate(),
            name: String::new(),
            strict: false,
            settings: ConnectionSettings::default(),
            created_at: at,
            updated_at: at,
            version: 1,
        };
        settle(request, view, &mut connection, draft)?;
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::InsertConnection(connection.clone()));
        let details = json!({ "name": connection.name, "strict": connection.strict });
        let target = Target::Connection(connection.id);
        changes.audit.push(self.event(request, AuditType::ConnectionCreated, target, details));
        self.write_connection(changes, &connection).await?;
        Ok(shown(view, connection))
    }

    /// Changes what is said of a connection.
    ///
    /// # Errors
    /// As for creating; no such connection (404), another version than `If-Match` names (412).
    pub async fn update_connection(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: ConnectionDraft,
        preconditions: &Preconditions,
    ) -> Result<ConnectionView, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let view = Self::tenant(request)?;
        let before = self.connection(request, id).await?;
        preconditions.check_write(before.version)?;
        check_ceiling(request, view, &before)?;
        let mut after = before.clone();
        settle(request, view, &mut after, draft)?;
        if after == before {
            return Ok(shown(view, after));
        }
        let changed = [
            ("name", before.name != after.name),
            ("strict", before.strict != after.strict),
            ("role_ceiling", before.settings.role_ceiling != after.settings.role_ceiling),
            ("on_existing_user", before.settings.on_existing_user != after.settings.on_existing_user),
        ];
        let names: Vec<&str> = changed.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        let mut details = Map::new();
        details.insert("changed".to_owned(), json!(names));
        if before.settings.role_ceiling != after.settings.role_ceiling {
            details.insert("role_ceiling".to_owned(), Value::from(ceiling_name(view, &after)));
        }
        after.version += 1;
        after.updated_at = self.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::UpdateConnection(Box::new(after.clone())));
        let (target, details) = (Target::Connection(id), Value::Object(details));
        changes.audit.push(self.event(request, AuditType::ConnectionUpdated, target, details));
        self.write_connection(changes, &after).await?;
        Ok(shown(view, after))
    }

    /// Makes a bearer token for a connection. Nobody makes one that reaches further than they do.
    ///
    /// # Errors
    /// No such connection (404), one that reaches further than the caller (403).
    pub async fn create_connection_token(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: TokenDraft,
    ) -> Result<NewToken, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let view = Self::tenant(request)?;
        let connection = self.connection(request, id).await?;
        check_ceiling(request, view, &connection)?;
        // Whether the connection may touch owners is its ceiling's matter, which was looked at.
        let owners = Permissions::from_iter([Permission::OwnersWrite]);
        let given = permissions_of_scopes(draft.scopes).without(owners);
        let lacking = given.without(request.caller.permissions);
        if !lacking.is_empty() {
            return Err(exceeds("The token's scopes hold permissions that you lack", lacking));
        }
        let internal = |error: String| DirectoryError::Failed(ProvisioningError::Internal(error));
        let text = TokenText::generate(CredentialKind::Scim, view.tenant.id)
            .map_err(|error| internal(error.to_string()))?;
        let record = AccessToken {
            tenant_id: view.tenant.id,
            id: TokenId::generate(),
            connection_id: id,
            name: draft.name,
            hash: text.hash(),
            scopes: draft.scopes,
            created_at: self.now(),
            expires_at: draft.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::InsertToken(Box::new(record.clone())));
        let details = json!({ "name": record.name, "connection": connection.name, "scopes": record.scopes.to_string() });
        changes.audit.push(self.event(request, AuditType::TokenCreated, Target::Token(record.id.0), details));
        self.provisioning.storage.commit(changes).await?;
        Ok(NewToken { record, text })
    }

    /// A connection's tokens, oldest first; never their text.
    ///
    /// # Errors
    /// No such connection (404), a missing permission (403).
    pub async fn list_connection_tokens(
        &self,
        request: &Request,
        id: ConnectionId,
    ) -> Result<Vec<AccessToken>, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsRead]).await?;
        self.connection(request, id).await?;
        let mut tokens = self.provisioning.storage.list_tokens(request.caller.tenant_id).await?;
        tokens.retain(|token| token.connection_id == id);
        Ok(tokens)
    }

    /// Revokes a connection's token; it stops working everywhere within a second.
    ///
    /// # Errors
    /// No such connection or token (404), a missing permission (403).
    pub async fn revoke_connection_token(
        &self,
        request: &Request,
        id: ConnectionId,
        token: TokenId,
    ) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let tokens = self.list_connection_tokens(request, id).await?;
        let record = tokens.into_iter().find(|record| record.id == token);
        let record = record.ok_or_else(|| DirectoryError::missing("Token", token))?;
        let mut changes = ChangeSet::new(record.tenant_id);
        changes.settings.push(SettingsChange::RevokeToken { id: token, at: self.now() });
        let (target, details) = (Target::Token(token.0), json!({ "name": record.name }));
        changes.audit.push(self.event(request, AuditType::TokenRevoked, target, details));
        self.provisioning.storage.commit(changes).await?;
        self.authenticator.forget(record.tenant_id).await;
        Ok(())
    }

    async fn connection(&self, request: &Request, id: ConnectionId) -> Result<Connection, DirectoryError> {
        let connections = self.provisioning.storage.list_connections(request.caller.tenant_id).await?;
        let found = connections.into_iter().find(|connection| connection.id == id);
        found.ok_or_else(|| DirectoryError::missing("Connection", id))
    }

    async fn write_connection(
        &self,
        changes: ChangeSet,
        connection: &Connection,
    ) -> Result<(), DirectoryError> {
        match self.provisioning.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::ConnectionName)) => {
                let message = format!("A connection '{}' exists already; names are unique.", connection.name);
                Err(DirectoryError::refused(Kind::Conflict, "connection_exists", message))
            }
            Err(StorageError::Stale) => {
                let message = "The connection was changed by somebody else in the meantime. Read it again, then decide.";
                Err(DirectoryError::refused(Kind::Conflict, "conflict", message))
            }
            written => {
                self.authenticator.forget(connection.tenant_id).await;
                Ok(written?)
            }
        }
    }
}

fn shown(view: &TenantView, connection: Connection) -> ConnectionView {
    ConnectionView { role_ceiling: ceiling_name(view, &connection), connection }
}

fn ceiling_name(view: &TenantView, connection: &Connection) -> String {
    let role = view.role(connection.settings.role_ceiling);
    role.map_or_else(|| BuiltInRole::User.name().to_owned(), |role| role.name.clone())
}

/// Puts a draft on a connection.
fn settle(
    request: &Request,
    view: &TenantView,
    connection: &mut Connection,
    draft: ConnectionDraft,
) -> Result<(), DirectoryError> {
    if let Some(name) = draft.name {
        name.trim().clone_into(&mut connection.name);
    }
    if connection.name.is_empty() {
        let problem = Problem::new("/name", "required", "is required");
        return Err(DirectoryError::impossible(vec![problem]));
    }
    connection.strict = draft.strict.unwrap_or(connection.strict);
    if let Some(rule) = draft.on_existing_user {
        connection.settings.on_existing_user = rule;
    }
    if let Some(name) = draft.role_ceiling {
        let Some(role) = view.role_named(&name) else {
            let what = "is not the name of a role of this tenant; GET /v1/roles lists them";
            let problem = Problem::new("/role_ceiling", "unknown_role", what);
            return Err(DirectoryError::impossible(vec![problem]));
        };
        connection.settings.role_ceiling = role.id;
        check_ceiling(request, view, connection)?;
    }
    Ok(())
}

/// Nobody deals with a connection that reaches further than they do: it would do for them what they may not.
fn check_ceiling(
    request: &Request,
    view: &TenantView,
    connection: &Connection,
) -> Result<(), DirectoryError> {
    let reach =
        view.role(connection.settings.role_ceiling).map_or(Permissions::NONE, |role| role.permissions);
    // Everybody reaches the role 'user', whatever a key is bounded to.
    let lacking = reach.without(request.caller.permissions).without(BuiltInRole::User.permissions());
    if lacking.is_empty() {
        return Ok(());
    }
    Err(exceeds("The connection's role ceiling holds permissions that you lack", lacking))
}
