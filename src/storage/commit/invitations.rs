//! Invitations: a few plain statements each, the same on both databases, in the transaction of the user that they are of.

use super::super::statement::Arg;
use super::credentials::{Step, guard, plain};
use super::settings::names;
use crate::model::invitation::{Invitation, InvitationChange};
use crate::model::{EventId, TenantId, Timestamp};

/// The statements of one change, in their order.
pub fn steps(tenant: TenantId, change: &InvitationChange) -> Vec<Step<'_>> {
    match change {
        InvitationChange::Issue { invitation, after } => {
            // Updates that change nothing: the first waits for the user's removal, and sees it; the second lets only
            // one invitation follow another.
            let user = guard(
                "UPDATE users SET standing = standing WHERE tenant_id = $1 AND id = $2 AND standing = 'invited'",
                [Arg::id(tenant.0), Arg::id(invitation.user_id.0)],
            );
            let after = after.map(|(id, version)| {
                guard(
                    "UPDATE invitations SET version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3",
                    [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(version)],
                )
            });
            [user].into_iter().chain(after).chain([insert(tenant, invitation)]).collect()
        }
        InvitationChange::Renew(invitation) => vec![renew(tenant, invitation)],
        InvitationChange::Accept { id, expected, at } => vec![guard(
            "UPDATE invitations SET state = 'accepted', accepted_at = $4, version = version + 1 \
             WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'pending'",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(*expected), Arg::integer(at.0)],
        )],
        InvitationChange::Lapse { id, expected, at } => vec![guard(
            "UPDATE invitations SET expires_at = $4, version = version + 1 \
             WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'pending'",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(*expected), Arg::integer(at.0)],
        )],
        InvitationChange::End { user_id, at } => vec![plain(
            "UPDATE invitations SET state = 'revoked', revoked_at = $3, version = version + 1 \
             WHERE tenant_id = $1 AND user_id = $2 AND state = 'pending'",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::integer(at.0)],
        )],
        InvitationChange::Purge { before } => vec![purge(tenant, *before)],
    }
}

/// What is over began before that, so by its id it is among the first.
fn purge<'a>(tenant: TenantId, before: Timestamp) -> Step<'a> {
    plain(
        "DELETE FROM invitations WHERE tenant_id = $1 AND id IN (\
         SELECT i.id FROM invitations i \
         WHERE i.tenant_id = $1 AND i.id < $2 AND coalesce(i.accepted_at, i.revoked_at, i.expires_at) < $3 \
         AND NOT (i.state = 'pending' \
         AND EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = $1 AND u.id = i.user_id AND u.standing = 'invited') \
         AND NOT EXISTS (SELECT 1 FROM invitations later WHERE later.tenant_id = $1 AND later.user_id = i.user_id \
         AND (later.created_at, later.id) > (i.created_at, i.id))) \
         ORDER BY i.id LIMIT 10000)",
        [Arg::id(tenant.0), Arg::id(EventId::first_of(before).0), Arg::integer(before.0)],
    )
}

fn insert(tenant: TenantId, invitation: &Invitation) -> Step<'_> {
    let (kind, id, name) = invitation.invited_by.parts();
    plain(
        "INSERT INTO invitations (tenant_id, id, user_id, email, email_key, state, token_hash, invited_by_kind, \
         invited_by_id, invited_by_name, created_at, expires_at, sent_at, shown_to, version) \
         VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $12, $13, 1)",
        [
            Arg::id(tenant.0),
            Arg::id(invitation.id.0),
            Arg::id(invitation.user_id.0),
            Arg::text(&*invitation.email),
            Arg::text(&*invitation.email_key),
            Arg::bytes(&invitation.token_hash),
            Arg::text(kind),
            Arg::Uuid(id),
            Arg::optional(name),
            Arg::integer(invitation.created_at.0),
            Arg::integer(invitation.expires_at.0),
            Arg::Integer(invitation.sent_at.map(|at| at.0)),
            shown_to(invitation),
        ],
    )
}

fn renew(tenant: TenantId, invitation: &Invitation) -> Step<'_> {
    guard(
        "UPDATE invitations SET email = $3, email_key = $4, token_hash = $5, expires_at = $6, sent_at = $7, shown_to = $8, \
         version = $9 WHERE tenant_id = $1 AND id = $2 AND version = $9 - 1 AND state = 'pending'",
        [
            Arg::id(tenant.0),
            Arg::id(invitation.id.0),
            Arg::text(&*invitation.email),
            Arg::text(&*invitation.email_key),
            Arg::bytes(&invitation.token_hash),
            Arg::integer(invitation.expires_at.0),
            Arg::Integer(invitation.sent_at.map(|at| at.0)),
            shown_to(invitation),
            Arg::integer(invitation.version),
        ],
    )
}

fn shown_to(invitation: &Invitation) -> Arg<'_> {
    Arg::Text((!invitation.was_mailed()).then(|| names(invitation.shown_to).into()))
}
