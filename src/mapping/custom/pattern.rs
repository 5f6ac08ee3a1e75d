//! Patterns: regular expressions that take linear time and bounded memory, whatever they and the texts are.

use regex::{Regex, RegexBuilder};
use thiserror::Error;

/// The longest pattern, in characters.
pub(super) const LONGEST: usize = 256;
/// The most memory that a compiled pattern takes, in bytes.
const COMPILED_BYTES: usize = 256 * 1024;
const MOST_NESTING: u32 = 32;

/// A pattern that cannot be used; the sentence ends that which the field's name begins.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PatternError {
    #[error("must not be longer than {LONGEST} characters")]
    TooLong,
    #[error("is too large when compiled; repeat less, or use smaller classes of characters")]
    TooLarge,
    #[error(
        "is not a regular expression; it takes the syntax of the Rust crate 'regex', without look-around and back-references"
    )]
    Syntax,
}

/// Compiles a pattern so that it matches whole texts.
pub(super) fn compile(pattern: &str) -> Result<Regex, PatternError> {
    if pattern.chars().count() > LONGEST {
        return Err(PatternError::TooLong);
    }
    // On its own first: `a)(b` would otherwise be joined with the brackets around it. The line break ends a comment.
    build(pattern)?;
    build(&format!(r"\A(?:{pattern})\z")).or_else(|_| build(&format!("\\A(?:{pattern}\n)\\z")))
}

fn build(pattern: &str) -> Result<Regex, PatternError> {
    let built = RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(COMPILED_BYTES)
        .nest_limit(MOST_NESTING)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
        _ => PatternError::Syntax,
    })
}
