//! What is told of a user who is changed, and what comes of an account that is turned off or on with that, whichever way
//! it is done: by a change of the user, or by an identity provider.

use serde_json::{Map, Value, json};

use super::Request;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{AuthProvider, OneTimeKind, User};

/// Adds the audit events of a change of a user; `details` are those of `user.updated`. Whoever is turned off, or signs in
/// elsewhere from now on, is signed out for good, so that no old session comes back with the account. The turn is told
/// under its own name, alone where nothing else changes.
pub(super) fn note_update(
    request: &Request,
    before: &User,
    after: &User,
    details: Map<String, Value>,
    changes: &mut ChangeSet,
) {
    let (at, target) = (after.updated_at, Target::User(after.id));
    let turn = turned(before, after);
    if is_signed_out(before, after, turn) {
        changes.credentials.push(CredentialChange::EndSessions { user_id: after.id, except: None, at });
    }
    if before.email != after.email && before.account.auth_provider == AuthProvider::Local {
        // Another address that was asked for before is not what is wanted now.
        let (user_id, kind) = (after.id, OneTimeKind::ChangeEmail);
        changes.credentials.push(CredentialChange::EndOneTimeTokens { user_id, kind, at });
    }
    if let Some(kind) = turn {
        changes.audit.push(request.event(at, kind, target, json!({ "userName": after.user_name })));
    }
    let is_all = details.iter().all(|(name, value)| name == "changed" && *value == json!(["active"]));
    if turn.is_none() || !is_all {
        changes.audit.push(request.event(at, AuditType::UserUpdated, target, Value::Object(details)));
    }
}

/// Whether a change ends sessions. Only who signs in here has any: identity providers turn their users off all day, and
/// that is to cost one statement.
fn is_signed_out(before: &User, after: &User, turn: Option<AuditType>) -> bool {
    let signs_in =
        |user: &User| user.account.auth_provider == AuthProvider::Local && !user.account.service_account;
    signs_in(before) && (turn == Some(AuditType::UserDeactivated) || !signs_in(after))
}

/// What it is called that `active` turns; nothing where it does not. Whose `active` nobody has said is active.
fn turned(before: &User, after: &User) -> Option<AuditType> {
    match (before.active != Some(false), after.active != Some(false)) {
        (true, false) => Some(AuditType::UserDeactivated),
        (false, true) => Some(AuditType::UserReactivated),
        _ => None,
    }
}
