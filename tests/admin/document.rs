//! The OpenAPI document: a golden file, so that a change to the API is seen in review.

use std::path::Path;

use provost::http::admin;

const GOLDEN: &str = "docs/openapi.json";

/// `UPDATE_GOLDEN=1 make test TESTS=document` writes it anew.
#[test]
fn the_document_is_the_one_in_the_repository() {
    let document: serde_json::Value =
        serde_json::from_str(&admin::document("http://127.0.0.1:8080")).expect("the document is JSON");
    let text = format!("{}\n", serde_json::to_string_pretty(&document).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("the file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == text,
        "{GOLDEN} is not what is served; look at the difference, then write it with UPDATE_GOLDEN=1"
    );
}
