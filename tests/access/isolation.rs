//! The wall between tenants stands before every policy.

use provost::access::Thing;
use provost::model::{BuiltInRole, Permission, TenantId};

use super::people::{alice_as, ask, bob, snapshot, tenant, user};

#[test]
fn no_policy_lets_anybody_reach_into_another_tenant() {
    let other = TenantId(uuid::Uuid::from_u128(0xbad));
    for texts in [&[][..], &["permit (principal, action, resource);"]] {
        let snapshot = snapshot(texts);
        for action in Permission::ALL {
            let inside = ask(alice_as(BuiltInRole::Owner), *action, super::people::usual_thing(*action));
            assert!(snapshot.decide(&inside).allowed, "{action}");
            for (principal_of, resource_of) in [(other, tenant()), (tenant(), other), (other, other)] {
                let mut question = inside.clone();
                question.principal.tenant_id = principal_of;
                question.resource.tenant_id = resource_of;
                let explained = snapshot.explain(&question);
                assert_eq!(explained.reason, "Who asks and what it is about have to belong to this tenant.");
                assert!(!snapshot.decide(&question).allowed && !explained.allowed, "{action}");
            }
        }
    }
}

#[test]
fn an_action_on_what_it_is_not_about_is_denied() {
    for texts in [&[][..], &["permit (principal, action, resource);"]] {
        let question = ask(alice_as(BuiltInRole::Owner), Permission::WebhooksRead, Thing::User(user(bob())));
        let explained = snapshot(texts).explain(&question);
        assert_eq!(explained.reason, "webhooks.read is not asked by such a principal about a user.");
        assert!(!explained.allowed);
    }
}
