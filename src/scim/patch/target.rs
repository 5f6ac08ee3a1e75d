//! What an operation's path leads to.

use std::fmt;

use crate::scim::error::ScimError;
use crate::scim::filter::ast::Filter;
use crate::scim::filter::valid::ValidFilter;
use crate::scim::path::{AttributePath, PatchPath};
use crate::scim::schema::{Mutability, Resolved, ResourceSchema, Schema};

/// What a path leads to.
pub(super) enum Target<'s> {
    /// All attributes of an extension, by its URN.
    Extension(&'s Schema),
    Attribute(AttributeTarget<'s>),
}

/// An attribute, a sub-attribute, or some values of a multi-valued attribute.
pub(super) struct AttributeTarget<'s> {
    pub resolved: Resolved<'s>,
    pub selection: Option<Box<Selection>>,
}

/// The filter between a path's brackets.
pub(super) struct Selection {
    pub written: Filter,
    pub valid: ValidFilter,
}

impl<'s> Target<'s> {
    /// Reads `text` as a PATCH path, or as the URN of an extension.
    pub fn parse(schema: &'s ResourceSchema, text: &str) -> Result<Self, ScimError> {
        if let Some(extension) = schema.extension(text.trim()) {
            return Ok(Self::Extension(extension));
        }
        AttributeTarget::resolve(schema, read(text)?).map(Self::Attribute)
    }
}

impl<'s> AttributeTarget<'s> {
    /// Reads `text` as a path within `extension`, unless it is qualified by a URN of its own.
    pub fn parse_within(
        schema: &'s ResourceSchema,
        extension: &Schema,
        text: &str,
    ) -> Result<Self, ScimError> {
        let mut path = read(text)?;
        path.path.schema.get_or_insert_with(|| extension.id.clone());
        Self::resolve(schema, path)
    }

    fn resolve(schema: &'s ResourceSchema, path: PatchPath) -> Result<Self, ScimError> {
        let PatchPath { path, filter, sub_attribute } = path;
        if filter.is_some() && path.sub_attribute.is_some() {
            return Err(ScimError::invalid_path(format!(
                "a filter selects values of an attribute, not of a sub-attribute as in '{path}[…]'."
            )));
        }
        let sub_attribute = sub_attribute.or(path.sub_attribute);
        let resolved = schema.resolve(&AttributePath { sub_attribute, ..path })?;
        let selection =
            filter.map(|filter| Selection::resolve(&resolved, filter).map(Box::new)).transpose()?;
        Ok(Self { resolved, selection })
    }

    /// Refuses what only the server sets (RFC 7644 §3.5.2, RFC 7643 §7 `readOnly`).
    pub fn check_writable(&self) -> Result<(), ScimError> {
        let Resolved { attribute, sub_attribute, .. } = self.resolved;
        let read_only = attribute.mutability == Mutability::ReadOnly
            || sub_attribute.is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
        if read_only {
            return Err(ScimError::mutability(format!("'{self}' is readOnly.")));
        }
        Ok(())
    }
}

/// The path with the names as the schema writes them.
impl fmt::Display for AttributeTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Resolved { extension, attribute, sub_attribute } = &self.resolved;
        if let Some(urn) = extension {
            write!(f, "{urn}:")?;
        }
        f.write_str(&attribute.name)?;
        if let Some(selection) = &self.selection {
            write!(f, "[{}]", selection.written)?;
        }
        match sub_attribute {
            Some(sub) => write!(f, ".{}", sub.name),
            None => Ok(()),
        }
    }
}

impl Selection {
    fn resolve(resolved: &Resolved<'_>, filter: Filter) -> Result<Self, ScimError> {
        let attribute = resolved.attribute;
        if !attribute.multi_valued {
            return Err(ScimError::invalid_path(format!(
                "'{}' has a single value, so no filter can select from it; write the path without brackets.",
                attribute.name
            )));
        }
        let valid = filter.resolve_element(attribute)?;
        Ok(Self { written: filter, valid })
    }
}

fn read(text: &str) -> Result<PatchPath, ScimError> {
    Ok(text.parse::<PatchPath>()?)
}
