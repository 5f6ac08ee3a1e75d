//! Who said what of a name: the client, the splitter, or a person; and what that means for later changes.

use provost::model::{NameOrigin, User};
use serde_json::json;

use super::{created, patched, replaced};

fn names(user: &User) -> [Option<&str>; 3] {
    [&user.name.given, &user.name.middle, &user.name.family].map(|part| part.as_ref().map(|part| &*part.text))
}

/// Where the client says nothing of the parts they are read out of the whole.
#[test]
fn a_whole_name_is_split() {
    let user = created(&json!({ "userName": "x", "displayName": "Ada Augusta King" }));
    assert_eq!(
        (names(&user), &*user.name.origins()),
        ([Some("Ada"), Some("Augusta"), Some("King")], "sss--")
    );
    let user =
        created(&json!({ "userName": "x", "displayName": "Ada King", "name": { "familyName": "Lovelace" } }));
    assert_eq!((names(&user), &*user.name.origins()), ([None, None, Some("Lovelace")], "c----"));
    let user = created(&json!({ "userName": "x", "displayName": "Ada King", "name": { "middleName": "B" } }));
    assert_eq!((names(&user), &*user.name.origins()), ([Some("Ada"), Some("B"), Some("King")], "ssc--"));
}

/// A new whole name is split again; parts that the client gave back unchanged are still the splitter's.
#[test]
fn a_changed_whole_name_is_split_again() {
    let user = created(&json!({ "userName": "x", "displayName": "Ada Augusta King" }));
    let name = json!({ "givenName": "Ada", "middleName": "Augusta", "familyName": "King" });
    for change in [replaced, patched] {
        let changed = change(&user, &json!({ "userName": "x", "displayName": "Ada Lovelace", "name": name }));
        assert_eq!(
            (names(&changed), &*changed.name.origins()),
            ([Some("Ada"), None, Some("Lovelace")], "ss---")
        );
    }
}

/// A part that the client changes is the client's, and splitting is over.
#[test]
fn a_part_that_the_client_sets_is_the_clients() {
    let user = created(&json!({ "userName": "x", "displayName": "Ada King" }));
    let body = json!({ "userName": "x", "displayName": "Ada King", "name": { "givenName": "Ada", "familyName": "Lovelace" } });
    let changed = patched(&user, &body);
    assert_eq!((names(&changed), &*changed.name.origins()), ([Some("Ada"), None, Some("Lovelace")], "cs---"));
    let body = json!({ "userName": "x", "displayName": "Grace Hopper", "name": { "givenName": "Ada", "familyName": "Lovelace" } });
    assert_eq!(names(&patched(&changed, &body)), [Some("Ada"), None, Some("Lovelace")]);
}

/// A part that a PATCH takes away stays away until the whole name changes.
#[test]
fn a_part_that_was_removed_stays_away() {
    let user = created(&json!({ "userName": "x", "displayName": "Ada King" }));
    let without = json!({ "userName": "x", "displayName": "Ada King", "name": { "givenName": "Ada" } });
    let changed = patched(&user, &without);
    assert_eq!(names(&changed), [Some("Ada"), None, None]);
    let renamed = json!({ "userName": "x", "displayName": "Ada Lovelace", "name": { "givenName": "Ada" } });
    assert_eq!(names(&patched(&changed, &renamed)), [Some("Ada"), None, Some("Lovelace")]);
}

/// What a person set by hand is never split again.
#[test]
fn what_a_person_set_stays() {
    let mut user = created(&json!({ "userName": "x", "displayName": "Ada King" }));
    user.name.family.as_mut().unwrap().origin = NameOrigin::Person;
    let body = json!({ "userName": "x", "displayName": "Grace Hopper", "name": { "givenName": "Ada", "familyName": "King" } });
    for change in [replaced, patched] {
        let changed = change(&user, &body);
        assert_eq!((names(&changed), &*changed.name.origins()), ([Some("Ada"), None, Some("King")], "ps---"));
    }
}
