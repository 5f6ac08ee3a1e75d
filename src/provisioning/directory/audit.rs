//! Reading the audit log.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::{Directory, DirectoryError, Page};
use crate::model::audit::{AuditQuery, AuditRow};
use crate::model::{EventId, Permission, TenantId, UserId};
use crate::provisioning::Request;
use crate::storage::{Storage, StorageError};

/// Events that an export reads at once: no connection is held while a client takes its time.
const EXPORTED: i64 = 1000;

/// An export's events, some at a time.
pub type AuditPages = BoxStream<'static, Result<Vec<AuditRow>, StorageError>>;

impl Directory {
    /// A page of the tenant's audit events, and behind which the next page begins. The query's own `after` and `limit` give
    /// way to the page's.
    ///
    /// # Errors
    /// A missing permission; the database's.
    pub async fn list_audit_events(
        &self,
        request: &Request,
        query: AuditQuery,
        page: Page<EventId>,
    ) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        self.admit(request, &[Permission::AuditRead]).await?;
        // One more than the page holds, to know whether there is a next one.
        let query = AuditQuery { after: page.after, limit: page.limit.saturating_add(1), ..query };
        let tenant = request.caller.tenant_id;
        let mut rows = self.provisioning.storage.list_audit_events(tenant, &query).await?;
        let next = page.cut(&mut rows, |row| row.id);
        Ok((rows, next))
    }

    /// The same of what was done to a user, who may be gone by now.
    ///
    /// # Errors
    /// There is no such user and never was one in the tenant (404); a missing permission; the database's.
    pub async fn list_user_audit_events(
        &self,
        request: &Request,
        id: UserId,
        query: AuditQuery,
        page: Page<EventId>,
    ) -> Result<(Vec<AuditRow>, Option<EventId>), DirectoryError> {
        let query = AuditQuery { target: Some(id.0), ..query };
        let (rows, next) = self.list_audit_events(request, query, page).await?;
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
    /// A missing permission; the database's, for the first page.
    pub async fn export_audit_events(
        &self,
        request: &Request,
        query: AuditQuery,
    ) -> Result<AuditPages, DirectoryError> {
        self.admit(request, &[Permission::AuditRead]).await?;
        let tenant = request.caller.tenant_id;
        let storage = self.provisioning.storage.clone();
        let query = AuditQuery { limit: EXPORTED, ..query };
        let first = storage.list_audit_events(tenant, &query).await?;
        let export = Arc::new(Export { storage, tenant, query });
        let begin = next_of(&first);
        let rest = stream::unfold(begin, move |after| {
            let export = Arc::clone(&export);
            async move {
                let page = export.page(after?).await;
                let next = page.as_ref().ok().and_then(|rows| next_of(rows));
                Some((page, next))
            }
        });
        Ok(stream::once(async { Ok(first) }).chain(rest).boxed())
    }
}

struct Export {
    storage: Storage,
    tenant: TenantId,
    query: AuditQuery,
}

impl Export {
    async fn page(&self, after: EventId) -> Result<Vec<AuditRow>, StorageError> {
        let query = AuditQuery { after: Some(after), ..self.query.clone() };
        self.storage.list_audit_events(self.tenant, &query).await
    }
}

/// Where the next page begins, if this one was full.
fn next_of(rows: &[AuditRow]) -> Option<EventId> {
    let full = usize::try_from(EXPORTED).is_ok_and(|full| rows.len() >= full);
    rows.last().filter(|_| full).map(|row| row.id)
}
