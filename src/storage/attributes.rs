//! Reading the definitions of a tenant's own attributes, and who has values of them.

use uuid::Uuid;

use super::predicate::Kind;
use super::statement::{Arg, Recurs, Statement};
use super::users::select_users;
use super::{Storage, StorageError};
use crate::model::query::StoredUser;
use crate::model::{AttributeDefinition, ConnectionId, TenantId, UserId};

impl Storage {
    /// A tenant's attributes by name, the removed ones whose values are still kept among them.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_attributes(&self, tenant: TenantId) -> Result<Vec<AttributeDefinition>, StorageError> {
        let statement = Statement::fixed(
            "SELECT definition FROM attribute_definitions WHERE tenant_id = $1 ORDER BY name",
            [Arg::id(tenant.0)],
        );
        let rows: Vec<(String,)> = self.database.fetch_all(statement).await?;
        let broken = |error: serde_json::Error| {
            StorageError::Internal(format!("the definition of an attribute cannot be read: {error}"))
        };
        rows.iter().map(|(text,)| serde_json::from_str(text).map_err(broken)).collect()
    }

    /// How many users have a value of this attribute.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_custom_values(&self, tenant: TenantId, name: &str) -> Result<i64, StorageError> {
        let text =
            format!("SELECT count(*) FROM users r WHERE r.tenant_id = $1 AND {}", self.has_value("$2"));
        let args = vec![Arg::id(tenant.0), Arg::JsonPath(vec![name.to_owned()])];
        let row: Option<(i64,)> = self
            .database
            .fetch_optional(Statement { text: text.into(), args, recurs: Recurs::Often })
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }

    /// The next users, in the order of their ids, who have a value of this attribute.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_users_with(
        &self,
        tenant: TenantId,
        name: &str,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<StoredUser>, StorageError> {
        let text =
            format!("{} AND {} AND r.id > $4 ORDER BY r.id LIMIT $5", select_users!(), self.has_value("$3"));
        let args = vec![
            Arg::id(tenant.0),
            Arg::id(ConnectionId::NONE.0),
            Arg::JsonPath(vec![name.to_owned()]),
            Arg::id(after),
            Arg::integer(limit),
        ];
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// The user who has this value of what is unique under a path; the value is a digest, as in the index's row.
    ///
    /// # Errors
    /// The database's.
    pub async fn holder_of_value(
        &self,
        tenant: TenantId,
        path: &str,
        value: &str,
    ) -> Result<Option<UserId>, StorageError> {
        let statement = Statement::fixed(
            "SELECT resource_id FROM unique_values \
             WHERE tenant_id = $1 AND resource_kind = $2 AND path = $3 AND value = $4",
            [Arg::id(tenant.0), Arg::text(Kind::Users.word()), Arg::text(path), Arg::text(value)],
        );
        let row: Option<(Uuid,)> = self.database.fetch_optional(statement).await?;
        Ok(row.map(|(id,)| UserId(id)))
    }

    fn has_value(&self, path: &str) -> String {
        let engine = self.database.engine();
        let document = engine.json_of_text("r.custom");
        format!("r.custom IS NOT NULL AND {} IS NOT NULL", engine.json_text(&document, path))
    }
}
