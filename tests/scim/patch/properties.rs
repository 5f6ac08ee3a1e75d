//! PATCH against [`super::model`], and laws that hold for every PATCH.

use proptest::prelude::*;
use provost::scim::schema::SchemaSet;
use serde_json::{Value, json};

use super::model::{Email, Model, Step};
use super::request::{attributes, try_patch};

const KINDS: [&str; 3] = ["work", "home", "other"];

fn text() -> impl Strategy<Value = String> {
    "[abAB]"
}

fn nullable() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, text())
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&KINDS[..])
}

fn email() -> impl Strategy<Value = Email> {
    (text(), kind(), prop::option::of(text()), prop::option::weighted(0.3, any::<bool>()))
        .prop_map(|(value, kind, display, primary)| Email { value, kind, display, primary })
}

fn emails() -> impl Strategy<Value = Vec<Email>> {
    prop::collection::vec(email(), 0..4).prop_map(|emails| {
        let mut distinct: Vec<Email> = Vec::new();
        for email in emails {
            let twin =
                |other: &Email| other.value.eq_ignore_ascii_case(&email.value) && other.kind == email.kind;
            if !distinct.iter().any(twin) {
                distinct.push(email);
            }
        }
        distinct
    })
}

fn part() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        nullable().prop_map(|value| ("value", json!(value))),
        nullable().prop_map(|value| ("display", json!(value))),
        prop::option::weighted(0.8, any::<bool>()).prop_map(|value| ("primary", json!(value))),
    ]
}

/// A step that is `add` only where `add` says so.
fn step(add: impl Strategy<Value = bool> + Clone) -> impl Strategy<Value = Step> {
    let name = (add.clone(), any::<bool>(), prop::option::of(nullable()), prop::option::of(nullable()));
    let replaced = (kind(), email())
        .prop_map(|(kind, email)| Step::ReplaceEmail { kind, email: Email { kind, ..email } });
    let removed_part = (kind(), prop::sample::select(&["value", "display", "primary", "type"][..]));
    prop_oneof![
        1 => (add.clone(), any::<bool>(), nullable())
            .prop_map(|(add, extension, value)| Step::Simple { add, extension, value }),
        1 => any::<bool>().prop_map(|extension| Step::RemoveSimple { extension }),
        1 => name.prop_map(|(add, dotted, given, family)| Step::Name { add, dotted, given, family }),
        1 => prop::option::of(prop::sample::select(&["givenName", "familyName"][..]))
            .prop_map(|part| Step::RemoveName { part }),
        3 => (add.clone(), emails()).prop_map(|(add, emails)| Step::Emails { add, emails }),
        1 => prop::option::weighted(0.8, kind()).prop_map(|kind| Step::RemoveEmails { kind }),
        2 => replaced,
        3 => (add, kind(), part()).prop_map(|(add, kind, (part, value))| Step::Part { add, kind, part, value }),
        2 => removed_part.prop_map(|(kind, part)| Step::RemovePart { kind, part }),
    ]
}

fn user() -> impl Strategy<Value = Model> {
    (nullable(), nullable(), nullable(), nullable(), emails()).prop_map(
        |(title, department, given, family, mut emails)| {
            let mut seen = false;
            for email in &mut emails {
                if email.primary == Some(true) {
                    email.primary = Some(!seen);
                    seen = true;
                }
            }
            Model { title, department, given, family, emails: emails.iter().map(Email::to_json).collect() }
        },
    )
}

fn patch(current: &Value, steps: &[Step]) -> Result<Value, String> {
    let operations: Vec<Value> = steps.iter().map(Step::to_json).collect();
    let before = attributes(current.clone());
    let patched = try_patch(SchemaSet::built_in().user(), current.clone(), json!(operations));
    assert_eq!(before, attributes(current.clone()), "the attributes that went in stay as they are");
    match patched {
        Ok(patched) => Ok(Value::Object(patched.attributes.into_map())),
        Err(error) => Err(error.detail),
    }
}

/// The same with the elements of `emails` in one order, whatever order they came in.
fn unordered(mut user: Value) -> Value {
    if let Some(emails) = user.get_mut("emails").and_then(Value::as_array_mut) {
        for email in emails.iter_mut() {
            email.sort_all_objects();
        }
        emails.sort_by_key(Value::to_string);
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// RFC 7644 §3.5.2: what the model makes of the operations, or a refusal where the model refuses.
    #[test]
    fn does_what_the_model_does(before in user(), steps in prop::collection::vec(step(any::<bool>()), 1..6)) {
        let patched = patch(&before.to_json(), &steps);
        match (before.run(&steps), patched) {
            (Ok(expected), Ok(after)) => prop_assert_eq!(unordered(after), unordered(expected.to_json())),
            (Err(_), Err(detail)) => prop_assert!(detail.starts_with("Operation "), "{}", detail),
            (Ok(_), Err(detail)) => prop_assert!(false, "refused: {}", detail),
            (Err(_), Ok(after)) => prop_assert!(false, "not refused: {}", after),
        }
    }

    /// RFC 7644 §3.5.2.2, §3.5.2.3: a `replace` or `remove` done once more changes nothing.
    #[test]
    fn is_idempotent(before in user(), step in step(Just(false))) {
        if let Ok(once) = patch(&before.to_json(), std::slice::from_ref(&step)) {
            prop_assert_eq!(patch(&once, &[step]), Ok(once));
        }
    }

    /// RFC 7644 §3.5.2: whatever comes before a refused operation, the refusal is the answer, and it names that one.
    #[test]
    fn is_all_or_nothing(before in user(), steps in prop::collection::vec(step(any::<bool>()), 0..4)) {
        let mut operations: Vec<Value> = steps.iter().map(Step::to_json).collect();
        operations.push(json!({"op": "replace", "path": "meta", "value": {}}));
        let refusal = try_patch(SchemaSet::built_in().user(), before.to_json(), json!(operations));
        let refusal = refusal.expect_err("meta is readOnly").detail;
        if before.run(&steps).is_ok() {
            prop_assert_eq!(refusal, format!("Operation {}: 'meta' is readOnly.", operations.len()));
        } else {
            prop_assert!(refusal.starts_with("Operation "), "{}", refusal);
        }
    }
}
