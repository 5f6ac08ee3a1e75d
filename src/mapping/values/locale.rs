//! Languages and regions: BCP 47 tags.

use std::fmt;

use icu_locale::LocaleCanonicalizer;
use thiserror::Error;

/// The longest text that is read, in octets.
const LONGEST: usize = 100;

/// A language tag in its canonical form: `de-CH`, `zh-Hant-TW`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(String);

/// Why a text is no language tag.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LocaleError {
    #[error("The locale is longer than {LONGEST} octets; give a language tag such as en-US.")]
    TooLong,
    #[error(
        "The locale is not a language tag (BCP 47); give a language and, where it matters, a region, such as en-US."
    )]
    Syntax,
}

impl Locale {
    /// Reads a language tag; underscores stand for hyphens, and case means nothing. Outdated subtags become those that
    /// took their place (`iw` is `he`).
    ///
    /// # Errors
    /// [`LocaleError`]: why the text is no language tag.
    pub fn parse(text: &str) -> Result<Self, LocaleError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(LocaleError::TooLong);
        }
        let tag = text.replace('_', "-");
        let mut locale = icu_locale::Locale::try_from_str(&tag).map_err(|_| LocaleError::Syntax)?;
        LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
        Ok(Self(locale.to_string()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
