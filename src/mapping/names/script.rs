//! Names in scripts that put the family name first and often no space behind it.

use super::hint::Hint;

/// Chinese family names of two characters, in both forms.
const COMPOUND_HAN: [&str; 22] = [
    "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "東方", "独孤", "獨孤", "南宫",
    "南宮", "夏侯", "慕容", "令狐", "皇甫", "尉迟", "尉遲", "公孙", "公孫",
];
/// Korean family names of two syllables.
const COMPOUND_HANGUL: [&str; 7] = ["남궁", "황보", "제갈", "선우", "독고", "사공", "서문"];

/// Whether a word is in Han characters, kana or Hangul.
pub(super) fn is_east_asian(word: &str) -> bool {
    word.chars().all(|char| is_han(char) || is_kana(char) || is_hangul(char))
}

/// Whether a word is in katakana alone.
pub(super) fn is_katakana(word: &str) -> bool {
    word.chars().all(|char| matches!(char, '\u{30A0}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'))
}

/// The family and the given name of one word that holds both.
pub(super) fn divide(word: &str, hint: Hint) -> Option<(&str, &str)> {
    let length = word.chars().count();
    if word.chars().all(is_hangul) && (2..=5).contains(&length) {
        return divide_at(word, if begins_with(word, &COMPOUND_HANGUL, length) { 2 } else { 1 });
    }
    if word.chars().all(is_han) && (2..=6).contains(&length) {
        let two = begins_with(word, &COMPOUND_HAN, length) || length >= 4 || hint.japanese && length == 3;
        return divide_at(word, if two { 2 } else { 1 });
    }
    None
}

/// Whether it begins with one of these, and something is left.
fn begins_with(word: &str, list: &[&str], length: usize) -> bool {
    length > 2 && list.iter().any(|name| word.starts_with(name))
}

fn divide_at(word: &str, characters: usize) -> Option<(&str, &str)> {
    let (place, _) = word.char_indices().nth(characters)?;
    word.split_at_checked(place)
}

fn is_han(char: char) -> bool {
    matches!(char, '々' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{3134F}')
}

fn is_kana(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')
}

fn is_hangul(char: char) -> bool {
    matches!(char, '\u{AC00}'..='\u{D7AF}')
}
