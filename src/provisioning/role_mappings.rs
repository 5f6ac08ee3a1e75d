//! What the values of a user's `roles` and `entitlements` give by a connection's rules.
//!
//! The user's account notes which roles came from which connection (`Account::connection_roles`). Without that note it
//! would have to be guessed from the values that the user had before, by rules that may have changed since: a role whose
//! rule is gone would stay for ever, and one that an administrator gave would be taken.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Request;
use super::reach::beyond_reach;
use crate::access::Changes;
use crate::auth::{Caller, Subject, TenantView};
use crate::model::audit::{AuditEvent, AuditType, Target};
use crate::model::{
    Account, BuiltInRole, Connection, ConnectionId, MappedAttribute, RoleId, Timestamp, User,
};
use crate::scim::fold::fold;

/// How many values an audit event names, and how many characters of each.
const MOST_TOLD: usize = 50;
const MOST_CHARS: usize = 200;

/// What a connection's rules made of a user's values.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Values that arrived and that no rule knows.
    unmapped: Vec<(MappedAttribute, String)>,
    /// Roles that rules would give, and the connection's ceiling does not let them.
    beyond: BTreeSet<String>,
}

/// Gives a user the roles that its values map onto by the calling connection's rules, and takes those that the connection
/// gave and whose values are gone. Roles from elsewhere stay. `before` is the user that stands, if there is one.
pub(super) fn map_roles(caller: &Caller, before: Option<&User>, after: &mut User) -> Mapped {
    let (Subject::Connection { connection, .. }, Some(view)) = (&caller.subject, caller.tenant.as_deref())
    else {
        return Mapped::default();
    };
    let gave = after.account.connection_roles.iter().any(|(by, _)| *by == connection.id);
    if connection.settings.role_mappings.is_empty() && !gave {
        return Mapped::default();
    }
    let mut mapped = Mapped::default();
    let wanted = wanted(caller, connection, view, after, &mut mapped);
    // What was told when it arrived is not told with each change that follows.
    let told: HashSet<_> =
        before.map(|before| values(before, connection.strict)).into_iter().flatten().collect();
    let without_rules = connection.settings.role_mappings.is_empty();
    mapped.unmapped.retain(|value| !without_rules && !told.contains(value));
    turn(&mut after.account, connection.id, &wanted);
    if after.account.roles.is_empty() {
        after.account.roles = default_roles(caller, view);
    }
    mapped
}

/// The roles that the user's values map onto, within the ceiling; what does not map is noted.
fn wanted(
    caller: &Caller,
    connection: &Connection,
    view: &TenantView,
    user: &User,
    mapped: &mut Mapped,
) -> BTreeSet<RoleId> {
    let rules: Vec<_> = connection
        .settings
        .role_mappings
        .iter()
        .filter_map(|rule| Some((rule.attribute, fold(&rule.value), view.role(rule.role)?)))
        .collect();
    let mut wanted = BTreeSet::new();
    for (attribute, value) in values(user, connection.strict) {
        let key = fold(&value);
        let mut known = false;
        for (_, _, role) in rules.iter().filter(|(of, rule, _)| *of == attribute && *rule == key) {
            known = true;
            if beyond_reach(caller, &[role.id]).is_empty() {
                wanted.insert(role.id);
            } else {
                mapped.beyond.insert(role.name.clone());
            }
        }
        if !known {
            mapped.unmapped.push((attribute, value));
        }
    }
    wanted
}

/// The user's values of both attributes.
fn values(user: &User, strict: bool) -> Vec<(MappedAttribute, String)> {
    let of = |attribute: MappedAttribute| {
        let elements = user.profile.get(attribute.as_str()).and_then(Value::as_array).into_iter().flatten();
        elements.filter_map(move |element| {
            let value = element.get("value")?.as_str()?;
            let inner = if strict { None } else { in_string(value) };
            Some((attribute, inner.unwrap_or_else(|| value.to_owned())))
        })
    };
    MappedAttribute::ALL.into_iter().flat_map(of).collect()
}

/// The value in a JSON object that came as a string: Microsoft Entra ID sends app roles so.
fn in_string(text: &str) -> Option<String> {
    if !text.starts_with('{') {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    object.get("value")?.as_str().map(str::to_owned)
}

/// Makes `wanted` what the connection gives. A role that it gave already is left as it is: an administrator may have taken
/// it since. A role that the user has otherwise is not the connection's to take later.
fn turn(account: &mut Account, connection: ConnectionId, wanted: &BTreeSet<RoleId>) {
    let given =
        |account: &Account, role: RoleId| account.connection_roles.iter().any(|(_, one)| *one == role);
    let gave: Vec<RoleId> =
        account.connection_roles.iter().filter(|(by, _)| *by == connection).map(|(_, role)| *role).collect();
    for role in gave.iter().filter(|role| !wanted.contains(role)) {
        account.connection_roles.retain(|pair| *pair != (connection, *role));
        if !given(account, *role) {
            account.roles.retain(|one| one != role);
        }
    }
    for role in wanted.iter().filter(|role| !gave.contains(role)) {
        let held = account.roles.contains(role);
        if held && !given(account, *role) {
            continue;
        }
        if !held {
            account.roles.push(*role);
        }
        account.connection_roles.push((connection, *role));
    }
    account.roles.sort_unstable();
    account.connection_roles.sort_unstable();
}

/// What a user is left with who had no other roles: the tenant's default ones, as far as the connection reaches.
fn default_roles(caller: &Caller, view: &TenantView) -> Vec<RoleId> {
    let defaults = view.tenant.settings.default_roles.iter().copied();
    let mut roles: Vec<RoleId> = defaults
        .filter(|role| view.role(*role).is_some() && beyond_reach(caller, &[*role]).is_empty())
        .collect();
    if roles.is_empty() {
        roles.push(BuiltInRole::User.id());
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

impl Mapped {
    /// Adds to an audit event what was not given, and says so in the log.
    pub(super) fn tell(&self, user: &User, details: &mut Map<String, Value>) {
        if !self.unmapped.is_empty() {
            let told = self.unmapped.iter().take(MOST_TOLD).map(|(attribute, value)| {
                let value: String = value.chars().take(MOST_CHARS).collect();
                json!({ "attribute": attribute.as_str(), "value": value })
            });
            details.insert("unmapped_roles".to_owned(), told.collect());
            let count = self.unmapped.len();
            tracing::info!(user = %user.id, count, "roles or entitlements that no mapping knows give nothing");
        }
        if !self.beyond.is_empty() {
            details.insert("roles_beyond_ceiling".to_owned(), json!(self.beyond));
            tracing::warn!(user = %user.id, roles = ?self.beyond, "roles beyond the connection's ceiling were not given");
        }
    }
}

/// What audit events tell of the roles that a user was given and lost.
pub(super) fn role_events(
    request: &Request,
    at: Timestamp,
    user: &User,
    before: &[RoleId],
) -> Vec<AuditEvent> {
    let after = &user.account.roles;
    [(AuditType::RoleAssigned, before, &after[..]), (AuditType::RoleUnassigned, after, before)]
        .into_iter()
        .filter_map(|(kind, from, to)| {
            let names = names(request, to.iter().filter(|role| !from.contains(role)));
            let details = json!({ "roles": names });
            (!names.is_empty()).then(|| request.event(at, kind, Target::User(user.id), details))
        })
        .collect()
}

/// The same changes with the roles that are given and taken.
pub(super) fn with_roles(request: &Request, changes: Changes, before: &User, after: &User) -> Changes {
    let (before, after) = (&before.account.roles, &after.account.roles);
    let taken = before.iter().filter(|role| !after.contains(role));
    let turned = taken.chain(after.iter().filter(|role| !before.contains(role)));
    Changes { roles: names(request, turned).into_iter().map(Arc::from).collect(), ..changes }
}

fn names<'a>(request: &Request, roles: impl Iterator<Item = &'a RoleId>) -> Vec<String> {
    let view = request.caller.tenant.as_deref();
    roles.filter_map(|role| Some(view?.role(*role)?.name.clone())).collect()
}
