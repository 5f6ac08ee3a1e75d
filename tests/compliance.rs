//! docs/compliance.md names tests; each of them has to be there.

use std::path::PathBuf;

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// What stands between backticks and looks like the path of a test.
fn named(text: &str) -> Vec<&str> {
    let is_path = |name: &&str| {
        name.contains("::")
            && name
                .chars()
                .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || "_:".contains(char))
    };
    let mut names: Vec<&str> =
        text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(is_path).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether `tests/` has the function in the file that its path says.
fn exists(test: &str) -> bool {
    let Some((module, function)) = test.rsplit_once("::") else { return false };
    let folder = module.replace("::", "/");
    [format!("tests/{folder}.rs"), format!("tests/{folder}/mod.rs")]
        .iter()
        .filter_map(|file| read(file))
        .any(|source| source.contains(&format!("fn {function}(")))
}

#[test]
fn the_page_names_tests_that_there_are() {
    let page = read("docs/compliance.md").expect("docs/compliance.md is there");
    let tests = named(&page);
    assert!(tests.len() > 100, "only {} tests were found on the page", tests.len());
    let missing: Vec<&str> = tests.into_iter().filter(|test| !exists(test)).collect();
    assert!(missing.is_empty(), "docs/compliance.md names tests that there are not:\n{}", missing.join("\n"));
}

/// Each row of a table has its four cells: section, requirement, tests, state.
#[test]
fn each_row_is_whole() {
    let page = read("docs/compliance.md").expect("docs/compliance.md is there");
    for row in page.lines().filter(|line| line.starts_with("| §")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 4 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        assert!(
            ["done", "partly: ", "not offered: "].iter().any(|state| cells[3].starts_with(state)),
            "{row}"
        );
        assert!(!named(cells[2]).is_empty(), "{row}");
    }
}
