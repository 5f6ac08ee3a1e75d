//! What a tenant asks of passwords. Plain data: `auth::password::policy` checks passwords against it.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The rules that a tenant's passwords obey. Unless told otherwise it is the preset `nist`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// In Unicode scalar values after NFKC, as is `max_length`.
    pub min_length: u32,
    /// Whatever it says, a password has at most [`PasswordPolicy::MAX_BYTES`].
    pub max_length: Option<u32>,
    /// At least one of A to Z.
    pub require_upper: bool,
    /// At least one of a to z.
    pub require_lower: bool,
    /// At least one of 0 to 9.
    pub require_digit: bool,
    /// At least one of [`PasswordPolicy::SPECIAL`].
    pub require_special: bool,
    pub forbid_whitespace: bool,
    /// No part of the user's own names and addresses.
    pub forbid_own_data: bool,
    /// None of the passwords that many people use.
    pub forbid_common: bool,
    /// Words that no password may hold, in whatever case: the tenant's own, beside those that everybody knows.
    pub denied_words: Vec<String>,
    /// The least score that zxcvbn gives, 0 to 4.
    pub min_strength: Option<u8>,
    /// How many former passwords are kept, and cannot be used again.
    pub history: u32,
    /// After how many days a password has to be changed.
    pub max_age_days: Option<u32>,
}

/// A policy that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyPreset {
    /// 15 characters or more, none of the common passwords, no rules of composition (NIST SP 800-63B).
    Nist,
    /// 12 to 50 characters, one of each class, no whitespace.
    Classic,
    /// 5 characters or more, no whitespace.
    Minimal,
}

impl PolicyPreset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nist, Self::Classic, Self::Minimal];
}

/// Why a policy cannot be a tenant's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PolicyError {
    #[error("'min_length' is {0}; it has to be 1 to {max}.", max = PasswordPolicy::MAX_MIN_LENGTH)]
    MinLength(u32),
    #[error("'max_length' is {max}; it has to be at least 'min_length', which is {min}, and at most {limit}.", limit = PasswordPolicy::MAX_BYTES)]
    MaxLength { min: u32, max: u32 },
    #[error("'denied_words' has {0} words; it takes at most {max}.", max = PasswordPolicy::MAX_DENIED_WORDS)]
    DeniedWords(usize),
    #[error("Word {position} of 'denied_words' has to have {min} to {max} characters and no control characters.", min = PasswordPolicy::DENIED_WORD.start(), max = PasswordPolicy::DENIED_WORD.end())]
    DeniedWord { position: usize },
    #[error("'min_strength' is {0}; it has to be 0 to 4.")]
    Strength(u8),
    #[error("'history' is {0}; it has to be 0 to {max}.", max = PasswordPolicy::MAX_HISTORY)]
    History(u32),
    #[error("'max_age_days' is {0}; it has to be 1 to 36500, or left out.")]
    MaxAge(u32),
}

impl PasswordPolicy {
    /// The characters that count as special.
    pub const SPECIAL: &str = "`!@#$%^&*()_+-=[]{};':\"\\|,.<>/?~";
    /// The bytes of a password at the most, whatever a policy says.
    pub const MAX_BYTES: usize = 1024;
    /// The most that can be asked for: 128 characters have room within [`PasswordPolicy::MAX_BYTES`] in any script.
    pub const MAX_MIN_LENGTH: u32 = 128;
    /// The most words of its own that a tenant denies: a password is looked through for each.
    pub const MAX_DENIED_WORDS: usize = 500;
    /// The characters of such a word. Shorter ones are in too many good passwords.
    pub const DENIED_WORD: RangeInclusive<usize> = 3..=64;
    /// The most former passwords that are kept: a new one is compared with each, at the cost of a sign-in.
    pub const MAX_HISTORY: u32 = 24;

    /// The policy of this name.
    pub fn preset(preset: PolicyPreset) -> Self {
        let open = Self {
            min_length: 5,
            max_length: None,
            require_upper: false,
            require_lower: false,
            require_digit: false,
            require_special: false,
            forbid_whitespace: false,
            forbid_own_data: false,
            forbid_common: false,
            denied_words: Vec::new(),
            min_strength: None,
            history: 0,
            max_age_days: None,
        };
        match preset {
            PolicyPreset::Nist => Self { min_length: 15, forbid_common: true, ..open },
            PolicyPreset::Classic => Self {
                min_length: 12,
                max_length: Some(50),
                require_upper: true,
                require_lower: true,
                require_digit: true,
                require_special: true,
                forbid_whitespace: true,
                ..open
            },
            PolicyPreset::Minimal => Self { forbid_whitespace: true, ..open },
        }
    }

    /// The preset whose rules these are, whatever words are denied besides.
    pub fn named(&self) -> Option<PolicyPreset> {
        let rules = Self { denied_words: Vec::new(), ..self.clone() };
        PolicyPreset::ALL.into_iter().find(|preset| Self::preset(*preset) == rules)
    }

    /// Whether a tenant can have this policy; every reason against it.
    ///
    /// # Errors
    /// The settings that no password could obey, or that cost too much.
    pub fn validate(&self) -> Result<(), Vec<PolicyError>> {
        let mut errors = Vec::new();
        if !(1..=Self::MAX_MIN_LENGTH).contains(&self.min_length) {
            errors.push(PolicyError::MinLength(self.min_length));
        }
        if let Some(max) = self.max_length
            && (max < self.min_length || max as usize > Self::MAX_BYTES)
        {
            errors.push(PolicyError::MaxLength { min: self.min_length, max });
        }
        if self.denied_words.len() > Self::MAX_DENIED_WORDS {
            errors.push(PolicyError::DeniedWords(self.denied_words.len()));
        }
        let fits = |word: &str| {
            Self::DENIED_WORD.contains(&word.trim().chars().count()) && !word.contains(char::is_control)
        };
        if let Some(position) = self.denied_words.iter().position(|word| !fits(word)) {
            errors.push(PolicyError::DeniedWord { position });
        }
        if let Some(score) = self.min_strength.filter(|score| *score > 4) {
            errors.push(PolicyError::Strength(score));
        }
        if self.history > Self::MAX_HISTORY {
            errors.push(PolicyError::History(self.history));
        }
        if let Some(days) = self.max_age_days.filter(|days| !(1..=36_500).contains(days)) {
            errors.push(PolicyError::MaxAge(days));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::preset(PolicyPreset::Nist)
    }
}
