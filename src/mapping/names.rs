//! Reads the parts of a person's name out of the whole: a first splitter for the common forms.
//!
//! Known: `Given [Middle …] [particles] Family`, the comma form `Family, Given [Middle …]`, honorific prefixes and
//! suffixes, nobiliary particles, mononyms (which have no family name at all: never a blank, never a copy).

/// The parts that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub honorific_prefix: Option<String>,
    pub given: Option<String>,
    pub middle: Option<String>,
    pub family: Option<String>,
    pub honorific_suffix: Option<String>,
}

const PREFIXES: [&str; 17] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "lady", "lord", "herr", "frau", "mme",
    "mlle", "sr", "sra",
];
const SUFFIXES: [&str; 16] =
    ["jr", "sr", "ii", "iii", "iv", "phd", "md", "dds", "esq", "mba", "cpa", "rn", "jd", "msc", "bsc", "obe"];
/// Words that begin a family name rather than stand before it.
const PARTICLES: [&str; 26] = [
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le",
    "las", "los", "zu", "zum", "zur", "ter", "ten", "bin", "ibn", "al", "el",
];

/// The whole name to read parts from: `name.formatted`, else `displayName`; not what looks like an address or a login.
pub fn whole<'n>(formatted: Option<&'n str>, display_name: Option<&'n str>) -> Option<&'n str> {
    [formatted, display_name].into_iter().flatten().map(str::trim).find(|text| {
        !text.is_empty() && !text.contains('@') && !text.chars().any(|char| char.is_ascii_digit())
    })
}

/// Splits a whole name.
pub fn split(whole: &str) -> Parts {
    let mut parts = Parts::default();
    let (before, after) = match whole.split_once(',') {
        Some((before, after)) => (before, Some(after)),
        None => (whole, None),
    };
    let mut words: Vec<&str> = before.split_whitespace().collect();
    match after {
        // "Ada King, PhD": all that follows the comma is suffixes.
        Some(after) if words_of(after).all(|word| is_one_of(word, &SUFFIXES)) => {
            parts.honorific_suffix = joined(&words_of(after).collect::<Vec<_>>());
        }
        // "King, Ada Augusta, Jr.": the family name comes first, and may have the suffix behind it.
        Some(after) => {
            let mut rest: Vec<&str> = words_of(after).collect();
            take_prefixes(&mut rest, &mut parts);
            take_suffixes(&mut words, 1, &mut parts);
            take_suffixes(&mut rest, 1, &mut parts);
            parts.family = joined(&words);
            give(&rest, &mut parts);
            return parts;
        }
        None => {}
    }
    take_prefixes(&mut words, &mut parts);
    take_suffixes(&mut words, 2, &mut parts);
    if words.len() < 2 {
        parts.given = joined(&words);
        return parts;
    }
    // The family name begins at the first particle behind the given name, else it is the last word.
    let family = (1..words.len() - 1)
        .find(|place| words.get(*place).is_some_and(|word| is_one_of(word, &PARTICLES)))
        .unwrap_or(words.len() - 1);
    let (rest, family) = words.split_at(family);
    parts.family = joined(family);
    give(rest, &mut parts);
    parts
}

fn give(words: &[&str], parts: &mut Parts) {
    if let Some((given, middle)) = words.split_first() {
        parts.given = Some((*given).to_owned());
        parts.middle = joined(middle);
    }
}

fn take_prefixes(words: &mut Vec<&str>, parts: &mut Parts) {
    let count = words.iter().take_while(|word| is_one_of(word, &PREFIXES)).count();
    // A name that is nothing but titles is a name.
    if count > 0 && count < words.len() {
        let prefixes: Vec<&str> = words.drain(..count).collect();
        parts.honorific_prefix = joined(&prefixes);
    }
}

/// Takes the suffixes, if so many words remain that they can be some.
fn take_suffixes(words: &mut Vec<&str>, remain: usize, parts: &mut Parts) {
    let count = words.iter().rev().take_while(|word| is_one_of(word, &SUFFIXES)).count();
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

fn is_one_of(word: &str, list: &[&str]) -> bool {
    let plain: String = word.chars().filter(|char| *char != '.').collect();
    list.iter().any(|entry| plain.eq_ignore_ascii_case(entry))
}
