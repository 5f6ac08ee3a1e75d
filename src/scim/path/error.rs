//! What is wrong with a path, and where.

use std::fmt;

use crate::scim::error::ScimError;
use crate::scim::filter::FilterError;

/// A text that is no attribute path: where it stops being one, and what would be accepted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// In bytes, from the start of the text.
    pub offset: usize,
    /// The same place as people count: in characters, from 1.
    pub character: usize,
    pub kind: PathErrorKind,
}

/// What would have been accepted. Its `Display` is the expectation alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathErrorKind {
    /// `ATTRNAME`.
    AttributeName,
    /// `ATTRNAME` behind the dot.
    SubAttributeName,
    /// A further character of a name, or nothing.
    NameOrEnd,
    /// The URN before the attribute's name.
    SchemaUrn,
    /// The filter's `[` where the sub-attribute's dot is.
    FilterFirst,
    /// Behind a filter: a dot and a sub-attribute, or nothing.
    SubAttributeOrEnd,
}

/// A text that is no PATCH path (RFC 7644 §3.5.2): the path itself is wrong, or the filter in its brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchPathError {
    Path(PathError),
    Filter(FilterError),
}

impl fmt::Display for PathErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AttributeName => "an attribute name, which begins with a letter or '$'",
            Self::SubAttributeName => "a sub-attribute name, which begins with a letter or '$'",
            Self::NameOrEnd => "a letter, a digit, '-', '_' or '$', or the end of the path",
            Self::SchemaUrn => "a schema URN such as 'urn:ietf:params:scim:schemas:core:2.0:User'",
            Self::FilterFirst => "the filter in brackets before the sub-attribute",
            Self::SubAttributeOrEnd => "'.' and a sub-attribute name, or the end of the path",
        })
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The path is wrong at character {}: expected {}.", self.character, self.kind)
    }
}

impl fmt::Display for PatchPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::Filter(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PathError {}

impl std::error::Error for PatchPathError {}

impl From<PathError> for PatchPathError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<FilterError> for PatchPathError {
    fn from(error: FilterError) -> Self {
        Self::Filter(error)
    }
}

impl From<PathError> for ScimError {
    fn from(error: PathError) -> Self {
        Self::invalid_path(error.to_string())
    }
}

impl From<PatchPathError> for ScimError {
    /// RFC 7644 §3.12, Table 9: `invalidFilter` is for a PATCH path's filter, too.
    fn from(error: PatchPathError) -> Self {
        match error {
            PatchPathError::Path(error) => error.into(),
            PatchPathError::Filter(error) => error.into(),
        }
    }
}
