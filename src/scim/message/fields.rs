//! The fields of a message body: names without regard to case (RFC 7643 §2.1), types checked as they are taken.

use std::fmt;

use serde_json::{Map, Value};

use crate::scim::error::ScimError;

/// What is left of a message's fields, and what the message is called in errors.
pub(super) struct Fields {
    /// `The request`, `Operation 2`.
    owner: String,
    fields: Map<String, Value>,
}

impl Fields {
    pub(super) fn of(owner: impl fmt::Display, body: Value) -> Result<Self, ScimError> {
        let owner = owner.to_string();
        match body {
            Value::Object(fields) => Ok(Self { owner, fields }),
            _ => Err(ScimError::invalid_syntax(format!("{owner} must be a JSON object."))),
        }
    }

    /// Takes a field out; null stays null. Refuses two spellings of one name.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<Value>, ScimError> {
        let named: Vec<String> =
            self.fields.keys().filter(|key| key.eq_ignore_ascii_case(name)).cloned().collect();
        match named.as_slice() {
            [] => Ok(None),
            [key] => Ok(self.fields.shift_remove(key)),
            _ => Err(ScimError::invalid_syntax(format!(
                "{} has '{name}' twice; names differ by more than their case.",
                self.owner
            ))),
        }
    }

    /// A string; null is the same as none.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ScimError> {
        match self.take(name)? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "a string")),
        }
    }

    /// An integer; null is the same as none.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, ScimError> {
        match self.take(name)? {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| self.wrong(name, "an integer")),
        }
    }

    /// A list of strings; one string stands for a list of one, null for none.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, ScimError> {
        let values = match self.take(name)? {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(values)) => values,
            Some(single) => vec![single],
        };
        values
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err(self.wrong(name, "an array of strings")),
            })
            .collect()
    }

    pub(super) fn wrong(&self, name: &str, expected: &str) -> ScimError {
        ScimError::invalid_syntax(format!("'{name}' of {} must be {expected}.", decapitalised(&self.owner)))
    }
}

/// The owner's name within a sentence.
fn decapitalised(owner: &str) -> String {
    let mut characters = owner.chars();
    characters.next().into_iter().flat_map(char::to_lowercase).chain(characters).collect()
}
