//! The tenant's own attributes: definitions, values, and what SCIM sees of them.

mod definition;
mod extension;
mod object;
mod schema;
mod values;

use provost::mapping::custom::{AttributeDraft, CustomAttributes, Problem, ProblemKind, Problems, define};
use provost::model::{AttributeDefinition, Timestamp};
use serde_json::{Map, Value};

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const SLUG: &str = "acme-2";
const EXTENSION: &str = "urn:provost:params:scim:schemas:extension:acme-2:2.0:User";

/// A draft as the API would take it.
fn draft(body: Value) -> AttributeDraft {
    serde_json::from_value(body).expect("a draft")
}

/// The definition that a body makes in a tenant without others.
fn defined(body: Value) -> AttributeDefinition {
    let text = body.to_string();
    define(draft(body), &[], NOW).unwrap_or_else(|problems| panic!("{text}: {problems}"))
}

/// A tenant with these attributes.
fn tenant(bodies: impl IntoIterator<Item = Value>) -> CustomAttributes {
    CustomAttributes::compile(bodies.into_iter().map(defined)).expect("patterns compile")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn invalid(pointer: &str, message: &str) -> Problem {
    problem(ProblemKind::Invalid, pointer, message)
}

fn problem(kind: ProblemKind, pointer: &str, message: &str) -> Problem {
    Problem { kind, pointer: pointer.to_owned(), message: message.to_owned() }
}

fn problems<const N: usize>(problems: [Problem; N]) -> Problems {
    Problems(problems.into())
}
