//! PATCH requests (RFC 7644 §3.5.2).

use serde_json::Value;

use super::fields::Fields;
use crate::scim::error::ScimError;
use crate::scim::schema::validate::Strictness;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The most operations in one request.
const OPERATIONS: usize = 1000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchOp {
    Add,
    Remove,
    Replace,
}

/// One operation: its path is not parsed and its value not held against a schema yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOperation {
    pub op: PatchOp,
    pub path: Option<String>,
    /// `Some(Value::Null)` where the client sent null.
    pub value: Option<Value>,
}

/// The body of a PATCH.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    /// At least one, to be done in this order.
    pub operations: Vec<PatchOperation>,
}

impl PatchRequest {
    /// Reads the body of a PATCH. Names and `op` are read without regard to case.
    ///
    /// # Errors
    /// `invalidSyntax` for anything that is no PATCH request; it names the operation, counted from 1. In strict reading
    /// `invalidValue` if `schemas` does not name the PatchOp message.
    pub fn parse(body: Value, strictness: Strictness) -> Result<Self, ScimError> {
        let mut fields = Fields::of("The request", body)?;
        let schemas = fields.texts("schemas")?;
        if strictness == Strictness::Strict && !schemas.iter().any(|urn| urn.eq_ignore_ascii_case(PATCH_OP)) {
            return Err(ScimError::invalid_value(format!(
                "'schemas' is required and must contain '{PATCH_OP}'."
            )));
        }
        let operations = match fields.take("Operations")? {
            Some(Value::Array(operations)) if (1..=OPERATIONS).contains(&operations.len()) => operations,
            _ => {
                return Err(fields.wrong("Operations", &format!("an array of 1 to {OPERATIONS} operations")));
            }
        };
        let operations = operations.into_iter().enumerate();
        let operations = operations.map(|(index, operation)| PatchOperation::parse(index + 1, operation));
        Ok(Self { operations: operations.collect::<Result<_, _>>()? })
    }
}

impl PatchOperation {
    fn parse(number: usize, operation: Value) -> Result<Self, ScimError> {
        let mut fields = Fields::of(format_args!("Operation {number}"), operation)?;
        let op = fields.text("op")?.and_then(|op| PatchOp::parse(&op));
        let op = op.ok_or_else(|| fields.wrong("op", "'add', 'remove' or 'replace'"))?;
        let path = fields.text("path")?.filter(|path| !path.trim().is_empty());
        let value = fields.take("value")?;
        Ok(Self { op, path, value })
    }
}

impl PatchOp {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "add" => Some(Self::Add),
            "remove" => Some(Self::Remove),
            "replace" => Some(Self::Replace),
            _ => None,
        }
    }
}
