//! Phone numbers: written as people write them, kept as E.164.

use proptest::prelude::*;
use provost::mapping::values::PhoneNumber;
use provost::mapping::values::phone::PhoneError;

/// What is sent, the tenant's region, and what it is kept as.
const GOOD: &[(&str, Option<&str>, &str)] = &[
    ("+49 30 901820", None, "+4930901820"),
    ("+4930901820", None, "+4930901820"),
    ("0049 30 901820", None, "+4930901820"),
    ("00 49 (30) 90 18-20", None, "+4930901820"),
    ("+49 (0)30 901820", None, "+4930901820"),
    ("+44 (0)20 7946 0958", None, "+442079460958"),
    ("+1 (650) 253-0000", None, "+16502530000"),
    ("+1.650.253.0000", None, "+16502530000"),
    ("tel:+1-650-253-0000", None, "+16502530000"),
    ("TEL:+1-650-253-0000", None, "+16502530000"),
    ("\u{202a}+1 (650) 253‑0000\u{202c}", None, "+16502530000"),
    ("＋１ ６５０ ２５３ ００００", None, "+16502530000"),
    ("+39 06 6982", None, "+39066982"),
    ("+81 3-3224-9999", None, "+81332249999"),
    ("+86 138 1234 5678", None, "+8613812345678"),
    ("+91 98765 43210", None, "+919876543210"),
    ("+55 11 91234-5678", None, "+5511912345678"),
    ("+800 1234 5678", None, "+80012345678"),
    // Without a country code, by the tenant's region.
    ("030 901820", Some("DE"), "+4930901820"),
    ("(650) 253-0000", Some("US"), "+16502530000"),
    ("1 650 253 0000", Some("us"), "+16502530000"),
    ("020 7946 0958", Some("GB"), "+442079460958"),
    ("06 6982", Some("IT"), "+39066982"),
    ("011 49 30 901820", Some("US"), "+4930901820"),
    ("0049 30 901820", Some("US"), "+4930901820"),
    ("+49 30 901820", Some("US"), "+4930901820"),
];

#[test]
fn good_numbers() {
    for (text, region, kept) in GOOD {
        let number = PhoneNumber::parse(text, *region).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(number.as_str(), *kept, "{text}");
    }
}

#[test]
fn bad_numbers() {
    let long = "1".repeat(101);
    for (text, region, error) in [
        ("", None, PhoneError::Empty),
        (" ", Some("DE"), PhoneError::Empty),
        ("030 901820", None, PhoneError::NoCountryCode),
        ("650 253 0000", None, PhoneError::NoCountryCode),
        ("030 901820", Some("XX"), PhoneError::UnknownRegion("XX".to_owned())),
        ("030 901820", Some("Germany"), PhoneError::UnknownRegion("Germany".to_owned())),
        ("+49 30 901820 ext. 12", None, PhoneError::Extension),
        ("+49 30 901820 x12", None, PhoneError::Extension),
        ("+49 30 901820#12", None, PhoneError::Extension),
        ("tel:+49-30-901820;ext=12", None, PhoneError::Extension),
        ("+1 800 FLOWERS", None, PhoneError::Character('F')),
        ("tel:901820;phone-context=+4930", None, PhoneError::Character(';')),
        ("+1 650 253 0000, +1 650 253 0001", None, PhoneError::Character(',')),
        ("++49 30 901820", None, PhoneError::Character('+')),
        ("49+30901820", None, PhoneError::Character('+')),
        ("+49\u{0}30901820", None, PhoneError::Character('\0')),
        ("call me", None, PhoneError::Character('c')),
        ("+1 650 253", None, PhoneError::Invalid),
        ("+1 650 253 00000", None, PhoneError::Invalid),
        ("+1 111 111 1111", None, PhoneError::Invalid),
        ("+999 123 456 789", None, PhoneError::Invalid),
        ("+0 123 456 789", None, PhoneError::Invalid),
        ("+", None, PhoneError::Invalid),
        ("()-", Some("US"), PhoneError::Invalid),
        ("+1234567890123456789", None, PhoneError::Invalid),
        ("+49 201 00000000000", None, PhoneError::Invalid),
        ("112", Some("DE"), PhoneError::Invalid),
        ("12", Some("US"), PhoneError::Invalid),
        (&long, Some("DE"), PhoneError::TooLong),
    ] {
        assert_eq!(PhoneNumber::parse(text, region), Err(error), "{text}");
    }
}

/// A number that nobody can place says what is missing.
#[test]
fn a_refusal_is_a_sentence() {
    assert_eq!(
        PhoneNumber::parse("030 901820", None).unwrap_err().to_string(),
        "The number has no country code, and the tenant has no default region to read it by; \
         begin it with '+' and the country code, such as +49 30 901820."
    );
}

proptest! {
    /// Whatever the digits and the region, the answer is a number that is read as itself, or a refusal.
    #[test]
    fn parsing_is_idempotent(text in "(\\+|00|0|)[0-9]{1,17}", region in prop::sample::select(regions())) {
        for region in [None, Some(region.as_str())] {
            if let Ok(number) = PhoneNumber::parse(&text, region) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str(), None), Ok(number.clone()));
                prop_assert!(number.as_str().len() <= 16, "{}", number.as_str());
            }
        }
    }

    /// No text makes it panic.
    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}", region in prop::sample::select(regions())) {
        let _ = PhoneNumber::parse(&text, Some(&region));
    }
}

/// Every pair of letters, among which all regions are.
fn regions() -> Vec<String> {
    ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}"))).collect()
}
