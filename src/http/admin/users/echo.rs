//! Clients send back what they read: what the server alone says of a user is no news as long as it is so.

use poem_openapi::types::ParseFromJSON;
use serde_json::{Map, Value};

use super::super::body::Body;
use crate::provisioning::directory::DirectoryError;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 12] = [
    "id",
    "tenant_id",
    "is_owner",
    "mfa",
    "identities",
    "permissions",
    "status",
    "created_at",
    "updated_at",
    "version",
    "connection_id",
    "has_avatar",
];

/// Groups as they are shown, which are said by their ids.
const GROUPS: [&str; 2] = ["groups", "resource_groups"];

/// Organizations as they are shown, which are said by their ids and the user's role there.
const ORGANIZATIONS: &str = "organizations";

/// Takes out of a body what was read and only the server sets.
///
/// # Errors
/// Fields that only the server sets and that say something else.
pub(super) fn take<T: ParseFromJSON + 'static>(
    body: &mut Body<T>,
    current: &Value,
) -> Result<(), DirectoryError> {
    body.take_unchanged(current, &COMPUTED)?;
    for name in GROUPS {
        restate(body, name, current, |said| said.get("id").cloned());
    }
    restate(body, ORGANIZATIONS, current, |said| {
        let stated = ["id", "role"].into_iter();
        let fields = stated.filter_map(|name| Some((name.to_owned(), said.get(name)?.clone())));
        Some(Value::Object(fields.collect()))
    });
    Ok(())
}

/// Puts what is to be said in the place of elements that say of a group what was read; those in which the user is only
/// through another one are left out. What says something else stays, and is refused when the body is checked.
fn restate<T: ParseFromJSON + 'static>(
    body: &mut Body<T>,
    name: &str,
    current: &Value,
    state: impl Fn(&Map<String, Value>) -> Option<Value>,
) {
    let Some(said) = body.array_mut(name) else { return };
    let read = current.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let shown = |element: &Value| {
        let fields = element.as_object().filter(|fields| fields.contains_key("name"))?;
        read.iter().filter_map(Value::as_object).find(|known| is_shown(fields, known)).map(|_| fields.clone())
    };
    said.retain_mut(|element| {
        let Some(fields) = shown(element) else { return true };
        let direct = fields.get("direct") != Some(&Value::Bool(false));
        if let Some(stated) = state(&fields) {
            *element = stated;
        }
        direct
    });
}

/// Whether these are the fields of a group as it is shown, of which clients say the role alone.
fn is_shown(said: &Map<String, Value>, read: &Map<String, Value>) -> bool {
    said.len() == read.len()
        && said
            .iter()
            .all(|(name, value)| name == "role" && read.contains_key(name) || read.get(name) == Some(value))
}
