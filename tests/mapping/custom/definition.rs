//! Definitions: what is kept of a draft, and everything that can be wrong with one.

use std::collections::BTreeSet;

use provost::mapping::custom::definition::MOST_ATTRIBUTES;
use provost::mapping::custom::{AttributeDraft, define, redefine};
use provost::model::{AttributeDefinition, AttributeKind, AttributeMutability, Audience, Timestamp};
use serde_json::{Value, json};

use super::{NOW, defined, draft, invalid};

/// What is left out has its defaults.
#[test]
fn a_short_draft() {
    let definition = AttributeDefinition {
        name: "cost_center".to_owned(),
        display_name: "cost center".to_owned(),
        description: String::new(),
        kind: AttributeKind::String,
        required: false,
        default: None,
        unique: false,
        allowed_values: Vec::new(),
        pattern: None,
        min: None,
        max: None,
        multi_valued: false,
        searchable: false,
        mutability: AttributeMutability::ReadWrite,
        visible_to: BTreeSet::from(Audience::ALL),
        editable_by: BTreeSet::from([Audience::Admin, Audience::Scim]),
        in_tokens: false,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
        indexing: false,
        removed_at: None,
    };
    assert_eq!(defined(json!({ "name": "cost_center", "type": "string" })), definition);
    assert_eq!(define(AttributeDraft::new("cost_center", AttributeKind::String), &[], NOW), Ok(definition));
}

/// A definition is stored as JSON and read again.
#[test]
fn a_full_draft_comes_back_from_json() {
    let definition = defined(json!({
        "name": "badge_numbers", "display_name": "Badges", "description": "The badges that the person carries.",
        "type": "array<string>", "required": true, "default": ["AB-1"], "allowed_values": ["AB-1", "AB-2"],
        "pattern": "[A-Z]{2}-\\d+", "min": 1, "max": 3, "multi_valued": true, "searchable": true,
        "mutability": "immutable", "visible_to": ["admin", "user"], "editable_by": ["user"], "in_tokens": true,
    }));
    assert_eq!((definition.min.as_ref().unwrap().as_i64(), definition.is_multi_valued()), (Some(1), true));
    assert!(!definition.is_visible_to(Audience::Scim) && definition.is_editable_by(Audience::User));
    let json = serde_json::to_string(&definition).unwrap();
    assert_eq!(serde_json::from_str::<AttributeDefinition>(&json).unwrap(), definition);
    assert_eq!(redefine(&definition, AttributeDraft::from(&definition), NOW).unwrap().version, 2);
}

/// Who may edit follows from who may see and from the mutability, unless it is said.
#[test]
fn who_may_edit() {
    let editors = |body: Value| defined(body).editable_by.into_iter().collect::<Vec<_>>();
    let admin = vec![Audience::Admin];
    assert_eq!(editors(json!({ "name": "a", "type": "string", "mutability": "read_only" })), admin);
    assert_eq!(editors(json!({ "name": "a", "type": "string", "visible_to": ["admin", "user"] })), admin);
    assert_eq!(
        editors(json!({ "name": "a", "type": "string", "editable_by": ["scim"] })),
        vec![Audience::Scim]
    );
}

#[test]
fn names() {
    let sentence = "'name' must be in snake case, such as cost_center: at most 63 lower-case letters, digits and single \
                    underscores, the first a letter.";
    let long = "n".repeat(64);
    for name in
        ["", "1st", "_a", "a_", "a__b", "Cost", "cost-center", "cost center", "größe", "a.b", "a\n", &long]
    {
        let found = define(AttributeDraft::new(name, AttributeKind::String), &[], NOW).unwrap_err();
        assert_eq!(found.0[0], invalid("/name", sentence), "{name}");
    }
    for name in ["email", "user_name", "roles", "id", "password", "custom", "sub"] {
        let found = define(AttributeDraft::new(name, AttributeKind::String), &[], NOW).unwrap_err();
        let sentence = format!("'name' must not be '{name}', which every user has already.");
        assert_eq!(found.0, [invalid("/name", &sentence)]);
    }
    for name in ["a", "cost_center", "t_shirt_size_2", &long[1..]] {
        assert!(define(AttributeDraft::new(name, AttributeKind::String), &[], NOW).is_ok(), "{name}");
    }
}

/// One mistake each, and the one sentence that names its field.
fn one_mistake_each(cases: &[(Value, &str, &str)]) {
    for (changes, pointer, message) in cases {
        let mut body = json!({ "name": "thing", "type": "string" });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let found = define(draft(body), &[], NOW).unwrap_err();
        assert_eq!(found.0, [invalid(pointer, message)], "{changes}");
    }
}

#[test]
fn texts_and_patterns() {
    one_mistake_each(&[
        (json!({ "display_name": " " }), "/display_name", "'display_name' must have 1 to 100 characters."),
        (
            json!({ "description": "d".repeat(1001) }),
            "/description",
            "'description' must have 0 to 1000 characters.",
        ),
        (
            json!({ "pattern": "(" }),
            "/pattern",
            "'pattern' is not a regular expression; it takes the syntax of the Rust crate 'regex', without look-around and back-references.",
        ),
        (
            json!({ "pattern": "a)|(?:b" }),
            "/pattern",
            "'pattern' is not a regular expression; it takes the syntax of the Rust crate 'regex', without look-around and back-references.",
        ),
        (
            json!({ "pattern": "(?=a)b" }),
            "/pattern",
            "'pattern' is not a regular expression; it takes the syntax of the Rust crate 'regex', without look-around and back-references.",
        ),
        (
            json!({ "pattern": "a".repeat(257) }),
            "/pattern",
            "'pattern' must not be longer than 256 characters.",
        ),
        (
            json!({ "pattern": "(\\w{100}){100}" }),
            "/pattern",
            "'pattern' is too large when compiled; repeat less, or use smaller classes of characters.",
        ),
        (
            json!({ "type": "integer", "pattern": "1" }),
            "/pattern",
            "'pattern' does not go with the type 'integer'.",
        ),
    ]);
}

#[test]
fn bounds() {
    one_mistake_each(&[
        (json!({ "min": 3, "max": 2 }), "/min", "'min' must not be more than 'max'."),
        (json!({ "type": "number", "min": 0.5, "max": 0.25 }), "/min", "'min' must not be more than 'max'."),
        (json!({ "min": -1 }), "/min", "'min' must be an integer from 0 to 4096."),
        (json!({ "max": 4097 }), "/max", "'max' must be an integer from 0 to 4096."),
        (json!({ "type": "array<string>", "max": 1001 }), "/max", "'max' must be an integer from 0 to 1000."),
        (json!({ "type": "integer", "max": 1.5 }), "/max", "'max' must be an integer, as the values are."),
        (json!({ "type": "boolean", "max": 1 }), "/max", "'max' does not go with the type 'boolean'."),
        (json!({ "type": "date", "min": 1 }), "/min", "'min' does not go with the type 'date'."),
    ]);
}

#[test]
fn uniqueness_and_audiences() {
    one_mistake_each(&[
        (
            json!({ "type": "boolean", "unique": true }),
            "/unique",
            "'unique' does not go with the type 'boolean', of which two users would have every value.",
        ),
        (
            json!({ "multi_valued": true, "unique": true }),
            "/unique",
            "'unique' does not go with several values.",
        ),
        (
            json!({ "unique": true, "default": "x" }),
            "/default",
            "'default' must not be given where values are unique: the second user could not have it.",
        ),
        (
            json!({ "visible_to": ["scim"], "editable_by": ["scim"] }),
            "/visible_to",
            "'visible_to' must contain 'admin'.",
        ),
        (
            json!({ "editable_by": [] }),
            "/editable_by",
            "'editable_by' must name at least one of 'admin', 'user' and 'scim'.",
        ),
        (
            json!({ "visible_to": ["admin"], "editable_by": ["user"] }),
            "/editable_by",
            "'editable_by' must not name who is not in 'visible_to'.",
        ),
        (
            json!({ "mutability": "read_only", "editable_by": ["admin", "scim"] }),
            "/editable_by",
            "'editable_by' must be 'admin' alone where 'mutability' is 'read_only'.",
        ),
    ]);
}

#[test]
fn allowed_values() {
    one_mistake_each(&[
        (
            json!({ "allowed_values": ["a", 1] }),
            "/allowed_values/1",
            "'allowed_values/1' must be a string, not a number.",
        ),
        (json!({ "allowed_values": ["a", "A"] }), "/allowed_values/1", "'allowed_values/1' is there twice."),
        (
            json!({ "allowed_values": ["a".repeat(257)] }),
            "/allowed_values/0",
            "'allowed_values/0' must not be longer than 256 characters.",
        ),
        (
            json!({ "allowed_values": (0..101).map(|n| n.to_string()).collect::<Vec<_>>() }),
            "/allowed_values",
            "'allowed_values' must not have more than 100 values.",
        ),
        (
            json!({ "type": "integer", "allowed_values": [1, 2.0] }),
            "/allowed_values/1",
            "'allowed_values/1' must be an integer of 64 bits, without a fraction or an exponent.",
        ),
        (
            json!({ "type": "boolean", "allowed_values": [true] }),
            "/allowed_values",
            "'allowed_values' does not go with the type 'boolean'.",
        ),
        (
            json!({ "allowed_values": ["abc"], "max": 2 }),
            "/allowed_values/0",
            "'allowed_values/0' must have at most 2 characters.",
        ),
    ]);
}

#[test]
fn defaults() {
    one_mistake_each(&[
        (
            json!({ "allowed_values": ["a", "b"], "default": "c" }),
            "/default",
            "'default' must be one of \"a\", \"b\".",
        ),
        (
            json!({ "pattern": "[a-z]+", "default": "A" }),
            "/default",
            "'default' must match the pattern [a-z]+ as a whole.",
        ),
        (
            json!({ "type": "integer", "default": "1" }),
            "/default",
            "'default' must be an integer, not a string.",
        ),
        (
            json!({ "type": "date", "default": "2026-02-30" }),
            "/default",
            "'default' must be a day of the calendar, such as 2026-01-31.",
        ),
        (
            json!({ "type": "array<string>", "default": "a" }),
            "/default",
            "'default' must be an array, not a string.",
        ),
        (
            json!({ "type": "array<string>", "default": ["a", 1] }),
            "/default/1",
            "'default' (element 2) must be a string, not a number.",
        ),
        (
            json!({ "type": "array<string>", "default": [] }),
            "/default",
            "'default' must be a value, not an array without one.",
        ),
    ]);
}

/// Everything that is wrong is said at once.
#[test]
fn all_mistakes_come_together() {
    let body = json!({
        "name": "Bad Name", "type": "boolean", "unique": true, "pattern": "x", "min": 2, "max": 1,
        "allowed_values": [true], "editable_by": [],
    });
    let found = define(draft(body), &[], NOW).unwrap_err();
    let pointers: Vec<&str> = found.0.iter().map(|problem| &*problem.pointer).collect();
    assert_eq!(
        pointers,
        ["/name", "/pattern", "/min", "/max", "/min", "/unique", "/editable_by", "/allowed_values"]
    );
    assert!(found.to_string().starts_with("'name' must be in snake case"));
}

/// A draft with a field that there is not, or a type that there is not, is none.
#[test]
fn unknown_fields_and_types() {
    let read =
        |body: Value| serde_json::from_value::<AttributeDraft>(body).map_err(|error| error.to_string());
    assert!(read(json!({ "name": "a", "type": "string", "colour": 1 })).unwrap_err().contains("`colour`"));
    assert!(read(json!({ "name": "a", "type": "text" })).unwrap_err().contains("`array<string>`"));
}

#[test]
fn a_tenant_has_a_hundred() {
    let existing: Vec<AttributeDefinition> = (0..MOST_ATTRIBUTES)
        .map(|number| defined(json!({ "name": format!("a{number}"), "type": "string" })))
        .collect();
    let new = || AttributeDraft::new("new", AttributeKind::String);
    assert!(define(new(), &existing[1..], NOW).is_ok());
    let found = define(new(), &existing, NOW).unwrap_err();
    assert_eq!(
        found.0,
        [invalid("/name", "'name' would be one too many; a tenant has at most 100 attributes.")]
    );
}

#[test]
fn a_name_is_taken_once() {
    let mut existing = [defined(json!({ "name": "team", "type": "string" }))];
    let again = |existing: &[AttributeDefinition]| {
        define(AttributeDraft::new("team", AttributeKind::Integer), existing, NOW).unwrap_err().0
    };
    assert_eq!(again(&existing), [invalid("/name", "'name' is taken by another attribute.")]);
    existing[0].removed_at = Some(NOW);
    let sentence = "'name' is that of a removed attribute whose values are still kept; restore that one, or give \
                    another name.";
    assert_eq!(again(&existing), [invalid("/name", sentence)]);
}

/// What values are kept under and how they look cannot change; the rest can.
#[test]
fn what_can_change() {
    let before = defined(json!({ "name": "team", "type": "string" }));
    let later = Timestamp(NOW.0 + 1);
    let change = |changes: Value| {
        let mut body = json!({ "name": "team", "type": "string" });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        redefine(&before, draft(body), later)
    };
    let after = change(json!({ "required": true, "max": 5, "display_name": "Team" })).unwrap();
    let expected = AttributeDefinition {
        required: true,
        max: Some(5.into()),
        display_name: "Team".to_owned(),
        updated_at: later,
        version: 2,
        ..before.clone()
    };
    assert_eq!(after, expected);
    let removed = AttributeDefinition { removed_at: Some(NOW), ..before.clone() };
    assert_eq!(redefine(&removed, AttributeDraft::from(&removed), later).unwrap().removed_at, Some(NOW));
    for (changes, pointer, message) in [
        (json!({ "name": "group" }), "/name", "'name' cannot be changed; values are kept under it."),
        (json!({ "type": "integer" }), "/type", "'type' cannot be changed; it is 'string'."),
        (
            json!({ "multi_valued": true }),
            "/multi_valued",
            "'multi_valued' cannot be changed; users have values in the form that it had.",
        ),
    ] {
        assert_eq!(change(changes).unwrap_err().0, [invalid(pointer, message)]);
    }
}
