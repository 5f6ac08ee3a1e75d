//! Filters and sort keys over several resource types at once (RFC 7644 §3.4.2.1): an attribute that one type lacks has no
//! value there; one that every type lacks is a mistake.

use super::ast::Filter;
use super::sort::{refusal, sortable};
use super::valid::ValidFilter;
use crate::scim::error::ScimError;
use crate::scim::path::{AttributePath, CanonicalPath};
use crate::scim::schema::ResourceSchema;

impl Filter {
    /// Holds the filter against `schema`, one of the resource types `all` that it is about.
    ///
    /// # Errors
    /// `invalidFilter`: no type has the attribute, or one that has it refuses the expression as [`Filter::resolve`] does.
    pub fn resolve_among(
        &self,
        schema: &ResourceSchema,
        all: &[&ResourceSchema],
    ) -> Result<ValidFilter, ScimError> {
        let each = |terms: &[Self]| {
            terms.iter().map(|term| term.resolve_among(schema, all)).collect::<Result<Vec<_>, _>>()
        };
        let path = match self {
            Self::And(terms) => return Ok(ValidFilter::And(each(terms)?)),
            Self::Or(terms) => return Ok(ValidFilter::Or(each(terms)?)),
            Self::Not(inner) => {
                return Ok(ValidFilter::Not(Box::new(inner.resolve_among(schema, all)?)));
            }
            Self::AttrExp(expression) => expression.path(),
            Self::ValuePath(value_path) => &value_path.path,
        };
        if schema.resolve(path).is_ok() {
            return self.resolve(schema);
        }
        match all.iter().find(|other| other.resolve(path).is_ok()) {
            // Read where it has a meaning, so that a mistake in it is one everywhere.
            Some(other) => Ok(without_values(self.resolve(other)?)),
            None => Err(ScimError::invalid_filter(unknown(path, all))),
        }
    }
}

/// The attribute that `sortBy` names in `schema`, one of the resource types `all` that are sorted; `None` where only
/// others have it.
///
/// # Errors
/// `invalidValue`: no type has the attribute, or it cannot be sorted by ([`resolve_sort`](super::resolve_sort)).
pub fn resolve_sort_among(
    schema: &ResourceSchema,
    all: &[&ResourceSchema],
    sort_by: &str,
) -> Result<Option<CanonicalPath>, ScimError> {
    let path: AttributePath = sort_by.parse().map_err(|error| refusal(format!("{error}")))?;
    if let Ok(resolved) = schema.resolve(&path) {
        return sortable(&path, resolved).map(Some);
    }
    match all.iter().find_map(|other| other.resolve(&path).ok()) {
        Some(resolved) => sortable(&path, resolved).map(|_| None),
        None => Err(refusal(unknown(&path, all))),
    }
}

/// The same filter where none of its attributes has a value.
fn without_values(filter: ValidFilter) -> ValidFilter {
    let each = |terms: Vec<ValidFilter>| terms.into_iter().map(without_values).collect();
    match filter {
        ValidFilter::And(terms) => ValidFilter::And(each(terms)),
        ValidFilter::Or(terms) => ValidFilter::Or(each(terms)),
        ValidFilter::Not(inner) => ValidFilter::Not(Box::new(without_values(*inner))),
        ValidFilter::Test { .. } | ValidFilter::Element { .. } => ValidFilter::Or(Vec::new()),
    }
}

fn unknown(path: &AttributePath, all: &[&ResourceSchema]) -> String {
    // A type that has the attribute knows what is wrong with the rest of the path.
    let whole = AttributePath { sub_attribute: None, ..path.clone() };
    if let Some(schema) = all.iter().find(|schema| schema.resolve(&whole).is_ok())
        && let Err(error) = schema.resolve(path)
    {
        return error.detail;
    }
    let names: Vec<&str> = all.iter().map(|schema| schema.resource_type.name.as_str()).collect();
    format!("'{path}' is not an attribute of {}.", names.join(" or "))
}
