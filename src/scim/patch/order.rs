//! The values of a multi-valued attribute have no order (RFC 7643 §2.4), but arrays compare by it.

use serde_json::{Map, Value};

/// Gives arrays that hold the same values as before the order that they had, so that a PATCH that changes nothing
/// yields an equal document.
pub(super) fn keep_order(before: &Map<String, Value>, after: &mut Map<String, Value>) {
    for (name, after) in after {
        match (before.get(name), after) {
            (Some(Value::Object(before)), Value::Object(after)) => keep_order(before, after),
            (Some(Value::Array(before)), Value::Array(after)) if same_values(before, after) => {
                after.clone_from(before);
            }
            _ => {}
        }
    }
}

fn same_values(before: &[Value], after: &[Value]) -> bool {
    before.len() == after.len() && before != after && sorted(before) == sorted(after)
}

/// The values as text, in one order whatever order they and their members come in.
fn sorted(values: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(text).collect();
    texts.sort_unstable();
    texts
}

fn text(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
