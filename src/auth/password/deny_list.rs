//! Passwords that many people use, and that are therefore tried first.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line, folded, without whitespace; lines that begin with `# ` are headings.
const TEXT: &str = include_str!("common_passwords.txt");

static LIST: LazyLock<HashSet<&str>> =
    LazyLock::new(|| TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect());

/// Units this short make a bad password however often they are repeated.
const TRIVIAL_UNIT: usize = 3;

/// Whether a password, folded, is common: one of the list, the same again and again, or a run such as `abcdefgh`.
/// Whitespace does not count.
pub fn holds(folded: &str) -> bool {
    let text: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
    if LIST.contains(text.as_str()) {
        return true;
    }
    let characters: Vec<char> = text.chars().collect();
    is_run(&characters) || is_repetition(&characters)
}

/// Whether each character follows the one before it, or each comes before it; after 9 comes 0.
fn is_run(text: &[char]) -> bool {
    let follows = |a: char, b: char| u32::from(a) + 1 == u32::from(b) || (a, b) == ('9', '0');
    let all = |step: &dyn Fn(char, char) -> bool| {
        text.windows(2).all(|pair| matches!(pair, [a, b] if step(*a, *b)))
    };
    text.len() > 2 && (all(&follows) || all(&|a, b| follows(b, a)))
}

/// Whether the text is a short unit, or one of the list, twice or more often, cut off where it may.
fn is_repetition(text: &[char]) -> bool {
    let repeats = |unit: &usize| text.iter().zip(text.iter().skip(*unit)).all(|(a, b)| a == b);
    let Some(unit) = (1..=text.len() / 2).find(repeats) else { return false };
    unit <= TRIVIAL_UNIT || LIST.contains(text.iter().take(unit).collect::<String>().as_str())
}
