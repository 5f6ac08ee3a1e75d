//! Reading the audit log and its seals.

use std::fmt::Write as _;

use uuid::Uuid;

use super::statement::{Arg, Recurs, Statement};
use super::{Storage, StorageError};
use crate::model::TenantId;
use crate::model::audit::{AuditQuery, AuditRow};
use crate::model::audit_seal::{AuditHead, AuditSeal};
use crate::model::clock::Timestamp;
use crate::model::ids::EventId;

/// How far an event's id and its time may be apart: the id is made a moment later, on a clock that may be set meanwhile.
const DRIFT_MS: i64 = 15 * 60 * 1000;

/// The types that the index on types leaves out, as its condition has them: see migration 11.
const FREQUENT: [&str; 3] = ["user.created", "user.updated", "group.updated"];
const RARE_KIND: &str = "e.kind NOT IN ('user.created', 'user.updated', 'group.updated')";
/// The condition of the index on actors.
const RARE_ACTOR: &str = "e.actor_kind NOT IN ('connection', 'system')";

macro_rules! event {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.at, e.kind, e.actor_kind, e.actor_id, e.actor_name, e.target_kind, e.target_id, \
             e.request_id, e.ip, e.user_agent, e.details ",
            $rest
        )
    };
}

macro_rules! seal {
    ($rest:literal) => {
        concat!(
            "SELECT number, previous, sealed_at, horizon, oldest_id, newest_id, entries, mac FROM audit_seals \
             WHERE tenant_id = $1 ",
            $rest
        )
    };
}

impl Storage {
    /// A page of a tenant's audit events.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_audit_events(
        &self,
        tenant: TenantId,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let mut text = event!("FROM audit_events e WHERE e.tenant_id = $1").to_owned();
        let mut args = vec![Arg::id(tenant.0)];
        let mut and = |condition: &str, arg: Arg<'static>| {
            args.push(arg);
            let _ = write!(text, " AND {condition} ${}", args.len());
        };
        if let Some(target) = query.target {
            and("e.target_id =", Arg::id(target));
        }
        if let Some(actor) = query.actor {
            and("e.actor_id =", Arg::id(actor));
        }
        // Ids are made in the order of time, so a time is first of all a place in the primary key.
        if let Some(from) = query.from {
            and("e.id >=", Arg::id(EventId::first_of(Timestamp(from.0.saturating_sub(DRIFT_MS))).0));
            and("e.at >=", Arg::integer(from.0));
        }
        if let Some(until) = query.until {
            and("e.id <", Arg::id(EventId::first_of(Timestamp(until.0.saturating_add(DRIFT_MS))).0));
            and("e.at <", Arg::integer(until.0));
        }
        if let Some(after) = query.after {
            and(if query.oldest_first { "e.id >" } else { "e.id <" }, Arg::id(after.0));
        }
        if let Some(kind) = query.kind {
            // A partial index is used where its condition can be seen to hold: the name is one of ours, not the client's.
            let _ = write!(text, " AND e.kind = '{}'", kind.as_str());
            if !FREQUENT.contains(&kind.as_str()) {
                let _ = write!(text, " AND {RARE_KIND}");
            }
        }
        if let Some(actor) = query.actor
            && self.is_rare_actor(tenant, actor).await?
        {
            let _ = write!(text, " AND {RARE_ACTOR}");
        }
        let direction = if query.oldest_first { "ASC" } else { "DESC" };
        let _ = write!(text, " ORDER BY e.id {direction} LIMIT {}", query.limit);
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Seldom }).await
    }

    /// Whether the actor is one whose events are indexed. An actor is of one kind for good.
    async fn is_rare_actor(&self, tenant: TenantId, actor: Uuid) -> Result<bool, StorageError> {
        let statement = Statement::lookup(
            "SELECT e.at FROM audit_events e WHERE e.tenant_id = $1 AND e.actor_id = $2 \
             AND e.actor_kind NOT IN ('connection', 'system') LIMIT 1",
            [Arg::id(tenant.0), Arg::id(actor)],
        );
        Ok(self.database.fetch_optional::<(i64,)>(statement).await?.is_some())
    }

    /// The events with these ids, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_events_of(
        &self,
        tenant: TenantId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let (given, ids) = self.database.engine().given("$2", ids);
        let text = format!(
            "{} FROM {given} CROSS JOIN audit_events e WHERE e.tenant_id = $1 AND e.id = given.id",
            event!("")
        );
        let args = vec![Arg::id(tenant.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// Events from one id on, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_events_from(
        &self,
        tenant: TenantId,
        first: EventId,
        limit: i64,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let text = event!("FROM audit_events e WHERE e.tenant_id = $1 AND e.id >= $2 ORDER BY e.id LIMIT $3");
        let args = [Arg::id(tenant.0), Arg::id(first.0), Arg::integer(limit)];
        self.database.fetch_all(Statement::fixed(text, args)).await
    }

    /// The ids of events from one id on, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_event_ids_from(
        &self,
        tenant: TenantId,
        first: EventId,
        limit: i64,
    ) -> Result<Vec<EventId>, StorageError> {
        let text = "SELECT id FROM audit_events WHERE tenant_id = $1 AND id >= $2 ORDER BY id LIMIT $3";
        let args = [Arg::id(tenant.0), Arg::id(first.0), Arg::integer(limit)];
        let rows: Vec<(Uuid,)> = self.database.fetch_all(Statement::fixed(text, args)).await?;
        Ok(rows.into_iter().map(|(id,)| EventId(id)).collect())
    }

    /// Seals in the order of the chain, behind this number.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_seals_after(
        &self,
        tenant: TenantId,
        number: i64,
        limit: i64,
    ) -> Result<Vec<AuditSeal>, StorageError> {
        let text = seal!("AND number > $2 ORDER BY number LIMIT $3");
        let args = [Arg::id(tenant.0), Arg::integer(number), Arg::integer(limit)];
        self.database.fetch_all(Statement::fixed(text, args)).await
    }

    /// The last seal of the chain.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_audit_seal(&self, tenant: TenantId) -> Result<Option<AuditSeal>, StorageError> {
        let text = seal!("ORDER BY number DESC LIMIT 1");
        self.database.fetch_optional(Statement::fixed(text, [Arg::id(tenant.0)])).await
    }

    /// The numbers of the seals that may cover an id between these two.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_seals_about(
        &self,
        tenant: TenantId,
        oldest: EventId,
        newest: EventId,
    ) -> Result<Vec<i64>, StorageError> {
        let text =
            "SELECT number FROM audit_seals WHERE tenant_id = $1 AND newest_id >= $2 AND oldest_id <= $3";
        let args = [oldest.0, newest.0].map(Arg::id);
        let args = std::iter::once(Arg::id(tenant.0)).chain(args);
        let rows: Vec<(i64,)> = self.database.fetch_all(Statement::fixed(text, args)).await?;
        Ok(rows.into_iter().map(|(number,)| number).collect())
    }

    /// Which seal is said to be the last one.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_head(&self, tenant: TenantId) -> Result<Option<AuditHead>, StorageError> {
        let text = "SELECT number, mac, proof FROM audit_heads WHERE tenant_id = $1";
        self.database.fetch_optional(Statement::fixed(text, [Arg::id(tenant.0)])).await
    }
}
