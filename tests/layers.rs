//! The house rules that a compiler does not see: arrows between rooms point down, each outside library has one room,
//! time and chance have one source, and files and functions stay small enough to be read in one sitting.

use source::{Source, Token, is_word};

mod source;

/// The rooms of `src/`, from the top of the house to the bottom. A room may use those after it in this list.
const ROOMS: [&str; 13] = [
    "main",
    "cli",
    "app",
    "config",
    "http",
    "provisioning",
    "delivery",
    "access",
    "auth",
    "mapping",
    "storage",
    "model",
    "scim",
];

/// Rooms that use nothing of ours but themselves.
const SELF_CONTAINED: [&str; 3] = ["config", "model", "scim"];

/// Settings are read where the server is put together and at its edge. What lies below is given plain values.
const READS_CONFIG: [&str; 4] = ["main", "cli", "app", "http"];

/// Libraries that only one room may name.
const ONE_ROOM_LIBRARIES: [(&str, &[&str]); 2] = [
    ("storage", &["sqlx", "sea_query", "sea_query_sqlx"]),
    ("http", &["poem", "poem_openapi", "hyper", "hyper_util"]),
];

/// Where the time is read and random numbers are drawn; everything else is handed a clock or an id.
const CLOCK_AND_CHANCE: [&str; 3] = ["src/model/clock.rs", "src/model/ids.rs", "src/model/random.rs"];

/// What only those files may call.
const TIME_AND_CHANCE_CALLS: [&[&str]; 8] = [
    &["Utc", "::", "now"],
    &["Local", "::", "now"],
    &["SystemTime", "::", "now"],
    &["Uuid", "::", "now_v7"],
    &["Uuid", "::", "new_v4"],
    &["rand", "::"],
    &["getrandom", "::"],
    &["OsRng"],
];

const MOST_LINES_OF_A_FILE: usize = 600;
const MOST_LINES_OF_NINE_FILES_IN_TEN: usize = 400;
const LINES_OF_A_MIDDLING_FILE: usize = 150;
const MOST_LINES_OF_A_FUNCTION: usize = 80;
const MOST_LINES_OF_NINE_FUNCTIONS_IN_TEN: usize = 40;

#[test]
fn arrows_point_down() {
    none(source::read("src").iter().flat_map(wrong_arrows));
}

#[test]
fn a_library_stays_in_its_room() {
    none(source::read("src").iter().flat_map(strayed_libraries));
}

#[test]
fn time_and_chance_have_one_source() {
    none(source::read("src").iter().flat_map(ad_hoc_time_and_chance));
}

#[test]
fn files_are_read_in_one_sitting() {
    let files: Vec<(String, usize)> = all_sources().into_iter().map(|file| (file.path, file.lines)).collect();
    let too_long = |(path, lines): &(String, usize)| {
        (*lines > MOST_LINES_OF_A_FILE)
            .then(|| format!("{path}:{lines}: {lines} lines; a file has at most {MOST_LINES_OF_A_FILE}"))
    };
    none(files.iter().filter_map(too_long));
    spread("files", &files, 50, LINES_OF_A_MIDDLING_FILE);
    spread("files", &files, 90, MOST_LINES_OF_NINE_FILES_IN_TEN);
}

#[test]
fn functions_are_short() {
    let functions: Vec<(String, usize)> = all_sources()
        .iter()
        .flat_map(|file| {
            let place = |function: source::Function| {
                (format!("{}:{}: {}", file.path, function.line, function.name), function.lines)
            };
            file.functions().into_iter().map(place).collect::<Vec<_>>()
        })
        .collect();
    let too_long = |(place, lines): &(String, usize)| {
        (*lines > MOST_LINES_OF_A_FUNCTION)
            .then(|| format!("{place} has {lines} lines; a function has at most {MOST_LINES_OF_A_FUNCTION}"))
    };
    none(functions.iter().filter_map(too_long));
    spread("functions", &functions, 90, MOST_LINES_OF_NINE_FUNCTIONS_IN_TEN);
}

/// Fails with one line for each violation.
fn none(violations: impl Iterator<Item = String>) {
    let violations: Vec<String> = violations.collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Fails unless `percent` of the measured things have at most `limit` lines, and names those that have more.
fn spread(things: &str, measured: &[(String, usize)], percent: usize, limit: usize) {
    let over: Vec<String> = measured
        .iter()
        .filter(|(_, lines)| *lines > limit)
        .map(|(place, lines)| format!("{place}: {lines}"))
        .collect();
    assert!(
        over.len() * 100 <= measured.len() * (100 - percent),
        "\nat most {}% of the {things} may have more than {limit} lines, but {} of {} do:\n{}\n",
        100 - percent,
        over.len(),
        measured.len(),
        over.join("\n")
    );
}

fn all_sources() -> Vec<Source> {
    ["src", "tests", "benches"].into_iter().flat_map(source::read).collect()
}

/// The room a file belongs to: the first folder or file below `src/`. `lib.rs` only lists the rooms, so it has none.
fn room(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let name = inside.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "lib").then_some(name)
}

fn wrong_arrows(file: &Source) -> Vec<String> {
    let Some(from) = room(&file.path) else {
        return Vec::new();
    };
    if !ROOMS.contains(&from) {
        return vec![format!("{}:1: `{from}` is not in the list of rooms", file.path)];
    }
    references(file)
        .into_iter()
        .filter(|(to, _)| ROOMS.contains(&to.as_str()) && !may_use(from, to))
        .map(|(to, line)| format!("{}:{line}: `{from}` must not use `{to}`", file.path))
        .collect()
}

fn may_use(from: &str, to: &str) -> bool {
    let height = |room: &str| ROOMS.iter().position(|name| *name == room);
    if from == to {
        true
    } else if SELF_CONTAINED.contains(&from) {
        false
    } else if to == "config" {
        READS_CONFIG.contains(&from)
    } else {
        height(from) < height(to)
    }
}

/// What the file names right below the crate's root, with the line: `a` and `b` in `use crate::{a::X, b};`.
fn references(file: &Source) -> Vec<(String, usize)> {
    let tokens = &file.tokens;
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let Some(after) = after_root(file, at) else {
            continue;
        };
        match tokens.get(after) {
            Some(token) if token.text == "{" => found.extend(group(&tokens[after..])),
            Some(token) => found.push((token.text.clone(), token.line)),
            None => {}
        }
    }
    found
}

/// If a path from the crate's root begins at token `at`, the index of what follows the root: `crate::`, the package's
/// own name from `main.rs`, or as many `super::` as lead there.
fn after_root(file: &Source, at: usize) -> Option<usize> {
    let text = |at: usize| file.tokens.get(at).map(|token| token.text.as_str());
    let begins = at == 0 || text(at - 1) != Some("::");
    match text(at)? {
        "crate" | "provost" if begins && text(at + 1) == Some("::") => Some(at + 2),
        "super" if begins => {
            let mut supers = 0;
            while text(at + 2 * supers) == Some("super") && text(at + 2 * supers + 1) == Some("::") {
                supers += 1;
            }
            (supers >= depth(&file.path)).then_some(at + 2 * supers)
        }
        _ => None,
    }
}

/// How many modules a file lies below the crate's root.
fn depth(path: &str) -> usize {
    let folders = path.matches('/').count();
    if path.ends_with("/mod.rs") { folders - 1 } else { folders }
}

/// The first name of each path in the braces that `tokens` begins with.
fn group(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0].text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0].text.as_str(), "{" | ",") && is_word(&pair[1].text) {
            found.push((pair[1].text.clone(), pair[1].line));
        }
    }
    found
}

fn strayed_libraries(file: &Source) -> Vec<String> {
    let strayed = |(owner, libraries): &(&str, &[&str])| {
        let names = libraries.iter().filter(|_| room(&file.path) != Some(*owner));
        names
            .flat_map(|name| {
                let message = |line| format!("{}:{line}: only `{owner}` may name `{name}`", file.path);
                file.occurrences(&[*name]).map(message).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    ONE_ROOM_LIBRARIES.iter().flat_map(strayed).collect()
}

fn ad_hoc_time_and_chance(file: &Source) -> Vec<String> {
    if CLOCK_AND_CHANCE.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let strayed = |call: &&'static [&'static str]| {
        let (path, name) = (&file.path, call.concat());
        let message = |line| format!("{path}:{line}: `{name}` belongs in {}", CLOCK_AND_CHANCE.join(" or "));
        file.occurrences(call).map(message).collect::<Vec<_>>()
    };
    TIME_AND_CHANCE_CALLS.iter().flat_map(strayed).collect()
}

#[test]
fn every_way_to_name_a_room_is_seen() {
    let text = "use crate::storage::Pool;\nuse crate::{\n    http, // edge\n    cli::{serve, app},\n};\n\
                pub(crate) fn f() -> super::super::provisioning::X { $crate::app!(); }\nuse other::crate_::x;\n";
    let file = Source::new("src/mapping/names.rs", text);
    let found: Vec<(String, usize)> = references(&file);
    let expected = [("storage", 1), ("http", 3), ("cli", 4), ("provisioning", 6), ("app", 6)];
    assert_eq!(found, expected.map(|(room, line)| (room.to_owned(), line)));
    assert_eq!(
        wrong_arrows(&file),
        [
            "src/mapping/names.rs:3: `mapping` must not use `http`",
            "src/mapping/names.rs:4: `mapping` must not use `cli`",
            "src/mapping/names.rs:6: `mapping` must not use `provisioning`",
            "src/mapping/names.rs:6: `mapping` must not use `app`",
        ]
    );
}

#[test]
fn the_rules_hold_for_the_rooms_they_name() {
    assert!(may_use("http", "config") && may_use("app", "http") && may_use("storage", "model"));
    assert!(!may_use("model", "scim") && !may_use("config", "http") && !may_use("provisioning", "config"));

    let text = "use sqlx::Row;\nlet now = chrono::Utc::now();\n";
    let at = |path: &str| Source::new(path, text);
    let found = |path: &str| [strayed_libraries(&at(path)), ad_hoc_time_and_chance(&at(path))].concat();
    assert_eq!(
        found("src/cli/doctor.rs"),
        [
            "src/cli/doctor.rs:1: only `storage` may name `sqlx`",
            "src/cli/doctor.rs:2: `Utc::now` belongs in src/model/clock.rs or src/model/ids.rs or src/model/random.rs",
        ]
    );
    assert_eq!(found("src/storage/sql.rs").len(), 1);
    assert_eq!(strayed_libraries(&at("src/storage.rs")), Vec::<String>::new());
}
