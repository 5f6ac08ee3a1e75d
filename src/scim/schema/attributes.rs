//! A resource's attributes once validation has passed them.

use serde_json::{Map, Value};

use super::resource_type::ResourceSchema;

/// The attributes of one resource, as validation leaves them: names as the schema writes them, the core attributes
/// (and `externalId`) at the top, each extension as an object under its URN. There is no `schemas`, `id` or `meta`
/// here, nothing readOnly, no password, no null, no empty array and no empty object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeMap(Map<String, Value>);

impl AttributeMap {
    pub(in crate::scim::schema) fn new(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// Takes a document that passed validation when it was written.
    pub fn from_stored(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// The value of a top-level attribute, or an extension's object, by its canonical name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All attributes by their canonical names.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// See [`AttributeMap::as_map`].
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The names of the attributes in which these two differ: those that `after` has and this has otherwise or not at all,
    /// then those that it lacks.
    pub fn differing<'a>(&'a self, after: &'a Self) -> impl Iterator<Item = &'a str> {
        let set =
            after.0.iter().filter(|(name, value)| self.0.get(*name) != Some(value)).map(|(name, _)| &**name);
        set.chain(self.0.keys().filter(|name| !after.0.contains_key(*name)).map(|name| &**name))
    }

    /// The URNs that describe this resource (RFC 7643 §3, `schemas`): its own schema's, and those of the extensions it has.
    pub fn schemas<'s>(&self, schema: &'s ResourceSchema) -> Vec<&'s str> {
        let extensions = schema.extensions.iter().map(|extension| extension.id.as_str());
        std::iter::once(schema.core.id.as_str())
            .chain(extensions.filter(|urn| self.0.contains_key(*urn)))
            .collect()
    }
}
