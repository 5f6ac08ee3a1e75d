//! Which operators and values an attribute's type allows (RFC 7644 §3.4.2.2, Table 3), and a value in the form in which
//! the search document holds it.

use serde_json::Value;

use super::ast::{CompareOp, CompareValue};
use super::parse::number_kept_as_text;
use super::valid::{Operand, Test};
use crate::scim::error::ScimError;
use crate::scim::path::CanonicalPath;
use crate::scim::schema::datetime::parse_datetime;
use crate::scim::schema::search::normalise;
use crate::scim::schema::{Attribute, AttributeType};

/// The test of one value of `leaf`, which `path` leads to; of `ne` the test that it negates.
///
/// # Errors
/// `invalidFilter`, naming the attribute, and the operators or values that it allows.
pub(super) fn comparison(
    path: &CanonicalPath,
    leaf: &Attribute,
    op: CompareOp,
    value: &CompareValue,
) -> Result<Test, ScimError> {
    if *value == CompareValue::Null {
        return Err(ScimError::invalid_filter(format!(
            "'{path}' can be compared with null by eq and ne only, not by {op}."
        )));
    }
    if !allowed(leaf.kind, op) {
        return Err(ScimError::invalid_filter(format!(
            "'{path}' is {} and cannot be compared by {op}; use {}.",
            described(leaf.kind),
            operators(leaf.kind)
        )));
    }
    let mismatch = || {
        ScimError::invalid_filter(format!(
            "'{path}' cannot be compared with this value; expected {}.",
            values(leaf.kind)
        ))
    };
    let operand = operand(leaf, value).ok_or_else(mismatch)?;
    match (op, operand) {
        (CompareOp::Eq | CompareOp::Ne, operand) => Ok(Test::Eq(operand)),
        (CompareOp::Gt, operand) => Ok(Test::Gt(operand)),
        (CompareOp::Ge, operand) => Ok(Test::Ge(operand)),
        (CompareOp::Lt, operand) => Ok(Test::Lt(operand)),
        (CompareOp::Le, operand) => Ok(Test::Le(operand)),
        (CompareOp::Co, Operand::String(text)) => Ok(Test::Co(text)),
        (CompareOp::Sw, Operand::String(text)) => Ok(Test::Sw(text)),
        (CompareOp::Ew, Operand::String(text)) => Ok(Test::Ew(text)),
        (CompareOp::Co | CompareOp::Sw | CompareOp::Ew, _) => Err(mismatch()),
    }
}

fn allowed(kind: AttributeType, op: CompareOp) -> bool {
    use AttributeType as Kind;
    match op {
        CompareOp::Eq | CompareOp::Ne => kind != Kind::Complex,
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => {
            matches!(kind, Kind::String | Kind::Reference | Kind::Binary)
        }
        CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le => {
            !matches!(kind, Kind::Boolean | Kind::Binary | Kind::Complex)
        }
    }
}

fn operators(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String | AttributeType::Reference => "eq, ne, co, sw, ew, gt, ge, lt, le or pr",
        AttributeType::Binary => "eq, ne, co, sw, ew or pr",
        AttributeType::Decimal | AttributeType::Integer | AttributeType::DateTime => {
            "eq, ne, gt, ge, lt, le or pr"
        }
        AttributeType::Boolean => "eq, ne or pr",
        AttributeType::Complex => "pr",
    }
}

fn described(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "a string",
        AttributeType::Reference => "a reference",
        AttributeType::Binary => "binary",
        AttributeType::Decimal => "a decimal",
        AttributeType::Integer => "an integer",
        AttributeType::DateTime => "a date-time",
        AttributeType::Boolean => "a boolean",
        AttributeType::Complex => "complex",
    }
}

fn values(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String | AttributeType::Reference => "a string in double quotes",
        AttributeType::Binary => "a base64 string in double quotes",
        AttributeType::Decimal | AttributeType::Integer => "a number",
        AttributeType::DateTime => "a date-time with its offset, such as \"2026-01-31T13:45:00Z\"",
        AttributeType::Boolean => "true or false",
        AttributeType::Complex => "nothing",
    }
}

/// `None` if the type does not allow the value.
fn operand(leaf: &Attribute, value: &CompareValue) -> Option<Operand> {
    use AttributeType as Kind;
    match (leaf.kind, value) {
        (Kind::String | Kind::Reference | Kind::Binary, CompareValue::String(text)) => {
            Some(Operand::String(normalised(leaf, text)))
        }
        // An identifier without quotes (interop rule `unquoted-filter-value`) reads as a number.
        (Kind::String | Kind::Reference, CompareValue::Number(number)) => {
            Some(Operand::String(normalised(leaf, &number.to_string())))
        }
        (Kind::Boolean, CompareValue::Boolean(boolean)) => Some(Operand::Boolean(*boolean)),
        (Kind::Boolean, CompareValue::String(text)) => boolean(text).map(Operand::Boolean),
        (Kind::Decimal | Kind::Integer, CompareValue::Number(number)) => {
            Some(Operand::Number(number.clone()))
        }
        (Kind::Decimal | Kind::Integer, CompareValue::String(text)) => {
            number_kept_as_text(text).map(Operand::Number)
        }
        (Kind::DateTime, CompareValue::String(text)) => parse_datetime(text).map(Operand::DateTime),
        _ => None,
    }
}

/// Interop rule `bool-filter-string`.
fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// By the same rule as the search document.
fn normalised(leaf: &Attribute, text: &str) -> String {
    match normalise(leaf, &Value::from(text)) {
        Value::String(normalised) => normalised,
        other => other.to_string(),
    }
}
