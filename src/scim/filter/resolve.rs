//! Holds a filter against a schema: names become canonical, operands typed, and what no attribute allows is refused.

use super::ast::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
use super::operand::comparison;
use super::valid::{Test, ValidFilter};
use crate::scim::error::ScimError;
use crate::scim::path::{AttributePath, CanonicalPath};
use crate::scim::schema::{Attribute, AttributeType, Mutability, Resolved, ResourceSchema, Returned};

impl Filter {
    /// Holds the filter against a resource type (RFC 7644 §3.4.2.2).
    ///
    /// A missing attribute is null. Of a multi-valued attribute any value may pass; `ne` is `not (… eq …)`, so with it
    /// none may be equal. A complex attribute stands for its `value`, if it has one.
    ///
    /// # Errors
    /// `invalidFilter`, naming the attribute: no schema has it, it is never returned, or its type does not allow the
    /// operator or the value.
    pub fn resolve(&self, schema: &ResourceSchema) -> Result<ValidFilter, ScimError> {
        self.resolve_in(Scope::Resource(schema))
    }

    /// Holds the filter of a PATCH path (RFC 7644 §3.5.2) against the elements of `attribute`: paths name its
    /// sub-attributes, or `value` where it is not complex (erratum 7122).
    ///
    /// # Errors
    /// As [`Filter::resolve`].
    pub fn resolve_element(&self, attribute: &Attribute) -> Result<ValidFilter, ScimError> {
        refuse_secret(attribute)?;
        self.resolve_in(Scope::Element(attribute))
    }

    fn resolve_in(&self, scope: Scope<'_>) -> Result<ValidFilter, ScimError> {
        let all =
            |terms: &[Filter]| terms.iter().map(|term| term.resolve_in(scope)).collect::<Result<Vec<_>, _>>();
        match self {
            Self::And(terms) => Ok(ValidFilter::And(all(terms)?)),
            Self::Or(terms) => Ok(ValidFilter::Or(all(terms)?)),
            Self::Not(inner) => Ok(not(inner.resolve_in(scope)?)),
            Self::AttrExp(AttrExp::Present(path)) => test(scope, path, None),
            Self::AttrExp(AttrExp::Compare { path, op, value }) => test(scope, path, Some((*op, value))),
            Self::ValuePath(value_path) => match scope {
                Scope::Resource(schema) => value_path.resolve(schema),
                Scope::Object(_) | Scope::Element(_) => Err(ScimError::invalid_filter(format!(
                    "'{}' cannot have a filter in brackets inside of another one.",
                    value_path.path
                ))),
            },
        }
    }
}

impl ValuePath {
    /// On a multi-valued attribute one and the same element passes everything; on a single complex one its object does.
    fn resolve(&self, schema: &ResourceSchema) -> Result<ValidFilter, ScimError> {
        let resolved = Scope::Resource(schema).find(&self.path)?;
        if resolved.leaf().kind != AttributeType::Complex {
            return Err(ScimError::invalid_filter(format!(
                "'{}' is not complex and takes no filter in brackets; compare it directly.",
                self.path
            )));
        }
        let path = CanonicalPath::from_resolved(resolved);
        if resolved.attribute.multi_valued {
            let filter = Box::new(self.resolve_inside(Scope::Element(resolved.attribute))?);
            return Ok(ValidFilter::Element { path, filter });
        }
        // Where the object is missing, nothing in it can pass, not even a `not (…)`.
        let exists = ValidFilter::Test { path, test: Test::Present };
        Ok(and(exists, self.resolve_inside(Scope::Object(resolved))?))
    }

    fn resolve_inside(&self, scope: Scope<'_>) -> Result<ValidFilter, ScimError> {
        let filter = self.filter.resolve_in(scope)?;
        let Some(SubExp { sub_attribute, compare }) = &self.sub else {
            return Ok(filter);
        };
        let path = AttributePath { schema: None, attribute: sub_attribute.clone(), sub_attribute: None };
        let compare = compare.as_ref().map(|(op, value)| (*op, value));
        Ok(and(filter, test(scope, &path, compare)?))
    }
}

/// What paths start from.
#[derive(Clone, Copy)]
enum Scope<'s> {
    Resource(&'s ResourceSchema),
    /// The one object of a complex attribute.
    Object(Resolved<'s>),
    /// An element of a multi-valued attribute.
    Element(&'s Attribute),
}

impl<'s> Scope<'s> {
    fn find(self, path: &AttributePath) -> Result<Resolved<'s>, ScimError> {
        let resolved = match self {
            Self::Resource(schema) => {
                schema.resolve(path).map_err(|error| ScimError::invalid_filter(error.detail))?
            }
            Self::Object(object) => {
                let sub_attribute = Some(part(object.attribute, path)?);
                Resolved { sub_attribute, ..object }
            }
            Self::Element(attribute) => {
                Resolved { extension: None, attribute: part(attribute, path)?, sub_attribute: None }
            }
        };
        refuse_secret(resolved.attribute)?;
        refuse_secret(resolved.leaf())?;
        Ok(resolved)
    }

    fn canonical(self, resolved: Resolved<'_>) -> CanonicalPath {
        let path = CanonicalPath::from_resolved(resolved);
        match self {
            Self::Element(attribute) if attribute.kind != AttributeType::Complex => {
                CanonicalPath { attribute: VALUE.to_owned(), multi_valued: false, ..path }
            }
            _ => path,
        }
    }
}

/// The sub-attribute that stands for its complex attribute (RFC 7643 §2.4), and the name of a simple element.
pub(super) const VALUE: &str = "value";

/// What `path` names in an element or object of `attribute`.
fn part<'s>(attribute: &'s Attribute, path: &AttributePath) -> Result<&'s Attribute, ScimError> {
    let name = &path.attribute;
    let found = if path.schema.is_some() || path.sub_attribute.is_some() {
        None
    } else if attribute.kind == AttributeType::Complex {
        attribute.sub_attribute(name)
    } else {
        name.eq_ignore_ascii_case(VALUE).then_some(attribute)
    };
    found.ok_or_else(|| {
        let accepted = match attribute.kind {
            AttributeType::Complex => names(attribute),
            _ => VALUE.to_owned(),
        };
        ScimError::invalid_filter(format!(
            "'{path}' does not name a part of '{}'; its filter can use {accepted}.",
            attribute.name
        ))
    })
}

/// The names of the sub-attributes, as a message lists them.
pub(super) fn names(attribute: &Attribute) -> String {
    let names: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
    names.join(", ")
}

/// A presence test where there is nothing to compare with.
fn test(
    scope: Scope<'_>,
    path: &AttributePath,
    compare: Option<(CompareOp, &CompareValue)>,
) -> Result<ValidFilter, ScimError> {
    let resolved = scope.find(path)?;
    let present = |resolved| ValidFilter::Test { path: scope.canonical(resolved), test: Test::Present };
    match compare {
        None | Some((CompareOp::Ne, CompareValue::Null)) => Ok(present(resolved)),
        Some((CompareOp::Eq, CompareValue::Null)) => Ok(not(present(resolved))),
        Some((op, value)) => {
            let resolved = comparable(resolved)?;
            let path = scope.canonical(resolved);
            let test = comparison(&path, resolved.leaf(), op, value)?;
            let filter = ValidFilter::Test { path, test };
            Ok(if op == CompareOp::Ne { not(filter) } else { filter })
        }
    }
}

/// Of a complex attribute its `value` is compared.
fn comparable(resolved: Resolved<'_>) -> Result<Resolved<'_>, ScimError> {
    let leaf = resolved.leaf();
    if leaf.kind != AttributeType::Complex {
        return Ok(resolved);
    }
    match leaf.sub_attribute(VALUE) {
        Some(value) => {
            refuse_secret(value)?;
            Ok(Resolved { sub_attribute: Some(value), ..resolved })
        }
        None => Err(ScimError::invalid_filter(format!(
            "'{}' is complex and cannot be compared; name one of its sub-attributes: {}.",
            leaf.name,
            names(leaf)
        ))),
    }
}

/// A comparison or a presence test would tell about a value that answers must not hold. RFC 7643 §7 ("returned") leaves
/// it to the server whether such attributes can be filtered by.
fn refuse_secret(attribute: &Attribute) -> Result<(), ScimError> {
    if is_secret(attribute) {
        return Err(ScimError::invalid_filter(format!(
            "'{}' is never returned and cannot be used in a filter.",
            attribute.name
        )));
    }
    Ok(())
}

/// Whether a client may learn nothing about the value.
pub(super) fn is_secret(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never
}

fn not(filter: ValidFilter) -> ValidFilter {
    ValidFilter::Not(Box::new(filter))
}

fn and(left: ValidFilter, right: ValidFilter) -> ValidFilter {
    let mut terms = Vec::new();
    for term in [left, right] {
        match term {
            ValidFilter::And(inner) => terms.extend(inner),
            other => terms.push(other),
        }
    }
    ValidFilter::And(terms)
}
