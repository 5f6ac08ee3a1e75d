//! The policies that every tenant has. They express the roles: a principal is in the permissions that its roles hold, and
//! each permission permits its action. The rules above them are forbids, which no permit of a tenant's lifts.
//!
//! The same in Rust, [`determined`], answers where a tenant has no say; that both agree is a property that is tested.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cedar_policy::{Policy, PolicyId};

use super::entities::{about_oneself, changes_an_owner};
use super::policy::{Effect, PolicyRef, Statement};
use super::question::{PrincipalKind, Question};
use crate::model::Permission;

/// Policies by the action that they are about.
static BUILT_IN: LazyLock<HashMap<Permission, Vec<Statement>>> = LazyLock::new(|| {
    Permission::ALL
        .iter()
        .map(|action| (*action, read(*action).expect("the built-in policies are valid")))
        .collect()
});

/// The built-in policies about an action.
pub(super) fn about(action: Permission) -> &'static [Statement] {
    BUILT_IN.get(&action).map_or(&[], Vec::as_slice)
}

/// Which of them determine the answer, if no other policy does: the forbids that apply, otherwise the permit.
pub(super) fn determined(question: &Question) -> Vec<&'static Statement> {
    let applying: Vec<_> =
        about(question.action).iter().filter(|statement| applies(statement, question)).collect();
    let forbids: Vec<_> =
        applying.iter().copied().filter(|statement| statement.policy.effect == Effect::Forbid).collect();
    if forbids.is_empty() { applying } else { forbids }
}

fn applies(statement: &Statement, question: &Question) -> bool {
    let holds = question.principal.permissions.holds(question.action);
    match statement.policy.id.split(':').next() {
        Some("permission") => holds,
        Some("limit") => {
            let is_user = matches!(question.principal.kind, PrincipalKind::User(_));
            let may_be_given_more = is_user && question.action != Permission::OwnersWrite;
            !holds && !may_be_given_more
        }
        _ if &*statement.policy.id == RULE_SELF => !about_oneself(question),
        _ => changes_an_owner(question) && !question.principal.permissions.holds(Permission::OwnersWrite),
    }
}

const RULE_SELF: &str = "rule:self";
pub(super) const RULE_OWNERS: &str = "rule:owners";

fn read(action: Permission) -> Option<Vec<Statement>> {
    let (name, uid) = (action.as_str(), format!("Provost::Action::\"{action}\""));
    let held = format!("principal in Provost::Permission::\"{action}\"");
    let mut policies = vec![
        (
            format!("permission:{name}"),
            format!("The permission {name}"),
            format!("permit (\n    {held},\n    action == {uid},\n    resource\n);"),
        ),
        (
            format!("limit:{name}"),
            limit_name(action),
            format!("forbid (principal, action == {uid}, resource)\nunless {{ {} }};", limit(action, &held)),
        ),
    ];
    match action {
        Permission::SelfRead | Permission::SelfUpdate => policies.push((
            RULE_SELF.to_owned(),
            "Nobody but oneself is meant".to_owned(),
            format!("forbid (principal, action == {uid}, resource)\nunless {{ {ONESELF} }};"),
        )),
        Permission::UsersUpdate | Permission::UsersDelete => policies.push((
            RULE_OWNERS.to_owned(),
            "Owners are changed by those who may make owners".to_owned(),
            format!("forbid (principal, action == {uid}, resource is Provost::User)\n{OWNERS};"),
        )),
        _ => {}
    }
    policies.into_iter().map(|(id, name, text)| statement(&id, &name, &text)).collect()
}

const ONESELF: &str = "(principal is Provost::User && principal == resource) ||\n    \
    (principal is Provost::ApiKey && principal has user && principal.user == resource)";

const OWNERS: &str =
    "when { resource.is_owner }\nunless { principal in Provost::Permission::\"owners.write\" }";

/// A tenant's permit may give a user more than its roles do. It gives nothing to keys, whose scopes are a promise, nor
/// to identity providers; and it makes nobody a maker of owners.
fn limit(action: Permission, held: &str) -> String {
    match action {
        Permission::OwnersWrite => held.to_owned(),
        _ => format!("principal is Provost::User || {held}"),
    }
}

fn limit_name(action: Permission) -> String {
    match action {
        Permission::OwnersWrite => format!("No policy gives {action}"),
        _ => format!("No policy gives {action} to a key or a connection"),
    }
}

fn statement(id: &str, name: &str, text: &str) -> Option<Statement> {
    let cedar = Policy::parse(Some(PolicyId::new(id)), text).ok()?;
    let policy = PolicyRef {
        id: Arc::from(id),
        name: Arc::from(name),
        statement: 1,
        effect: cedar.effect().into(),
        built_in: true,
    };
    Some(Statement { policy, text: Arc::from(text), notice: None, cedar })
}
