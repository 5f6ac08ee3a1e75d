//! A filter that has been held against a schema: names canonical, operands typed and normalised.
//! Only this form reaches storage.
//!
//! `ne` is `not (… eq …)` and `eq null` is `not (… pr)`, so neither is left here.

use crate::scim::path::CanonicalPath;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub enum ValidFilter {
    And(Vec<ValidFilter>),
    Or(Vec<ValidFilter>),
    Not(Box<ValidFilter>),
    /// The attribute at `path` passes; of a multi-valued attribute, any of its values.
    Test {
        path: CanonicalPath,
        test: Test,
    },
    /// One and the same element of the multi-valued complex attribute passes the whole inner filter, whose paths
    /// are relative to the element (`CanonicalPath::attribute` is a sub-attribute's name).
    Element {
        path: CanonicalPath,
        filter: Box<ValidFilter>,
    },
}

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Has a value: not null, not an empty string, not an empty array or object.
    Present,
    Eq(Operand),
    Co(String),
    Sw(String),
    Ew(String),
    Gt(Operand),
    Ge(Operand),
    Lt(Operand),
    Le(Operand),
}

/// A literal as the search document holds it: strings folded unless the attribute is caseExact, date-times as UTC
/// milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Boolean(bool),
    Number(serde_json::Number),
    String(String),
    DateTime(i64),
}
