//! What goes out and comes back is the same; what came in is there when it is read.

use proptest::prelude::*;
use provost::mapping::user::{Occasion, restore, to_model, to_scim};
use provost::mapping::{group, rows};
use provost::model::query::StoredUser;
use provost::model::tenant::NameOrder;
use provost::model::{GroupId, NameOrigin, User};
use provost::scim::schema::AttributeMap;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{NOW, created};
use crate::scim::generate;

/// The user as the database gives it back.
fn stored(user: &User) -> StoredUser {
    let row = rows::UserSchema::built_in().row(user);
    StoredUser {
        id: row.id.0,
        version: row.version,
        created_at: row.created_at.0,
        updated_at: row.updated_at.0,
        document: row.document,
        name_origins: row.name_origins,
        email: row.email,
        external_id: user.external_id.clone(),
        manager_id: None,
        manager_display_name: None,
        in_groups: false,
        account: row.account,
        custom: row.custom,
    }
}

/// What a named rule adds: parts of a name by the splitter, and `active`, which everybody has.
fn added_by_rules(user: &User) -> Vec<String> {
    let parts = user.name.parts();
    let split = parts
        .iter()
        .filter(|(_, part)| part.as_ref().is_some_and(|part| part.origin == NameOrigin::Splitter));
    split.map(|(name, _)| format!("name.{name}")).chain(["active".to_owned()]).collect()
}

/// Every value with the path on which it lies; arrays are values.
fn flat(prefix: &str, object: &Map<String, Value>) -> Vec<(String, Value)> {
    object
        .iter()
        .flat_map(|(name, value)| match value {
            Value::Object(inner) => flat(&format!("{prefix}{name}."), inner),
            other => vec![(format!("{prefix}{name}"), other.clone())],
        })
        .collect()
}

/// The user of what it shows of itself.
fn same(user: &User, occasion: Occasion<'_>) -> User {
    to_model(to_scim(user), user.id, user.updated_at, occasion, NameOrder::GivenFirst).unwrap()
}

proptest! {
    /// `to_model(to_scim(u)) == u`: a user that goes out to SCIM and comes back is the same user.
    #[test]
    fn a_user_comes_back_as_it_went(body in generate::user()) {
        let user = created(&Value::Object(body));
        let back = same(&user, Occasion::Patch(&user));
        prop_assert_eq!(back, User { version: user.version + 1, ..user });
    }

    /// The same when it is a PUT that brings back what a GET gave.
    #[test]
    fn a_user_that_is_put_back_is_the_same(body in generate::user()) {
        let user = created(&Value::Object(body));
        let back = same(&user, Occasion::Replace(&user));
        prop_assert_eq!(back, User { version: user.version + 1, ..user });
    }

    /// A user is the same after it was stored.
    #[test]
    fn a_stored_user_is_restored(body in generate::user()) {
        let user = created(&Value::Object(body));
        prop_assert_eq!(restore(&stored(&user)).unwrap(), user);
    }

    /// Nothing that a client sent is lost or changed on its way through the mapper, and nothing is added but by a rule.
    #[test]
    fn nothing_a_client_sent_is_lost(body in generate::user()) {
        let user = created(&Value::Object(body.clone()));
        let (sent, shown) = (flat("", &body), flat("", to_scim(&user).as_map()));
        for value in &sent {
            prop_assert!(shown.contains(value), "{:?} is missing or another", value);
        }
        let added = added_by_rules(&user);
        for (path, _) in &shown {
            prop_assert!(sent.iter().any(|(known, _)| known == path) || added.contains(path), "{} was added", path);
        }
    }

    /// What the splitter adds goes nowhere near what a client said of the same part.
    #[test]
    fn what_a_client_says_of_a_name_stands(given in "[A-Z][a-z]{1,8}", formatted in "[A-Z][a-z]{1,8} [A-Z][a-z]{1,8}") {
        let user = created(&json!({ "userName": "x", "name": { "givenName": given, "formatted": formatted } }));
        prop_assert_eq!(&user.name.given.as_ref().unwrap().text, &given);
        prop_assert_eq!(user.name.family, None);
    }

    /// The same for groups, whose members are rows and never come this way.
    #[test]
    fn a_group_comes_back_as_it_went(name in "\\PC{1,20}", external_id in prop::option::of("\\PC{1,20}")) {
        let mut attributes = Map::from_iter([("displayName".to_owned(), json!(name))]);
        attributes.extend(external_id.map(|id| ("externalId".to_owned(), json!(id))));
        let attributes = AttributeMap::from_stored(attributes);
        let made = group::to_model(attributes.clone(), GroupId(Uuid::from_u128(8)), NOW, None).unwrap();
        prop_assert_eq!(&group::to_scim(&made), &attributes);
        let back = group::to_model(group::to_scim(&made), made.id, NOW, Some(&made)).unwrap();
        prop_assert_eq!(back, provost::model::Group { version: 2, ..made });
    }
}
