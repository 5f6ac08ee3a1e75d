//! Does a password obey the policy? All rules are looked at, so that a person hears everything at once.

use std::fmt;

use serde::Serialize;

use super::{OwnData, Password, deny_list};
use crate::model::PasswordPolicy;
use crate::scim::fold::fold;

/// A rule of a policy, by the name that machines know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Length,
    Upper,
    Lower,
    Digit,
    Special,
    Whitespace,
    OwnData,
    Common,
    Denied,
    Strength,
    History,
}

impl Rule {
    /// The rule's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Digit => "digit",
            Self::Special => "special",
            Self::Whitespace => "whitespace",
            Self::OwnData => "own_data",
            Self::Common => "common",
            Self::Denied => "denied",
            Self::Strength => "strength",
            Self::History => "history",
        }
    }
}

/// One rule that a password breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    pub rule: Rule,
    /// What would be accepted, in a sentence. Nothing of the password is in it.
    pub message: String,
}

/// Every rule that a password breaks: at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The one that only somebody who knows the user's former passwords can find.
    pub fn history(policy: &PasswordPolicy) -> Self {
        let rule = Rule::History;
        Self(vec![Violation { rule, message: message(policy, rule) }])
    }

    /// Each of them, in the order of [`Rule`].
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// The rules alone.
    pub fn rules(&self) -> Vec<Rule> {
        self.0.iter().map(|violation| violation.rule).collect()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, violation) in self.0.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{}", violation.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Whether a user, of whom this is known, may have this password. Where the policy asks for strength it takes some
/// milliseconds to say: `PasswordHasher::check` does it beside the threads that answer requests.
///
/// # Errors
/// Every rule that it breaks.
pub fn check(policy: &PasswordPolicy, password: &Password, own: &OwnData) -> Result<(), Violations> {
    let text = password.expose();
    let folded = fold(text);
    let has = |wanted: fn(char) -> bool| text.chars().any(wanted);
    // Nothing so long is common, and looking for repetitions in it would take long.
    let is_common = || !password.is_too_long() && deny_list::holds(&folded);
    let broken = [
        (Rule::Length, !length_fits(policy, password)),
        (Rule::Upper, policy.require_upper && !has(|c| c.is_ascii_uppercase())),
        (Rule::Lower, policy.require_lower && !has(|c| c.is_ascii_lowercase())),
        (Rule::Digit, policy.require_digit && !has(|c| c.is_ascii_digit())),
        (Rule::Special, policy.require_special && !has(|c| PasswordPolicy::SPECIAL.contains(c))),
        (Rule::Whitespace, policy.forbid_whitespace && has(char::is_whitespace)),
        (Rule::OwnData, policy.forbid_own_data && own.is_in(&folded)),
        (Rule::Common, policy.forbid_common && is_common()),
        (Rule::Denied, denied(policy, &folded)),
        (Rule::Strength, policy.min_strength.is_some_and(|least| strength(text, own) < least)),
    ];
    let violations: Vec<Violation> = broken
        .into_iter()
        .filter(|(_, is_broken)| *is_broken)
        .map(|(rule, _)| Violation { rule, message: message(policy, rule) })
        .collect();
    if violations.is_empty() { Ok(()) } else { Err(Violations(violations)) }
}

/// Whether a password, folded, holds a word that the tenant denies.
fn denied(policy: &PasswordPolicy, folded: &str) -> bool {
    policy.denied_words.iter().any(|word| folded.contains(&*fold(word.trim())))
}

fn length_fits(policy: &PasswordPolicy, password: &Password) -> bool {
    let length = password.expose().chars().count();
    let longest = policy.max_length.map_or(usize::MAX, |most| most as usize);
    (policy.min_length as usize..=longest).contains(&length) && !password.is_too_long()
}

/// zxcvbn's score, 0 to 4. It looks at the first 100 characters.
fn strength(text: &str, own: &OwnData) -> u8 {
    let known: Vec<&str> = own.parts().collect();
    u8::from(zxcvbn::zxcvbn(text, &known).score())
}

fn message(policy: &PasswordPolicy, rule: Rule) -> String {
    match rule {
        Rule::Length => match policy.max_length {
            Some(most) => format!(
                "The password has to have {} to {most} characters, and at most {} bytes.",
                policy.min_length,
                PasswordPolicy::MAX_BYTES
            ),
            None => format!(
                "The password has to have at least {} characters, and at most {} bytes.",
                policy.min_length,
                PasswordPolicy::MAX_BYTES
            ),
        },
        Rule::Upper => "The password has to have an upper-case letter, A to Z.".to_owned(),
        Rule::Lower => "The password has to have a lower-case letter, a to z.".to_owned(),
        Rule::Digit => "The password has to have a digit, 0 to 9.".to_owned(),
        Rule::Special => {
            format!("The password has to have one of these characters: {}", PasswordPolicy::SPECIAL)
        }
        Rule::Whitespace => "The password must have no spaces or other whitespace.".to_owned(),
        Rule::OwnData => {
            "The password must not contain a part of your own names, user name or addresses.".to_owned()
        }
        Rule::Common => "The password is one that many people use; choose another.".to_owned(),
        Rule::Denied => {
            "The password holds a word that is not allowed here, such as the organization's name; choose another."
                .to_owned()
        }
        Rule::History => "The password is one that you have, or had before; choose another.".to_owned(),
        Rule::Strength => {
            "The password is too easy to guess; make it longer, of words that do not belong together."
                .to_owned()
        }
    }
}
