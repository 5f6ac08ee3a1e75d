//! Time zones: the names of the IANA database.

use std::fmt;

use chrono_tz::{TZ_VARIANTS, Tz};
use thiserror::Error;

/// A time zone that the IANA database has, by its name there: `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(Tz);

/// The text is no time zone's name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("The time zone is not one of the IANA database; give its name there, such as Europe/Berlin or UTC.")]
pub struct TimeZoneError;

impl TimeZone {
    /// Reads a name of the IANA database, in any case. Offsets and abbreviations of the day are none.
    ///
    /// # Errors
    /// [`TimeZoneError`] for a name that the database does not have.
    pub fn parse(text: &str) -> Result<Self, TimeZoneError> {
        let text = text.trim();
        let named = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(text));
        named.copied().map(Self).ok_or(TimeZoneError)
    }

    /// The zone's name, in the database's own spelling.
    pub fn as_str(&self) -> &'static str {
        self.0.name()
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.as_str().to_owned()
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
