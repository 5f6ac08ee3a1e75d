//! Evaluates a filter in memory: for PATCH's value filters, and as the truth that the database's answers are held against.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::resolve::VALUE;
use super::valid::{Operand, Test, ValidFilter};
use crate::scim::path::CanonicalPath;
use crate::scim::schema::Attribute;
use crate::scim::schema::search::normalise;

impl ValidFilter {
    /// Whether a resource passes, given its search document.
    pub fn matches(&self, search_document: &Map<String, Value>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.matches(search_document)),
            Self::Or(terms) => terms.iter().any(|term| term.matches(search_document)),
            Self::Not(inner) => !inner.matches(search_document),
            Self::Test { path, test } => any_value(path, search_document, |value| test.passes(value)),
            Self::Element { path, filter } => any_value(path, search_document, |element| {
                element.as_object().is_some_and(|element| filter.matches(element))
            }),
        }
    }

    /// Whether one element of `attribute` passes a filter from [`Filter::resolve_element`](super::Filter::resolve_element);
    /// `element` is as stored, not yet normalised.
    pub fn matches_element(&self, attribute: &Attribute, element: &Value) -> bool {
        match normalise(attribute, element) {
            Value::Object(object) => self.matches(&object),
            // Erratum 7122: the value of a simple element is called `value`.
            simple => self.matches(&Map::from_iter([(VALUE.to_owned(), simple)])),
        }
    }
}

/// Whether any of the values that `path` leads to passes.
fn any_value(path: &CanonicalPath, document: &Map<String, Value>, passes: impl Fn(&Value) -> bool) -> bool {
    let holder = match &path.extension {
        None => Some(document),
        Some(urn) => document.get(urn).and_then(Value::as_object),
    };
    let Some(value) = holder.and_then(|holder| holder.get(&path.attribute)) else {
        return false;
    };
    values(value).iter().any(|value| match &path.sub_attribute {
        None => passes(value),
        Some(sub) => value.get(sub).is_some_and(|part| values(part).iter().any(&passes)),
    })
}

/// The values of an attribute, of which a single one has one.
fn values(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

impl Test {
    fn passes(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Present => is_present(value),
            Self::Eq(operand) => order(value, operand).is_some_and(Ordering::is_eq),
            Self::Gt(operand) => order(value, operand).is_some_and(Ordering::is_gt),
            Self::Ge(operand) => order(value, operand).is_some_and(Ordering::is_ge),
            Self::Lt(operand) => order(value, operand).is_some_and(Ordering::is_lt),
            Self::Le(operand) => order(value, operand).is_some_and(Ordering::is_le),
            Self::Co(part) => text.is_some_and(|text| text.contains(part.as_str())),
            Self::Sw(start) => text.is_some_and(|text| text.starts_with(start.as_str())),
            Self::Ew(end) => text.is_some_and(|text| text.ends_with(end.as_str())),
        }
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `None` where they cannot be compared: then no test passes.
fn order(value: &Value, operand: &Operand) -> Option<Ordering> {
    match (value, operand) {
        (Value::String(text), Operand::String(operand)) => Some(text.as_str().cmp(operand)),
        (Value::Bool(boolean), Operand::Boolean(operand)) => Some(boolean.cmp(operand)),
        (Value::Number(number), Operand::Number(operand)) => order_of_numbers(number, operand),
        (Value::Number(ms), Operand::DateTime(operand)) => ms.as_i64().map(|ms| ms.cmp(operand)),
        _ => None,
    }
}

fn order_of_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
