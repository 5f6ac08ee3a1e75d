//! Policies decide every operation of the admin API about the very thing that it is about.

mod operations;
mod roles;
mod things;
mod world;

use provost::model::{Permission, PolicyId};
use serde_json::{Value, json};

use self::operations::operations;
use self::world::World;
use crate::support::{Client, TestApp, on_both};

/// What is not decided here: connections, webhooks and the change of one's own address have tests beside their own, only
/// the instance makes, lists, suspends and deletes tenants, whoever signs in, accepts an invitation or gets a client's token
/// is nobody yet, and everybody may sign out and look up what permissions there are.
const ELSEWHERE: [&str; 21] = [
    "/v1/adoption-requests",
    "/v1/connections",
    "/v1/webhook-event-types",
    "/v1/webhooks",
    "/v1/tenants post",
    "/v1/tenants get",
    "/v1/tenants/{id} delete",
    "/v1/tenants/{id}/",
    "/v1/permissions",
    "/auth/challenge/",
    "/auth/email",
    "/.well-known/",
    "/oauth/token",
    "/auth/introspect",
    "/auth/login",
    "/auth/logout",
    "/auth/password/",
    "/auth/refresh",
    "/auth/register",
    "/auth/verify-email",
    "/auth/invitations/",
];

/// The actions that only those decide.
const ACTIONS_ELSEWHERE: [&str; 4] =
    ["connections.read", "connections.write", "webhooks.read", "webhooks.write"];

/// Makes a policy and gives its path.
async fn policy(admin: &Client, text: &str) -> String {
    let name = format!("policy {}", PolicyId::generate());
    let made = admin.post("/policies", &json!({ "name": name, "text": text })).await.created();
    format!("/policies/{made}")
}

/// Every event of the tenant that is not about policies.
async fn events(app: &TestApp) -> Vec<String> {
    app.texts("SELECT kind || ' ' || details FROM audit_events WHERE kind <> 'policy.changed' ORDER BY id")
        .await
}

on_both! {
    /// Whatever the admin API serves is in the table of operations, or is said to be decided elsewhere. So is every action.
    async fn every_operation_and_every_action_is_listed(app: TestApp) {
        let world = World::new(&app).await;
        let operations = operations(&world);
        let listed = |served: &str| operations.iter().any(|operation| operation.route() == served);
        let elsewhere = |served: &str| ELSEWHERE.iter().any(|route| served.starts_with(route));
        let document: Value = serde_json::from_str(&provost::http::admin::document("https://example.com")).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let served = format!("{path} {method}");
                assert!(listed(&served) || elsewhere(&served), "{served} is decided by nobody");
            }
        }
        for permission in Permission::ALL {
            let name = permission.as_str();
            let asked = operations.iter().any(|operation| operation.action == name);
            assert!(asked || ACTIONS_ELSEWHERE.contains(&name), "{name} is asked for by nobody");
        }
    }

    /// A policy that forbids an action to somebody stops each operation that the action covers, and says why.
    async fn a_forbid_stops_every_operation_of_its_action(app: TestApp) {
        let world = World::new(&app).await;
        let before = events(&app).await;
        for permission in Permission::ALL {
            let action = permission.as_str();
            let text = format!(
                "@notice(\"No {action}.\")\nforbid (principal, action == Provost::Action::\"{action}\", resource)\n\
                 when {{ principal == Provost::User::\"{}\" || principal == Provost::User::\"{}\" }};",
                world.owner.0, world.plain.0
            );
            let path = policy(&app.admin, &text).await;
            for operation in operations(&world).iter().filter(|operation| operation.action == action) {
                let notices = json!([format!("No {action}.")]);
                let expected = (403, &json!("denied_by_policy"), &notices);
                assert_eq!(operation.run(&world).await.refusal(), expected, "{operation:?}");
            }
            app.admin.delete(&path).await.expect(204);
        }
        assert_eq!(events(&app).await, before);
    }

    /// A policy that permits an action to somebody whose roles do not hold it opens each operation that it covers, and
    /// tells that it did.
    async fn a_permit_opens_every_operation_of_its_action(app: TestApp) {
        let world = World::new(&app).await;
        let (id, stranger) = &world.stranger;
        let permit = |action: &str| {
            format!("permit (principal == Provost::User::\"{id}\", action == Provost::Action::\"{action}\", resource);\n")
        };
        for permission in Permission::ALL {
            let action = permission.as_str();
            let opened = operations(&world);
            for operation in opened.iter().filter(|operation| operation.action == action && operation.permits) {
                let closed = operation.run_by(&world, stranger).await;
                assert_eq!(closed.refusal(), (403, &json!("forbidden"), &json!([])), "{operation:?}");
                let others: String = operation.needs.iter().map(|other| permit(other)).collect();
                let text = format!("@notice(\"By {action}.\")\n{}{others}", permit(action));
                let path = policy(&app.admin, &text).await;
                let answer = operation.run_by(&world, stranger).await;
                assert!(answer.status < 300, "{operation:?}: {} {}", answer.status, answer.body);
                assert_eq!(answer.notice, Some(format!("By {action}.")), "{operation:?}");
                app.admin.delete(&path).await.expect(204);
            }
        }
    }

    /// Where the policies cannot be read nothing is done, but that an owner reads and changes policies.
    async fn a_closed_tenant_does_nothing(app: TestApp) {
        let world = World::new(&app).await;
        app.texts("UPDATE policies SET text = 'forbid (((' RETURNING name").await;
        app.texts("UPDATE tenants SET generation = generation + 1 RETURNING slug").await;
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        let closed = json!(["The policies of this tenant cannot be read. An owner has to correct them."]);
        let all = operations(&world);
        for operation in all.iter().filter(|operation| !operation.action.starts_with("policies.")) {
            let refused = operation.run(&world).await;
            assert_eq!(refused.refusal(), (403, &json!("denied_by_policy"), &closed), "{operation:?}");
        }
        for operation in all.iter().filter(|operation| operation.action == "policies.read") {
            assert_eq!(operation.run(&world).await.status, 200, "{operation:?}");
        }
    }
}
