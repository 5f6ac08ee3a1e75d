//! Tenants, connections and their tokens, as the command line and the first start make them.

use serde_json::json;
use thiserror::Error;

use super::Provisioning;
use crate::auth::{CredentialKind, TokenText};
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::random::NoRandomness;
use crate::model::{
    AccessToken, Connection, ConnectionId, ConnectionSettings, EventId, Scopes, SignInNames, Tenant,
    TenantId, TenantSettings, TenantStatus, Timestamp, TokenId,
};
use crate::storage::{StorageError, Taken};

/// Why a tenant or token was not made.
#[derive(Debug, Error)]
pub enum TenantError {
    #[error(
        "'{0}' is not a tenant's slug: use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit."
    )]
    BadSlug(String),
    #[error("A tenant with the slug '{0}' exists already.")]
    SlugTaken(String),
    #[error("There is no tenant '{0}'; `provost tenant list` shows them.")]
    NoTenant(String),
    #[error("The tenant '{tenant}' has no connection '{name}'.")]
    NoConnection { tenant: String, name: String },
    #[error("The tenant '{tenant}' has no token '{id}'; `provost token list` shows them.")]
    NoToken { tenant: String, id: String },
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A token that was just made: its record, and its text, which is nowhere else.
#[derive(Debug)]
pub struct NewToken {
    pub record: AccessToken,
    pub text: TokenText,
}

/// The name of the connection that every tenant begins with.
pub const FIRST_CONNECTION: &str = "default";

impl Provisioning {
    /// Makes a tenant with its first connection, and nobody in it.
    ///
    /// # Errors
    /// A slug that is none, or taken; the database's failure.
    pub async fn create_tenant(&self, slug: &str, name: &str) -> Result<(Tenant, Connection), TenantError> {
        let (tenant, connection, changes) =
            self.founding(slug, name, TenantSettings::default(), &Origin::system())?;
        match self.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::TenantSlug)) => Err(TenantError::SlugTaken(slug.to_owned())),
            done => Ok(done.map(|()| (tenant, connection))?),
        }
    }

    /// A tenant with its first connection, and the changes that make them.
    ///
    /// # Errors
    /// A slug that is none.
    pub(super) fn founding(
        &self,
        slug: &str,
        name: &str,
        settings: TenantSettings,
        origin: &Origin,
    ) -> Result<(Tenant, Connection, ChangeSet), TenantError> {
        if !is_slug(slug) {
            return Err(TenantError::BadSlug(slug.to_owned()));
        }
        let now = self.clock.now();
        let tenant = Tenant {
            id: TenantId::generate(),
            slug: slug.to_owned(),
            name: name.to_owned(),
            status: TenantStatus::Active,
            settings,
            generation: 1,
            guard: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let connection = Connection {
            tenant_id: tenant.id,
            id: ConnectionId::generate(),
            name: FIRST_CONNECTION.to_owned(),
            strict: false,
            settings: ConnectionSettings::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let mut changes = ChangeSet::new(tenant.id);
        changes.settings.push(SettingsChange::InsertTenant(tenant.clone()));
        if tenant.settings.sign_in_names != SignInNames::default() {
            changes.settings.push(SettingsChange::SetSignInNames(tenant.settings.sign_in_names.clone()));
        }
        changes.settings.push(SettingsChange::InsertConnection(connection.clone()));
        for (kind, target, details) in [
            (AuditType::TenantCreated, Target::Tenant(tenant.id), json!({ "slug": slug })),
            (
                AuditType::ConnectionCreated,
                Target::Connection(connection.id),
                json!({ "name": connection.name }),
            ),
        ] {
            changes.audit.push(AuditEvent { origin: origin.clone(), ..event(now, kind, target, details) });
        }
        Ok((tenant, connection, changes))
    }

    /// The connection of this name, made if there is none yet.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn connection_named(
        &self,
        tenant: TenantId,
        name: &str,
        strict: bool,
    ) -> Result<Connection, TenantError> {
        let connections = self.storage.list_connections(tenant).await?;
        if let Some(connection) = connections.into_iter().find(|connection| connection.name == name) {
            return Ok(connection);
        }
        let now = self.clock.now();
        let connection = Connection {
            tenant_id: tenant,
            id: ConnectionId::generate(),
            name: name.to_owned(),
            strict,
            settings: ConnectionSettings::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::InsertConnection(connection.clone()));
        let details = json!({ "name": name, "strict": strict });
        changes.audit.push(event(
            now,
            AuditType::ConnectionCreated,
            Target::Connection(connection.id),
            details,
        ));
        self.storage.commit(changes).await?;
        Ok(connection)
    }

    /// Makes a bearer token for a connection.
    ///
    /// # Errors
    /// No randomness, or the database's failure.
    pub async fn create_token(
        &self,
        connection: &Connection,
        name: &str,
        scopes: Scopes,
        expires_at: Option<Timestamp>,
    ) -> Result<NewToken, TenantError> {
        let now = self.clock.now();
        let text = TokenText::generate(CredentialKind::Scim, connection.tenant_id)?;
        let record = AccessToken {
            tenant_id: connection.tenant_id,
            id: TokenId::generate(),
            connection_id: connection.id,
            name: name.to_owned(),
            hash: text.hash(),
            scopes,
            created_at: now,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut changes = ChangeSet::new(connection.tenant_id);
        changes.settings.push(SettingsChange::InsertToken(Box::new(record.clone())));
        let details = json!({ "name": name, "connection": connection.name, "scopes": scopes.to_string() });
        changes.audit.push(event(now, AuditType::TokenCreated, Target::Token(record.id.0), details));
        self.storage.commit(changes).await?;
        Ok(NewToken { record, text })
    }

    /// Revokes a token; it stops working everywhere within a second.
    ///
    /// # Errors
    /// No such token in the tenant; the database's failure.
    pub async fn revoke_token(&self, tenant: &Tenant, id: &str) -> Result<(), TenantError> {
        let tokens = self.storage.list_tokens(tenant.id).await?;
        let Some(token) = tokens.into_iter().find(|token| token.id.to_string() == id) else {
            return Err(TenantError::NoToken { tenant: tenant.slug.clone(), id: id.to_owned() });
        };
        let now = self.clock.now();
        let mut changes = ChangeSet::new(tenant.id);
        changes.settings.push(SettingsChange::RevokeToken { id: token.id, at: now });
        let details = json!({ "name": token.name });
        changes.audit.push(event(now, AuditType::TokenRevoked, Target::Token(token.id.0), details));
        Ok(self.storage.commit(changes).await?)
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// There is none; the database's failure.
    pub async fn tenant(&self, slug: &str) -> Result<Tenant, TenantError> {
        let tenant = self.storage.find_tenant_by_slug(slug).await?;
        tenant.ok_or_else(|| TenantError::NoTenant(slug.to_owned()))
    }
}

fn event(at: Timestamp, kind: AuditType, target: Target, details: serde_json::Value) -> AuditEvent {
    AuditEvent { id: EventId::generate(), at, kind, origin: Origin::system(), target, details }
}

fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-')
}
