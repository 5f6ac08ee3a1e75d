//! Settings: the example file tells the truth.

use std::path::PathBuf;

use provost::config::{Overrides, Settings};

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
            "smtp_url = \"smtp://localhost\"",
            "The setting 'smtp_url' is not valid: sending mail needs both smtp_url and mail_from.",
        ),
    ] {
        std::fs::write(&file, text).expect("the file is written");
        let refused = Settings::load(Some(&file), &Overrides::default()).expect_err("a contradiction");
        assert_eq!(refused.to_string(), said);
    }
}
