//! All custom values of a user: creation, change and replacement, by whom and what is left to whom.

use provost::mapping::custom::{CustomAttributes, ProblemKind};
use provost::model::Audience;
use serde_json::{Map, Value, json};

use super::{NOW, defined, invalid, object, problem, problems, tenant};

/// A tenant as one might be.
fn acme() -> CustomAttributes {
    tenant([
        json!({ "name": "cost_center", "type": "string", "required": true, "pattern": "[A-Z]{2}\\d{4}" }),
        json!({ "name": "shift", "type": "string", "allowed_values": ["day", "night"], "default": "day" }),
        json!({ "name": "badge", "type": "integer", "mutability": "immutable", "unique": true }),
        json!({ "name": "tags", "type": "array<string>", "searchable": true, "in_tokens": true,
                "editable_by": ["admin", "user", "scim"] }),
        json!({ "name": "risk", "type": "number", "mutability": "read_only" }),
        json!({ "name": "notes", "type": "string", "visible_to": ["admin"] }),
    ])
}

fn full() -> Map<String, Value> {
    object(json!({
        "cost_center": "CC1234", "shift": "night", "badge": 7, "tags": ["a"], "risk": 0.5, "notes": "N",
    }))
}

/// Defaults are there on creation, and what is required has to be.
#[test]
fn creation() {
    let create = |given: Value| acme().create(object(given), Audience::Admin);
    assert_eq!(
        create(json!({ "cost_center": "CC1234" })),
        Ok(object(json!({ "cost_center": "CC1234", "shift": "day" })))
    );
    assert_eq!(create(Value::Object(full())), Ok(full()));
    let missing =
        problem(ProblemKind::Missing, "/custom/cost_center", "'cost_center' is required; give it a value.");
    for none in [json!({}), json!({ "cost_center": null }), json!({ "cost_center": " " })] {
        assert_eq!(create(none), Err(problems([missing.clone()])));
    }
}

/// Every problem comes back, each with its place; what is wrong is not also said to be missing.
#[test]
fn problems_come_together() {
    let given = json!({ "cost_center": "x", "shift": "noon", "badge": "7", "colour": 1, "a/b~c": 2 });
    assert_eq!(
        acme().create(object(given), Audience::Admin),
        Err(problems([
            invalid("/custom/cost_center", "'cost_center' must match the pattern [A-Z]{2}\\d{4} as a whole."),
            invalid("/custom/shift", "'shift' must be one of \"day\", \"night\"."),
            invalid("/custom/badge", "'badge' must be an integer, not a string."),
            problem(
                ProblemKind::Unknown,
                "/custom/colour",
                "'colour' is not one of the tenant's attributes."
            ),
            problem(
                ProblemKind::Unknown,
                "/custom/a~1b~0c",
                "'a/b~c' is not one of the tenant's attributes."
            ),
        ]))
    );
}

/// A body full of mistakes does not get an answer many times its size.
#[test]
fn a_hundred_problems_are_told() {
    let given = (0..5000).map(|number| (format!("x{number}"), Value::from(number))).collect();
    let refused = acme().create(given, Audience::Admin).unwrap_err();
    assert_eq!((refused.0.len(), &*refused.0[99].pointer), (100, "/custom/x99"));
    let tags = object(json!({ "cost_center": "CC1234", "tags": vec![0; 1000] }));
    assert_eq!(acme().create(tags, Audience::Admin).unwrap_err().0.len(), 100);
    let long = Map::from_iter([("n".repeat(10_000), Value::Null)]);
    assert!(acme().merge(&Map::new(), long, Audience::Admin).unwrap_err().to_string().len() < 300);
}

/// RFC 7396: what is named changes, null takes away, the rest stays.
#[test]
fn a_merge_changes_what_it_names() {
    let merge = |patch: Value| acme().merge(&full(), object(patch), Audience::Admin);
    let mut expected = full();
    expected.insert("shift".to_owned(), json!("day"));
    expected.shift_remove("tags");
    assert_eq!(merge(json!({ "shift": "DAY", "tags": null, "cost_center": "CC1234" })), Ok(expected));
    assert_eq!(merge(json!({})), Ok(full()));
    assert_eq!(
        merge(json!({ "tags": [1], "nothing": null })),
        Err(problems([
            invalid("/custom/tags/0", "'tags' (element 1) must be a string, not a number."),
            problem(
                ProblemKind::Unknown,
                "/custom/nothing",
                "'nothing' is not one of the tenant's attributes."
            ),
        ]))
    );
}

/// A default is for new users; one that was taken away is not given again.
#[test]
fn a_default_is_given_once() {
    let without = acme().merge(&full(), object(json!({ "shift": null })), Audience::Admin).unwrap();
    assert!(!without.contains_key("shift"));
    assert_eq!(acme().merge(&without, Map::new(), Audience::Admin), Ok(without));
}

/// An immutable value is set once, by anybody who may; then it stays.
#[test]
fn an_immutable_value_stays() {
    let before = object(json!({ "cost_center": "CC1234" }));
    let set = acme().merge(&before, object(json!({ "badge": 7 })), Audience::Admin).unwrap();
    assert_eq!(set["badge"], 7);
    let sentence = "'badge' is immutable: once it has a value, it cannot be changed.";
    let refused = problem(ProblemKind::Immutable, "/custom/badge", sentence);
    for change in [json!(8), Value::Null] {
        let patch = object(json!({ "badge": change }));
        assert_eq!(acme().merge(&set, patch, Audience::Admin), Err(problems([refused.clone()])));
    }
    assert_eq!(acme().merge(&set, object(json!({ "badge": 7 })), Audience::Admin), Ok(set.clone()));
    let replaced = acme().replace(&set, before, Audience::Admin);
    assert_eq!(replaced, Ok(set));
}

/// What became required later is not asked of those who were there before; but nobody loses it any more.
#[test]
fn required_is_not_retroactive() {
    let before = object(json!({ "shift": "day" }));
    assert_eq!(
        acme().merge(&before, object(json!({ "shift": "night" })), Audience::Admin),
        Ok(object(json!({ "shift": "night" })))
    );
    assert_eq!(acme().replace(&before, before.clone(), Audience::Admin), Ok(before.clone()));
    let sentence = "'cost_center' is required; it can be changed, but not taken away.";
    let refused = Err(problems([problem(ProblemKind::Missing, "/custom/cost_center", sentence)]));
    assert_eq!(acme().merge(&full(), object(json!({ "cost_center": null })), Audience::Admin), refused);
    assert_eq!(acme().replace(&full(), before, Audience::Admin), refused);
}

/// A replacement takes away what it leaves out, but not what the writer does not see or may not change.
#[test]
fn a_replacement_clears_what_is_left_out() {
    let given = || object(json!({ "cost_center": "CC9999" }));
    assert_eq!(
        acme().replace(&full(), given(), Audience::Admin),
        Ok(object(json!({ "cost_center": "CC9999", "badge": 7 })))
    );
    assert_eq!(
        acme().replace(&full(), given(), Audience::Scim),
        Ok(object(json!({ "cost_center": "CC9999", "badge": 7, "risk": 0.5, "notes": "N" })))
    );
    assert_eq!(
        acme().replace(&full(), Map::new(), Audience::User),
        Ok(object(json!({
            "cost_center": "CC1234", "shift": "night", "badge": 7, "risk": 0.5, "notes": "N",
        })))
    );
}

/// Who may not edit is told so, unless what is sent is what is there; who may not see is told nothing.
#[test]
fn others_values() {
    let refused = |name: &str| {
        let message = format!("'{name}' cannot be changed this way; leave it out.");
        Err(problems([problem(ProblemKind::NotEditable, &format!("/custom/{name}"), &message)]))
    };
    let merge = |patch: Value, writer| acme().merge(&full(), object(patch), writer);
    assert_eq!(merge(json!({ "risk": 0.9 }), Audience::Scim), refused("risk"));
    assert_eq!(merge(json!({ "risk": 0.5 }), Audience::Scim), Ok(full()));
    assert_eq!(merge(json!({ "shift": "day" }), Audience::User), refused("shift"));
    assert_eq!(merge(json!({ "tags": ["b"] }), Audience::User).unwrap()["tags"], json!(["b"]));
    let unknown = |name: &str| {
        let message = format!("'{name}' is not one of the tenant's attributes.");
        Err(problems([problem(ProblemKind::Unknown, &format!("/custom/{name}"), &message)]))
    };
    assert_eq!(merge(json!({ "notes": "N" }), Audience::User), unknown("notes"));
    assert_eq!(merge(json!({ "notes": "N" }), Audience::Scim), unknown("notes"));
}

/// A user who registers is not asked for what only others may set; an identity provider may leave the extension out.
#[test]
fn what_is_required_of_whom() {
    let only_default = object(json!({ "shift": "day" }));
    assert_eq!(acme().create(Map::new(), Audience::User), Ok(only_default.clone()));
    assert_eq!(acme().create(Map::new(), Audience::Scim), Ok(only_default));
    assert_eq!(
        acme().create(object(json!({ "tags": ["a"] })), Audience::Scim),
        Err(problems([problem(
            ProblemKind::Missing,
            "/custom/cost_center",
            "'cost_center' is required; give it a value."
        )]))
    );
}

/// Values of a removed attribute are kept, shown to nobody, and cannot be written.
#[test]
fn a_removed_attribute() {
    let mut removed = defined(json!({ "name": "team", "type": "string", "in_tokens": true }));
    removed.removed_at = Some(NOW);
    let tenant =
        CustomAttributes::compile([removed, defined(json!({ "name": "desk", "type": "string" }))]).unwrap();
    let before = object(json!({ "team": "Blue", "desk": "1" }));
    let after = object(json!({ "team": "Blue", "desk": "2" }));
    for writer in [Audience::Admin, Audience::Scim] {
        assert_eq!(tenant.replace(&before, object(json!({ "desk": "2" })), writer), Ok(after.clone()));
    }
    assert_eq!(tenant.visible(&before, Audience::Admin), object(json!({ "desk": "1" })));
    assert_eq!(tenant.claims(&before), Map::new());
    assert!(tenant.merge(&before, object(json!({ "team": "Red" })), Audience::Admin).is_err());
}

/// Who sees what, what tokens tell, and what the database is to keep unique and indexed.
#[test]
fn what_is_taken_out() {
    let acme = acme();
    assert_eq!(acme.visible(&full(), Audience::Admin), full());
    let mut seen = full();
    seen.shift_remove("notes");
    assert_eq!(acme.visible(&full(), Audience::User), seen);
    assert_eq!(acme.claims(&full()), object(json!({ "tags": ["a"] })));
    assert_eq!(acme.unique(&full()).collect::<Vec<_>>(), [("badge", "7".to_owned())]);
    let values = object(json!({ "tags": ["Ärger", "b"] }));
    assert_eq!(
        acme.indexed(&values).collect::<Vec<_>>(),
        [("tags", "ärger".to_owned()), ("tags", "b".to_owned())]
    );
}

/// Values that are the same have one key.
#[test]
fn keys() {
    let key = |kind: &str, value: Value| {
        tenant([json!({ "name": "x", "type": kind })]).get("x").unwrap().key(&value)
    };
    assert_eq!(key("string", json!("STRASSE")), key("string", json!("straße")));
    assert_eq!(key("number", json!(1.0)), key("number", json!(1)));
    assert_eq!(key("number", json!(-0.0)), key("number", json!(0)));
    assert_ne!(key("reference", json!("https://x/A")), key("reference", json!("https://x/a")));
}
