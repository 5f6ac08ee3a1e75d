//! A first look at a policy's text, before Cedar reads it. Cedar's own reading, checking and dropping of a policy recurse
//! as deep as its expressions do, so the depth is bounded here; and some things are found that Cedar has no mistake for.

use std::ops::Range;

/// The most octets of a policy's text.
pub const MAX_BYTES: usize = 64 * 1024;

/// The most brackets within brackets.
pub const MAX_NESTING: usize = 32;

/// The most operators, brackets and keywords of one statement: its expressions are at most that deep.
pub const MAX_OPERATORS: usize = 500;

/// What was seen in a text whose brackets match.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where each statement begins.
    pub(super) statements: Vec<usize>,
    /// The roles that it names: where, and their literals with the quotation marks.
    pub(super) roles: Vec<Range<usize>>,
}

/// Looks through a text.
///
/// # Errors
/// Where the first mistake is, and a sentence about it.
pub(super) fn scan(text: &str) -> Result<Scan, (usize, String)> {
    if text.len() > MAX_BYTES {
        return Err((0, format!("The text has {} octets; a policy has at most {MAX_BYTES}.", text.len())));
    }
    let mut scanner = Scanner::default();
    let mut at = 0;
    while let Some(token) = next(text, at) {
        let token = token.map_err(|start| (start, "This string does not end.".to_owned()))?;
        at = token.range.end;
        scanner.take(text, token)?;
    }
    match scanner.open.pop() {
        Some((bracket, at)) => Err((at, format!("This '{bracket}' is never closed."))),
        None => Ok(scanner.seen),
    }
}

#[derive(Default)]
struct Scanner<'a> {
    seen: Scan,
    /// The brackets that are open, and where each stands.
    open: Vec<(char, usize)>,
    operators: usize,
    inside: bool,
    /// The last three tokens, the latest last.
    last: [&'a str; 3],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Word,
    Text,
    Number,
    Sign,
}

struct Token {
    range: Range<usize>,
    shape: Shape,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, text: &'a str, token: Token) -> Result<(), (usize, String)> {
        let start = token.range.start;
        let word = &text[token.range.clone()];
        if !self.inside {
            self.inside = true;
            self.seen.statements.push(start);
        }
        if token.shape == Shape::Text && self.last[1..] == ["Role", "::"] {
            self.seen.roles.push(token.range.clone());
        }
        if counts(word, token.shape) {
            self.operators += 1;
        }
        if self.operators > MAX_OPERATORS {
            let message = "From here this statement has too many parts";
            return Err((
                start,
                format!("{message}: at most {MAX_OPERATORS} operators, brackets and keywords."),
            ));
        }
        if token.shape == Shape::Sign {
            self.sign(word, start)?;
        }
        self.last = [self.last[1], self.last[2], word];
        Ok(())
    }

    fn sign(&mut self, sign: &str, at: usize) -> Result<(), (usize, String)> {
        match sign {
            "(" | "[" | "{" => {
                self.open.extend(sign.chars().map(|bracket| (bracket, at)));
                if self.open.len() > MAX_NESTING {
                    return Err((at, format!("Brackets may be at most {MAX_NESTING} deep.")));
                }
            }
            ")" | "]" | "}" => {
                let opened = self.open.pop().map(|(bracket, _)| bracket);
                if !matches!((opened, sign), (Some('('), ")") | (Some('['), "]") | (Some('{'), "}")) {
                    return Err((at, format!("This '{sign}' closes nothing.")));
                }
            }
            "?" => {
                return Err((
                    at,
                    "Templates are not supported: name who or what is meant in place of '?'.".to_owned(),
                ));
            }
            ";" if self.open.is_empty() => {
                self.operators = 0;
                self.inside = false;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Signs of two octets; all others have one character.
const TWO_OCTETS: [&str; 7] = ["::", "&&", "||", "==", "!=", "<=", ">="];

/// Whether the token can make an expression deeper. What only makes a list longer or a name does not count.
fn counts(word: &str, shape: Shape) -> bool {
    match shape {
        Shape::Sign => !matches!(word, "," | ";" | "::" | ":" | ")" | "]" | "}"),
        Shape::Word => {
            matches!(word, "if" | "then" | "else" | "in" | "has" | "like" | "is" | "when" | "unless")
        }
        Shape::Text | Shape::Number => false,
    }
}

/// The token that begins at or after `at`; the position of a string that does not end.
fn next(text: &str, at: usize) -> Option<Result<Token, usize>> {
    let start = skip(text, at);
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = |inside: &dyn Fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
    let (shape, length) = match first {
        '"' => match string_length(rest) {
            Some(length) => (Shape::Text, length),
            None => return Some(Err(start)),
        },
        '0'..='9' => (Shape::Number, length(&|c| c.is_ascii_digit())),
        _ if word(first) => (Shape::Word, length(&word)),
        _ if TWO_OCTETS.iter().any(|sign| rest.starts_with(sign)) => (Shape::Sign, 2),
        _ => (Shape::Sign, first.len_utf8()),
    };
    Some(Ok(Token { range: start..start + length, shape }))
}

/// Where what follows white space and comments begins.
fn skip(text: &str, mut at: usize) -> usize {
    while let Some(rest) = text.get(at..) {
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with("//") {
            break;
        }
        at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
    }
    at
}

/// The octets of the string that `rest` begins with, quotation marks included.
fn string_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, octet) in rest.bytes().enumerate().skip(1) {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The line and the column of an octet, both from 1, the column in characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
