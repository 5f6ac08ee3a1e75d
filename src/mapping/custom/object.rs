//! All custom values of one user, held against all definitions of the tenant.

use serde_json::{Map, Value};
use thiserror::Error;

use super::pattern::PatternError;
use super::problem::{Found, ProblemKind, Problems, pointer, shortened};
use super::value::CustomAttribute;
use crate::model::{AttributeDefinition, AttributeMutability, Audience};

/// The attributes of a tenant that are in use, compiled; immutable, made anew when the tenant changes one.
#[derive(Clone, Debug, Default)]
pub struct CustomAttributes(Vec<CustomAttribute>);

/// A stored definition that cannot be used: the database was changed by other hands.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the pattern of the attribute '{name}' {error}.")]
pub struct CompileError {
    pub name: String,
    pub error: PatternError,
}

impl CustomAttributes {
    /// Compiles the definitions; removed ones are left out.
    ///
    /// # Errors
    /// [`CompileError`] for a definition that was not checked before it was stored.
    pub fn compile(definitions: impl IntoIterator<Item = AttributeDefinition>) -> Result<Self, CompileError> {
        let live = definitions.into_iter().filter(AttributeDefinition::is_live);
        let compiled = live.map(|definition| {
            let name = definition.name.clone();
            CustomAttribute::new(definition).map_err(|error| CompileError { name, error })
        });
        compiled.collect::<Result<_, _>>().map(Self)
    }

    /// Whether the tenant has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attributes, in the order of their definitions.
    pub fn iter(&self) -> impl Iterator<Item = &CustomAttribute> {
        self.0.iter()
    }

    /// The attribute of this name; names here are exact.
    pub fn get(&self, name: &str) -> Option<&CustomAttribute> {
        self.0.iter().find(|attribute| attribute.definition().name == name)
    }

    /// The values of a new user: what is given, and the defaults. What is required must be there, but of an identity
    /// provider only where it gives custom values at all: an optional extension may be left out (RFC 7643 §6).
    ///
    /// # Errors
    /// [`Problems`]: everything that is wrong with what is given.
    pub fn create(
        &self,
        given: Map<String, Value>,
        writer: Audience,
    ) -> Result<Map<String, Value>, Problems> {
        let asked = writer != Audience::Scim || !given.is_empty();
        let mut found = Found::default();
        let mut values = self.settle(&Map::new(), given, writer, &mut found);
        for attribute in &self.0 {
            let AttributeDefinition { name, default, required, .. } = attribute.definition();
            if values.contains_key(name) || found.is_about(&pointer(name)) {
                continue;
            }
            if let Some(default) = default {
                values.insert(name.clone(), default.clone());
            } else if *required && asked && attribute.definition().is_editable_by(writer) {
                found.add(
                    ProblemKind::Missing,
                    pointer(name),
                    format!("'{name}' is required; give it a value."),
                );
            }
        }
        found.or(values)
    }

    /// The values after a change that says only what changes (RFC 7396): null takes a value away.
    ///
    /// # Errors
    /// As [`CustomAttributes::create`]; also for a change of what is immutable, and for taking away what is required.
    /// A required attribute that the user never had is not asked for.
    pub fn merge(
        &self,
        before: &Map<String, Value>,
        patch: Map<String, Value>,
        writer: Audience,
    ) -> Result<Map<String, Value>, Problems> {
        let mut found = Found::default();
        let values = self.settle(before, patch, writer, &mut found);
        found.or(values)
    }

    /// The values after others took their place: what is left out is taken away, except what is immutable and what the
    /// writer does not see or may not change.
    ///
    /// # Errors
    /// As [`CustomAttributes::merge`].
    pub fn replace(
        &self,
        before: &Map<String, Value>,
        mut given: Map<String, Value>,
        writer: Audience,
    ) -> Result<Map<String, Value>, Problems> {
        for attribute in &self.0 {
            let definition = attribute.definition();
            let goes = definition.is_editable_by(writer)
                && definition.mutability != AttributeMutability::Immutable
                && before.contains_key(&definition.name);
            if goes && !given.contains_key(&definition.name) {
                given.insert(definition.name.clone(), Value::Null);
            }
        }
        self.merge(before, given, writer)
    }

    /// What this audience sees of the values.
    pub fn visible(&self, values: &Map<String, Value>, audience: Audience) -> Map<String, Value> {
        self.chosen(values, |definition| definition.is_visible_to(audience))
    }

    /// What an access token tells of the values.
    pub fn claims(&self, values: &Map<String, Value>) -> Map<String, Value> {
        self.chosen(values, |definition| definition.in_tokens)
    }

    /// The values that nobody else in the tenant may have, each with its attribute's name and in the form in which it
    /// compares.
    pub fn unique<'a>(&'a self, values: &'a Map<String, Value>) -> impl Iterator<Item = (&'a str, String)> {
        self.0.iter().filter(|attribute| attribute.definition().unique).filter_map(|attribute| {
            let name = attribute.definition().name.as_str();
            Some((name, attribute.key(values.get(name)?)))
        })
    }

    /// The values that an index serves, several of one attribute one by one, each in the form in which it compares.
    pub fn indexed<'a>(&'a self, values: &'a Map<String, Value>) -> impl Iterator<Item = (&'a str, String)> {
        self.0.iter().filter(|attribute| attribute.definition().searchable).flat_map(|attribute| {
            let name = attribute.definition().name.as_str();
            let values = match values.get(name) {
                None => &[],
                Some(Value::Array(values)) => values.as_slice(),
                Some(value) => std::slice::from_ref(value),
            };
            values.iter().map(move |value| (name, attribute.key(value)))
        })
    }

    fn chosen(
        &self,
        values: &Map<String, Value>,
        choose: impl Fn(&AttributeDefinition) -> bool,
    ) -> Map<String, Value> {
        let chosen = self.0.iter().map(CustomAttribute::definition).filter(|definition| choose(definition));
        chosen
            .filter_map(|definition| Some((definition.name.clone(), values.get(&definition.name)?.clone())))
            .collect()
    }

    /// Puts what is given over what there was. Values of removed attributes stay where they are.
    fn settle(
        &self,
        before: &Map<String, Value>,
        given: Map<String, Value>,
        writer: Audience,
        found: &mut Found,
    ) -> Map<String, Value> {
        let mut values = before.clone();
        for (name, value) in given {
            // That there is an attribute is not told to those who may not see it.
            let Some(attribute) = self.get(&name).filter(|known| known.definition().is_visible_to(writer))
            else {
                let message = format!("'{}' is not one of the tenant's attributes.", shortened(&name));
                found.add(ProblemKind::Unknown, pointer(&name), message);
                continue;
            };
            // Clients read, change and send everything back, values that the definition no longer accepts among it.
            if before.get(&name) == Some(&value) {
                continue;
            }
            let problems = found.len();
            let new = attribute.read(value, found);
            if found.len() > problems {
                continue;
            }
            match change(attribute.definition(), before.get(&name), new.as_ref(), writer, |one, other| {
                attribute.same(one, other)
            }) {
                Err((kind, what)) => found.add(kind, pointer(&name), format!("'{name}' {what}.")),
                Ok(()) => match new {
                    Some(new) => {
                        values.insert(name, new);
                    }
                    None => {
                        values.shift_remove(&name);
                    }
                },
            }
        }
        values
    }
}

/// Which attributes' values differ, as audit events name them: `custom.cost_center`.
pub fn changed_names(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    changed.chain(gone).map(|name| format!("custom.{name}")).collect()
}

/// Whether this writer may make the one value of the other.
fn change(
    definition: &AttributeDefinition,
    old: Option<&Value>,
    new: Option<&Value>,
    writer: Audience,
    same: impl Fn(&Value, &Value) -> bool,
) -> Result<(), (ProblemKind, &'static str)> {
    match (old, new) {
        (None, None) => return Ok(()),
        // Clients read, change and send everything back.
        (Some(old), Some(new)) if old == new => return Ok(()),
        _ => {}
    }
    if !definition.is_editable_by(writer) {
        return Err((ProblemKind::NotEditable, "cannot be changed this way; leave it out"));
    }
    let kept = old.zip(new).is_some_and(|(old, new)| same(old, new));
    if definition.mutability == AttributeMutability::Immutable && old.is_some() && !kept {
        return Err((ProblemKind::Immutable, "is immutable: once it has a value, it cannot be changed"));
    }
    if definition.required && new.is_none() {
        return Err((ProblemKind::Missing, "is required; it can be changed, but not taken away"));
    }
    Ok(())
}
