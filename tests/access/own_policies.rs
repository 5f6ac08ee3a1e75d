//! What a tenant's own policies can do, and what none of them lifts.

use std::collections::BTreeSet;
use std::sync::Arc;

use provost::access::question::{Channel, UserFacts, UserStatus};
use provost::access::{Decision, Effect, PolicyRef, Principal, Question, Snapshot, Thing};
use provost::model::{BuiltInRole, Permission, Permissions, PolicyId};
use serde_json::json;

use super::people::{
    a_role, alice, alice_as, ask, bob, built_in_roles, connection, engineers, group, key_of_alice, policy,
    snapshot, tenant, user,
};

fn denied() -> Decision {
    Decision { allowed: false, notices: Vec::new(), determining: Vec::new() }
}

/// Who determined it: ids or, of a tenant's own, names.
fn who(decision: &Decision) -> Vec<(&str, Effect)> {
    fn name(policy: &PolicyRef) -> &str {
        if policy.built_in { &policy.id } else { &policy.name }
    }
    decision.determining.iter().map(|policy| (name(policy), policy.effect)).collect()
}

fn update_bob(principal: Principal) -> Question {
    ask(principal, Permission::UsersUpdate, Thing::User(user(bob())))
}

#[test]
fn a_forbid_beats_every_permit_and_says_its_notice() {
    let snapshot = snapshot(&[
        "@notice(\"Changes are frozen until Monday.\")\nforbid (principal, action in Provost::Action::\"write\", resource);",
        "permit (principal, action, resource);",
    ]);
    let owner = alice_as(BuiltInRole::Owner);
    let decision = snapshot.decide(&update_bob(owner.clone()));
    assert!(!decision.allowed);
    assert_eq!(decision.notices, ["Changes are frozen until Monday."]);
    assert_eq!(who(&decision), [("p1", Effect::Forbid)]);

    let reading = snapshot.decide(&ask(owner, Permission::UsersRead, Thing::Tenant));
    assert!(reading.allowed && reading.notices.is_empty());
    assert_eq!(who(&reading), [("permission:users.read", Effect::Permit), ("p2", Effect::Permit)]);
}

#[test]
fn a_permit_gives_a_user_more_than_its_roles_and_says_its_notice() {
    let helpdesk = format!(
        "@notice(\"You act as the help desk.\")\npermit (\n    principal == Provost::User::\"{}\",\n    \
         action == Provost::Action::\"users.update\",\n    resource in Provost::Group::\"{}\"\n)\n\
         when {{ resource is Provost::User && context.changed == [\"phone\"] }};",
        alice(),
        engineers()
    );
    let snapshot = snapshot(&[&helpdesk]);
    let mut question = update_bob(alice_as(BuiltInRole::User));
    assert_eq!(snapshot.decide(&question), denied());
    question.context.changed = BTreeSet::from([Arc::from("phone")]);
    let decision = snapshot.decide(&question);
    assert!(decision.allowed);
    assert_eq!(decision.notices, ["You act as the help desk."]);
    assert_eq!(who(&decision), [("p1", Effect::Permit)]);

    question.resource.thing = Thing::User(UserFacts { groups: Vec::new(), ..user(bob()) });
    assert_eq!(snapshot.decide(&question), denied());
}

#[test]
fn no_permit_lets_anybody_make_or_change_owners() {
    let snapshot = snapshot(&["permit (principal, action, resource);"]);
    let owner = Thing::User(UserFacts { is_owner: true, ..user(bob()) });
    for (action, rule) in [
        (Permission::OwnersWrite, "limit:owners.write"),
        (Permission::UsersUpdate, "rule:owners"),
        (Permission::UsersDelete, "rule:owners"),
    ] {
        for role in [BuiltInRole::Admin, BuiltInRole::Manager, BuiltInRole::User] {
            let decision = snapshot.decide(&ask(alice_as(role), action, owner.clone()));
            assert_eq!((decision.allowed, who(&decision)), (false, vec![(rule, Effect::Forbid)]), "{action}");
        }
        assert!(snapshot.decide(&ask(alice_as(BuiltInRole::Owner), action, owner.clone())).allowed);
    }
}

#[test]
fn no_permit_gives_a_key_or_a_connection_more_than_it_holds() {
    let snapshot = snapshot(&["permit (principal, action, resource);"]);
    let scopes = Permissions::from_iter([Permission::UsersRead]);
    for principal in [key_of_alice(BuiltInRole::Owner, scopes), connection(scopes)] {
        let decision = snapshot.decide(&update_bob(principal.clone()));
        assert_eq!((decision.allowed, who(&decision)), (false, vec![("limit:users.update", Effect::Forbid)]));
        assert!(snapshot.decide(&ask(principal, Permission::UsersRead, Thing::User(user(bob())))).allowed);
    }
    assert!(snapshot.decide(&update_bob(alice_as(BuiltInRole::User))).allowed);
}

#[test]
fn no_permit_makes_somebody_else_oneself() {
    let snapshot = snapshot(&["permit (principal, action, resource);"]);
    for action in [Permission::SelfRead, Permission::SelfUpdate] {
        let about = |id| ask(alice_as(BuiltInRole::Owner), action, Thing::User(user(id)));
        let decision = snapshot.decide(&about(bob()));
        assert_eq!((decision.allowed, who(&decision)), (false, vec![("rule:self", Effect::Forbid)]));
        assert!(snapshot.decide(&about(alice())).allowed);
    }
}

#[test]
fn what_is_forbidden_to_a_user_is_forbidden_to_the_users_keys() {
    let text = format!("forbid (principal == Provost::User::\"{}\", action, resource);", alice());
    let snapshot = snapshot(&[&text]);
    let key = key_of_alice(BuiltInRole::Owner, Permissions::all());
    let decision = snapshot.decide(&update_bob(key));
    assert_eq!((decision.allowed, who(&decision)), (false, vec![("p1", Effect::Forbid)]));
}

#[test]
fn policies_tell_principals_resources_and_circumstances_apart() {
    let cases: [(&str, bool); 12] = [
        ("principal in Provost::Role::\"manager\"", true),
        ("principal in Provost::Role::\"owner\"", false),
        ("principal in Provost::Permission::\"groups.write\"", true),
        ("principal in Provost::Permission::\"roles.write\"", false),
        ("principal.email like \"*@example.com\"", true),
        ("resource.status == Provost::Status::\"active\"", true),
        ("resource in Provost::Role::\"user\"", true),
        ("resource.service_account || resource.is_owner", false),
        ("context.channel == Provost::Channel::\"api\"", true),
        ("context has ip && context.ip.isInRange(ip(\"192.0.2.0/24\"))", true),
        ("context has ip && context.ip.isInRange(ip(\"198.51.100.0/24\"))", false),
        ("context.roles.contains(Provost::Role::\"admin\")", true),
    ];
    for (condition, applies) in cases {
        let condition = condition.replace("principal.email", "principal has email && principal.email");
        let text = format!(
            "forbid (principal is Provost::User, action == Provost::Action::\"users.update\", resource is Provost::User)\
             \nwhen {{ {condition} }};"
        );
        let mut question = update_bob(alice_as(BuiltInRole::Manager));
        question.context.roles = vec![Arc::from("Admin")];
        assert_eq!(snapshot(&[&text]).decide(&question).allowed, !applies, "{condition}");
    }
}

#[test]
fn membership_is_known_where_no_policy_names_a_role_or_a_group() {
    let snapshot = snapshot(&[
        "forbid (principal, action == Provost::Action::\"groups.write\", resource is Provost::Group)
            when { principal in resource };",
        "forbid (principal, action == Provost::Action::\"roles.assign\", resource) when { principal in context.roles };",
    ]);
    let manager = alice_as(BuiltInRole::Manager);
    let member = Principal { groups: vec![engineers()], ..manager.clone() };
    let writes =
        |principal| snapshot.decide(&ask(principal, Permission::GroupsWrite, Thing::Group(group()))).allowed;
    assert!(writes(manager.clone()) && !writes(member));

    let mut assigns = ask(manager, Permission::RolesAssign, Thing::User(user(bob())));
    assert!(snapshot.decide(&assigns).allowed);
    assigns.context.roles = vec![Arc::from("manager")];
    assert!(!snapshot.decide(&assigns).allowed);
}

#[test]
fn whoever_asks_about_itself_is_known_as_the_resource_and_keeps_its_permissions() {
    let snapshot = snapshot(&[
        "forbid (principal, action == Provost::Action::\"users.update\", resource is Provost::User)
        when { principal == resource && resource.status == Provost::Status::\"suspended\" };",
    ]);
    let about = |status| {
        let thing = Thing::User(UserFacts { status, ..user(alice()) });
        snapshot.decide(&ask(alice_as(BuiltInRole::Manager), Permission::UsersUpdate, thing)).allowed
    };
    assert!(about(UserStatus::Active) && !about(UserStatus::Suspended));
}

#[test]
fn a_role_that_a_tenant_named_is_one_in_any_case() {
    let mut roles = built_in_roles();
    roles.push(a_role("Help Desk", Permissions::NONE));
    let text = "permit (principal in Provost::Role::\"help desk\", action == Provost::Action::\"groups.write\", resource);";
    let snapshot = Snapshot::compile(tenant(), &roles, &[policy("desk", text)]).expect("right policies");
    let desk = Principal { roles: vec![Arc::from("HELP DESK")], ..alice_as(BuiltInRole::User) };
    assert!(snapshot.decide(&ask(desk, Permission::GroupsWrite, Thing::Group(group()))).allowed);
}

#[test]
fn a_policy_that_is_switched_off_says_nothing() {
    let off = provost::access::TenantPolicy {
        enabled: false,
        ..policy("off", "forbid (principal, action, resource);")
    };
    let snapshot = Snapshot::compile(tenant(), &built_in_roles(), &[off]).expect("right policies");
    assert!(snapshot.decide(&update_bob(alice_as(BuiltInRole::Manager))).allowed);
    assert!(!snapshot.has_own_policies(Permission::UsersUpdate));
}

#[test]
fn a_policy_may_have_several_statements() {
    let text = "forbid (principal, action == Provost::Action::\"users.delete\", resource);\n\
                // Nor from the console.\n@notice(\"Not here.\")\n\
                forbid (principal, action == Provost::Action::\"users.update\", resource)\n\
                when { context.channel == Provost::Channel::\"console\" };";
    let snapshot = snapshot(&[text, text]);
    assert!(
        snapshot.has_own_policies(Permission::UsersDelete)
            && !snapshot.has_own_policies(Permission::UsersRead)
    );
    let mut question = update_bob(alice_as(BuiltInRole::Manager));
    assert!(snapshot.decide(&question).allowed);
    question.context.channel = Channel::Console;
    let decision = snapshot.decide(&question);
    let statements: Vec<usize> = decision.determining.iter().map(|policy| policy.statement).collect();
    assert_eq!((decision.allowed, statements), (false, vec![2, 2]));
    assert_eq!(decision.notices, ["Not here."]);
}

/// Overflow is a mistake that no validation finds.
const FAILS: &str = "when { 9223372036854775807 + 1 == 0 }";

#[test]
fn a_forbid_that_fails_forbids() {
    let text = format!(
        "@notice(\"Broken.\") forbid (principal, action == Provost::Action::\"users.update\", resource) {FAILS};"
    );
    let snapshot = snapshot(&[&text, "permit (principal, action, resource);"]);
    let question = update_bob(alice_as(BuiltInRole::Owner));
    let decision = snapshot.decide(&question);
    assert_eq!((decision.allowed, who(&decision)), (false, vec![("p1", Effect::Forbid)]));
    assert_eq!(decision.notices, ["Broken."]);
    let errors = snapshot.explain(&question).errors;
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("overflow"), "{}", errors[0].message);
}

#[test]
fn a_permit_that_fails_permits_nothing_and_takes_nothing() {
    let snapshot = snapshot(&[&format!("permit (principal, action, resource) {FAILS};")]);
    assert_eq!(snapshot.decide(&update_bob(alice_as(BuiltInRole::User))), denied());
    let decision = snapshot.decide(&update_bob(alice_as(BuiltInRole::Manager)));
    assert_eq!((decision.allowed, who(&decision)), (true, vec![("permission:users.update", Effect::Permit)]));
}

#[test]
fn policies_that_cannot_be_read_shut_the_tenant_until_an_owner_mends_them() {
    let (snapshot, mistakes) = Snapshot::load(tenant(), &built_in_roles(), &[policy("torn", "forbid (")]);
    assert_eq!((mistakes.len(), mistakes[0].policy.as_str()), (1, "torn"));
    let ask =
        |role, action| snapshot.decide(&ask(alice_as(role), action, super::people::usual_thing(action)));
    let shut = Decision { notices: vec![provost::access::CLOSED.to_owned()], ..denied() };
    for action in Permission::ALL {
        let mends = matches!(action, Permission::PoliciesRead | Permission::PoliciesWrite);
        assert_eq!(ask(BuiltInRole::Owner, *action).allowed, mends, "{action}");
        assert_eq!(ask(BuiltInRole::Admin, *action), shut, "{action}");
    }
}

#[test]
fn a_stored_policy_may_name_a_role_that_is_gone() {
    let text = "forbid (principal in Provost::Role::\"gone\", action, resource);";
    let (snapshot, mistakes) = Snapshot::load(tenant(), &built_in_roles(), &[policy("old", text)]);
    assert_eq!(mistakes, []);
    assert!(snapshot.decide(&update_bob(alice_as(BuiltInRole::Manager))).allowed);
}

#[test]
fn an_explanation_names_roles_policies_and_texts() {
    let text =
        "@notice(\"Ask Bob.\")\nforbid (principal, action == Provost::Action::\"users.delete\", resource);";
    let id = PolicyId(uuid::Uuid::from_u128(9));
    let own = provost::access::TenantPolicy { id, ..policy("Nobody deletes", text) };
    let snapshot = Snapshot::compile(tenant(), &built_in_roles(), &[own]).expect("right policies");
    let explain = |role, action| {
        let question = ask(alice_as(role), action, Thing::User(user(bob())));
        assert_eq!(snapshot.decide(&question).allowed, snapshot.explain(&question).allowed);
        serde_json::to_value(snapshot.explain(&question)).expect("JSON")
    };
    assert_eq!(
        explain(BuiltInRole::Manager, Permission::UsersDelete),
        json!({
            "allowed": false,
            "reason": "The principal holds users.delete, but 'Nobody deletes' forbids it.",
            "roles": ["manager"],
            "notices": ["Ask Bob."],
            "determining": [{
                "id": "00000000-0000-0000-0000-000000000009", "name": "Nobody deletes", "statement": 1,
                "effect": "forbid", "built_in": false, "text": text, "notice": "Ask Bob.",
            }],
            "errors": [],
        })
    );
    assert_eq!(
        explain(BuiltInRole::Manager, Permission::UsersUpdate),
        json!({
            "allowed": true,
            "reason": "The role manager holds users.update, and no policy forbids it.",
            "roles": ["manager"],
            "notices": [],
            "determining": [{
                "id": "permission:users.update", "name": "The permission users.update", "statement": 1,
                "effect": "permit", "built_in": true,
                "text": "permit (\n    principal in Provost::Permission::\"users.update\",\n    \
                         action == Provost::Action::\"users.update\",\n    resource\n);",
                "notice": null,
            }],
            "errors": [],
        })
    );
    let reason = &explain(BuiltInRole::User, Permission::UsersUpdate)["reason"];
    assert_eq!(reason, "The principal does not hold users.update, and no policy permits it.");
}
