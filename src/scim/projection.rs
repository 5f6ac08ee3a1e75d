//! Which attributes an answer holds: `attributes`, `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9) and each attribute's
//! own `returned` (RFC 7643 §7).

use serde_json::{Map, Value};

use crate::scim::error::ScimError;
use crate::scim::schema::definition::{Attribute, Returned, Schema};
use crate::scim::schema::names::Named;
use crate::scim::schema::resource_type::ResourceSchema;

/// What a client asked to see, its names resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    choice: Choice,
    /// Core and common attributes that are there whatever was asked for.
    always: Vec<String>,
    /// Core and common attributes that are there only when asked for by name, or never.
    hidden: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Choice {
    Default,
    Only(Vec<Selected>),
    Without(Vec<Selected>),
}

/// An attribute, a sub-attribute, or with neither an extension as a whole.
#[derive(Clone, Debug, PartialEq)]
struct Selected {
    extension: Option<String>,
    attribute: Option<String>,
    sub_attribute: Option<String>,
}

/// How much of an attribute is selected.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    Nothing,
    Parts,
    Whole,
}

impl Projection {
    /// Reads the two lists; each entry may hold several names with commas between them, as a query parameter does. Blank
    /// entries count as not given, and names that no schema has select nothing.
    ///
    /// # Errors
    /// `invalidValue` if both lists are given: they exclude each other.
    pub fn parse<S: AsRef<str>>(
        schema: &ResourceSchema,
        attributes: &[S],
        excluded: &[S],
    ) -> Result<Self, ScimError> {
        let (attributes, excluded) = (names(attributes), names(excluded));
        let choice = match (attributes.is_empty(), excluded.is_empty()) {
            (true, true) => Choice::Default,
            (false, true) => Choice::Only(selected(schema, &attributes)),
            (true, false) => Choice::Without(selected(schema, &excluded)),
            (false, false) => {
                return Err(ScimError::invalid_value(
                    "'attributes' and 'excludedAttributes' are mutually exclusive; give one of them.",
                ));
            }
        };
        Ok(Self::new(schema, choice))
    }

    /// What an answer holds if the client says nothing.
    pub fn default_of(schema: &ResourceSchema) -> Self {
        Self::new(schema, Choice::Default)
    }

    /// Whether the client named nothing.
    pub fn is_default(&self) -> bool {
        self.choice == Choice::Default
    }

    /// Whether the top-level attribute, or any part of it, is in the answer; an extension is named by its URN. What is
    /// not need not be loaded.
    pub fn wants(&self, attribute: &str) -> bool {
        if contains(&self.always, attribute) {
            return true;
        }
        match &self.choice {
            Choice::Only(selected) => selected.iter().any(|entry| entry.is_within(attribute)),
            Choice::Default => !contains(&self.hidden, attribute),
            Choice::Without(selected) => {
                !contains(&self.hidden, attribute) && !selected.iter().any(|entry| entry.is_all_of(attribute))
            }
        }
    }

    /// Whether the sub-attribute is in the answer, or, where `attribute` is an extension's URN, that attribute of it.
    /// `returned` of the sub-attribute itself is not considered.
    pub fn wants_sub(&self, attribute: &str, sub_attribute: &str) -> bool {
        let matches = |entry: &&Selected| {
            entry.is_all_of(attribute)
                || entry.is_within(attribute)
                    && entry.second().is_some_and(|second| second.eq_ignore_ascii_case(sub_attribute))
        };
        match &self.choice {
            Choice::Default => self.wants(attribute),
            Choice::Only(selected) => selected.iter().any(|entry| matches(&entry)),
            Choice::Without(selected) => {
                self.wants(attribute)
                    && !selected.iter().filter(matches).any(|entry| !entry.is_third_level(attribute))
            }
        }
    }

    /// Takes from `document` what the answer must not hold. Names that the schema does not have are left out.
    pub fn apply(&self, schema: &ResourceSchema, document: Map<String, Value>) -> Map<String, Value> {
        document
            .into_iter()
            .filter_map(|(name, value)| {
                let value = match (schema.extension(&name), value) {
                    (Some(extension), Value::Object(object)) => self.extension(extension, object),
                    (_, value) => self.attribute(None, schema.attribute(None, &name)?.1, value),
                }?;
                Some((name, value))
            })
            .collect()
    }

    fn new(schema: &ResourceSchema, choice: Choice) -> Self {
        let named = |wanted: fn(Returned) -> bool| {
            let attributes = schema.common.attributes.iter().chain(&schema.core.attributes);
            attributes
                .filter(|attribute| wanted(attribute.returned))
                .map(|attribute| attribute.name.clone())
                .collect()
        };
        Self {
            choice,
            always: named(|returned| returned == Returned::Always),
            hidden: named(|returned| matches!(returned, Returned::Never | Returned::Request)),
        }
    }

    /// What remains of an extension's object; `None` if that is nothing.
    fn extension(&self, extension: &Schema, object: Map<String, Value>) -> Option<Value> {
        let remaining: Map<_, _> = object
            .into_iter()
            .filter_map(|(name, value)| {
                let value = self.attribute(Some(&extension.id), extension.attribute(&name)?, value)?;
                Some((name, value))
            })
            .collect();
        (!remaining.is_empty()).then_some(Value::Object(remaining))
    }

    fn attribute(&self, extension: Option<&str>, attribute: &Attribute, value: Value) -> Option<Value> {
        let named = self.extent(extension, attribute, None);
        let shown = match (&self.choice, attribute.returned) {
            (_, Returned::Never) => false,
            (_, Returned::Always) => true,
            (Choice::Only(_), _) => named != Extent::Nothing,
            (Choice::Default | Choice::Without(_), Returned::Request) => false,
            (Choice::Default, Returned::Default) => true,
            (Choice::Without(_), Returned::Default) => named != Extent::Whole,
        };
        if !shown {
            return None;
        }
        if attribute.sub_attributes.is_empty() {
            return Some(value);
        }
        // Of an attribute that is there only because it always is, the default parts are there too.
        let all_parts =
            named == Extent::Whole || (named == Extent::Nothing && attribute.returned == Returned::Always);
        self.parts(extension, attribute, all_parts, value)
    }

    /// The parts of a complex value, or of each element; `None` if none remains.
    fn parts(
        &self,
        extension: Option<&str>,
        attribute: &Attribute,
        all: bool,
        value: Value,
    ) -> Option<Value> {
        match value {
            Value::Array(elements) => {
                let elements: Vec<_> = elements
                    .into_iter()
                    .filter_map(|element| self.parts(extension, attribute, all, element))
                    .collect();
                (!elements.is_empty()).then_some(Value::Array(elements))
            }
            Value::Object(mut object) => {
                object.retain(|name, _| {
                    attribute
                        .sub_attribute(name)
                        .is_some_and(|sub| self.shows_part(extension, attribute, all, sub))
                });
                (!object.is_empty()).then_some(Value::Object(object))
            }
            other => Some(other),
        }
    }

    fn shows_part(
        &self,
        extension: Option<&str>,
        attribute: &Attribute,
        all: bool,
        part: &Attribute,
    ) -> bool {
        let named = || self.extent(extension, attribute, Some(part)) == Extent::Parts;
        match (&self.choice, part.returned) {
            (_, Returned::Never) => false,
            (_, Returned::Always) => true,
            (Choice::Only(_), Returned::Request) => named(),
            (Choice::Only(_), Returned::Default) => all || named(),
            (Choice::Default | Choice::Without(_), Returned::Request) => false,
            (Choice::Default, Returned::Default) => true,
            (Choice::Without(_), Returned::Default) => !named(),
        }
    }

    /// How much of `attribute` the client named; with `part`, whether that part was named (`Parts`).
    fn extent(&self, extension: Option<&str>, attribute: &Attribute, part: Option<&Attribute>) -> Extent {
        let (Choice::Only(selected) | Choice::Without(selected)) = &self.choice else {
            return Extent::Nothing;
        };
        let mut extent = Extent::Nothing;
        for entry in selected.iter().filter(|entry| entry.extension.as_deref() == extension) {
            match (&entry.attribute, &entry.sub_attribute) {
                (None, _) if part.is_none() => return Extent::Whole,
                (Some(name), None) if *name == attribute.name && part.is_none() => {
                    return Extent::Whole;
                }
                (Some(name), Some(sub))
                    if *name == attribute.name && part.is_none_or(|part| part.name == *sub) =>
                {
                    extent = Extent::Parts;
                }
                _ => {}
            }
        }
        extent
    }
}

impl Selected {
    /// Whether the entry names `attribute`, or something in it.
    fn is_within(&self, attribute: &str) -> bool {
        self.first().is_some_and(|first| first.eq_ignore_ascii_case(attribute))
    }

    /// Whether the entry names the whole of `attribute`.
    fn is_all_of(&self, attribute: &str) -> bool {
        self.is_within(attribute) && self.second().is_none()
    }

    /// Whether the entry names a sub-attribute within the extension `urn`.
    fn is_third_level(&self, urn: &str) -> bool {
        self.extension.as_deref().is_some_and(|extension| extension.eq_ignore_ascii_case(urn))
            && self.sub_attribute.is_some()
    }

    /// The key of the document under which it is.
    fn first(&self) -> Option<&str> {
        self.extension.as_deref().or(self.attribute.as_deref())
    }

    /// The key under that one.
    fn second(&self) -> Option<&str> {
        match self.extension {
            Some(_) => self.attribute.as_deref(),
            None => self.sub_attribute.as_deref(),
        }
    }
}

fn names<S: AsRef<str>>(lists: &[S]) -> Vec<&str> {
    lists
        .iter()
        .flat_map(|list| list.as_ref().split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

fn selected(schema: &ResourceSchema, names: &[&str]) -> Vec<Selected> {
    let resolve = |name: &&str| {
        Some(match schema.named(name)? {
            Named::Extension(extension) => {
                Selected { extension: Some(extension.id.clone()), attribute: None, sub_attribute: None }
            }
            Named::Attribute(resolved) => Selected {
                extension: resolved.extension.map(str::to_owned),
                attribute: Some(resolved.attribute.name.clone()),
                sub_attribute: resolved.sub_attribute.map(|sub| sub.name.clone()),
            },
        })
    };
    names.iter().filter_map(resolve).collect()
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
