//! Time zones by the names of the IANA database.

use provost::mapping::values::TimeZone;
use provost::mapping::values::time_zone::TimeZoneError;

#[test]
fn names_are_read_in_any_case() {
    for (text, kept) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" AMERICA/NEW_YORK ", "America/New_York"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Asia/Calcutta", "Asia/Calcutta"),
    ] {
        assert_eq!(TimeZone::parse(text).map(String::from).as_deref(), Ok(kept), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    for text in
        ["", "Berlin", "Europe", "Europe/", "+01:00", "CEST", "Europe\\Berlin", "W. Europe Standard Time"]
    {
        assert_eq!(TimeZone::parse(text), Err(TimeZoneError), "{text}");
    }
}
