//! A first look at a policy's text, before Cedar reads it. Cedar's own reading, checking and dropping of a policy recurse
//! as deep as its expressions do, so the depth is bounded here; and some things are found that Cedar has no mistake for.

use std::mem;
use std::ops::Range;

/// The most octets of a policy's text.
pub const MAX_BYTES: usize = 64 * 1024;

/// The most brackets within brackets.
pub const MAX_NESTING: usize = 16;

/// The deepest an expression may be, by the operators that stand in one row and the brackets around them. Evaluating takes
/// up to 31 KiB of stack a level where nothing is optimised, and Cedar gives up when the stack is short; this fits into half
/// of a thread's 2 MiB.
pub const MAX_DEPTH: usize = 32;

/// The most statements of one text, and of all of a tenant's policies together: each takes its time in each decision.
pub const MAX_STATEMENTS: usize = 500;

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
    /// The depth inside the latest of them, and around each.
    depth: Depth,
    around: Vec<Depth>,
    inside: bool,
    /// The last two tokens, the latest last.
    last: [&'a str; 2],
}

/// How deep the expressions between two brackets are at most.
#[derive(Clone, Copy, Default)]
struct Depth {
    /// Of the elements of a list that are read.
    elements: usize,
    /// The operators in a row: `a || b || c` is three deep, because it is read as `(a || b) || c`.
    row: usize,
    /// Of the operands in this row that are read.
    operands: usize,
    /// Of the operand that is being read.
    operand: usize,
}

impl Depth {
    fn total(self) -> usize {
        self.elements.max(self.row + self.operands.max(self.operand))
    }

    fn next_operand(&mut self, deeper: usize) {
        self.row += deeper;
        self.operands = self.operands.max(self.operand);
        self.operand = 0;
    }

    fn next_element(&mut self) {
        *self = Self { elements: self.total(), ..Self::default() };
    }
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
            self.depth = Depth::default();
        }
        if self.seen.statements.len() > MAX_STATEMENTS {
            return Err((start, format!("A policy has at most {MAX_STATEMENTS} statements.")));
        }
        match token.shape {
            Shape::Text if self.last == ["Role", "::"] => self.seen.roles.push(token.range.clone()),
            Shape::Sign => self.sign(word, start)?,
            Shape::Word => self.word(word),
            Shape::Text | Shape::Number => {}
        }
        if self.depth.total() + self.around.iter().map(|depth| depth.total()).sum::<usize>() > MAX_DEPTH {
            let message = "Here an expression becomes too deep: at most";
            return Err((start, format!("{message} {MAX_DEPTH} operators in a row or within each other.")));
        }
        self.last = [self.last[1], word];
        Ok(())
    }

    fn word(&mut self, word: &str) {
        match word {
            "if" | "when" | "unless" | "in" | "has" | "like" | "is" => self.depth.next_operand(1),
            "then" | "else" => self.depth.next_operand(0),
            _ => {}
        }
    }

    fn sign(&mut self, sign: &str, at: usize) -> Result<(), (usize, String)> {
        match sign {
            "(" | "[" | "{" => {
                self.open.extend(sign.chars().map(|bracket| (bracket, at)));
                self.around.push(mem::take(&mut self.depth));
                if self.open.len() > MAX_NESTING {
                    return Err((at, format!("Brackets may be at most {MAX_NESTING} deep.")));
                }
            }
            ")" | "]" | "}" => {
                let opened = self.open.pop().map(|(bracket, _)| bracket);
                if !matches!((opened, sign), (Some('('), ")") | (Some('['), "]") | (Some('{'), "}")) {
                    return Err((at, format!("This '{sign}' closes nothing.")));
                }
                let inner = mem::take(&mut self.depth).total();
                self.depth = self.around.pop().unwrap_or_default();
                self.depth.operand += inner + 1;
            }
            "?" => {
                return Err((
                    at,
                    "Templates are not supported: name who or what is meant in place of '?'.".to_owned(),
                ));
            }
            ";" if self.open.is_empty() => self.inside = false,
            "," => self.depth.next_element(),
            "." | "!" => self.depth.operand += 1,
            "::" | ":" | ";" | "@" => {}
            _ => self.depth.next_operand(1),
        }
        Ok(())
    }
}

/// Signs of two octets; all others have one character.
const TWO_OCTETS: [&str; 7] = ["::", "&&", "||", "==", "!=", "<=", ">="];

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
