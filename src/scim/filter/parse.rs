//! Text → [`Filter`], by recursive descent within budgets (RFC 7644 §3.4.2.2, Figure 1).

use std::str::FromStr;

use serde_json::Number;

use super::ast::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
use super::cursor::Cursor;
use super::error::{FilterError, FilterErrorKind};
use crate::scim::path::AttributePath;
use crate::scim::path::parse::attribute_path;
use crate::scim::schema::validate::Strictness;

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;
/// How many parentheses and brackets may be open at once; it bounds the parser's own recursion.
pub const MAX_DEPTH: usize = 64;
/// How many expressions (comparisons and presence tests) a filter may have.
pub const MAX_TERMS: usize = 256;

impl Filter {
    /// Reads a filter. [`Strictness::Lenient`] also takes values without quotes (interop rule `unquoted-filter-value`)
    /// and a comparison behind a value path's bracket (`filter-with-subattr`).
    ///
    /// # Errors
    /// Where the text stops being a filter and what would be accepted there, or which budget it exceeds.
    pub fn parse(text: &str, strictness: Strictness) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text, 0, strictness)?;
        let filter = parser.disjunction()?;
        if !parser.cursor.at_end() {
            return Err(parser.cursor.error(FilterErrorKind::ConjunctionOrEnd));
        }
        Ok(filter)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    /// As [`Filter::parse`] with [`Strictness::Lenient`].
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text, Strictness::Lenient)
    }
}

/// Reads `"[" valFilter "]"` in a PATCH path, from the bracket at `opening` on; also says where it ends. Offsets are the
/// path's.
///
/// # Errors
/// As [`Filter::parse`].
pub(in crate::scim) fn parse_value_filter(
    text: &str,
    opening: usize,
    strictness: Strictness,
) -> Result<(Filter, usize), FilterError> {
    let mut parser = Parser::new(text, opening, strictness)?;
    let filter = parser.value_filter()?;
    Ok((filter, parser.cursor.offset()))
}

/// The text of a number that [`Number`] would not give back as it was written (`1e5`, 23 digits). Without quotes and
/// where leniency is asked for, it stays a string, because it may be an identifier; a numeric attribute reads it then.
pub(super) fn number_kept_as_text(text: &str) -> Option<Number> {
    number(text).filter(|number| number.to_string() != text)
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    strictness: Strictness,
    depth: usize,
    terms: usize,
    in_value_path: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, offset: usize, strictness: Strictness) -> Result<Self, FilterError> {
        let cursor = Cursor::new(text, offset);
        if text.len() > MAX_BYTES {
            return Err(cursor.error(FilterErrorKind::TooLong(text.len())));
        }
        Ok(Self { cursor, strictness, depth: 0, terms: 0, in_value_path: false })
    }

    /// `or` binds least.
    fn disjunction(&mut self) -> Result<Filter, FilterError> {
        let first = self.conjunction()?;
        if !self.cursor.eat_keyword("or") {
            return Ok(first);
        }
        let mut terms = Vec::new();
        extend_or(&mut terms, first);
        loop {
            extend_or(&mut terms, self.conjunction()?);
            if !self.cursor.eat_keyword("or") {
                return Ok(Filter::Or(terms));
            }
        }
    }

    fn conjunction(&mut self) -> Result<Filter, FilterError> {
        let first = self.expression()?;
        if !self.cursor.eat_keyword("and") {
            return Ok(first);
        }
        let mut terms = Vec::new();
        extend_and(&mut terms, first);
        loop {
            extend_and(&mut terms, self.expression()?);
            if !self.cursor.eat_keyword("and") {
                return Ok(Filter::And(terms));
            }
        }
    }

    /// One expression, with the whitespace on both sides of it.
    fn expression(&mut self) -> Result<Filter, FilterError> {
        self.cursor.skip_whitespace();
        let expression = if self.cursor.rest().starts_with('(') {
            self.group()?
        } else if self.cursor.eat_keyword("not") {
            self.cursor.skip_whitespace();
            if !self.cursor.rest().starts_with('(') {
                return Err(self.cursor.error(FilterErrorKind::GroupAfterNot));
            }
            Filter::Not(Box::new(self.group()?))
        } else {
            self.attribute_expression()?
        };
        self.cursor.skip_whitespace();
        Ok(expression)
    }

    fn group(&mut self) -> Result<Filter, FilterError> {
        self.descend()?;
        self.cursor.eat('(');
        let filter = self.disjunction()?;
        if !self.cursor.eat(')') {
            return Err(self.cursor.error(FilterErrorKind::ConjunctionOrParenthesis));
        }
        self.depth -= 1;
        Ok(filter)
    }

    /// `"[" valFilter "]"`; Figure 1's valFilter is read as erratum 4690 has it: without a further value path inside.
    fn value_filter(&mut self) -> Result<Filter, FilterError> {
        if self.in_value_path {
            return Err(self.cursor.error(FilterErrorKind::NestedValuePath));
        }
        self.descend()?;
        self.cursor.eat('[');
        self.in_value_path = true;
        let filter = self.disjunction()?;
        if !self.cursor.eat(']') {
            return Err(self.cursor.error(FilterErrorKind::ConjunctionOrBracket));
        }
        self.in_value_path = false;
        self.depth -= 1;
        Ok(filter)
    }

    fn attribute_expression(&mut self) -> Result<Filter, FilterError> {
        let start = self.cursor.offset();
        let path = self.path()?;
        if self.cursor.rest().starts_with('[') {
            return self.value_path(path);
        }
        self.count_term(start)?;
        Ok(Filter::AttrExp(match self.test()? {
            None => AttrExp::Present(path),
            Some((op, value)) => AttrExp::Compare { path, op, value },
        }))
    }

    fn value_path(&mut self, path: AttributePath) -> Result<Filter, FilterError> {
        let filter = Box::new(self.value_filter()?);
        let sub = if self.strictness == Strictness::Lenient && self.cursor.eat('.') {
            Some(self.sub_expression()?)
        } else {
            None
        };
        Ok(Filter::ValuePath(ValuePath { path, filter, sub }))
    }

    fn sub_expression(&mut self) -> Result<SubExp, FilterError> {
        let start = self.cursor.offset();
        let name = self.path()?;
        if name.schema.is_some() || name.sub_attribute.is_some() {
            return Err(self.cursor.error_at(start, FilterErrorKind::Operator));
        }
        self.count_term(start)?;
        Ok(SubExp { sub_attribute: name.attribute, compare: self.test()? })
    }

    fn path(&mut self) -> Result<AttributePath, FilterError> {
        let start = self.cursor.offset();
        let word = self.cursor.word();
        if word.is_empty() {
            return Err(self.cursor.error(FilterErrorKind::Expression));
        }
        attribute_path(word)
            .map_err(|(at, expected)| self.cursor.error_at(start + at, FilterErrorKind::Path(expected)))
    }

    /// `pr` (`None`), or an operator and its value.
    fn test(&mut self) -> Result<Option<(CompareOp, CompareValue)>, FilterError> {
        self.cursor.skip_whitespace();
        if self.cursor.eat_keyword("pr") {
            return Ok(None);
        }
        let op = CompareOp::ALL
            .into_iter()
            .find(|op| self.cursor.eat_keyword(op.as_str()))
            .ok_or_else(|| self.cursor.error(FilterErrorKind::Operator))?;
        self.cursor.skip_whitespace();
        Ok(Some((op, self.value()?)))
    }

    /// `compValue`: a JSON literal; where leniency is asked for also a bare word.
    fn value(&mut self) -> Result<CompareValue, FilterError> {
        if self.cursor.rest().starts_with('"') {
            return Ok(CompareValue::String(self.cursor.string()?));
        }
        let start = self.cursor.offset();
        let word = self.cursor.word();
        let literal = match word {
            "true" => Some(CompareValue::Boolean(true)),
            "false" => Some(CompareValue::Boolean(false)),
            "null" => Some(CompareValue::Null),
            _ if self.strictness == Strictness::Lenient => return self.bare_value(start, word),
            _ => number(word).map(CompareValue::Number),
        };
        literal.ok_or_else(|| self.cursor.error_at(start, FilterErrorKind::Value))
    }

    /// A number, or a string without its quotes: an e-mail address, a name, an identifier.
    fn bare_value(&self, start: usize, word: &str) -> Result<CompareValue, FilterError> {
        if word.is_empty() {
            return Err(self.cursor.error(FilterErrorKind::Value));
        }
        if let Some(at) = word.find(char::is_control) {
            return Err(self.cursor.error_at(start + at, FilterErrorKind::Printable));
        }
        // A quote or an opening bracket right behind the word: it was meant to be something else.
        if self.cursor.rest().starts_with(['"', '(', '[']) {
            return Err(self.cursor.error(FilterErrorKind::Value));
        }
        Ok(match number(word) {
            Some(number) if number.to_string() == word => CompareValue::Number(number),
            _ => CompareValue::String(word.to_owned()),
        })
    }

    fn count_term(&mut self, start: usize) -> Result<(), FilterError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.cursor.error_at(start, FilterErrorKind::TooManyTerms));
        }
        Ok(())
    }

    fn descend(&mut self) -> Result<(), FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.error(FilterErrorKind::TooDeep));
        }
        Ok(())
    }
}

/// A JSON number (RFC 8259 §6). The standard library converts fractions exactly, which serde_json does not by default.
fn number(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    if number.is_f64() { Number::from_f64(text.parse().ok()?) } else { Some(number) }
}

/// Parentheses around a conjunction inside of a conjunction change nothing, so the tree does not have them.
fn extend_and(terms: &mut Vec<Filter>, term: Filter) {
    match term {
        Filter::And(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}

fn extend_or(terms: &mut Vec<Filter>, term: Filter) {
    match term {
        Filter::Or(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}
