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
