//! Filters (RFC 7644 §3.4.2.2): a text is read into a [`Filter`], held against a schema it becomes a [`ValidFilter`],
//! and only that form is evaluated, here or by the database.
//!
//! ```text
//! "userName sw \"j\"" ── Filter::parse ──► Filter ── resolve ──► ValidFilter ── matches ──► bool
//! ```

pub mod ast;
mod cursor;
mod display;
mod equalities;
mod error;
mod evaluate;
mod operand;
mod parse;
mod resolve;
mod several;
mod sort;
pub mod valid;

pub use ast::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
pub use error::{FilterError, FilterErrorKind};
pub(in crate::scim) use parse::parse_value_filter;
pub use parse::{MAX_BYTES, MAX_DEPTH, MAX_TERMS};
pub use several::resolve_sort_among;
pub use sort::{resolve_sort, sort_key};
pub use valid::{Operand, Test, ValidFilter};
