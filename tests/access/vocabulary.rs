//! The schema speaks of every permission, and what is asked is as the schema says.

use cedar_policy::{PolicySet, Schema};
use provost::access::{SCHEMA, Snapshot};
use provost::model::{BuiltInRole, Permission};

use super::people::{alice_as, ask, snapshot, things, usual_thing};

fn schema() -> Schema {
    Schema::from_cedarschema_str(SCHEMA).expect("a valid schema").0
}

#[test]
fn the_actions_are_the_permissions_and_their_two_groups() {
    let schema = schema();
    let mut actions: Vec<String> = schema.actions().map(|uid| uid.id().unescaped().to_owned()).collect();
    let mut expected: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
    expected.extend(["read", "write"]);
    actions.sort();
    expected.sort_unstable();
    assert_eq!(actions, expected);
    let entities = schema.action_entities().expect("actions");
    for action in Permission::ALL {
        let group = if action.as_str().ends_with(".read") { "read" } else { "write" };
        let uid = format!("Provost::Action::\"{action}\"").parse().expect("a name");
        let groups: Vec<_> =
            entities.ancestors(&uid).expect("an action").map(|uid| uid.id().unescaped()).collect();
        assert_eq!(groups, [group], "{action}");
    }
}

#[test]
fn what_the_permissions_are_called_is_what_policies_call_them() {
    for permission in Permission::ALL {
        let text = format!("forbid (principal in Provost::Permission::\"{permission}\", action, resource);");
        let question = ask(alice_as(BuiltInRole::Owner), *permission, usual_thing(*permission));
        assert!(!snapshot(&[&text]).decide(&question).allowed, "{permission}");
    }
}

/// Reads each attribute that the schema gives a type: a missing one, or one of another type, would be an error.
#[test]
fn every_attribute_that_the_schema_promises_is_there() {
    let head = |kind: &str| format!("permit (principal, action, resource is Provost::{kind})");
    let texts = [
        head("User")
            + " when { resource.user_name == \"\" || (resource has email && resource.email == \"\") };",
        head("User") + " when { resource.status == Provost::Status::\"invited\" || resource.is_owner };",
        head("User") + " when { resource.service_account };",
        head("Group")
            + " when { resource.display_name == \"\" || resource.kind == Provost::GroupKind::\"organization\" };",
        head("Policy") + " when { resource.name == \"\" };",
        head("Attribute") + " when { resource.name == \"\" };",
        head("Connection") + " when { resource.name == \"\" };",
        head("ApiKey")
            + " when { resource.name == \"\" || (resource has user && resource.user == principal) };",
        head("Webhook") + " when { resource.url == \"\" };",
        head("Invitation") + " when { resource.email == \"\" };",
        "permit (principal is Provost::User, action, resource) when { principal.service_account };"
            .to_owned(),
        "permit (principal is Provost::User, action, resource) when { principal.user_name == \"\" };"
            .to_owned(),
        "permit (principal, action, resource) when { context.changed.contains(\"\") };".to_owned(),
        "permit (principal, action, resource) when { context.roles.containsAny([Provost::Role::\"user\"]) };"
            .to_owned(),
        "permit (principal, action, resource) when { context.channel == Provost::Channel::\"import\" };"
            .to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let snapshot: Snapshot = snapshot(&texts);
    for action in Permission::ALL {
        for thing in things() {
            let explained = snapshot.explain(&ask(alice_as(BuiltInRole::User), *action, thing));
            assert_eq!(explained.errors, []);
        }
    }
}

#[test]
fn what_is_explained_of_the_built_in_policies_is_cedar_that_holds_against_the_schema() {
    let validator = cedar_policy::Validator::new(schema());
    let everybody = snapshot(&["permit (principal, action, resource);"]);
    for action in Permission::ALL {
        for role in BuiltInRole::ALL {
            for thing in things() {
                for policy in everybody.explain(&ask(alice_as(role), *action, thing)).determining {
                    let set: PolicySet = policy.text.parse().expect("a policy");
                    let result = validator.validate(&set, cedar_policy::ValidationMode::Strict);
                    assert!(result.validation_passed_without_warnings(), "{}: {result}", policy.text);
                }
            }
        }
    }
}
