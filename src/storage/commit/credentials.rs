//! Passwords, sessions and one-time tokens: a few plain statements each, the same on both databases, in the transaction of the rows that
//! they belong to.

use super::super::statement::{Arg, Statement};
use super::{clients, invitations, mfa, sign_in};
use crate::model::TenantId;
use crate::model::change::CredentialChange;
use crate::model::clock::Timestamp;
use crate::model::credential::PasswordHash;
use crate::model::ids::{EventId, SessionId, UserId};
use crate::model::one_time_token::{OneTimeKind, OneTimeToken};
use crate::model::session::Session;

/// One statement of a change.
pub struct Step<'a> {
    pub statement: Statement<'a>,
    /// Whether a statement that meets no row undoes everything: a guard did not hold.
    pub must_meet: bool,
}

/// The statements of one change, in their order.
pub fn steps(tenant: TenantId, change: &CredentialChange) -> Vec<Step<'_>> {
    match change {
        CredentialChange::SetPassword { user_id, hash, at, history } => {
            set_password(tenant, *user_id, hash, *at, *history)
        }
        CredentialChange::RehashPassword { user_id, expected, hash } => vec![guard(
            "UPDATE password_credentials SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::text(expected.as_str()), Arg::text(hash.as_str())],
        )],
        CredentialChange::SamePassword { user_id, changed_at } => {
            vec![same_password(tenant, *user_id, *changed_at)]
        }
        CredentialChange::SameUser { user_id, version } => vec![guard(
            "UPDATE users SET version = $3 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::integer(*version)],
        )],
        CredentialChange::InsertSession { session, password_changed_at } => {
            let same = password_changed_at.map(|at| same_password(tenant, session.user_id, at));
            same.into_iter().chain([insert_session(tenant, session)]).collect()
        }
        CredentialChange::EndSession { user_id, id, at } => vec![plain(
            "UPDATE sessions SET ended_at = $4 \
             WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND ended_at IS NULL AND expires_at > $4",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::id(user_id.0), Arg::integer(at.0)],
        )],
        CredentialChange::EndSessions { user_id, except, at } => {
            vec![end_sessions(tenant, *user_id, *except, *at)]
        }
        CredentialChange::NoOneTimeTokenSince { user_id, kind, at } => {
            no_one_time_token_since(tenant, *user_id, *kind, *at)
        }
        CredentialChange::InsertOneTimeToken(token) => insert_one_time_token(tenant, token),
        CredentialChange::UseOneTimeToken { id, at } => vec![guard(
            "UPDATE one_time_tokens SET used_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(at.0)],
        )],
        CredentialChange::EndOneTimeTokens { user_id, kind, at } => vec![plain(
            "UPDATE one_time_tokens SET used_at = $4 \
             WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND used_at IS NULL",
            [Arg::id(tenant.0), Arg::id(user_id.0), Arg::text(kind.as_str()), Arg::integer(at.0)],
        )],
        CredentialChange::InsertRefreshToken(token) => vec![sign_in::insert_refresh_token(tenant, token)],
        CredentialChange::UseRefreshToken { id, at } => vec![sign_in::use_refresh_token(tenant, *id, *at)],
        CredentialChange::LoginFailed { subject, at } => vec![sign_in::count_failure(tenant, subject, *at)],
        CredentialChange::LoginForgiven { subject } => vec![sign_in::forgive(tenant, subject)],
        CredentialChange::PurgeExpired { before, now } => purge_expired(tenant, *before)
            .into_iter()
            .chain([sign_in::purge_failures(tenant, *now)])
            .collect(),
        CredentialChange::Invitation(change) => invitations::steps(tenant, change),
        CredentialChange::Mfa(change) => mfa::steps(tenant, change),
        CredentialChange::Client(change) => clients::steps(tenant, change),
    }
}

/// A statement that need not meet a row.
pub(super) fn plain<'a>(text: &'static str, args: impl IntoIterator<Item = Arg<'a>>) -> Step<'a> {
    Step { statement: Statement::fixed(text, args), must_meet: false }
}

/// A statement that must meet a row.
pub(super) fn guard<'a>(text: &'static str, args: impl IntoIterator<Item = Arg<'a>>) -> Step<'a> {
    Step { statement: Statement::fixed(text, args), must_meet: true }
}

/// Every link and challenge ends that the old password, or whoever had it, may have had. The old password goes into the
/// history, the history keeps its newest, and the new password takes the old one's place.
fn set_password(
    tenant: TenantId,
    user: UserId,
    hash: &PasswordHash,
    at: Timestamp,
    history: u32,
) -> Vec<Step<'_>> {
    let (tenant, user) = (Arg::id(tenant.0), Arg::id(user.0));
    let end = plain(
        "UPDATE one_time_tokens SET used_at = $3 \
         WHERE tenant_id = $1 AND user_id = $2 AND kind <> 'verify_email' AND used_at IS NULL",
        [tenant.clone(), user.clone(), Arg::integer(at.0)],
    );
    let archive = [
        // An update that changes nothing: of two that set it at once the second waits here, and archives the first's.
        plain(
            "UPDATE password_credentials SET changed_at = changed_at WHERE tenant_id = $1 AND user_id = $2",
            [tenant.clone(), user.clone()],
        ),
        plain(
            "INSERT INTO password_history (tenant_id, user_id, changed_at, hash) \
             SELECT tenant_id, user_id, changed_at, hash FROM password_credentials \
             WHERE tenant_id = $1 AND user_id = $2 ON CONFLICT DO NOTHING",
            [tenant.clone(), user.clone()],
        ),
    ];
    let replace = [
        plain(
            "DELETE FROM password_history WHERE tenant_id = $1 AND user_id = $2 AND (changed_at, hash) NOT IN (\
             SELECT changed_at, hash FROM password_history WHERE tenant_id = $1 AND user_id = $2 \
             ORDER BY changed_at DESC, hash LIMIT $3)",
            [tenant.clone(), user.clone(), Arg::integer(i64::from(history))],
        ),
        plain(
            "INSERT INTO password_credentials (tenant_id, user_id, hash, changed_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
            [tenant, user, Arg::text(hash.as_str()), Arg::integer(at.0)],
        ),
    ];
    [end].into_iter().chain(archive.into_iter().filter(|_| history > 0)).chain(replace).collect()
}

/// An update that changes nothing: it waits for a change of the password that is under way, and sees it; a change that
/// comes later waits for what is written with this, and ends it.
fn same_password<'a>(tenant: TenantId, user: UserId, changed_at: Timestamp) -> Step<'a> {
    guard(
        "UPDATE password_credentials SET changed_at = $3 \
         WHERE tenant_id = $1 AND user_id = $2 AND changed_at = $3",
        [Arg::id(tenant.0), Arg::id(user.0), Arg::integer(changed_at.0)],
    )
}

fn insert_session(tenant: TenantId, session: &Session) -> Step<'_> {
    plain(
        "INSERT INTO sessions (tenant_id, id, user_id, created_at, expires_at, ended_at, amr, ip, user_agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            Arg::id(tenant.0),
            Arg::id(session.id.0),
            Arg::id(session.user_id.0),
            Arg::integer(session.created_at.0),
            Arg::integer(session.expires_at.0),
            Arg::Integer(session.ended_at.map(|at| at.0)),
            Arg::text(session.amr.join(" ")),
            Arg::optional(session.ip.as_deref()),
            Arg::optional(session.user_agent.as_deref()),
        ],
    )
}

fn end_sessions<'a>(tenant: TenantId, user: UserId, except: Option<SessionId>, at: Timestamp) -> Step<'a> {
    let (tenant, user, at) = (Arg::id(tenant.0), Arg::id(user.0), Arg::integer(at.0));
    match except {
        Some(kept) => plain(
            "UPDATE sessions SET ended_at = $3 \
             WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND id <> $4",
            [tenant, user, at, Arg::id(kept.0)],
        ),
        None => plain(
            "UPDATE sessions SET ended_at = $3 \
             WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3",
            [tenant, user, at],
        ),
    }
}

/// What was made after `before` cannot have expired before: of ids, which sort by age, only the older ones are read.
fn purge_expired<'a>(tenant: TenantId, before: Timestamp) -> Vec<Step<'a>> {
    let args = || [Arg::id(tenant.0), Arg::id(EventId::first_of(before).0), Arg::integer(before.0)];
    vec![
        plain(
            "DELETE FROM sessions WHERE tenant_id = $1 AND id IN (\
             SELECT id FROM sessions WHERE tenant_id = $1 AND id < $2 AND expires_at < $3 ORDER BY id LIMIT 10000)",
            args(),
        ),
        plain(
            "DELETE FROM one_time_tokens WHERE tenant_id = $1 AND id IN (\
             SELECT id FROM one_time_tokens WHERE tenant_id = $1 AND id < $2 AND expires_at < $3 \
             ORDER BY id LIMIT 10000)",
            args(),
        ),
        mfa::purge_unconfirmed(tenant, before),
    ]
}

/// Two updates that change nothing: the first waits for whoever is giving the user a token, so that the second sees it.
fn no_one_time_token_since<'a>(
    tenant: TenantId,
    user: UserId,
    kind: OneTimeKind,
    at: Timestamp,
) -> Vec<Step<'a>> {
    let (tenant, user) = (Arg::id(tenant.0), Arg::id(user.0));
    vec![
        guard(
            "UPDATE users SET version = version WHERE tenant_id = $1 AND id = $2",
            [tenant.clone(), user.clone()],
        ),
        guard(
            "UPDATE users SET version = version WHERE tenant_id = $1 AND id = $2 AND NOT EXISTS (\
             SELECT 1 FROM one_time_tokens \
             WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND created_at > $4)",
            [tenant, user, Arg::text(kind.as_str()), Arg::integer(at.0)],
        ),
    ]
}

/// Used and expired ones before it go. One that can still be used stays: whoever knows an address can ask for another link,
/// and must not end the one that its holder is just opening.
fn insert_one_time_token(tenant: TenantId, token: &OneTimeToken) -> Vec<Step<'_>> {
    let (tenant, user) = (Arg::id(tenant.0), Arg::id(token.user_id.0));
    vec![
        plain(
            "DELETE FROM one_time_tokens WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 \
             AND (used_at IS NOT NULL OR expires_at <= $4)",
            [tenant.clone(), user.clone(), Arg::text(token.kind.as_str()), Arg::integer(token.created_at.0)],
        ),
        plain(
            "INSERT INTO one_time_tokens (tenant_id, id, kind, user_id, token_hash, email, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                tenant,
                Arg::id(token.id.0),
                Arg::text(token.kind.as_str()),
                user,
                Arg::bytes(&token.hash),
                Arg::text(&*token.email),
                Arg::integer(token.created_at.0),
                Arg::integer(token.expires_at.0),
            ],
        ),
    ]
}
