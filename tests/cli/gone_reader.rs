//! A reader that goes away before the command has said everything.

use std::process::{Command, Stdio};

/// `provost tenant list | head -0`: a sentence on stderr at the most, never a panic.
#[test]
fn a_reader_that_is_gone_is_no_panic() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let mut child = Command::new(env!("CARGO_BIN_EXE_provost"))
        .args(["tenant", "list"])
        .current_dir(directory.path())
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("the command ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!said.contains("panicked"), "{said}");
}
