//! What is told of a user who is changed, and what comes of an account that is turned off or on with that, whichever way
//! it is done: by a change of the user, or by an identity provider.

use serde_json::{Map, Value, json};

use super::Request;
use crate::model::User;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};

/// Adds the audit events of a change of a user; `details` are those of `user.updated`. Where `active` turns, whoever is
/// turned off is signed out for good, so that no old session comes back with the account, and the turn is told under its
/// own name, alone where nothing else changes.
pub(super) fn note_update(
    request: &Request,
    before: &User,
    after: &User,
    details: Map<String, Value>,
    changes: &mut ChangeSet,
) {
    let (at, target) = (after.updated_at, Target::User(after.id));
    let turn = turned(before, after);
    if turn == Some(AuditType::UserDeactivated) {
        changes.credentials.push(CredentialChange::EndSessions { user_id: after.id, except: None, at });
    }
    if let Some(kind) = turn {
        changes.audit.push(request.event(at, kind, target, json!({ "userName": after.user_name })));
    }
    let is_all = details.iter().all(|(name, value)| name == "changed" && *value == json!(["active"]));
    if turn.is_none() || !is_all {
        changes.audit.push(request.event(at, AuditType::UserUpdated, target, Value::Object(details)));
    }
}

/// What it is called that `active` turns; nothing where it does not. Whose `active` nobody has said is active.
fn turned(before: &User, after: &User) -> Option<AuditType> {
    match (before.active != Some(false), after.active != Some(false)) {
        (true, false) => Some(AuditType::UserDeactivated),
        (false, true) => Some(AuditType::UserReactivated),
        _ => None,
    }
}
