//! Users and groups as storage keeps them: columns, the answer's document, the search document, index rows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::change::{GroupRow, IndexDelta, IndexRow, UserRow};
use crate::model::{Actor, BuiltInRole, Group, KeptUser, NamePart, Timestamp, User};
use crate::scim::fold::fold;
use crate::scim::schema::search::{normalise, search_document};
use crate::scim::schema::{AttributeMap, ResourceSchema};

/// The index path of e-mail addresses.
pub const EMAIL_VALUES: &str = "emails.value";
/// The index path of roles that were given directly, as their ids without hyphens.
pub const ROLES: &str = "roles";

/// A user's row.
pub fn user_row(schema: &ResourceSchema, user: &User) -> UserRow {
    let attributes = super::user::to_scim(user);
    let (document, search) = documents(schema, attributes);
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
        manager_id: user.manager,
        version: user.version,
        created_at: user.created_at,
        updated_at: user.updated_at,
        document,
        search,
    }
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
    let (document, search) = documents(schema, super::group::to_scim(group));
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
/// connection's own.
fn documents(schema: &ResourceSchema, attributes: AttributeMap) -> (String, String) {
    let schemas: Value = attributes.schemas(schema).into_iter().map(Value::from).collect();
    let mut search = search_document(schema, &attributes);
    search.shift_remove("externalId");
    if let Some(attribute) = schema.common.attribute("schemas") {
        search.insert("schemas".to_owned(), normalise(attribute, &schemas));
    }
    let mut document = Map::with_capacity(attributes.as_map().len() + 1);
    document.insert("schemas".to_owned(), schemas);
    document.extend(attributes.into_map());
    document.shift_remove("externalId");
    (Value::Object(document).to_string(), Value::Object(search).to_string())
}

/// The rows that a user has in the attribute index: each value once, whichever elements have it.
pub fn index_rows(user: &User) -> Vec<IndexRow> {
    // Nearly everybody has the role 'user' and no other: looking for that one by an index would be no help.
    let roles = user.account.roles.iter().filter(|role| **role != BuiltInRole::User.id());
    let roles = roles.map(|role| IndexRow { path: ROLES, value: role.0.simple().to_string() });
    let Some(Value::Array(emails)) = user.profile.get("emails") else { return roles.collect() };
    let rows: BTreeSet<IndexRow> = emails
        .iter()
        .filter_map(|element| {
            let value = fold(element.get("value")?.as_str()?).chars().take(IndexRow::MAX_CHARS).collect();
            Some(IndexRow { path: EMAIL_VALUES, value })
        })
        .chain(roles)
        .collect();
    rows.into_iter().collect()
}

/// What changes in the index when one user becomes another.
pub fn index_delta(before: &User, after: &User) -> IndexDelta {
    let (before, after) = (index_rows(before), index_rows(after));
    let without = |rows: &[IndexRow], others: &[IndexRow]| {
        rows.iter().filter(|row| !others.contains(row)).cloned().collect()
    };
    IndexDelta { add: without(&after, &before), remove: without(&before, &after) }
}
