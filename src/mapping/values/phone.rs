//! Phone numbers: E.164, read from what people write.

use std::fmt;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, country};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The longest text that is read, in octets.
const LONGEST: usize = 100;
/// `+` and fifteen digits (E.164 §6.1).
const LONGEST_E164: usize = 16;
/// How much of a region's name a message repeats, in characters.
const QUOTED_CHARS: usize = 20;
/// What people put between digits.
const PUNCTUATION: &str = " ()-./\u{a0}\u{2010}\u{2011}\u{2012}\u{2013}\u{2212}";

/// A valid phone number with its country code: `+` and at most fifteen digits (E.164).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no phone number.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PhoneError {
    #[error("The number is empty; give one such as +49 30 901820.")]
    Empty,
    #[error("The number is longer than {LONGEST} octets; give one such as +49 30 901820.")]
    TooLong,
    #[error("The number has an extension, which E.164 cannot hold; give the number alone.")]
    Extension,
    #[error("The number holds the character U+{code:04X} where none is expected; it takes a '+' at its beginning, digits, spaces, parentheses, hyphens, dots and slashes.", code = u32::from(*.0))]
    Character(char),
    #[error(
        "The number has no country code, and the tenant has no default region to read it by; begin it with '+' and the country code, such as +49 30 901820."
    )]
    NoCountryCode,
    #[error(
        "The region '{0}' is not one that has phone numbers; give two letters of ISO 3166-1, such as DE."
    )]
    UnknownRegion(String),
    #[error("The number is not one that any country has given out; check its country code and its length.")]
    Invalid,
}

impl PhoneNumber {
    /// Reads a number. One that begins with `+` or `00` has its country code; any other is read as it would be dialled
    /// in `default_region` (two letters of ISO 3166-1, in any case). Extensions are refused rather than lost, and so are
    /// letters that stand for digits.
    ///
    /// # Errors
    /// [`PhoneError`]: why the text is no valid number.
    pub fn parse(text: &str, default_region: Option<&str>) -> Result<Self, PhoneError> {
        let dialled = dialled(text)?;
        let abroad = match dialled.strip_prefix("00") {
            Some(rest) => Some(format!("+{rest}")),
            None => dialled.starts_with('+').then(|| dialled.clone()),
        };
        if let Some(number) = abroad {
            return valid(None, &number);
        }
        valid(Some(region(default_region.ok_or(PhoneError::NoCountryCode)?)?), &dialled)
    }

    /// The number as E.164 writes it: `+4930901820`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether numbers can be read by this region: what a tenant's `default_region` has to be.
pub fn is_region(name: &str) -> bool {
    region(name).is_ok()
}

/// The digits, with a `+` before them where the text has one.
fn dialled(text: &str) -> Result<String, PhoneError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    if text.len() > LONGEST {
        return Err(PhoneError::TooLong);
    }
    // RFC 3966, as SCIM recommends it (RFC 7643 §4.1.2).
    let text = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text.get(4..).unwrap_or_default(),
        _ => text,
    };
    // The compatibility form turns the full-width digits of East Asian keyboards into plain ones.
    let text: String = text.nfkc().collect();
    let mut dialled = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            '0'..='9' => dialled.push(character),
            '+' if dialled.is_empty() => dialled.push('+'),
            _ if PUNCTUATION.contains(character) || is_direction(character) => {}
            _ if !dialled.is_empty() && is_extension(text.get(at..).unwrap_or_default()) => {
                return Err(PhoneError::Extension);
            }
            other => return Err(PhoneError::Character(other)),
        }
    }
    Ok(dialled)
}

/// Address books put these around a number so that it reads from left to right.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether this is an extension: `x12`, `ext. 12`, `#12`, `;ext=12`.
fn is_extension(rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    let marks = [";ext=", "extension", "ext", "x", "#"];
    marks.iter().filter_map(|mark| rest.strip_prefix(mark)).any(|digits| {
        let mut digits = digits.chars().filter(|character| !" .:=".contains(*character)).peekable();
        digits.peek().is_some() && digits.all(|character| character.is_ascii_digit())
    })
}

fn region(name: &str) -> Result<country::Id, PhoneError> {
    let known = name.to_ascii_uppercase().parse::<country::Id>().ok();
    known
        .filter(|id| DATABASE.by_id(id.as_ref()).is_some())
        .ok_or_else(|| PhoneError::UnknownRegion(name.chars().take(QUOTED_CHARS).collect()))
}

/// The number, if the plan of its country has it.
fn valid(region: Option<country::Id>, dialled: &str) -> Result<PhoneNumber, PhoneError> {
    let number = phonenumber::parse(region, dialled).map_err(|_| PhoneError::Invalid)?;
    if !number.is_valid() {
        return Err(PhoneError::Invalid);
    }
    let written = number.format().mode(Mode::E164).to_string();
    // A few plans know longer ones, which cannot be dialled from abroad.
    if written.len() > LONGEST_E164 { Err(PhoneError::Invalid) } else { Ok(PhoneNumber(written)) }
}
