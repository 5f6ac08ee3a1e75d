//! Texts that are made to exhaust the stack or the time: refused, or answered like any other.

use provost::access::{MAX_BYTES, MAX_DEPTH, MAX_NESTING};
use provost::model::{BuiltInRole, Permission};

use super::people::{alice_as, ask, snapshot, usual_thing, with};

fn when(expression: &str) -> String {
    format!("forbid (principal, action, resource) when {{ {expression} }};")
}

#[test]
fn bottomless_texts_are_refused() {
    let fill = |text: &str| text.repeat(MAX_BYTES / text.len());
    let parts: [&str; 19] = [
        "(",
        "[",
        "{",
        ")",
        "!",
        "-",
        "\"",
        "@",
        "a.",
        "1+",
        "true||",
        "true&&",
        "if true then ",
        "if ",
        "permit(",
        "::",
        "\u{0}",
        "{a:",
        "when{true}",
    ];
    for part in parts {
        assert!(with(&[&fill(part)]).is_err(), "{part:?}");
        let inside = when(&part.repeat((MAX_BYTES - 100) / part.len()));
        assert!(with(&[&inside]).is_err(), "{part:?} inside");
    }
}

#[test]
fn brackets_are_counted_by_their_kind() {
    let deep = |open: &str, close: &str, times: usize| {
        when(&format!("{}true{}", open.repeat(times), close.repeat(times)))
    };
    assert!(with(&[&deep("(", ")", MAX_NESTING - 1)]).is_ok());
    let mistakes = with(&[&deep("(", ")", MAX_NESTING)]).expect_err("too deep");
    assert_eq!(mistakes[0].message, "Brackets may be at most 16 deep.");
    assert_eq!(with(&[&when("(true}")]).expect_err("mismatch")[0].message, "This '}' closes nothing.");
}

/// The deepest that the limits let through is compiled, evaluated, explained and dropped on an ordinary thread's stack; one
/// more is refused.
#[test]
fn the_deepest_expressions_are_answered() {
    let chains: [(&str, &str, &str, usize); 5] = [
        ("context.changed.contains(\"a\")", " || context.changed.contains(\"a\")", "", 4),
        ("!(context has ip)", " && !(context has ip)", "", 4),
        ("1", " + 1", " == 0", 1),
        ("2", " - 1 * 1", " == 0", 1),
        ("", "if context has ip then false else ", "true", 1),
    ];
    for (first, more, last, others) in chains {
        let of = |times: usize| when(&format!("{first}{}{last}", more.repeat(times)));
        let deepest =
            (1..=MAX_DEPTH).rev().find(|times| with(&[&of(*times)]).is_ok()).expect("some are let through");
        assert!(deepest * 2 + others + 4 >= MAX_DEPTH, "{more} only {deepest} times");
        assert!(with(&[&of(MAX_DEPTH)]).expect_err("too deep")[0].message.contains("too deep"));
        let snapshot = snapshot(&[&of(deepest)]);
        let question =
            ask(alice_as(BuiltInRole::Owner), Permission::UsersRead, usual_thing(Permission::UsersRead));
        let explained = snapshot.explain(&question);
        assert_eq!(explained.errors, [], "{more}");
        assert_eq!(explained.allowed, snapshot.decide(&question).allowed);
    }
}

#[test]
fn a_long_list_is_not_deep() {
    let list = vec!["Provost::Action::\"users.read\""; 1_500].join(", ");
    assert!(with(&[&format!("forbid (principal, action in [{list}], resource);")]).is_ok());
}
