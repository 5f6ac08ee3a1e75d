//! Reads Rust source just well enough to see which rooms it names and how long its functions are.

use std::fs;
use std::path::{Path, PathBuf};

/// One file, its code separated from everything a compiler would skip.
pub struct Source {
    /// Relative to the package's root, with `/` between folders.
    pub path: String,
    /// How many lines the file has, comments included.
    pub lines: usize,
    /// The words and punctuation of the code: no comments, no text inside quotation marks.
    pub tokens: Vec<Token>,
}

/// A word (identifier, keyword or number), `::`, or one other character, with the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// A function's name and extent, from the line of its `fn` to the line of its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

impl Source {
    /// Takes apart `text`, the content of the file at `path`.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), lines: text.lines().count(), tokens: tokens(&blank_out(text)) }
    }

    /// The places where these words follow each other: `["Utc", "::", "now"]`. Gives each one's line.
    pub fn occurrences<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        self.tokens
            .windows(words.len())
            .filter(move |window| window.iter().zip(words).all(|(token, word)| token.text == *word))
            .map(|window| window[0].line)
    }

    /// Every function that has a body, functions inside functions included.
    pub fn functions(&self) -> Vec<Function> {
        let names = self.tokens.windows(2).enumerate();
        names
            .filter(|(_, pair)| pair[0].text == "fn" && is_word(&pair[1].text))
            .filter_map(|(at, pair)| {
                let end = self.end_of_body(at + 2)?;
                Some(Function {
                    name: pair[1].text.clone(),
                    line: pair[0].line,
                    lines: end - pair[0].line + 1,
                })
            })
            .collect()
    }

    /// The line of the brace that closes the body which starts somewhere after `from`; `None` for a declaration
    /// without a body.
    fn end_of_body(&self, from: usize) -> Option<usize> {
        let (mut brackets, mut braces) = (0_usize, 0_usize);
        for token in self.tokens.get(from..)? {
            match token.text.as_str() {
                "(" | "[" => brackets += 1,
                ")" | "]" => brackets = brackets.saturating_sub(1),
                "{" => braces += 1,
                "}" => {
                    braces = braces.saturating_sub(1);
                    if braces == 0 {
                        return Some(token.line);
                    }
                }
                ";" if brackets == 0 && braces == 0 => return None,
                _ => {}
            }
        }
        None
    }
}

/// Every Rust file below `folder` of the package, in the order of their paths.
pub fn read(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
        let inside = path.strip_prefix(root).expect("the file was found below the root");
        Source::new(&inside.to_string_lossy().replace('\\', "/"), &text)
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    // A package need not have every folder that is asked for.
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder's entries are readable").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Whether this token is an identifier, a keyword or a number.
pub fn is_word(text: &str) -> bool {
    text.starts_with(is_word_character)
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word_character(first) {
                rest.find(|character| !is_word_character(character)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { text: text.to_owned(), line: at + 1 });
            rest = after.trim_start();
        }
    }
    tokens
}

/// The text with comments and the contents of string and character literals turned into spaces; lines stay lines.
fn blank_out(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let after_word = at > 0 && is_word_character(characters[at - 1]);
        let skipped = length_without_code(&characters[at..], after_word);
        if skipped == 0 {
            code.push(character);
            at += 1;
        } else {
            let blank = |character: &char| if *character == '\n' { '\n' } else { ' ' };
            code.extend(characters[at..at + skipped].iter().map(blank));
            at += skipped;
        }
    }
    code
}

/// How many characters at the start of `rest` are a comment or a literal; 0 if code stands there. What follows a
/// word's character is no literal's prefix: `for"` is not `r"`.
fn length_without_code(rest: &[char], after_word: bool) -> usize {
    match rest {
        ['/', '/', ..] => rest.iter().position(|character| *character == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['"', ..] => quoted(rest, 0),
        ['r', '"' | '#', ..] if !after_word => raw_string(rest, 1),
        ['b' | 'c', 'r', '"' | '#', ..] if !after_word => raw_string(rest, 2),
        ['\'', '\\', ..] => quoted_character(rest),
        // Otherwise it is a lifetime.
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string literal whose opening quotation mark stands at `opening`.
fn quoted(rest: &[char], opening: usize) -> usize {
    let mut at = opening + 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a character literal that begins with an escape: `'\''`, `'\u{7f}'`.
fn quoted_character(rest: &[char]) -> usize {
    let closing = rest.iter().skip(3).position(|character| *character == '\'');
    closing.map_or(rest.len(), |distance| distance + 4)
}

/// The length of a raw string whose `r` and prefix take `prefix` characters; 0 for a raw identifier (`r#type`).
fn raw_string(rest: &[char], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|character| **character == '#').count();
    let opening = prefix + hashes;
    if rest.get(opening) != Some(&'"') {
        return 0;
    }
    let closes = |at: usize| {
        let tail = &rest[at..];
        tail[0] == '"' && tail.len() > hashes && tail[1..=hashes].iter().all(|character| *character == '#')
    };
    (opening + 1..rest.len()).find(|at| closes(*at)).map_or(rest.len(), |at| at + hashes + 1)
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = r####"
// crate::storage
/* crate::storage /* nested */ sqlx */ let a = "crate::\"storage";
let b = r#"poem " hyper"#; let c = '"'; let d = '\''; let e: &'static str = b"sqlx";
let r#type = 'x';
"####;
    let words: Vec<String> = Source::new("a.rs", text)
        .tokens
        .into_iter()
        .map(|token| token.text)
        .filter(|text| is_word(text))
        .collect();
    let expected = "let a let b let c let d let e static str b let r type";
    assert_eq!(words.join(" "), expected);
}

#[test]
fn a_function_reaches_from_its_keyword_to_its_closing_brace() {
    let text = "trait T { fn declared(&self) -> [u8; 4]; }\npub fn outer(\n    a: fn(u8),\n) {\n    fn inner() {}\n    if a { b(\"}\"); }\n}\n";
    let function = |name: &str, line, lines| Function { name: name.to_owned(), line, lines };
    assert_eq!(Source::new("a.rs", text).functions(), [function("outer", 2, 6), function("inner", 5, 1)]);
}
