//! `DELETE /v1/deleted-users/{id}`, and the background: what is kept for a time goes when the time is over: deleted users,
//! the keys of requests, invitations, and sessions and one-time tokens that have ended.

use serde_json::json;

use super::super::users::KEYS_KEPT;
use super::super::{Directory, DirectoryError};
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::invitation::InvitationChange;
use crate::model::{EventId, Permission, RecordChange, TenantId, Timestamp, UserId};
use crate::provisioning::Request;
use crate::storage::StorageError;

/// How many deleted users one commit removes at the most.
const BATCH: i64 = 100;
/// How many commits one tenant gets before it is the next one's turn; what is left has to wait for the next run.
const BATCHES: usize = 100;
const DAY: i64 = 24 * 3_600_000;
/// How long sessions and one-time tokens are kept whose time is over, in milliseconds: a month, for who looks back.
const EXPIRED_KEPT: i64 = 30 * DAY;

impl Directory {
    /// Removes for good the deleted users whose time is over at `now`, and forgets idempotency keys, invitations, sessions
    /// and one-time tokens that are too old. Gives how many users went.
    ///
    /// # Errors
    /// The database's.
    pub async fn purge_deleted_users(&self, now: Timestamp) -> Result<u64, DirectoryError> {
        let mut purged = 0;
        for tenant in self.provisioning.storage.list_tenants().await? {
            for _ in 0..BATCHES {
                match self.purge_batch(tenant.id, now).await {
                    Ok(0) => break,
                    Ok(count) => purged += count,
                    // Somebody restores one of them, or another server purges too: what is left is looked at again.
                    Err(StorageError::Stale | StorageError::Raced) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let mut changes = ChangeSet::new(tenant.id);
            changes.records.push(RecordChange::PurgeIdempotencyKeys { before: Timestamp(now.0 - KEYS_KEPT) });
            changes
                .credentials
                .push(CredentialChange::PurgeExpired { before: Timestamp(now.0 - EXPIRED_KEPT), now });
            let retention = i64::from(tenant.settings.retention_days) * DAY;
            let invitations = InvitationChange::Purge { before: Timestamp(now.0.saturating_sub(retention)) };
            changes.credentials.push(CredentialChange::Invitation(invitations));
            self.provisioning.storage.commit(changes).await?;
        }
        Ok(purged)
    }

    /// Removes a deleted user for good.
    ///
    /// # Errors
    /// No such user, or none that could still be restored (404); one who held more than the caller does (403).
    pub async fn purge_user(&self, request: &Request, id: UserId) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::UsersDelete]).await?;
        let view = Self::tenant(request)?;
        self.attempt(view.tenant.id, None, |this| async move {
            let found = this.deleted_user(view, id).await?;
            let user = &found.departed.user;
            Self::check_rank(&request.caller, user, view.permissions_of(&user.account.roles))?;
            this.authorize(request, Permission::UsersDelete, found.thing(view)).await?;
            let mut changes = ChangeSet::new(view.tenant.id);
            let details = json!({ "userName": user.user_name });
            changes.audit.push(this.event(request, AuditType::UserPurged, Target::User(id), details));
            let deleted_at = found.deleted.deleted_at;
            changes.records.push(RecordChange::PurgeDeletedUser { id, deleted_at });
            Ok(this.provisioning.storage.commit(changes).await?)
        })
        .await
    }

    async fn purge_batch(&self, tenant: TenantId, now: Timestamp) -> Result<u64, StorageError> {
        let storage = &self.provisioning.storage;
        let due = storage.deleted_users_due(tenant, now, BATCH).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut changes = ChangeSet::new(tenant);
        for deleted in &due {
            changes.audit.push(AuditEvent {
                id: EventId::generate(),
                at: now,
                kind: AuditType::UserPurged,
                origin: Origin::system(),
                target: Target::User(deleted.id),
                details: json!({ "userName": deleted.user_name }),
            });
            let (id, deleted_at) = (deleted.id, deleted.deleted_at);
            changes.records.push(RecordChange::PurgeDeletedUser { id, deleted_at });
        }
        storage.commit(changes).await?;
        Ok(due.len() as u64)
    }
}
