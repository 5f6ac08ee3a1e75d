//! Reading tenants, connections and tokens.

use uuid::Uuid;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{AccessToken, Connection, SignInNameKind, Tenant, TenantId};

const TOKEN: &str = "SELECT tenant_id, id, connection_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at \
     FROM access_tokens WHERE tenant_id = $1 AND hash = $2";
const TOKENS: &str = "SELECT tenant_id, id, connection_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at \
     FROM access_tokens WHERE tenant_id = $1 ORDER BY id";

/// `SELECT … FROM tenants`, in the order of [`Tenant`]'s fields.
macro_rules! tenants {
    () => {
        "SELECT id, slug, name, status, settings, generation, guard, version, created_at, updated_at FROM tenants"
    };
}

impl Storage {
    /// All tenants, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_tenants(&self) -> Result<Vec<Tenant>, StorageError> {
        let statement = Statement::fixed(concat!(tenants!(), " ORDER BY id"), []);
        self.database.fetch_all(statement).await
    }

    /// A page of the tenants, oldest first, from behind `after` on.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_tenants_after(
        &self,
        after: Option<TenantId>,
        limit: i64,
    ) -> Result<Vec<Tenant>, StorageError> {
        let args = [Arg::id(after.map_or(Uuid::nil(), |id| id.0)), Arg::integer(limit)];
        let statement = Statement::fixed(concat!(tenants!(), " WHERE id > $1 ORDER BY id LIMIT $2"), args);
        self.database.fetch_all(statement).await
    }

    /// The tenants that are being deleted, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_tenants_to_remove(&self) -> Result<Vec<Tenant>, StorageError> {
        let statement = Statement::fixed(concat!(tenants!(), " WHERE status = 'deleting' ORDER BY id"), []);
        self.database.fetch_all(statement).await
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StorageError> {
        let statement = Statement::fixed(concat!(tenants!(), " WHERE slug = $1"), [Arg::text(slug)]);
        self.database.fetch_optional(statement).await
    }

    /// The tenant to which a host or an e-mail domain leads.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_tenant_by_sign_in_name(
        &self,
        kind: SignInNameKind,
        name: &str,
    ) -> Result<Option<TenantId>, StorageError> {
        let statement = Statement::fixed(
            "SELECT tenant_id FROM sign_in_names WHERE kind = $1 AND name = $2",
            [Arg::text(kind.as_str()), Arg::text(name)],
        );
        let found: Option<(Uuid,)> = self.database.fetch_optional(statement).await?;
        Ok(found.map(|(id,)| TenantId(id)))
    }

    /// The tenant with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, StorageError> {
        let statement = Statement::lookup(concat!(tenants!(), " WHERE id = $1"), [Arg::id(id.0)]);
        self.database.fetch_optional(statement).await
    }

    /// The tenant, if the instance has exactly one.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_only_tenant(&self) -> Result<Option<Tenant>, StorageError> {
        let statement = Statement::fixed(concat!(tenants!(), " ORDER BY id LIMIT 2"), []);
        let mut tenants: Vec<Tenant> = self.database.fetch_all(statement).await?;
        Ok(if tenants.len() == 1 { tenants.pop() } else { None })
    }

    /// A tenant's connections, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_connections(&self, tenant: TenantId) -> Result<Vec<Connection>, StorageError> {
        let statement = Statement::fixed(
            "SELECT tenant_id, id, name, strict, settings, created_at, updated_at, version FROM connections \
             WHERE tenant_id = $1 ORDER BY id",
            [Arg::id(tenant.0)],
        );
        self.database.fetch_all(statement).await
    }

    /// The token whose text has this SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_token(
        &self,
        tenant: TenantId,
        hash: &[u8; 32],
    ) -> Result<Option<AccessToken>, StorageError> {
        self.database.fetch_optional(Statement::fixed(TOKEN, [Arg::id(tenant.0), Arg::bytes(hash)])).await
    }

    /// A tenant's tokens, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_tokens(&self, tenant: TenantId) -> Result<Vec<AccessToken>, StorageError> {
        self.database.fetch_all(Statement::fixed(TOKENS, [Arg::id(tenant.0)])).await
    }
}
