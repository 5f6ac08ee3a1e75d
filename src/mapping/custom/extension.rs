//! Custom values on their way in from SCIM and out to it.
//!
//! A user's custom values are one object, kept apart from the profile: SCIM may not see all of them, and those of
//! removed attributes are among them. The extension that clients know is made of it each time.

use serde_json::{Map, Value};

use super::object::CustomAttributes;
use super::problem::{ProblemKind, Problems};
use super::schema::extension_urn;
use crate::model::Audience;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::schema::AttributeMap;

/// Takes the extension out of attributes that passed validation (or a PATCH), and gives the other attributes and what
/// the user's custom values become. `before` is what they were; a user that is made has none.
///
/// # Errors
/// [`Problems`]: what the definitions say beyond the characteristics that the schema can tell.
pub fn take_extension(
    tenant_slug: &str,
    custom: &CustomAttributes,
    before: Option<&Map<String, Value>>,
    attributes: AttributeMap,
) -> Result<(AttributeMap, Map<String, Value>), Problems> {
    let mut attributes = attributes.into_map();
    let given = match attributes.shift_remove(&extension_urn(tenant_slug)) {
        Some(Value::Object(given)) => given,
        _ => Map::new(),
    };
    let values = match before {
        None => custom.create(given, Audience::Scim),
        Some(before) => custom.replace(before, given, Audience::Scim),
    }?;
    Ok((AttributeMap::from_stored(attributes), values))
}

/// Adds the extension as SCIM sees it, if it sees any of these values.
#[must_use]
pub fn add_extension(
    tenant_slug: &str,
    custom: &CustomAttributes,
    values: &Map<String, Value>,
    attributes: AttributeMap,
) -> AttributeMap {
    let visible = custom.visible(values, Audience::Scim);
    if visible.is_empty() {
        return attributes;
    }
    let mut attributes = attributes.into_map();
    attributes.insert(extension_urn(tenant_slug), Value::Object(visible));
    AttributeMap::from_stored(attributes)
}

/// The problems in SCIM's own terms: `mutability` if that is what the first is about, else `invalidValue`.
impl From<&Problems> for ScimError {
    fn from(problems: &Problems) -> Self {
        let scim_type = match problems.0.first().map(|problem| problem.kind) {
            Some(ProblemKind::Immutable | ProblemKind::NotEditable) => ScimType::Mutability,
            _ => ScimType::InvalidValue,
        };
        Self::new(scim_type, problems.to_string())
    }
}
