//! A place in a filter's text, and the small things that are read there: words, delimiters, JSON strings.

use super::error::{FilterError, FilterErrorKind};

/// Moves over the text by whole characters.
pub(super) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, offset: usize) -> Self {
        Self { text, offset }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    pub(super) fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn skip_whitespace(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start_matches(is_whitespace).len();
    }

    /// Takes `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: char) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.offset += expected.len_utf8();
        }
        found
    }

    /// What comes next up to whitespace, a bracket or a quote; may be empty.
    pub(super) fn peek_word(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| is_whitespace(c) || matches!(c, '(' | ')' | '[' | ']' | '"'));
        end.and_then(|end| rest.get(..end)).unwrap_or(rest)
    }

    pub(super) fn word(&mut self) -> &'t str {
        let word = self.peek_word();
        self.offset += word.len();
        word
    }

    /// Takes `keyword` if it is the next word, in any case.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek_word().eq_ignore_ascii_case(keyword);
        if found {
            self.offset += keyword.len();
        }
        found
    }

    /// Reads a JSON string (RFC 8259 §7) from its opening quote on.
    ///
    /// # Errors
    /// `ClosingQuote`, `Escape`, `SurrogatePair`, `Printable` or `Nul`, with the place of the quote, escape or character.
    pub(super) fn string(&mut self) -> Result<String, FilterError> {
        let opening = self.offset;
        self.eat('"');
        let mut text = String::new();
        loop {
            let start = self.offset;
            match self.next() {
                None => return Err(self.error_at(opening, FilterErrorKind::ClosingQuote)),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape().map_err(|kind| self.error_at(start, kind))?),
                Some(character) if character < ' ' => {
                    return Err(self.error_at(start, FilterErrorKind::Printable));
                }
                Some(character) => text.push(character),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.offset += character.len_utf8();
        Some(character)
    }

    fn escape(&mut self) -> Result<char, FilterErrorKind> {
        match self.next() {
            Some(character @ ('"' | '\\' | '/')) => Ok(character),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode_escape(),
            _ => Err(FilterErrorKind::Escape),
        }
    }

    /// One `\uXXXX`, or two that are one character (RFC 8259 §7).
    fn unicode_escape(&mut self) -> Result<char, FilterErrorKind> {
        let first = self.code_unit()?;
        let is_high = (0xD800..0xDC00).contains(&first);
        let second = if is_high && self.eat('\\') {
            if !self.eat('u') {
                return Err(FilterErrorKind::SurrogatePair);
            }
            Some(self.code_unit()?)
        } else {
            None
        };
        match char::decode_utf16([first].into_iter().chain(second)).next() {
            Some(Ok('\0')) => Err(FilterErrorKind::Nul),
            Some(Ok(character)) => Ok(character),
            _ => Err(FilterErrorKind::SurrogatePair),
        }
    }

    fn code_unit(&mut self) -> Result<u16, FilterErrorKind> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16)).ok_or(FilterErrorKind::Escape)?;
            unit = unit << 4 | digit;
        }
        u16::try_from(unit).map_err(|_| FilterErrorKind::Escape)
    }

    pub(super) fn error(&self, kind: FilterErrorKind) -> FilterError {
        self.error_at(self.offset, kind)
    }

    pub(super) fn error_at(&self, offset: usize, kind: FilterErrorKind) -> FilterError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        FilterError { offset, character: before.chars().count() + 1, kind }
    }
}

/// The grammar has single spaces; clients also break lines.
fn is_whitespace(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
