//! What is wrong with a body: every problem at once, each with the place it has there.

use std::fmt;

use thiserror::Error;

/// How many problems an answer tells. A body of wrong names alone would otherwise have an answer many times its size.
const MOST_TOLD: usize = 100;
/// The longest name of a client's own that is repeated, in characters.
const QUOTED_CHARS: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is: a JSON pointer (RFC 6901) into the body, such as `/custom/cost_center`.
    pub pointer: String,
    pub kind: ProblemKind,
    /// A sentence that names the attribute or field and what would be accepted.
    pub message: String,
}

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// No attribute or field has this name.
    Unknown,
    /// A value is needed.
    Missing,
    /// The value is not one that is accepted.
    Invalid,
    /// The value is there and stays as it is.
    Immutable,
    /// The value may be changed, but not by who tries.
    NotEditable,
}

/// Everything that is wrong with one body, the first hundred where it is more; never nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(super) struct Found {
    told: Vec<Problem>,
    /// Those that are not told are counted too.
    count: usize,
}

impl Found {
    pub(super) fn add(&mut self, kind: ProblemKind, pointer: impl Into<String>, message: impl Into<String>) {
        self.count += 1;
        if self.told.len() < MOST_TOLD {
            self.told.push(Problem { pointer: pointer.into(), kind, message: message.into() });
        }
    }

    /// Something about one field of a definition; `what` continues the sentence that the field's name begins.
    pub(super) fn field(&mut self, field: &str, what: impl fmt::Display) {
        self.add(ProblemKind::Invalid, format!("/{field}"), format!("'{field}' {what}."));
    }

    /// Whether a problem is at this place, or within it.
    pub(super) fn is_about(&self, pointer: &str) -> bool {
        let within = |found: &str| {
            found.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.told.iter().any(|problem| within(&problem.pointer))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// `value`, if nothing was found.
    pub(super) fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.count == 0 { Ok(value) } else { Err(Problems(self.told)) }
    }
}

/// The pointer to one of the custom values. RFC 6901 §3: `~` and `/` within a name are escaped.
pub(super) fn pointer(name: &str) -> String {
    format!("/custom/{}", shortened(name).replace('~', "~0").replace('/', "~1"))
}

/// A name that a client made up, cut to a length that a message can hold.
pub(super) fn shortened(name: &str) -> String {
    let mut rest = name.chars();
    let start: String = rest.by_ref().take(QUOTED_CHARS).collect();
    if rest.next().is_some() { start + "…" } else { start }
}
