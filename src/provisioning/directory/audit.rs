//! Reading the audit log.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::{Directory, DirectoryError, Page};
use crate::access::question::UserFacts;
use crate::access::{Changes, Thing};
use crate::model::audit::{AuditQuery, AuditRow};
use crate::model::{EventId, Permission, TenantId, UserId};
use crate::provisioning::Request;

/// Events that an export reads at once: no connection is held while a client takes its time.
const EXPORTED: i64 = 1000;

/// An export's events, some at a time.
pub type AuditPages = BoxStream<'static, Result<Vec<AuditRow>, DirectoryError>>;

impl Directory {
    /// A page of the tenant's audit events, and behind which the next page begins. The query's own `after` and `limit` give
    /// way to the page's. Where policies have a say in reading the log, what was done to each user is decided; a page may
    /// then hold fewer events than are asked for, or none, and still not be the last.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403); the database's.
    pub async fn list_audit_events(
        &self,
        request: &Request,
        query: AuditQuery,
        page: Page<EventId>,
    ) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        self.authorize(request, Permission::AuditRead, Thing::Tenant).await?;
        let (rows, next) = self.audit_page(request.caller.tenant_id, query, page).await?;
        Ok((self.readable_events(request, rows).await?, next))
    }

    async fn audit_page(
        &self,
        tenant: TenantId,
        query: AuditQuery,
        page: Page<EventId>,
    ) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        // One more than the page holds, to know whether there is a next one.
        let query = AuditQuery { after: page.after, limit: page.limit.saturating_add(1), ..query };
        let mut rows = self.provisioning.storage.list_audit_events(tenant, &query).await?;
        let next = page.cut(&mut rows, |row| row.id);
        Ok((rows, next))
    }

    /// The same of what was done to a user, who may be gone by now.
    ///
    /// # Errors
    /// There is no such user and never was one in the tenant (404); a missing permission, or a policy that forbids it
    /// (403); the database's.
    pub async fn list_user_audit_events(
        &self,
        request: &Request,
        id: UserId,
        query: AuditQuery,
        page: Page<EventId>,
    ) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        let mut asking = self.asking(request, Permission::AuditRead).await?;
        let facts = match asking.wants_facts() {
            true => self.facts_of_users(Self::tenant(request)?, [id].into()).await?.remove(&id),
            false => None,
        };
        let thing = Thing::User(facts.unwrap_or_else(|| UserFacts::plain(id, false)));
        request.notices.add(asking.about(thing, Changes::default())?);
        let query = AuditQuery { target: Some(id.0), ..query };
        let (rows, next) = self.audit_page(request.caller.tenant_id, query, page).await?;
        if rows.is_empty() {
            let any = AuditQuery { target: Some(id.0), limit: 1, ..AuditQuery::default() };
            let tenant = request.caller.tenant_id;
            if self.provisioning.storage.list_audit_events(tenant, &any).await?.is_empty() {
                self.view_of(Self::tenant(request)?, id).await?;
            }
        }
        // The id may be that of something else, which has a path of its own.
        if rows.iter().any(|row| row.target_kind != "user") {
            return Err(DirectoryError::missing("User", id));
        }
        Ok((rows, next))
    }

    /// All of the tenant's audit events that are meant, page by page, each read when the one before was taken.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403); the database's, for the first page.
    pub async fn export_audit_events(
        &self,
        request: &Request,
        query: AuditQuery,
    ) -> Result<AuditPages, DirectoryError> {
        self.authorize(request, Permission::AuditRead, Thing::Tenant).await?;
        let query = AuditQuery { limit: EXPORTED, ..query };
        let export = Arc::new(Export { directory: self.clone(), request: request.clone(), query });
        let (first, begin) = export.page(None).await?;
        let rest = stream::unfold(begin, move |after| {
            let export = Arc::clone(&export);
            async move {
                Some(match export.page(Some(after?)).await {
                    Ok((rows, next)) => (Ok(rows), next),
                    Err(error) => (Err(error), None),
                })
            }
        });
        Ok(stream::once(async { Ok(first) }).chain(rest).boxed())
    }

    /// Those of these events that the caller may read: what was done to a user is decided about that user.
    async fn readable_events(
        &self,
        request: &Request,
        mut rows: Vec<AuditRow>,
    ) -> Result<Vec<AuditRow>, DirectoryError> {
        if !self.asking(request, Permission::AuditRead).await?.wants_facts() {
            return Ok(rows);
        }
        let target = |row: &AuditRow| (row.target_kind == "user").then_some(UserId(row.target_id));
        let users = rows.iter().filter_map(target).collect();
        let facts = self.facts_of_users(Self::tenant(request)?, users).await?;
        let thing = |row: &AuditRow| match target(row) {
            Some(id) => Thing::User(facts.get(&id).cloned().unwrap_or_else(|| UserFacts::plain(id, false))),
            None => Thing::Tenant,
        };
        self.keep_readable(request, Permission::AuditRead, &mut rows, thing).await?;
        Ok(rows)
    }
}

struct Export {
    directory: Directory,
    request: Request,
    query: AuditQuery,
}

impl Export {
    /// The events of a page that may be read, and behind which the next page begins.
    async fn page(&self, after: Option<EventId>) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        let query = AuditQuery { after: after.or(self.query.after), ..self.query.clone() };
        let storage = &self.directory.provisioning.storage;
        let rows = storage.list_audit_events(self.request.caller.tenant_id, &query).await?;
        let next = next_of(&rows);
        Ok((self.directory.readable_events(&self.request, rows).await?, next))
    }
}

/// Where the next page begins, if this one was full.
fn next_of(rows: &[AuditRow]) -> Option<EventId> {
    let full = usize::try_from(EXPORTED).is_ok_and(|full| rows.len() >= full);
    rows.last().filter(|_| full).map(|row| row.id)
}
