//! Language tags (BCP 47).

use proptest::prelude::*;
use provost::mapping::values::Locale;
use provost::mapping::values::locale::LocaleError;

#[test]
fn tags_become_canonical() {
    for (text, kept) in [
        ("en", "en"),
        ("en-US", "en-US"),
        ("en_us", "en-US"),
        (" DE_ch ", "de-CH"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ZH_HANS_CN", "zh-Hans-CN"),
        ("sr-Latn", "sr-Latn"),
        ("es-419", "es-419"),
        ("iw", "he"),
        ("sh", "sr-Latn"),
        ("de-CH-1996", "de-CH-1996"),
        ("de-u-co-phonebk", "de-u-co-phonebk"),
        ("und-DE", "und-DE"),
    ] {
        assert_eq!(Locale::parse(text).map(String::from).as_deref(), Ok(kept), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        "e",
        "C",
        "english-language",
        "en--US",
        "en-",
        "-en",
        "en US",
        "en-US.UTF-8",
        "de_DE@euro",
        "1en",
        "日本",
    ] {
        assert_eq!(Locale::parse(text), Err(LocaleError::Syntax), "{text}");
    }
    assert_eq!(Locale::parse(&"en-".repeat(50)), Err(LocaleError::TooLong));
}

proptest! {
    /// No text makes it panic, and a canonical tag stays as it is.
    #[test]
    fn parsing_is_idempotent(text in "([a-zA-Z]{2,3}([-_][a-zA-Z]{4})?([-_]([a-zA-Z]{2}|[0-9]{3}))?([-_][a-z0-9]{5,8})?|\\PC{0,12})") {
        if let Ok(locale) = Locale::parse(&text) {
            prop_assert_eq!(Locale::parse(locale.as_str()), Ok(locale.clone()));
        }
    }
}
