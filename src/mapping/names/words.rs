//! Words that are no name themselves: titles, suffixes, particles.

use super::hint::Hint;

/// Titles, with or without a full stop.
const TITLES: [&str; 24] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "lady", "lord", "herr", "frau", "mme",
    "mlle", "sr", "sra", "srta", "rev", "shri", "smt", "sheikh", "datuk", "dipl-ing",
];
/// Titles only with a full stop: without one they are names.
const ABBREVIATED_TITLES: [&str; 16] = [
    "gen", "col", "capt", "lt", "sgt", "maj", "cmdr", "adm", "fr", "hon", "sen", "rep", "gov", "st", "ing",
    "mag",
];
/// What follows "Dr.".
const TITLES_CONTINUED: [&str; 8] = ["med", "phil", "jur", "rer", "nat", "hc", "habil", "ing"];
/// Titles that stand before a family name where a word is all there is.
pub(super) const TITLES_OF_FAMILIES: [&str; 13] =
    ["m", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "mme", "mlle", "sr", "sra", "srta"];
const SUFFIXES: [&str; 24] = [
    "jr", "sr", "ii", "iii", "iv", "phd", "md", "dds", "dvm", "esq", "mba", "cpa", "rn", "jd", "msc", "bsc",
    "dphil", "psyd", "obe", "mbe", "cbe", "dbe", "kbe", "qc",
];
/// Suffixes only as they are spelt here: otherwise they are names.
const SPELT_SUFFIXES: [&str; 4] = ["VI", "VII", "EdD", "Ed.D."];
/// Words that begin a family name rather than stand before it.
const PARTICLES: [&str; 46] = [
    "van", "von", "vander", "vanden", "der", "den", "de", "del", "della", "degli", "dei", "dalla", "dal",
    "di", "da", "dos", "das", "do", "du", "la", "le", "las", "los", "zu", "zum", "zur", "und", "ter", "ten",
    "te", "'t", "’t", "bin", "ibn", "bint", "binti", "al", "el", "af", "av", "ap", "ab", "mac", "st",
    "saint", "dello",
];
/// "Ortega y Gasset".
const CONNECTORS: [&str; 4] = ["y", "e", "i", "und"];
/// Endings of Russian, Ukrainian and Belarusian patronymics.
const PATRONYMICS: [&str; 9] = ["ович", "евич", "йович", "овна", "евна", "ична", "инична", "івна", "ївна"];

/// Whether a word at the beginning is a title.
pub(super) fn is_title(word: &str, hint: Hint) -> bool {
    is_one_of(word, &TITLES)
        || word.ends_with('.') && is_one_of(word, &ABBREVIATED_TITLES)
        || hint.m_is_title && word == "M."
}

/// Whether a word behind a title belongs to it: "med." in "Dr. med.".
pub(super) fn is_title_continued(word: &str) -> bool {
    word.ends_with('.') && is_one_of(word, &TITLES_CONTINUED)
}

/// Whether a word at the end is a suffix.
pub(super) fn is_suffix(word: &str) -> bool {
    is_one_of(word, &SUFFIXES) || SPELT_SUFFIXES.contains(&word)
}

/// Whether a word cannot but be a suffix: "Md", as it is spelt there, is also a given name.
pub(super) fn is_only_suffix(word: &str) -> bool {
    let spelt_as_name = word.chars().skip(1).all(char::is_lowercase);
    is_suffix(word) && (!spelt_as_name || is_one_of(word, &["jr", "sr"]))
}

/// Whether a word that is neither the first nor the last begins a family name.
pub(super) fn begins_family(word: &str, hint: Hint) -> bool {
    let word = word.strip_suffix('.').unwrap_or(word);
    // "in 't Veld" and "Ben Yehuda": elsewhere both are something else.
    PARTICLES.iter().any(|particle| word.eq_ignore_ascii_case(particle))
        || word == "in"
        || hint.ben_begins_family && word.eq_ignore_ascii_case("ben")
}

/// Whether a word joins two family names to one; in capitals it is an initial.
pub(super) fn is_connector(word: &str) -> bool {
    CONNECTORS.contains(&word)
}

/// Whether a word is named after the father.
pub(super) fn is_patronymic(word: &str) -> bool {
    let word = word.to_lowercase();
    PATRONYMICS.iter().any(|ending| word.ends_with(ending))
}

/// How many words the given name has: "Abdul" and "Abd al-" are but its beginning.
pub(super) fn given_words(words: &[&str]) -> usize {
    let begun = words.first().is_some_and(|word| is_one_of(word, &["abd", "abdul", "abdel"]));
    if begun { words.len().min(2) } else { words.len().min(1) }
}

/// Without regard to case and full stops.
pub(super) fn is_one_of(word: &str, list: &[&str]) -> bool {
    let plain: String = word.chars().filter(|char| *char != '.').collect();
    list.iter().any(|entry| plain.eq_ignore_ascii_case(entry))
}
