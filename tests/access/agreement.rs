//! Without a say of the tenant's own, the answer is what the principal's permissions hold, but for three rules; and it is
//! the same whether Cedar is asked or not.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use provost::access::question::UserFacts;
use provost::access::{Principal, PrincipalKind, Question, Snapshot, Thing};
use provost::model::{BuiltInRole, Permission, Permissions, UserId};

use super::people::{
    a_role, alice, alice_as, ask, bob, built_in_roles, connection, key_of_alice, person, policy, snapshot,
    tenant, things, user,
};

/// A policy that says something of every action and means nobody, so that Cedar is asked.
const NOBODY: &str = "forbid (principal == Provost::User::\"nobody\", action, resource);";

/// Which things each action is about.
fn is_about(action: Permission, thing: &Thing) -> bool {
    use Permission as P;
    match (action, thing) {
        (P::OwnersWrite, thing) => matches!(thing, Thing::User(_) | Thing::Group(_)),
        (P::SelfRead | P::SelfUpdate, thing) => matches!(thing, Thing::User(_)),
        (_, Thing::Tenant) => true,
        (P::UsersCreate | P::UsersUpdate | P::UsersDelete | P::AuditRead, Thing::User(_)) => true,
        (P::UsersRead | P::UsersInvite, Thing::User(_) | Thing::Invitation { .. }) => true,
        (P::GroupsRead | P::GroupsWrite, Thing::Group(_)) => true,
        (P::RolesRead | P::RolesWrite, Thing::Role(_)) => true,
        (P::RolesAssign, Thing::User(_) | Thing::Group(_)) => true,
        (P::PoliciesRead | P::PoliciesWrite, Thing::Policy { .. }) => true,
        (P::AttributesRead | P::AttributesWrite, Thing::Attribute(_)) => true,
        (P::ApiKeysRead | P::ApiKeysWrite, Thing::ApiKey { .. }) => true,
        (P::ConnectionsRead | P::ConnectionsWrite, Thing::Connection { .. }) => true,
        (P::WebhooksRead | P::WebhooksWrite, Thing::Webhook { .. }) => true,
        _ => false,
    }
}

/// What is promised, in the words of the rules and not of the code.
fn promised(question: &Question) -> bool {
    let holds = |permission| question.principal.permissions.holds(permission);
    let oneself = match &question.principal.kind {
        PrincipalKind::User(person) => Some(person.id),
        PrincipalKind::ApiKey { user, .. } => user.as_ref().map(|person| person.id),
        PrincipalKind::Connection { .. } => None,
    };
    let thing = &question.resource.thing;
    is_about(question.action, thing)
        && holds(question.action)
        && match (question.action, thing) {
            (Permission::SelfRead | Permission::SelfUpdate, Thing::User(facts)) => {
                oneself.is_some() && facts.id == oneself
            }
            (Permission::UsersUpdate | Permission::UsersDelete, Thing::User(facts)) => {
                !facts.is_owner || holds(Permission::OwnersWrite)
            }
            _ => true,
        }
}

fn permissions() -> impl Strategy<Value = Permissions> {
    subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len()).prop_map(Permissions::from_iter)
}

fn principal() -> impl Strategy<Value = Principal> {
    let kind = select(vec![
        PrincipalKind::User(person(alice())),
        key_of_alice(BuiltInRole::User, Permissions::NONE).kind,
        PrincipalKind::ApiKey { id: super::people::key_id(), name: Arc::from("tenant's"), user: None },
        connection(Permissions::NONE).kind,
    ]);
    let roles = subsequence(vec!["OWNER", "admin", "Manager", "read_only", "user", "Auditor", "gone"], 0..=7);
    (kind, roles, permissions(), any::<bool>()).prop_map(|(kind, roles, permissions, is_owner)| Principal {
        kind,
        roles: roles.into_iter().map(Arc::from).collect(),
        permissions,
        is_owner,
        ..alice_as(BuiltInRole::User)
    })
}

fn thing() -> impl Strategy<Value = Thing> {
    let someone = select(vec![None, Some(alice()), Some(bob())]);
    let user = (someone, any::<bool>()).prop_map(|(id, is_owner): (Option<UserId>, bool)| {
        Thing::User(UserFacts { id, is_owner, ..user(bob()) })
    });
    prop_oneof![select(things()), user]
}

static PLAIN: LazyLock<Snapshot> = LazyLock::new(|| snapshot(&[]));
static BY_CEDAR: LazyLock<Snapshot> = LazyLock::new(|| snapshot(&[NOBODY]));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_answer_is_what_the_permissions_hold(
        principal in principal(),
        action in select(Permission::ALL.to_vec()),
        thing in thing(),
    ) {
        let question = ask(principal, action, thing);
        let plain = PLAIN.decide(&question);
        prop_assert_eq!(plain.allowed, promised(&question), "{:?}", question);
        let by_cedar = BY_CEDAR.decide(&question);
        prop_assert_eq!(plain, by_cedar);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_tenants_own_role_does_what_it_holds(held in permissions(), scopes in permissions()) {
        let mut roles = built_in_roles();
        roles.push(a_role("Auditor", held));
        for policies in [vec![], vec![policy("nobody", NOBODY)]] {
            let snapshot = Snapshot::compile(tenant(), &roles, &policies).expect("right policies");
            let of_roles = |principal: Principal, permissions| Principal {
                roles: vec![Arc::from("auditor")],
                permissions,
                is_owner: false,
                ..principal
            };
            for action in Permission::ALL {
                let thing = super::people::usual_thing(*action);
                let user = of_roles(alice_as(BuiltInRole::User), held);
                let key = of_roles(key_of_alice(BuiltInRole::User, scopes), held.intersection(scopes));
                let may = |principal| snapshot.decide(&ask(principal, *action, thing.clone())).allowed;
                prop_assert_eq!(may(user), held.holds(*action), "{}", action);
                prop_assert_eq!(may(key), held.holds(*action) && scopes.holds(*action), "{} of a key", action);
            }
        }
    }
}
