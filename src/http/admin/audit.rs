//! `/v1/audit-events`.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON as _, Type};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::answer::Found;
use super::event_type::EventType;
use super::failure::Answer;
use super::session::Session;
use super::values::{cursor, page, time, time_of};
use super::{Admin, Part};
use crate::model::audit::{AuditQuery, AuditRow};
use crate::model::{EventId, TenantId, UserId};
use crate::provisioning::directory::{AuditPages, DirectoryError};

const NDJSON: &str = "application/x-ndjson";

pub(super) struct Audit;

/// Who did it.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct AuditActor {
    /// `user`, `key` (an API key), `connection` (an identity provider), or `system`.
    kind: String,
    /// Missing for the system.
    id: Option<Uuid>,
    /// The name that it had.
    name: Option<String>,
}

/// Whom or what it was done to.
#[derive(Debug, Object)]
struct AuditTarget {
    kind: String,
    id: Uuid,
}

/// Who did what to whom, when, from where, and by which request.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct AuditEvent {
    id: Uuid,
    time: String,
    #[oai(rename = "type")]
    kind: String,
    actor: AuditActor,
    target: AuditTarget,
    /// The tenant's id.
    tenant: Uuid,
    request_id: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    /// What changed, without values that are secret.
    details: Value,
}

/// A page of audit events.
#[derive(Debug, Object)]
struct AuditEventList {
    audit_events: Vec<AuditEvent>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// In which order events come.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum AuditOrder {
    NewestFirst,
    OldestFirst,
}

/// Events, one a line, as they are read.
struct Lines(Response);

// Each parameter of a query is one of the handler's.
#[allow(clippy::too_many_arguments)]
#[OpenApi(tag = "Part::Audit")]
impl Audit {
    /// List audit events
    #[oai(path = "/audit-events", method = "get")]
    async fn list_audit_events(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// The type, such as `user.created`.
        #[oai(name = "type")]
        kind: Query<Option<EventType>>,
        /// The id of a user, API key or connection that acted.
        actor: Query<Option<Uuid>>,
        /// The id of what it was done to.
        target: Query<Option<Uuid>>,
        /// From this time on (RFC 3339).
        #[oai(validator(max_length = 40))]
        from: Query<Option<String>>,
        /// Before this time (RFC 3339).
        #[oai(validator(max_length = 40))]
        to: Query<Option<String>>,
        /// Newest first if left out.
        order: Query<Option<AuditOrder>>,
        /// How many events at the most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<AuditEventList>> {
        let filter = Filter { kind: kind.0, actor: actor.0, target: target.0, from: from.0, to: to.0 };
        let query = filter.query(order.0)?;
        let page = page(limit.0, after.0.as_deref(), EventId)?;
        Ok(listed(&session, admin.directory.list_audit_events(&session.0, query, page).await?))
    }

    /// Export audit events
    ///
    /// All that the filters meet, one JSON object a line, oldest first unless another order is asked for.
    #[oai(path = "/audit-events/export", method = "get")]
    async fn export_audit_events(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// The type, such as `user.created`.
        #[oai(name = "type")]
        kind: Query<Option<EventType>>,
        /// The id of a user, API key or connection that acted.
        actor: Query<Option<Uuid>>,
        /// The id of what it was done to.
        target: Query<Option<Uuid>>,
        /// From this time on (RFC 3339).
        #[oai(validator(max_length = 40))]
        from: Query<Option<String>>,
        /// Before this time (RFC 3339).
        #[oai(validator(max_length = 40))]
        to: Query<Option<String>>,
        /// Oldest first if left out.
        order: Query<Option<AuditOrder>>,
    ) -> Answer<Lines> {
        let filter = Filter { kind: kind.0, actor: actor.0, target: target.0, from: from.0, to: to.0 };
        let query = filter.query(order.0.or(Some(AuditOrder::OldestFirst)))?;
        let pages = admin.directory.export_audit_events(&session.0, query).await?;
        Ok(lines(session.0.caller.tenant_id, pages))
    }

    /// List a user's audit events
    ///
    /// What was done to the user. A deleted user's events stay.
    #[oai(path = "/users/:id/audit-events", method = "get")]
    async fn list_user_audit_events(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        /// The type, such as `user.updated`.
        #[oai(name = "type")]
        kind: Query<Option<EventType>>,
        /// Newest first if left out.
        order: Query<Option<AuditOrder>>,
        /// How many events at the most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<AuditEventList>> {
        let query = Filter { kind: kind.0, ..Filter::default() }.query(order.0)?;
        let page = page(limit.0, after.0.as_deref(), EventId)?;
        let found = admin.directory.list_user_audit_events(&session.0, UserId(id.0), query, page).await?;
        Ok(listed(&session, found))
    }
}

fn listed(session: &Session, (rows, next): (Vec<AuditRow>, Option<EventId>)) -> Found<AuditEventList> {
    let tenant = session.0.caller.tenant_id;
    let audit_events = rows.into_iter().map(|row| AuditEvent::of(tenant, row)).collect();
    Found::plain(AuditEventList { audit_events, next_cursor: cursor(next.map(|id| id.0)) })
}

/// What a query says.
#[derive(Default)]
struct Filter {
    kind: Option<EventType>,
    actor: Option<Uuid>,
    target: Option<Uuid>,
    from: Option<String>,
    to: Option<String>,
}

impl Filter {
    fn query(self, order: Option<AuditOrder>) -> Result<AuditQuery, DirectoryError> {
        Ok(AuditQuery {
            kind: self.kind.map(EventType::named).transpose()?,
            actor: self.actor,
            target: self.target,
            from: self.from.map(|text| time_of(&text, "/from")).transpose()?,
            until: self.to.map(|text| time_of(&text, "/to")).transpose()?,
            oldest_first: matches!(order, Some(AuditOrder::OldestFirst)),
            ..AuditQuery::default()
        })
    }
}

impl AuditEvent {
    fn of(tenant: TenantId, row: AuditRow) -> Self {
        Self {
            id: row.id.0,
            time: time(row.at),
            kind: row.kind,
            actor: AuditActor { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
            target: AuditTarget { kind: row.target_kind, id: row.target_id },
            tenant: tenant.0,
            request_id: row.request_id,
            ip: row.ip,
            user_agent: row.user_agent,
            // A text that is no JSON was not written by a server; it is shown as it is.
            details: serde_json::from_str(&row.details).unwrap_or(Value::String(row.details)),
        }
    }
}

fn lines(tenant: TenantId, pages: AuditPages) -> Lines {
    // A failure in the middle ends the connection: the client sees that the answer is not whole.
    let chunks = pages.map(move |page| {
        let rows = page.map_err(std::io::Error::other)?;
        let mut text = String::new();
        for row in rows {
            text.push_str(&AuditEvent::of(tenant, row).to_json_string());
            text.push('\n');
        }
        Ok::<Bytes, std::io::Error>(Bytes::from(text))
    });
    Lines(Response::builder().content_type(NDJSON).body(poem::Body::from_bytes_stream(chunks)))
}

impl IntoResponse for Lines {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Lines {
    fn meta() -> MetaResponses {
        let schema: MetaSchemaRef = AuditEvent::schema_ref();
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The events, one a line.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType { content_type: NDJSON, schema }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        AuditEvent::register(registry);
    }
}
