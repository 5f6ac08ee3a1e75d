//! What an answer holds.

use proptest::prelude::*;
use provost::scim::error::ScimError;
use provost::scim::projection::Projection;
use provost::scim::schema::{Attribute, ResourceSchema, Returned, SchemaSet};
use serde_json::{Map, Value, json};

use super::generate;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// RFC 7643 §7, `returned`: without a wish, what is returned always or by default.
#[test]
fn everything_but_secrets_is_shown_by_default() {
    let mut document = babs();
    document["password"] = json!("never");
    document["unknown"] = json!("never");
    let projection = Projection::default_of(SchemaSet::built_in().user());
    assert!(projection.is_default());
    assert_eq!(shown(&projection, document), babs());
    assert_eq!(projection, parse("", " , ").unwrap());
}

/// RFC 7644 §3.9: `attributes` names what is shown beside `id` and `schemas`.
#[test]
fn attributes_choose_what_is_shown() {
    for (attributes, expected) in [
        ("userName", json!({ "userName": "babs" })),
        ("USERNAME, title", json!({ "userName": "babs", "title": "Guide" })),
        ("name.GivenName", json!({ "name": { "givenName": "Barbara" } })),
        ("name,name.givenName", json!({ "name": { "familyName": "Jensen", "givenName": "Barbara" } })),
        ("emails.type", json!({ "emails": [{ "type": "work" }] })),
        (
            "emails.type,emails.value",
            json!({ "emails": [{ "value": "a@b.c", "type": "work" }, { "value": "d@e.f" }] }),
        ),
        (&format!("{USER}:userName"), json!({ "userName": "babs" })),
        (&format!("{USER}:name.familyName"), json!({ "name": { "familyName": "Jensen" } })),
        (
            ENTERPRISE,
            json!({ ENTERPRISE: { "department": "Tours", "manager": { "value": "m", "displayName": "John" } } }),
        ),
        (&format!("{ENTERPRISE}:department"), json!({ ENTERPRISE: { "department": "Tours" } })),
        (
            &format!("{ENTERPRISE}:manager.displayName"),
            json!({ ENTERPRISE: { "manager": { "displayName": "John" } } }),
        ),
        ("meta.version", json!({ "meta": { "version": "W/\"1\"" } })),
        ("id", json!({})),
        ("password", json!({})),
        ("shoeSize,name.shoeSize", json!({})),
        ("photos", json!({})),
    ] {
        let mut document = json!({ "schemas": [USER, ENTERPRISE], "id": "1" });
        document.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(shown(&parse(attributes, "").unwrap(), babs()), document, "{attributes}");
    }
}

/// RFC 7644 §3.9: `excludedAttributes` takes away what is not returned always.
#[test]
fn excluded_attributes_are_left_out() {
    let everything = "userName,name,title,emails,groups,meta";
    for (excluded, expected) in [
        (format!("{everything},{ENTERPRISE}"), json!({})),
        (
            format!("{everything},{ENTERPRISE}:department,id,schemas"),
            json!({ ENTERPRISE: { "manager": { "value": "m", "displayName": "John" } } }),
        ),
        (
            format!("{everything},{ENTERPRISE}:department,{ENTERPRISE}:manager.VALUE"),
            json!({ ENTERPRISE: { "manager": { "displayName": "John" } } }),
        ),
        (
            format!(
                "userName,name.givenName,title,emails.value,groups.value,groups.display,meta,{ENTERPRISE}"
            ),
            json!({ "name": { "familyName": "Jensen" }, "emails": [{ "type": "work", "primary": true }] }),
        ),
    ] {
        let mut document = json!({ "schemas": [USER, ENTERPRISE], "id": "1" });
        document.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(shown(&parse("", &excluded).unwrap(), babs()), document, "{excluded}");
    }
    assert_eq!(shown(&parse("", "shoeSize").unwrap(), babs()), babs());
}

/// RFC 7644 §3.4.2.5: one of the two, not both.
#[test]
fn both_lists_exclude_each_other() {
    let detail = "'attributes' and 'excludedAttributes' are mutually exclusive; give one of them.";
    assert_eq!(parse("userName", "title"), Err(ScimError::invalid_value(detail)));
    let names = ["userName".to_owned(), "name.givenName".to_owned()];
    let listed = Projection::parse(SchemaSet::built_in().user(), &names, &[]).unwrap();
    assert_eq!(listed, parse("userName,name.givenName", "").unwrap());
}

/// RFC 7643 §7, `returned`, on both levels: always, never, default, request.
#[test]
fn each_attribute_has_its_own_rule() {
    let schema = with_returned();
    let document = || {
        json!({
            "id": "1",
            "userName": "babs",
            "badge": { "number": "1", "colour": "red", "pin": "2", "photo": "x" },
            "locker": "L",
        })
    };
    let shown = |attributes: &str, excluded: &str| {
        let projection = Projection::parse(&schema, &[attributes], &[excluded]).unwrap();
        let document = match document() {
            Value::Object(document) => document,
            _ => Map::new(),
        };
        Value::Object(projection.apply(&schema, document))
    };
    let badge = json!({ "number": "1", "colour": "red" });
    assert_eq!(shown("", ""), json!({ "id": "1", "userName": "babs", "badge": badge }));
    assert_eq!(shown("userName", ""), json!({ "id": "1", "userName": "babs", "badge": badge }));
    assert_eq!(shown("locker", ""), json!({ "id": "1", "badge": badge, "locker": "L" }));
    assert_eq!(shown("badge.photo", ""), json!({ "id": "1", "badge": { "number": "1", "photo": "x" } }));
    assert_eq!(shown("badge.pin", ""), json!({ "id": "1", "badge": { "number": "1" } }));
    assert_eq!(shown("", "badge,userName"), json!({ "id": "1", "badge": badge }));
    assert_eq!(
        shown("", "badge.number,badge.colour"),
        json!({ "id": "1", "userName": "babs", "badge": { "number": "1" } })
    );
    let projection = Projection::default_of(&schema);
    assert!(projection.wants("badge") && !projection.wants("locker"));
    assert!(Projection::parse(&schema, &["locker"], &[]).unwrap().wants("Locker"));
    assert!(Projection::parse(&schema, &["locker"], &[]).unwrap().wants("badge"));
}

/// RFC 7644 §3.9: what is not in the answer need not be loaded.
#[test]
fn wants_tells_what_to_load() {
    let group = |attributes: &str, excluded: &str| {
        Projection::parse(SchemaSet::built_in().group(), &[attributes], &[excluded]).unwrap()
    };
    let members =
        |projection: &Projection| (projection.wants("members"), projection.wants_sub("members", "display"));
    assert_eq!(members(&group("", "")), (true, true));
    assert_eq!(members(&group("displayName", "")), (false, false));
    assert_eq!(members(&group("Members", "")), (true, true));
    assert_eq!(members(&group("members.value", "")), (true, false));
    assert_eq!(members(&group("members.Display", "")), (true, true));
    assert_eq!(members(&group("", "members")), (false, false));
    assert_eq!(members(&group("", "members.display")), (true, false));
    assert_eq!(members(&group("", "displayName")), (true, true));
    assert!(group("displayName", "").wants("id"));
    assert!(!group("displayName", "").wants("meta"));

    let manager = |attributes: &str, excluded: &str| {
        let projection = parse(attributes, excluded).unwrap();
        (projection.wants(ENTERPRISE), projection.wants_sub(ENTERPRISE, "manager"))
    };
    assert_eq!(manager("", ""), (true, true));
    assert_eq!(manager("userName", ""), (false, false));
    assert_eq!(manager(ENTERPRISE, ""), (true, true));
    assert_eq!(manager(&format!("{ENTERPRISE}:department"), ""), (true, false));
    assert_eq!(manager(&format!("{ENTERPRISE}:manager.displayName"), ""), (true, true));
    assert_eq!(manager("", ENTERPRISE), (false, false));
    assert_eq!(manager("", &format!("{ENTERPRISE}:manager")), (true, false));
    assert_eq!(manager("", &format!("{ENTERPRISE}:manager.displayName")), (true, true));
    assert!(!parse("", "").unwrap().wants("password"));
}

proptest! {
    /// RFC 7644 §3.9: what one list shows and the other takes away is, together, everything.
    #[test]
    fn the_two_lists_complement_each_other(user in generate::user(), picks in prop::collection::vec(any::<bool>(), 1..30)) {
        let names: Vec<String> = user.keys().zip(picks).filter(|(_, pick)| *pick).map(|(name, _)| name.clone()).collect();
        prop_assume!(!names.is_empty());
        let set = SchemaSet::built_in();
        let only = Projection::parse(set.user(), &names, &[]).unwrap().apply(set.user(), user.clone());
        let without = Projection::parse(set.user(), &[], &names).unwrap().apply(set.user(), user.clone());
        prop_assert!(only.keys().all(|name| names.contains(name)));
        let together: Map<String, Value> = only.into_iter().chain(without).collect();
        prop_assert_eq!(together, user);
    }

    /// What a projection left stays, when it is applied again; and what it does not want is not there.
    #[test]
    fn projecting_is_idempotent(user in generate::user(), attributes in names(), excluded in names()) {
        let set = SchemaSet::built_in();
        for projection in [
            Projection::parse(set.user(), &attributes, &[]).unwrap(),
            Projection::parse(set.user(), &[], &excluded).unwrap(),
        ] {
            let once = projection.apply(set.user(), user.clone());
            prop_assert_eq!(projection.apply(set.user(), once.clone()), once.clone());
            prop_assert!(once.keys().all(|name| projection.wants(name)));
            for (name, value) in &once {
                let parts = value.as_object().into_iter().flat_map(Map::keys);
                prop_assert!(parts.clone().all(|part| projection.wants_sub(name, part)), "{} {:?}", name, projection);
            }
        }
    }
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let set = SchemaSet::built_in();
    let mut names = vec![ENTERPRISE.to_owned(), "meta".to_owned(), "externalId".to_owned()];
    for (extension, attribute) in set.user().attributes() {
        let name = extension.map_or(attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
        names.extend(attribute.sub_attributes.iter().map(|sub| format!("{name}.{}", sub.name)));
        names.push(name);
    }
    prop::collection::vec(prop::sample::select(names), 0..6)
}

fn parse(attributes: &str, excluded: &str) -> Result<Projection, ScimError> {
    Projection::parse(SchemaSet::built_in().user(), &[attributes], &[excluded])
}

fn shown(projection: &Projection, document: Value) -> Value {
    match document {
        Value::Object(document) => Value::Object(projection.apply(SchemaSet::built_in().user(), document)),
        other => other,
    }
}

fn babs() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "id": "1",
        "userName": "babs",
        "name": { "familyName": "Jensen", "givenName": "Barbara" },
        "title": "Guide",
        "emails": [{ "value": "a@b.c", "type": "work", "primary": true }, { "value": "d@e.f" }],
        "groups": [{ "value": "g", "display": "Guides" }],
        ENTERPRISE: { "department": "Tours", "manager": { "value": "m", "displayName": "John" } },
        "meta": { "resourceType": "User", "version": "W/\"1\"" },
    })
}

/// The User resource type with `badge`, which is always returned, its parts always, by default, never and on request,
/// and `locker`, which is returned on request.
fn with_returned() -> ResourceSchema {
    let attribute = |name: &str, returned: Returned, sub_attributes: Vec<Attribute>| Attribute {
        name: name.to_owned(),
        returned,
        kind: if sub_attributes.is_empty() { text().kind } else { complex().kind },
        sub_attributes,
        ..text()
    };
    let parts = vec![
        attribute("number", Returned::Always, vec![]),
        attribute("colour", Returned::Default, vec![]),
        attribute("pin", Returned::Never, vec![]),
        attribute("photo", Returned::Request, vec![]),
    ];
    let mut schema = ResourceSchema::clone(SchemaSet::built_in().user());
    let mut core = (*schema.core).clone();
    core.attributes.push(attribute("badge", Returned::Always, parts));
    core.attributes.push(attribute("locker", Returned::Request, vec![]));
    schema.core = core.into();
    schema
}

fn text() -> Attribute {
    SchemaSet::built_in().user().core.attribute("title").unwrap().clone()
}

fn complex() -> Attribute {
    SchemaSet::built_in().user().core.attribute("name").unwrap().clone()
}
