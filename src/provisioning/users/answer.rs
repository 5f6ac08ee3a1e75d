//! A user as the client is told of it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::answer::{behind_schemas, push_json, push_meta};
use super::super::preconditions::etag;
use super::super::{Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use crate::mapping::ENTERPRISE_USER;
use crate::mapping::rows::UserSchema;
use crate::model::GroupKind;
use crate::model::query::{GroupOfUser, StoredUser};
use crate::scim::projection::Projection;
use crate::scim::schema::datetime::format_datetime;

/// The URN of the tenant's own extension, and what SCIM sees of a user's values.
type Extension = (String, Map<String, Value>);

/// Whether the answer will hold what the version does not cover: groups and the manager's displayName belong to others.
pub(super) fn is_computed(projection: &Projection) -> bool {
    projection.wants("groups") || projection.wants(ENTERPRISE_USER)
}

impl Provisioning {
    /// The URL of a user.
    pub(in crate::provisioning) fn user_location(&self, id: Uuid) -> String {
        format!("{}/Users/{id}", self.base_url)
    }

    /// The groups of these users, if the answer wants them and there are any.
    pub(in crate::provisioning) async fn groups_for(
        &self,
        request: &Request,
        users: impl IntoIterator<Item = &StoredUser>,
        projection: &Projection,
    ) -> Result<Vec<GroupOfUser>, ProvisioningError> {
        let members: Vec<Uuid> =
            users.into_iter().filter(|user| user.in_groups).map(|user| user.id).collect();
        if members.is_empty() || !projection.wants("groups") {
            return Ok(Vec::new());
        }
        let mut groups = self.storage.groups_of_users(request.caller.tenant_id, members).await?;
        groups.retain(|group| group.kind == GroupKind::Group);
        Ok(groups)
    }

    /// Writes one user. `groups` may hold other users' groups too; they are in the order of users.
    pub(in crate::provisioning) fn push_user(
        &self,
        out: &mut String,
        schema: UserSchema<'_>,
        user: &StoredUser,
        groups: &[GroupOfUser],
        projection: &Projection,
    ) -> Result<(), ProvisioningError> {
        let start = groups.partition_point(|group| group.user_id < user.id);
        let end = groups.partition_point(|group| group.user_id <= user.id);
        let groups = groups.get(start..end).unwrap_or_default();
        let extension = match &user.custom {
            Some(custom) if !schema.custom.is_empty() => {
                let values = serde_json::from_str(custom)
                    .map_err(|error| ProvisioningError::broken(user.id, &error))?;
                schema.extension(&values)
            }
            _ => None,
        };
        if projection.is_default() && user.manager_id.is_none() {
            self.splice_user(out, user, groups, extension);
            return Ok(());
        }
        let document = self.user_document(user, groups, extension)?;
        let shown = projection.apply(schema.scim(), document);
        out.push_str(&Value::Object(shown).to_string());
        Ok(())
    }

    fn splice_user(
        &self,
        out: &mut String,
        user: &StoredUser,
        groups: &[GroupOfUser],
        extension: Option<Extension>,
    ) {
        let document = &user.document;
        let (schemas, rest) = document.split_at(behind_schemas(document));
        out.reserve(document.len() + 400 + groups.len() * 200);
        match &extension {
            None => out.push_str(schemas),
            Some((urn, _)) => {
                out.push_str(schemas.strip_suffix(']').unwrap_or(schemas));
                out.push(',');
                push_json(out, urn);
                out.push(']');
            }
        }
        out.push_str(",\"id\":\"");
        out.push_str(user.id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        out.push('"');
        if let Some(external_id) = &user.external_id {
            out.push_str(",\"externalId\":");
            push_json(out, external_id);
        }
        out.push_str(rest.strip_suffix('}').unwrap_or(rest));
        out.push(',');
        if let Some((urn, values)) = extension {
            push_json(out, &urn);
            out.push(':');
            out.push_str(&Value::Object(values).to_string());
            out.push(',');
        }
        if !groups.is_empty() {
            out.push_str("\"groups\":");
            out.push_str(&self.groups_value(groups).to_string());
            out.push(',');
        }
        push_meta(
            out,
            RESOURCE_TYPE,
            user.created_at,
            user.updated_at,
            user.version,
            &self.user_location(user.id),
        );
        out.push('}');
    }

    /// The whole user, computed attributes and all.
    fn user_document(
        &self,
        user: &StoredUser,
        groups: &[GroupOfUser],
        extension: Option<Extension>,
    ) -> Result<Map<String, Value>, ProvisioningError> {
        let stored: Map<String, Value> = serde_json::from_str(&user.document)
            .map_err(|error| ProvisioningError::broken(user.id, &error))?;
        let mut document = Map::with_capacity(stored.len() + 4);
        for (name, value) in stored {
            let is_schemas = name == "schemas";
            document.insert(name, value);
            if is_schemas {
                document.insert("id".to_owned(), json!(user.id));
                if let Some(external_id) = &user.external_id {
                    document.insert("externalId".to_owned(), json!(external_id));
                }
            }
        }
        if let Some(manager) = user.manager_id
            && let Some(Value::Object(shown)) =
                document.get_mut(ENTERPRISE_USER).and_then(|extension| extension.get_mut("manager"))
        {
            shown.insert("$ref".to_owned(), json!(self.user_location(manager)));
            if let Some(display_name) = &user.manager_display_name {
                shown.insert("displayName".to_owned(), json!(display_name));
            }
        }
        if let Some((urn, values)) = extension {
            if let Some(Value::Array(schemas)) = document.get_mut("schemas") {
                schemas.push(Value::from(&*urn));
            }
            document.insert(urn, Value::Object(values));
        }
        if !groups.is_empty() {
            document.insert("groups".to_owned(), self.groups_value(groups));
        }
        document.insert(
            "meta".to_owned(),
            json!({
                "resourceType": RESOURCE_TYPE,
                "created": format_datetime(user.created_at),
                "lastModified": format_datetime(user.updated_at),
                "version": etag(user.version),
                "location": self.user_location(user.id),
            }),
        );
        Ok(document)
    }

    fn groups_value(&self, groups: &[GroupOfUser]) -> Value {
        groups
            .iter()
            .map(|group| {
                json!({
                    "value": group.group_id,
                    "$ref": self.group_location(group.group_id),
                    "display": group.display_name,
                    "type": if group.direct { "direct" } else { "indirect" },
                })
            })
            .collect()
    }
}
