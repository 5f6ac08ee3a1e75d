//! Reading paths. Case is kept as written; only [`ResourceSchema::resolve`] knows which case is right.
//!
//! [`ResourceSchema::resolve`]: crate::scim::schema::ResourceSchema::resolve

use std::str::FromStr;

use super::{AttributePath, PatchPath, PatchPathError, PathError, PathErrorKind};
use crate::scim::filter::parse_value_filter;
use crate::scim::schema::validate::Strictness;

/// Where a text stops being a path, in bytes, and what would be accepted there.
pub(in crate::scim) type Misfit = (usize, PathErrorKind);

impl FromStr for AttributePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        attribute_path(text).map_err(|misfit| locate(text, misfit))
    }
}

impl FromStr for PatchPath {
    type Err = PatchPathError;

    /// As [`PatchPath::parse`] with [`Strictness::Lenient`].
    fn from_str(text: &str) -> Result<Self, PatchPathError> {
        Self::parse(text, Strictness::Lenient)
    }
}

impl PatchPath {
    /// Reads a PATCH operation's `path` (RFC 7644 §3.5.2, Figure 7); `strictness` is for the filter in its brackets.
    ///
    /// # Errors
    /// Where the text stops being a path or the filter a filter, and what would be accepted there.
    pub fn parse(text: &str, strictness: Strictness) -> Result<Self, PatchPathError> {
        let Some(opening) = text.find('[') else {
            return Ok(Self { path: text.parse()?, filter: None, sub_attribute: None });
        };
        let (before, _) = text.split_at(opening);
        let path = attribute_path(before).map_err(|misfit| locate(text, misfit))?;
        if let Some(sub) = &path.sub_attribute {
            let dot = opening - sub.len() - 1;
            return Err(locate(text, (dot, PathErrorKind::FilterFirst)).into());
        }
        let (filter, closed) = parse_value_filter(text, opening, strictness)?;
        let sub_attribute = behind_filter(text, closed).map_err(|misfit| locate(text, misfit))?;
        Ok(Self { path, filter: Some(filter), sub_attribute })
    }
}

/// Reads `[subAttr]` from `offset`, right behind the bracket.
fn behind_filter(text: &str, offset: usize) -> Result<Option<String>, Misfit> {
    let rest = text.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(None);
    }
    let name = rest.strip_prefix('.').ok_or((offset, PathErrorKind::SubAttributeOrEnd))?;
    check_name(name, offset + 1, PathErrorKind::SubAttributeName)?;
    Ok(Some(name.to_owned()))
}

/// `attrPath` (RFC 7644 §3.4.2.2, Figure 1). The URN's own colons and the dot of its version stand before the last
/// colon, and a name has no colon, so the last one is where the names begin.
pub(in crate::scim) fn attribute_path(text: &str) -> Result<AttributePath, Misfit> {
    let (schema, names, start) = match text.rsplit_once(':') {
        Some((schema, names)) => (Some(schema), names, schema.len() + 1),
        None => (None, text, 0),
    };
    if let Some(schema) = schema {
        check_schema(schema)?;
    }
    let (attribute, sub_attribute) = match names.split_once('.') {
        Some((attribute, sub)) => (attribute, Some(sub)),
        None => (names, None),
    };
    check_name(attribute, start, PathErrorKind::AttributeName)?;
    if let Some(sub) = sub_attribute {
        check_name(sub, start + attribute.len() + 1, PathErrorKind::SubAttributeName)?;
    }
    Ok(AttributePath {
        schema: schema.map(str::to_owned),
        attribute: attribute.to_owned(),
        sub_attribute: sub_attribute.map(str::to_owned),
    })
}

/// `ATTRNAME = ALPHA *(nameChar)`; RFC 7643 §2.1 counts `$` among the characters of a name, and `$ref` begins with it.
fn check_name(name: &str, start: usize, expected: PathErrorKind) -> Result<(), Misfit> {
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$') {
        return Err((start, expected));
    }
    let misfit = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '$'));
    match misfit {
        Some(at) => Err((start + at, PathErrorKind::NameOrEnd)),
        None => Ok(()),
    }
}

/// An absolute URI (RFC 3986 §4.3), without the brackets and quotes that end a path in a filter.
fn check_schema(schema: &str) -> Result<(), Misfit> {
    let with_scheme = schema.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !rest.is_empty()
    });
    if !with_scheme {
        return Err((0, PathErrorKind::SchemaUrn));
    }
    let misfit = schema.find(|c: char| {
        !c.is_ascii_graphic()
            || matches!(c, '"' | '(' | ')' | '[' | ']' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    });
    match misfit {
        Some(at) => Err((at, PathErrorKind::SchemaUrn)),
        None => Ok(()),
    }
}

fn locate(text: &str, (offset, kind): Misfit) -> PathError {
    let before = text.get(..offset).unwrap_or(text);
    PathError { offset, character: before.chars().count() + 1, kind }
}
