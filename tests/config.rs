//! Settings: the example file tells the truth.

use std::path::PathBuf;

use provost::app::AppError;
use provost::auth::password::PasswordHasher;
use provost::config::{Overrides, PepperTexts, Settings};

/// The example file names every default; copying it changes nothing.
#[test]
fn the_example_file_holds_the_defaults() {
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("provost.example.toml");
    let loaded = Settings::load(Some(&example), &Overrides::default()).expect("the example is valid");
    assert_eq!(serde_json::json!(loaded), serde_json::json!(Settings::default()));
}

/// A name that is no setting is refused by name, not passed over.
#[test]
fn an_unknown_setting_is_named() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let file = directory.path().join("provost.toml");
    std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").expect("the file is written");
    let refused = Settings::load(Some(&file), &Overrides::default()).expect_err("an unknown name");
    assert!(refused.to_string().contains("lissten"), "{refused}");
}

/// The secret key is beside SQLite's file, in the working directory, or where it is said to be.
#[test]
fn the_secret_key_has_a_place() {
    for (database, place) in [
        ("sqlite:provost.db", "provost.key"),
        ("sqlite:/var/lib/provost/directory.db", "/var/lib/provost/provost.key"),
        ("sqlite:///var/lib/provost/directory.db?mode=rwc", "/var/lib/provost/provost.key"),
        ("sqlite::memory:", "provost.key"),
        ("postgres://provost@localhost/provost", "provost.key"),
    ] {
        let settings = Settings { database: database.to_owned(), ..Settings::default() };
        assert_eq!(settings.secret_key_path(), PathBuf::from(place), "{database}");
    }
    let settings = Settings { secret_key_file: Some("/etc/secret".into()), ..Settings::default() };
    assert_eq!(settings.secret_key_path(), PathBuf::from("/etc/secret"));
}

/// Peppers are a list, or one text with commas; `Debug` shows none, and no message about their kind quotes one.
#[test]
fn peppers_are_read_and_not_shown() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let file = directory.path().join("provost.toml");
    let load = |text: &str| {
        std::fs::write(&file, text).expect("the file is written");
        Settings::load(Some(&file), &Overrides::default())
    };
    for text in ["[\"2026:hunter2\", \"2025:hunter1\"]", "\"2026:hunter2, 2025:hunter1\""] {
        let settings = load(&format!("password_peppers = {text}")).expect("the settings are read");
        assert_eq!(settings.password_peppers.0, ["2026:hunter2", "2025:hunter1"]);
        let shown = format!("{settings:?}");
        assert!(shown.contains("password_peppers: [2 of them]") && !shown.contains("hunter"), "{shown}");
    }
    let none = load("password_peppers = \"\"").expect("the settings are read");
    assert_eq!(none.password_peppers.0, Vec::<String>::new());
    for text in ["{ current = \"hunter2\" }", "[[\"hunter2\"]]", "[20261234567]", "20261234567"] {
        let refused = load(&format!("password_peppers = {text}")).expect_err(text).to_string();
        assert!(refused.contains("password_peppers"), "{refused}");
        assert!(!refused.contains("hunter2") && !refused.contains("20261234567"), "{refused}");
    }
}

/// How passwords are hashed is settled when the server starts; what cannot be is refused in a sentence.
#[test]
fn ways_of_hashing_that_cannot_be_are_refused() {
    let refused = |settings: &Settings| {
        let hashing = provost::app::hasher_settings(settings).map_err(AppError::from);
        hashing.and_then(|hashing| Ok(PasswordHasher::new(hashing)?)).expect_err("refused").to_string()
    };
    let settings = Settings { argon2_memory_kib: 4, ..Settings::default() };
    assert!(
        refused(&settings)
            .starts_with("Passwords cannot be hashed: Argon2 cannot run with m=4 KiB, t=2 and p=1; ")
    );
    let settings = Settings { argon2_lanes: 17, ..Settings::default() };
    assert!(refused(&settings).contains("17 lanes") || refused(&settings).contains("p=17"));
    let settings =
        Settings { password_peppers: PepperTexts(vec!["hunter2".to_owned()]), ..Settings::default() };
    assert_eq!(
        refused(&settings),
        "The setting 'password_peppers' is not valid: The pepper in place 1 is not of the form ID:SECRET, with 1 to 32 letters, digits, hyphens and underscores before the colon."
    );
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let file = directory.path().join("provost.toml");
    for (text, said) in [
        (
            "secret_key = \"a\"\nsecret_key_file = \"b\"",
            "The setting 'secret_key_file' is not valid: secret_key says it already; set one of them.",
        ),
        (
            "postgres_connections = 3",
            "The setting 'postgres_connections' is not valid: it has to be at least 4.",
        ),
        (
            "access_token_seconds = 59",
            "The setting 'access_token_seconds' is not valid: it has to be 60 to 3600.",
        ),
        (
            "session_seconds = 599",
            "The setting 'session_seconds' is not valid: it has to be at least access_token_seconds, and at most 31536000.",
        ),
        (
            "session_seconds = 86400",
            "The setting 'refresh_token_seconds' is not valid: it has to be at least access_token_seconds, and at most session_seconds.",
        ),
        (
            "smtp_url = \"smtp://localhost\"",
            "The setting 'smtp_url' is not valid: sending mail needs both smtp_url and mail_from.",
        ),
    ] {
        std::fs::write(&file, text).expect("the file is written");
        let refused = Settings::load(Some(&file), &Overrides::default()).expect_err("a contradiction");
        assert_eq!(refused.to_string(), said);
    }
}
