//! What is wrong with a filter's text, and where.

use std::fmt;

use super::parse::{MAX_BYTES, MAX_DEPTH, MAX_TERMS};
use crate::scim::error::ScimError;
use crate::scim::path::PathErrorKind;

/// A text that is no filter: where it stops being one, and what would be accepted there. It quotes nothing of the text,
/// which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// In bytes, from the start of the text.
    pub offset: usize,
    /// The same place as people count: in characters, from 1.
    pub character: usize,
    pub kind: FilterErrorKind,
}

/// See [`FilterError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterErrorKind {
    /// The text has this many bytes.
    TooLong(usize),
    TooDeep,
    TooManyTerms,
    /// `\u0000` in a string.
    Nul,
    /// `emails[…[…]]` (RFC 7644, erratum 4690).
    NestedValuePath,
    /// The attribute's path is wrong.
    Path(PathErrorKind),
    /// An expression was expected.
    Expression,
    /// `(` behind `not`.
    GroupAfterNot,
    /// A comparison operator, or `pr`.
    Operator,
    /// A JSON literal.
    Value,
    /// The quote that ends a string.
    ClosingQuote,
    /// One of JSON's escapes.
    Escape,
    /// The second half of a surrogate pair.
    SurrogatePair,
    /// A printable character.
    Printable,
    /// Behind an expression.
    ConjunctionOrEnd,
    /// Behind an expression in parentheses.
    ConjunctionOrParenthesis,
    /// Behind an expression in brackets.
    ConjunctionOrBracket,
}

impl FilterErrorKind {
    /// What would have been accepted, for the kinds that are about that.
    fn expectation(self) -> &'static str {
        match self {
            Self::Expression => "an attribute, 'not (' or '('",
            Self::GroupAfterNot => "'(' after 'not'",
            Self::Operator => "one of eq, ne, co, sw, ew, gt, ge, lt, le or pr",
            Self::Value => "a value: a string in double quotes, a number, true, false or null",
            Self::ClosingQuote => "a closing double quote for the string that begins here",
            Self::Escape => {
                r#"one of the escapes \" \\ \/ \b \f \n \r \t or \u with four hexadecimal digits"#
            }
            Self::SurrogatePair => "a high surrogate and a low one behind it",
            Self::Printable => "no control character; write it as an escape in a quoted string",
            Self::ConjunctionOrEnd => {
                "'and', 'or' or the end of the filter; a value with spaces needs double quotes"
            }
            Self::ConjunctionOrParenthesis => "'and', 'or' or ')'",
            Self::ConjunctionOrBracket => "'and', 'or' or ']'",
            Self::TooLong(_) | Self::TooDeep | Self::TooManyTerms => "a smaller filter",
            Self::Nul => "a string without U+0000",
            Self::NestedValuePath => "no second filter in brackets inside of the first",
            Self::Path(_) => "an attribute path",
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let character = self.character;
        match self.kind {
            FilterErrorKind::TooLong(bytes) => {
                write!(f, "The filter has {bytes} bytes; at most {MAX_BYTES} are accepted.")
            }
            FilterErrorKind::TooDeep => {
                write!(f, "The filter nests deeper than {MAX_DEPTH} levels at character {character}.")
            }
            FilterErrorKind::TooManyTerms => {
                write!(
                    f,
                    "The filter has more than {MAX_TERMS} expressions; the first too many is at character {character}."
                )
            }
            FilterErrorKind::Path(expected) => {
                write!(f, "The filter is wrong at character {character}: expected {expected}.")
            }
            kind => {
                write!(f, "The filter is wrong at character {character}: expected {}.", kind.expectation())
            }
        }
    }
}

impl std::error::Error for FilterError {}

impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        Self::invalid_filter(error.to_string())
    }
}
