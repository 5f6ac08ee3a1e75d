//! Users and groups as storage keeps them: columns, the answer's document, the search document, index rows.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::custom::{CustomAttributes, Problems, add_extension, extension_urn, take_extension};
use crate::model::change::{GroupRow, IndexDelta, IndexRow, UserRow};
use crate::model::{Actor, Audience, BuiltInRole, Group, KeptUser, NamePart, Timestamp, User};
use crate::scim::fold::fold;
use crate::scim::schema::search::{normalise, search_document};
use crate::scim::schema::{AttributeMap, ResourceSchema, SchemaSet};

/// The index path of e-mail addresses.
pub const EMAIL_VALUES: &str = "emails.value";
/// The index path of roles that were given directly, as their ids without hyphens.
pub const ROLES: &str = "roles";

/// The index path of one of the tenant's own attributes.
pub fn custom_path(name: &str) -> String {
    format!("custom.{name}")
}

/// What makes rows of a tenant's users: the schemas, its own extension among them, and its own attributes.
#[derive(Clone, Copy, Debug)]
pub struct UserSchema<'t> {
    pub slug: &'t str,
    pub schemas: &'t SchemaSet,
    pub custom: &'t CustomAttributes,
}

static BUILT_IN: LazyLock<(Arc<SchemaSet>, CustomAttributes)> =
    LazyLock::new(|| (SchemaSet::built_in(), CustomAttributes::default()));

impl UserSchema<'static> {
    /// That of a tenant without attributes of its own.
    pub fn built_in() -> Self {
        Self { slug: "", schemas: &BUILT_IN.0, custom: &BUILT_IN.1 }
    }
}

impl<'t> UserSchema<'t> {
    /// The User resource type with its extensions.
    pub fn scim(&self) -> &'t ResourceSchema {
        self.schemas.user()
    }

    /// A user's attributes with the tenant's extension, as far as SCIM sees it.
    #[must_use]
    pub fn with_extension(&self, attributes: AttributeMap, values: &Map<String, Value>) -> AttributeMap {
        match self.custom.is_empty() || values.is_empty() {
            true => attributes,
            false => add_extension(self.slug, self.custom, values, attributes),
        }
    }

    /// Takes the tenant's extension out of attributes, and gives what the user's own values become; see
    /// [`take_extension`].
    ///
    /// # Errors
    /// [`Problems`] of the values.
    pub fn take_extension(
        &self,
        before: Option<&Map<String, Value>>,
        attributes: AttributeMap,
    ) -> Result<(AttributeMap, Map<String, Value>), Problems> {
        match self.custom.is_empty() {
            true => Ok((attributes, before.cloned().unwrap_or_default())),
            false => take_extension(self.slug, self.custom, before, attributes),
        }
    }

    /// The extension's URN and what SCIM sees of these values; nothing if it sees none.
    pub fn extension(&self, values: &Map<String, Value>) -> Option<(String, Map<String, Value>)> {
        if values.is_empty() || self.custom.is_empty() {
            return None;
        }
        let visible = self.custom.visible(values, Audience::Scim);
        (!visible.is_empty()).then(|| (extension_urn(self.slug), visible))
    }

    /// A user's row.
    pub fn row(&self, user: &User) -> UserRow {
        let attributes = super::user::to_scim(user);
        let (document, search) = documents(self.scim(), attributes, self.extension(&user.custom));
        let part = |part: &Option<NamePart>| part.as_ref().map(|part| part.text.clone());
        UserRow {
            id: user.id,
            user_name: user.user_name.clone(),
            user_name_key: fold(&user.user_name).into_owned(),
            email: user.email.clone(),
            email_key: user.email.as_deref().map(|email| fold(email).into_owned()),
            given_name: part(&user.name.given),
            middle_name: part(&user.name.middle),
            family_name: part(&user.name.family),
            name_origins: user.name.origins(),
            display_name: user.display_name.clone(),
            phone: user.phone.clone(),
            active: user.active.unwrap_or(true),
            account: user.account.clone(),
            // An object of JSON values always has a text.
            custom: (!user.custom.is_empty())
                .then(|| serde_json::to_string(&user.custom).unwrap_or_default()),
            manager_id: user.manager,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
            document,
            search,
        }
    }

    /// The rows that a user has in the attribute index: each value once, whichever elements have it.
    pub fn index_rows(&self, user: &User) -> Vec<IndexRow> {
        // Nearly everybody has the role 'user' and no other: looking for that one by an index would be no help.
        let roles = user.account.roles.iter().filter(|role| **role != BuiltInRole::User.id());
        let roles = roles.map(|role| row(Cow::Borrowed(ROLES), role.0.simple().to_string()));
        let emails = user.profile.get("emails").and_then(Value::as_array).into_iter().flatten();
        let emails = emails.filter_map(|element| {
            Some(row(Cow::Borrowed(EMAIL_VALUES), cut(&fold(element.get("value")?.as_str()?))))
        });
        let rows: BTreeSet<IndexRow> = emails.chain(roles).chain(self.own_rows(user)).collect();
        rows.into_iter().collect()
    }

    /// Those of the tenant's own attributes.
    fn own_rows(&self, user: &User) -> Vec<IndexRow> {
        if user.custom.is_empty() || self.custom.is_empty() {
            return Vec::new();
        }
        let indexed = self.custom.indexed(&user.custom);
        let indexed = indexed.map(|(name, value)| row(Cow::Owned(custom_path(name)), cut(&value)));
        let unique = self.custom.unique(&user.custom).map(|(name, value)| unique_row(name, &value));
        indexed.chain(unique).collect()
    }

    /// What changes in the index when one user becomes another.
    pub fn index_delta(&self, before: &User, after: &User) -> IndexDelta {
        let (before, after) = (self.index_rows(before), self.index_rows(after));
        let without = |rows: &[IndexRow], others: &[IndexRow]| {
            rows.iter().filter(|row| !others.contains(row)).cloned().collect()
        };
        IndexDelta { add: without(&after, &before), remove: without(&before, &after) }
    }
}

fn row(path: Cow<'static, str>, value: String) -> IndexRow {
    IndexRow { path, value, unique: false }
}

fn cut(value: &str) -> String {
    value.chars().take(IndexRow::MAX_CHARS).collect()
}

/// The row that takes a value of one of the tenant's own attributes, given in the form in which it compares. A digest,
/// because values may be longer than what an index of PostgreSQL holds.
pub fn unique_row(name: &str, value: &str) -> IndexRow {
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(value) {
        let _ = write!(digest, "{byte:02x}");
    }
    IndexRow { path: Cow::Owned(custom_path(name)), value: digest, unique: true }
}

/// What a deletion keeps of a user.
///
/// # Errors
/// None that a user's values could cause.
pub fn kept_user(user: &User, purge_at: Timestamp, by: Actor) -> Result<KeptUser, serde_json::Error> {
    Ok(KeptUser {
        user_name: user.user_name.clone(),
        user_name_key: fold(&user.user_name).into_owned(),
        email: user.email.clone(),
        email_key: user.email.as_deref().map(|email| fold(email).into_owned()),
        document: super::deleted::document(user)?,
        purge_at,
        by,
    })
}

/// A group's row.
pub fn group_row(schema: &ResourceSchema, group: &Group) -> GroupRow {
    let (document, search) = documents(schema, super::group::to_scim(group), None);
    GroupRow {
        id: group.id,
        display_name: group.display_name.clone(),
        display_name_key: fold(&group.display_name).into_owned(),
        kind: group.kind,
        roles: group.roles.clone(),
        created_at: group.created_at,
        document,
        search,
    }
}

/// The answer's text, which begins with `schemas`, and the search document. `externalId` is in neither: it is each
/// connection's own. The tenant's own extension is in the search document alone, for answers show of it what the tenant
/// says at the time.
fn documents(
    schema: &ResourceSchema,
    attributes: AttributeMap,
    extension: Option<(String, Map<String, Value>)>,
) -> (String, String) {
    let schemas: Vec<Value> = attributes.schemas(schema).into_iter().map(Value::from).collect();
    let mut described = schemas.clone();
    let mut search = search_document(schema, &attributes);
    if let Some((urn, values)) = extension {
        described.push(Value::from(&*urn));
        let own = AttributeMap::from_stored(Map::from_iter([(urn, Value::Object(values))]));
        search.extend(search_document(schema, &own));
    }
    search.shift_remove("externalId");
    if let Some(attribute) = schema.common.attribute("schemas") {
        search.insert("schemas".to_owned(), normalise(attribute, &Value::Array(described)));
    }
    let mut document = Map::with_capacity(attributes.as_map().len() + 1);
    document.insert("schemas".to_owned(), Value::Array(schemas));
    document.extend(attributes.into_map());
    document.shift_remove("externalId");
    (Value::Object(document).to_string(), Value::Object(search).to_string())
}
