//! Attribute paths: `attrPath` of RFC 7644 §3.4.2.2, and `PATH` of §3.5.2 (Figure 7).

mod error;
pub(in crate::scim) mod parse;

use std::fmt;

pub use error::{PatchPathError, PathError, PathErrorKind};

use crate::scim::filter::ast::Filter;
use crate::scim::schema::definition::AttributeType;
use crate::scim::schema::resource_type::Resolved;

/// `attrPath = [URI ":"] ATTRNAME *1subAttr`, as a client wrote it.
///
/// The URN is everything before the last `:`. A bare schema URN, as PATCH paths use it, therefore reads as a schema and
/// an attribute; only a schema can tell what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    pub schema: Option<String>,
    pub attribute: String,
    pub sub_attribute: Option<String>,
}

/// `PATH = attrPath / valuePath [subAttr]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchPath {
    pub path: AttributePath,
    /// The filter in brackets, if there is one.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets; without brackets it is in `path`.
    pub sub_attribute: Option<String>,
}

/// A path that a schema knows, with its names as the schema writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalPath {
    /// The extension's URN; `None` for the resource type's own schema and the common attributes.
    pub extension: Option<String>,
    pub attribute: String,
    pub sub_attribute: Option<String>,
    /// Whether `attribute` is multi-valued.
    pub multi_valued: bool,
    /// The type of what is compared: the sub-attribute's, or the attribute's.
    pub kind: AttributeType,
    pub case_exact: bool,
}

impl CanonicalPath {
    /// The path to what `resolved` leads to.
    pub fn from_resolved(resolved: Resolved<'_>) -> Self {
        let leaf = resolved.leaf();
        Self {
            extension: resolved.extension.map(str::to_owned),
            attribute: resolved.attribute.name.clone(),
            sub_attribute: resolved.sub_attribute.map(|sub| sub.name.clone()),
            multi_valued: resolved.attribute.multi_valued,
            kind: leaf.kind,
            case_exact: leaf.case_exact,
        }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(f, self.schema.as_deref(), &self.attribute, self.sub_attribute.as_deref())
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub_attribute {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for CanonicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(f, self.extension.as_deref(), &self.attribute, self.sub_attribute.as_deref())
    }
}

fn write_path(
    f: &mut fmt::Formatter<'_>,
    schema: Option<&str>,
    attribute: &str,
    sub_attribute: Option<&str>,
) -> fmt::Result {
    if let Some(schema) = schema {
        write!(f, "{schema}:")?;
    }
    f.write_str(attribute)?;
    match sub_attribute {
        Some(sub) => write!(f, ".{sub}"),
        None => Ok(()),
    }
}
