//! Which of two or more words are the family name, and which the given one.

use super::hint::{Hint, Order};
use super::words::{begins_family, is_connector, is_patronymic};
use super::{Parts, joined, script};

/// Gives each word its part.
pub(super) fn arrange(words: &[&str], hint: Hint, parts: &mut Parts) {
    // "マイケル ジャクソン": what is written in katakana comes from elsewhere.
    if words.iter().all(|word| script::is_katakana(word)) {
        let (rest, family) = words.split_at(words.len().saturating_sub(1));
        parts.family = joined(family);
        return parts.give(rest);
    }
    if words.iter().all(|word| script::is_east_asian(word)) {
        return family_first(words, Order::FamilyGiven, parts);
    }
    if let Some((family, rest)) = in_capitals(words) {
        parts.family = joined(family);
        return parts.give(rest);
    }
    // "Иванов Иван Иванович"
    if let [_, given, last] = words
        && is_patronymic(last)
        && !is_patronymic(given)
    {
        return family_first(words, Order::FamilyGivenMiddle, parts);
    }
    if hint.order != Order::GivenFirst {
        return family_first(words, hint.order, parts);
    }
    if hint.two_family_names {
        let (given, family) = words.split_at(two_family_names(words));
        parts.family = joined(family);
        parts.given = joined(given);
        return;
    }
    let (rest, family) = words.split_at(family_place(words, hint));
    parts.family = joined(family);
    parts.give(rest);
}

fn family_first(words: &[&str], order: Order, parts: &mut Parts) {
    let Some((family, rest)) = words.split_first() else { return };
    parts.family = Some((*family).to_owned());
    match (order, rest.split_last()) {
        (Order::FamilyMiddleGiven, Some((given, middle))) => {
            parts.given = Some((*given).to_owned());
            parts.middle = joined(middle);
        }
        (Order::FamilyGiven, _) => parts.given = joined(rest),
        _ => parts.give(rest),
    }
}

/// The words at the end, or at the beginning, that alone are in capitals: the family name, and the rest.
fn in_capitals<'w, 'n>(words: &'w [&'n str]) -> Option<(&'w [&'n str], &'w [&'n str])> {
    let rest_is_not = |rest: &[&str]| {
        !rest.is_empty()
            && rest.iter().all(|word| !is_capital(word, 2))
            && rest.iter().any(|word| word.chars().any(char::is_lowercase))
    };
    let last = words.iter().rev().take_while(|word| is_capital(word, 2)).count();
    let (rest, family) = words.split_at(words.len() - last);
    if last > 0 && rest_is_not(rest) {
        let particles =
            rest.iter().skip(1).rev().take_while(|word| begins_family(word, Hint::default())).count();
        let (rest, _) = rest.split_at(rest.len() - particles);
        return Some((words.get(rest.len()..).unwrap_or(family), rest));
    }
    // "AJ" and "JRR" at the beginning are initials.
    let is_family = |word: &&&str| is_capital(word, 3) && !word.chars().all(is_consonant);
    let first = words.iter().take_while(is_family).count();
    let (family, rest) = words.split_at(first);
    (first > 0 && rest_is_not(rest)).then_some((family, rest))
}

fn is_consonant(letter: char) -> bool {
    letter.is_ascii_alphabetic() && !matches!(letter.to_ascii_uppercase(), 'A' | 'E' | 'I' | 'O' | 'U' | 'Y')
}

/// In capitals, and no initials.
fn is_capital(word: &str, letters: usize) -> bool {
    !word.contains('.')
        && word.chars().filter(|char| char.is_uppercase()).count() >= letters
        && !word.chars().any(char::is_lowercase)
}

/// Where the family name begins: at the first particle behind the given name, else it is the last word. "Ramón y Cajal"
/// begins before its connector.
fn family_place(words: &[&str], hint: Hint) -> usize {
    let last = words.len() - 1;
    let connected = (2..last).find(|place| words.get(*place).is_some_and(|word| is_connector(word)));
    let particle = (1..last).find(|place| words.get(*place).is_some_and(|word| begins_family(word, hint)));
    match (connected, particle) {
        (Some(connector), Some(particle)) => particle.min(connector - 1),
        (Some(connector), None) => connector - 1,
        (None, particle) => particle.unwrap_or(last),
    }
}

/// Where the two family names begin, each with its particles; what a connector joins counts as both.
fn two_family_names(words: &[&str]) -> usize {
    let mut place = words.len();
    let mut names = 0;
    while place > 1 && names < 2 {
        if names == 1 && words.get(place - 1).is_some_and(|word| is_initial(word)) {
            break;
        }
        place -= 1;
        names += 1;
        if place >= 3 && words.get(place - 1).is_some_and(|word| is_connector(word)) {
            place -= 2;
            names += 1;
        }
        while place > 1 && words.get(place - 1).is_some_and(|word| begins_family(word, Hint::default())) {
            place -= 1;
        }
    }
    place
}

fn is_initial(word: &str) -> bool {
    word.ends_with('.') || word.chars().count() == 1
}
