//! Whether the values that users have already would allow an attribute to be unique.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::rewrite::PAGE;
use crate::mapping::custom::CustomAttributes;
use crate::mapping::rows::unique_row;
use crate::mapping::user::restore;
use crate::model::{AttributeDefinition, TenantId};
use crate::provisioning::ProvisioningError;

impl Directory {
    /// Lets an attribute pass of which no two users have the same value.
    ///
    /// # Errors
    /// 409 naming the first value that two have.
    pub(super) async fn check_distinct(
        &self,
        tenant: TenantId,
        definition: &AttributeDefinition,
    ) -> Result<(), DirectoryError> {
        let live = AttributeDefinition { removed_at: None, ..definition.clone() };
        let custom = CustomAttributes::compile([live])
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        let name = &definition.name;
        let mut holders: HashMap<String, Uuid> = HashMap::new();
        let mut after = Uuid::nil();
        loop {
            let page = self.provisioning.storage.list_users_with(tenant, name, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for stored in &page {
                let user = restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
                for (_, key) in custom.unique(&user.custom) {
                    if let Some(other) = holders.insert(unique_row(name, &key).value, stored.id) {
                        return Err(duplicate(name, user.custom.get(name), &[other, stored.id]));
                    }
                }
            }
        }
    }
}

/// 409: an attribute cannot be unique as long as these users have the same value.
pub(super) fn duplicate(name: &str, value: Option<&Value>, users: &[Uuid]) -> DirectoryError {
    let value = value.cloned().unwrap_or_default();
    let message = format!(
        "'{name}' cannot be unique: more than one user has the value {value}. Change the values first, then the attribute."
    );
    DirectoryError::refused(Kind::Conflict, "duplicate_values", message)
        .with("value", value)
        .with("users", json!(users))
}
