//! Refresh tokens, and failures in a row: a plain statement each, the same on both databases.

use super::super::statement::Arg;
use super::credentials::{Step, guard, plain};
use crate::model::clock::Timestamp;
use crate::model::ids::{RefreshTokenId, TenantId};
use crate::model::login_failure::{FORGOTTEN_AFTER, LoginSubject};
use crate::model::refresh_token::RefreshToken;

pub(super) fn insert_refresh_token(tenant: TenantId, token: &RefreshToken) -> Step<'_> {
    plain(
        "INSERT INTO refresh_tokens (tenant_id, id, session_id, token_hash, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        [
            Arg::id(tenant.0),
            Arg::id(token.id.0),
            Arg::id(token.session_id.0),
            Arg::bytes(&token.hash),
            Arg::integer(token.created_at.0),
            Arg::integer(token.expires_at.0),
        ],
    )
}

pub(super) fn use_refresh_token<'a>(tenant: TenantId, id: RefreshTokenId, at: Timestamp) -> Step<'a> {
    guard(
        "UPDATE refresh_tokens SET used_at = $3 \
         WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3 \
         AND EXISTS (SELECT 1 FROM sessions WHERE sessions.tenant_id = $1 AND sessions.id = refresh_tokens.session_id \
         AND sessions.ended_at IS NULL AND sessions.expires_at > $3)",
        [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(at.0)],
    )
}

/// As [`crate::model::LoginFailures::and`], counted by the database: servers that fail somebody at once both count.
pub(super) fn count_failure<'a>(tenant: TenantId, subject: &'a LoginSubject, at: Timestamp) -> Step<'a> {
    plain(
        "INSERT INTO login_failures (tenant_id, subject, failures, failed_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (tenant_id, subject) DO UPDATE SET \
         failures = CASE WHEN login_failures.failed_at <= $4 THEN 1 ELSE login_failures.failures + 1 END, \
         failed_at = excluded.failed_at",
        [
            Arg::id(tenant.0),
            Arg::text(subject.as_str()),
            Arg::integer(at.0),
            Arg::integer(at.0.saturating_sub(FORGOTTEN_AFTER)),
        ],
    )
}

pub(super) fn forgive<'a>(tenant: TenantId, subject: &'a LoginSubject) -> Step<'a> {
    plain(
        "DELETE FROM login_failures WHERE tenant_id = $1 AND subject = $2",
        [Arg::id(tenant.0), Arg::text(subject.as_str())],
    )
}

pub(super) fn purge_failures<'a>(tenant: TenantId, now: Timestamp) -> Step<'a> {
    plain(
        "DELETE FROM login_failures WHERE tenant_id = $1 AND subject IN (\
         SELECT subject FROM login_failures WHERE tenant_id = $1 AND failed_at <= $2 ORDER BY failed_at LIMIT 10000)",
        [Arg::id(tenant.0), Arg::integer(now.0.saturating_sub(FORGOTTEN_AFTER))],
    )
}
