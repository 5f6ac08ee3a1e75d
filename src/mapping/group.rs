//! SCIM groups and the model's groups. Members never pass through here: they are rows.

use serde_json::{Map, Value};

use super::MappingError;
use crate::model::query::StoredGroup;
use crate::model::{Group, GroupId, GroupKind, Timestamp};
use crate::scim::schema::AttributeMap;

/// Reads a group out of its attributes. `previous` is the group that changes.
///
/// # Errors
/// [`MappingError::Missing`] when there is no displayName.
pub fn to_model(
    attributes: AttributeMap,
    id: GroupId,
    now: Timestamp,
    previous: Option<&Group>,
) -> Result<Group, MappingError> {
    let mut profile = attributes.into_map();
    profile.shift_remove("members");
    let Some(Value::String(display_name)) = profile.shift_remove("displayName") else {
        return Err(MappingError::Missing("displayName"));
    };
    let external_id = match profile.shift_remove("externalId") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    Ok(Group {
        id,
        kind: previous.map_or(GroupKind::Group, |group| group.kind),
        roles: previous.map(|group| group.roles.clone()).unwrap_or_default(),
        display_name,
        external_id,
        profile,
        created_at: previous.map_or(now, |group| group.created_at),
        updated_at: now,
        version: previous.map_or(1, |group| group.version + 1),
    })
}

/// The attributes of a group, as SCIM knows them, without its members.
pub fn to_scim(group: &Group) -> AttributeMap {
    let mut attributes = Map::new();
    attributes.insert("displayName".to_owned(), Value::from(&*group.display_name));
    if let Some(external_id) = &group.external_id {
        attributes.insert("externalId".to_owned(), Value::from(&**external_id));
    }
    attributes.extend(group.profile.iter().map(|(name, value)| (name.clone(), value.clone())));
    AttributeMap::from_stored(attributes)
}

/// A group as it was before it was stored.
///
/// # Errors
/// A stored document that is not JSON: the database was changed by other hands.
pub fn restore(stored: &StoredGroup) -> Result<Group, serde_json::Error> {
    let mut document: Map<String, Value> = serde_json::from_str(&stored.document)?;
    document.shift_remove("schemas");
    let display_name = match document.shift_remove("displayName") {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    Ok(Group {
        id: GroupId(stored.id),
        kind: stored.kind,
        roles: stored.roles.clone(),
        display_name,
        external_id: stored.external_id.clone(),
        profile: document,
        created_at: Timestamp(stored.created_at),
        updated_at: Timestamp(stored.updated_at),
        version: stored.version,
    })
}
