//! Reads the parts of a person's name (RFC 7643 §4.1.1) out of the whole.
//!
//! Known: `Given [Middle …] [particles] Family`; the comma form `Family, Given [Middle …]`; titles and suffixes;
//! nicknames in brackets or quotation marks, which are left out; family names in capitals; mononyms, which have no
//! family name at all (never a blank, never a copy). A [`Hint`] adds what only the language tells: two family names, and
//! the family name first. Names in Han characters, kana and Hangul begin with the family name without any hint.

mod hint;
mod order;
mod script;
mod words;

pub use hint::Hint;

use words::{TITLES_OF_FAMILIES, is_one_of, is_only_suffix, is_suffix, is_title, is_title_continued};

/// The parts that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub honorific_prefix: Option<String>,
    pub given: Option<String>,
    pub middle: Option<String>,
    pub family: Option<String>,
    pub honorific_suffix: Option<String>,
}

/// The whole name to read parts from: `name.formatted`, else `displayName`; not what looks like an address or a login.
pub fn whole<'n>(formatted: Option<&'n str>, display_name: Option<&'n str>) -> Option<&'n str> {
    [formatted, display_name].into_iter().flatten().map(str::trim).find(|text| {
        !text.is_empty() && !text.contains('@') && !text.chars().any(|char| char.is_ascii_digit())
    })
}

/// Splits a whole name.
pub fn split(whole: &str, hint: Hint) -> Parts {
    let mut parts = Parts::default();
    let whole = without_nickname(whole);
    let (before, after) = match whole.split_once(',') {
        Some((before, after)) => (before, Some(after)),
        None => (&*whole, None),
    };
    let mut words: Vec<&str> = before.split_whitespace().collect();
    let is_suffix_after = if words.len() > 1 { is_suffix } else { is_only_suffix };
    match after {
        // "Ada King, PhD": all that follows the comma is suffixes. "Rahman, Md" has a given name there.
        Some(after) if words_of(after).all(is_suffix_after) => {
            parts.honorific_suffix = joined(&words_of(after).collect::<Vec<_>>());
        }
        // "King, Ada Augusta, Jr.": the family name comes first, and may have the suffix behind it.
        Some(after) => {
            let mut rest: Vec<&str> = words_of(after).collect();
            take_titles(&mut rest, hint, &mut parts);
            take_suffixes(&mut words, 1, &mut parts);
            take_suffixes(&mut rest, 1, &mut parts);
            parts.family = joined(&words);
            parts.give(&rest);
            return parts;
        }
        None => {}
    }
    take_titles(&mut words, hint, &mut parts);
    take_suffixes(&mut words, 2, &mut parts);
    match *words {
        [word] if parts.is_titled_family() => parts.family = Some(word.to_owned()),
        [word] => match script::divide(word, hint) {
            Some((family, given)) => {
                parts.family = Some(family.to_owned());
                parts.given = Some(given.to_owned());
            }
            None => parts.given = Some(word.to_owned()),
        },
        _ => order::arrange(&words, hint, &mut parts),
    }
    parts
}

impl Parts {
    /// The first word is the given name, the others are in the middle.
    fn give(&mut self, words: &[&str]) {
        let given = words::given_words(words);
        let (given, middle) = words.split_at(given);
        self.given = joined(given);
        self.middle = joined(middle);
    }

    /// "Mr. Smith": such titles stand before family names.
    fn is_titled_family(&self) -> bool {
        let last = self.honorific_prefix.as_deref().and_then(|prefix| prefix.split(' ').next_back());
        last.is_some_and(|title| is_one_of(title, &TITLES_OF_FAMILIES))
    }
}

/// The name without what stands in brackets or quotation marks, if anything else remains.
fn without_nickname(whole: &str) -> String {
    const PAIRS: [(char, char); 4] = [('(', ')'), ('"', '"'), ('“', '”'), ('«', '»')];
    let mut text = whole.to_owned();
    for (open, close) in PAIRS {
        let inside = text.split_once(open).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(close)?;
            Some(format!("{before} {after}"))
        });
        text = inside.filter(|rest| !rest.trim().is_empty()).unwrap_or(text);
    }
    text
}

fn take_titles(words: &mut Vec<&str>, hint: Hint, parts: &mut Parts) {
    let mut count = words.iter().take_while(|word| is_title(word, hint)).count();
    if count > 0 {
        count += words.iter().skip(count).take_while(|word| is_title_continued(word)).count();
    }
    // A name that is nothing but titles is a name.
    if count > 0 && count < words.len() {
        let titles: Vec<&str> = words.drain(..count).collect();
        parts.honorific_prefix = joined(&titles);
    }
}

/// Takes the suffixes, if so many words remain that they can be some.
fn take_suffixes(words: &mut Vec<&str>, remain: usize, parts: &mut Parts) {
    let count = words.iter().rev().take_while(|word| is_suffix(word)).count();
    if count > 0 && words.len() - count >= remain {
        let suffixes = words.split_off(words.len() - count);
        parts.honorific_suffix = joined(&suffixes);
    }
}

/// The words of a part that may have commas in it.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| char.is_whitespace() || char == ',').filter(|word| !word.is_empty())
}

fn joined(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}
