//! Where in a body a value stands, for messages.

use std::fmt;

use serde_json::Value;

use crate::scim::error::ScimError;

/// The longest part of a client's own text that a message repeats, in characters.
const QUOTED_CHARS: usize = 100;

/// The place of a value: `'emails.value' (element 2)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    extension: Option<&'a str>,
    attribute: &'a str,
    /// Counted from 1.
    element: Option<usize>,
    sub_attribute: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn new(extension: Option<&'a str>, attribute: &'a str) -> Self {
        Self { extension, attribute, element: None, sub_attribute: None }
    }

    pub(super) fn element(self, number: usize) -> Self {
        Self { element: Some(number), ..self }
    }

    pub(super) fn sub_attribute(self, name: &'a str) -> Self {
        Self { sub_attribute: Some(name), ..self }
    }

    /// The place without the element's number: what `Validated::ignored` lists.
    pub(super) fn path(self) -> String {
        let mut path = String::new();
        if let Some(urn) = self.extension {
            path.push_str(urn);
            path.push(':');
        }
        path.push_str(&shortened(self.attribute));
        if let Some(name) = self.sub_attribute {
            path.push('.');
            path.push_str(&shortened(name));
        }
        path
    }

    /// `invalidValue`: the place and what is wrong with it. `problem` continues the sentence.
    pub(super) fn invalid(self, problem: impl fmt::Display) -> ScimError {
        ScimError::invalid_value(format!("{self} {problem}."))
    }

    /// `invalidValue`: another JSON type than the attribute's. The value itself isn't shown; it may be a password.
    pub(super) fn must_be(self, expected: &str, found: &Value) -> ScimError {
        self.invalid(format_args!("must be {expected}, not {}", json_type(found)))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.path())?;
        match self.element {
            Some(number) => write!(f, " (element {number})"),
            None => Ok(()),
        }
    }
}

/// A name that a client made up, cut to a length that a message can hold.
fn shortened(text: &str) -> String {
    let mut rest = text.chars();
    let start: String = rest.by_ref().take(QUOTED_CHARS).collect();
    if rest.next().is_some() { start + "…" } else { start }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
