//! What is wrong with a policy is said with its line and column.

use provost::access::{MAX_BYTES, MAX_POLICIES, MAX_STATEMENTS, MAX_TOTAL_BYTES, PolicyMistake, Snapshot};

use super::people::{built_in_roles, policy, tenant, with};

/// The one mistake of a policy: line, column and message.
fn mistake(text: &str) -> (usize, usize, String) {
    match with(&[text]).expect_err("a mistake").as_slice() {
        [PolicyMistake { policy, line, column, message }] => {
            assert_eq!(policy, "p1");
            (*line, *column, message.clone())
        }
        several => panic!("{several:#?}"),
    }
}

#[track_caller]
fn expect(text: &str, line: usize, column: usize, part: &str) {
    let (found_line, found_column, message) = mistake(text);
    assert!(message.contains(part), "{message}");
    assert_eq!((found_line, found_column), (line, column), "{message}");
}

#[test]
fn what_does_not_parse_is_refused_where_it_stands() {
    expect("permit (principal, action, resource)", 1, 37, "unexpected end of input");
    expect("forbid (principal, action, resource)\nwhen { resource.is_owner = true };", 2, 8, "'=='");
    expect("allow (principal, action, resource);", 1, 1, "allow");
    expect("permit (principal, action, resource, context);", 1, 38, "context");
    expect("permit (principal, action, resource) when { \"é\" == ü };", 1, 52, "invalid token");
}

#[test]
fn names_that_the_schema_does_not_have_are_refused() {
    let head = "permit (principal, action, resource is Provost::User)";
    expect(&format!("{head}\nwhen {{ resource.salary > 3 }};"), 2, 8, "salary");
    expect("permit (principal, action == Provost::Action::\"users.fly\", resource);", 1, 30, "users.fly");
    expect("permit (principal is Provost::Robot, action, resource);", 1, 22, "Robot");
    expect("permit (principal in Provost::Permission::\"users.fly\", action, resource);", 1, 22, "users.fly");
    expect(
        "permit (principal, action, resource)\nwhen { context.channel == Provost::Channel::\"fax\" };",
        2,
        27,
        "fax",
    );
    expect("permit (principal, action, resource)\nwhen { context.weather == \"fine\" };", 2, 8, "weather");
}

#[test]
fn what_cannot_be_known_or_compared_is_refused() {
    let head = "permit (principal is Provost::User, action, resource)";
    expect(&format!("{head}\nwhen {{ principal.email == \"a\" }};"), 2, 8, "email");
    expect(&format!("{head}\nwhen {{ principal.status == \"active\" }};"), 2, 8, "types");
    let other = "when { Provost::User::\"0\".is_owner }";
    expect(&format!("{head}\n{other};"), 2, 8, "level");
    let reached = "permit (principal is Provost::ApiKey, action, resource)\n\
                   when { principal has user && principal.user.is_owner };";
    expect(reached, 2, 30, "level");
    expect(&format!("{head}\nwhen {{ [].contains(1) }};"), 2, 8, "empty set");
}

#[test]
fn what_can_never_apply_is_refused() {
    expect(
        "forbid (principal, action == Provost::Action::\"webhooks.read\", resource is Provost::User);",
        1,
        1,
        "applicable action",
    );
    expect("forbid (principal, action, resource)\nwhen { principal is Provost::Webhook };", 1, 1, "false");
}

#[test]
fn roles_that_do_not_exist_are_refused() {
    expect(
        "permit (\n  principal in Provost::Role::\"mangaer\",\n  action, resource);",
        2,
        31,
        "There is no role \"mangaer\"",
    );
    expect(
        "permit (principal in Provost::Role::\"Manager\", action, resource);",
        1,
        37,
        "lower case: \"manager\"",
    );
}

#[test]
fn templates_are_refused() {
    expect("permit (principal == ?principal, action, resource);", 1, 22, "Templates are not supported");
}

#[test]
fn a_notice_is_one_line_that_says_something() {
    let with_notice = |notice: &str| format!("\n @notice{notice} permit (principal, action, resource);");
    expect(&with_notice(""), 2, 2, "says something");
    expect(&with_notice("(\"two\\nlines\")"), 2, 2, "one line");
    expect(&with_notice(&format!("(\"{}\")", "x".repeat(501))), 2, 2, "500 characters");
    assert!(with(&[&with_notice("(\"Ё, ß and 日本\")")]).is_ok());
}

#[test]
fn a_text_without_a_statement_is_refused() {
    expect("", 1, 1, "at least one statement");
    expect("// Nothing yet.\n", 1, 1, "at least one statement");
}

#[test]
fn every_mistake_of_every_policy_is_told() {
    let unknown = "forbid (principal, action == Provost::Action::\"users.fly\", resource);";
    let mistakes =
        with(&[&format!("{unknown}\n{unknown}"), "permit (principal, action, resource);", "permit"]);
    let places: Vec<_> = mistakes
        .expect_err("mistakes")
        .into_iter()
        .map(|mistake| (mistake.policy, mistake.line, mistake.column))
        .collect();
    assert_eq!(places, [("p1".to_owned(), 1, 30), ("p1".to_owned(), 2, 30), ("p3".to_owned(), 1, 7)]);
}

#[test]
fn a_policy_that_is_switched_off_has_to_be_right_too() {
    let off = provost::access::TenantPolicy { enabled: false, ..policy("off", "forbid (") };
    assert!(Snapshot::compile(tenant(), &built_in_roles(), &[off]).is_err());
}

#[test]
fn texts_policies_and_statements_are_limited() {
    let fill = |octets: usize| format!("permit (principal, action, resource);{}", " ".repeat(octets - 37));
    assert!(with(&[&fill(MAX_BYTES)]).is_ok());
    expect(&fill(MAX_BYTES + 1), 1, 1, "at most 65536");

    let one = "permit (principal, action, resource);";
    let policies = |count: usize| with(&vec![one; count]);
    assert!(policies(MAX_POLICIES).is_ok());
    let mistakes = policies(MAX_POLICIES + 1).expect_err("too many");
    assert_eq!(mistakes[0].message, "A tenant has at most 200 policies.");

    let many = one.repeat(MAX_STATEMENTS / 2);
    let mistakes = with(&[&many, &many, one]).expect_err("too many");
    assert_eq!((mistakes.len(), mistakes[0].policy.as_str()), (1, "p3"));
    assert_eq!(mistakes[0].message, "A tenant's policies have at most 500 statements in all.");
    expect(&one.repeat(MAX_STATEMENTS + 1), 1, 18_501, "at most 500 statements");

    let mistakes = with(&[fill(MAX_BYTES).as_str(); MAX_TOTAL_BYTES / MAX_BYTES + 1]).expect_err("too long");
    assert_eq!((mistakes.len(), mistakes[0].policy.as_str()), (1, "p5"));
}
