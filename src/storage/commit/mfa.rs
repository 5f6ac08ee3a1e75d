//! Second factors: a few plain statements each, the same on both databases.

use super::super::statement::Arg;
use super::credentials::{Step, guard, plain};
use crate::model::clock::Timestamp;
use crate::model::ids::{TenantId, UserId};
use crate::model::mfa::{MfaChange, TotpFactor};

/// The statements of one change, in their order.
pub fn steps(tenant: TenantId, change: &MfaChange) -> Vec<Step<'_>> {
    match change {
        MfaChange::InsertFactor(factor) => insert(tenant, factor),
        MfaChange::ConfirmFactor { user_id, id, step, confirmed, at } => vec![
            alone_with(tenant, *user_id),
            guard(
                "UPDATE mfa_factors SET confirmed_at = $5, last_used_at = $5, last_step = $4 \
                 WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NULL AND (\
                 SELECT count(*) FROM mfa_factors \
                 WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL) = $6",
                [
                    Arg::id(tenant.0),
                    Arg::id(user_id.0),
                    Arg::id(id.0),
                    Arg::integer(*step),
                    Arg::integer(at.0),
                    Arg::integer(i64::try_from(*confirmed).unwrap_or(i64::MAX)),
                ],
            ),
        ],
        MfaChange::UseStep { user_id, id, step, at } => vec![guard(
            "UPDATE mfa_factors SET last_step = $4, last_used_at = $5 \
             WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NOT NULL AND last_step < $4",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::id(id.0), Arg::integer(*step), Arg::integer(at.0)],
        )],
        MfaChange::RemoveFactor { user_id, id } => vec![
            alone_with(tenant, *user_id),
            guard(
                "DELETE FROM mfa_factors WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
                [Arg::id(tenant.0), Arg::id(user_id.0), Arg::id(id.0)],
            ),
            plain(
                "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND NOT EXISTS (\
                 SELECT 1 FROM mfa_factors \
                 WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL)",
                of_user(tenant, *user_id),
            ),
        ],
        MfaChange::RemoveFactors { user_id } => vec![
            alone_with(tenant, *user_id),
            plain("DELETE FROM mfa_factors WHERE tenant_id = $1 AND user_id = $2", of_user(tenant, *user_id)),
            remove_codes(tenant, *user_id),
        ],
        MfaChange::SetRecoveryCodes { user_id, hashes, at } => {
            set_recovery_codes(tenant, *user_id, hashes, *at)
        }
        MfaChange::UseRecoveryCode { user_id, hash, at } => vec![guard(
            "UPDATE recovery_codes SET used_at = $4 \
             WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::bytes(hash), Arg::integer(at.0)],
        )],
    }
}

/// Forgets factors that nobody has confirmed in all the time since.
pub(super) fn purge_unconfirmed<'a>(tenant: TenantId, before: Timestamp) -> Step<'a> {
    plain(
        "DELETE FROM mfa_factors WHERE tenant_id = $1 AND confirmed_at IS NULL AND (user_id, id) IN (\
         SELECT user_id, id FROM mfa_factors \
         WHERE tenant_id = $1 AND confirmed_at IS NULL AND created_at < $2 LIMIT 10000)",
        [Arg::id(tenant.0), Arg::integer(before.0)],
    )
}

fn of_user<'a>(tenant: TenantId, user: UserId) -> [Arg<'a>; 2] {
    [Arg::id(tenant.0), Arg::id(user.0)]
}

/// An update that changes nothing: of two changes to one user's factors the second waits here, and sees the first.
fn alone_with<'a>(tenant: TenantId, user: UserId) -> Step<'a> {
    guard("UPDATE users SET version = version WHERE tenant_id = $1 AND id = $2", of_user(tenant, user))
}

fn remove_codes<'a>(tenant: TenantId, user: UserId) -> Step<'a> {
    plain("DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2", of_user(tenant, user))
}

fn insert(tenant: TenantId, factor: &TotpFactor) -> Vec<Step<'_>> {
    let user = factor.user_id;
    vec![
        alone_with(tenant, user),
        plain(
            "DELETE FROM mfa_factors WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NULL",
            of_user(tenant, user),
        ),
        plain(
            "INSERT INTO mfa_factors (tenant_id, user_id, id, name, secret, created_at, confirmed_at, last_step, \
             last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                Arg::id(tenant.0),
                Arg::id(user.0),
                Arg::id(factor.id.0),
                Arg::text(&*factor.name),
                Arg::text(&*factor.secret.0),
                Arg::integer(factor.created_at.0),
                Arg::Integer(factor.confirmed_at.map(|at| at.0)),
                Arg::integer(factor.last_step),
                Arg::Integer(factor.last_used_at.map(|at| at.0)),
            ],
        ),
    ]
}

fn set_recovery_codes(tenant: TenantId, user: UserId, hashes: &[[u8; 32]], at: Timestamp) -> Vec<Step<'_>> {
    let enrolled = guard(
        "UPDATE users SET version = version WHERE tenant_id = $1 AND id = $2 AND EXISTS (\
         SELECT 1 FROM mfa_factors WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL)",
        of_user(tenant, user),
    );
    let codes = hashes.iter().map(|hash| {
        plain(
            "INSERT INTO recovery_codes (tenant_id, user_id, hash, created_at) VALUES ($1, $2, $3, $4)",
            [Arg::id(tenant.0), Arg::id(user.0), Arg::bytes(hash), Arg::integer(at.0)],
        )
    });
    [alone_with(tenant, user), enrolled, remove_codes(tenant, user)].into_iter().chain(codes).collect()
}
