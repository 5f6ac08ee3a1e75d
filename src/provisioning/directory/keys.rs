//! API keys: made, listed, rotated, revoked. A key's text is shown once and never stored.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::error::{DirectoryError, Kind, Problem};
use super::{Directory, Page};
use crate::access::{Changes, Thing};
use crate::auth::{CredentialKind, TokenText};
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{ApiKey, EventId, KeyId, Permission, Permissions, TenantId, Timestamp, UserId};
use crate::provisioning::{ProvisioningError, Request};

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct KeyDraft {
    pub name: String,
    /// Whose key; the tenant's own where nobody is named.
    pub user_id: Option<UserId>,
    /// Names of permissions that it is bounded to; `None` bounds it to nothing but its owner's.
    pub permissions: Option<Vec<String>>,
    pub expires_at: Option<Timestamp>,
}

/// A key that was just made, or made anew: its record, and its text, which is nowhere else.
#[derive(Debug)]
pub struct NewKey {
    pub record: ApiKey,
    pub text: TokenText,
}

impl Directory {
    /// Makes a key. Nobody makes one that may do more than they may: a key without bounds of its own is a key to
    /// everything that its owner may do, so whoever makes it has to hold that much.
    ///
    /// # Errors
    /// Unknown permissions or a user who is not there (422), permissions that the caller lacks (403).
    pub async fn create_key(&self, request: &Request, draft: KeyDraft) -> Result<NewKey, DirectoryError> {
        let view = Self::tenant(request)?;
        let own = draft.user_id.is_some() && draft.user_id == request.caller.user_id();
        // What is yet to be made has no id.
        let thing = of_key(KeyId(Uuid::nil()), &draft.name, draft.user_id);
        let rights = (Permission::ApiKeysWrite, Permission::SelfUpdate);
        self.authorize_key(request, rights, own, thing).await?;
        let bound = draft.permissions.as_deref().map(named).transpose()?;
        let owners = match draft.user_id {
            None => Permissions::all(),
            Some(user) => match self.authenticator.holder(view, user).await? {
                Some((_, permissions)) => permissions,
                None => {
                    let message = "'user_id' is not the id of an active user of this tenant.";
                    return Err(DirectoryError::refused(Kind::Impossible, "invalid_user", message));
                }
            },
        };
        let may = bound.map_or(owners, |bound| bound.intersection(owners));
        let lacking = may.without(request.caller.permissions);
        if !lacking.is_empty() {
            let names: Vec<&str> = lacking.iter().map(Permission::as_str).collect();
            let message = format!("The key would hold permissions that you lack: {}.", names.join(", "));
            return Err(DirectoryError::refused(Kind::Forbidden, "exceeds_permissions", message)
                .with("permissions", json!(names)));
        }
        let origin = request.origin();
        self.insert_key(request.caller.tenant_id, draft, bound, origin).await
    }

    /// Makes a key for the tenant, or with [`TenantId::INSTANCE`] for the instance, at the word of the operator.
    ///
    /// # Errors
    /// Unknown permissions (422); no randomness; the database's failure.
    pub async fn create_operator_key(
        &self,
        tenant: TenantId,
        draft: KeyDraft,
    ) -> Result<NewKey, DirectoryError> {
        let bound = draft.permissions.as_deref().map(named).transpose()?;
        self.insert_key(tenant, draft, bound, Origin::system()).await
    }

    async fn insert_key(
        &self,
        tenant: TenantId,
        draft: KeyDraft,
        bound: Option<Permissions>,
        origin: Origin,
    ) -> Result<NewKey, DirectoryError> {
        let at = self.now();
        let text = key_text(tenant)?;
        let record = ApiKey {
            tenant_id: tenant,
            id: KeyId::generate(),
            user_id: draft.user_id,
            name: draft.name,
            permissions: bound,
            created_at: at,
            expires_at: draft.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::InsertApiKey(Box::new(record.clone())));
        changes.settings.push(SettingsChange::InsertKeySecret {
            key_id: record.id,
            hash: text.hash(),
            at,
            others_end: at,
        });
        let details =
            json!({ "name": record.name, "user": record.user_id, "permissions": record.permissions });
        let target = Target::Key(record.id);
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at,
            kind: AuditType::ApiKeyCreated,
            origin,
            target,
            details,
        });
        self.provisioning.storage.commit(changes).await?;
        Ok(NewKey { record, text })
    }

    /// A page of the tenant's keys, oldest first.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_keys(
        &self,
        request: &Request,
        page: Page<KeyId>,
    ) -> Result<(Vec<ApiKey>, Option<KeyId>), DirectoryError> {
        self.authorize(request, Permission::ApiKeysRead, Thing::Tenant).await?;
        let storage = &self.provisioning.storage;
        let mut keys = storage.list_api_keys(request.caller.tenant_id, page.after, page.limit + 1).await?;
        let next = page.cut(&mut keys, |key| key.id);
        let thing = |key: &ApiKey| of_key(key.id, &key.name, key.user_id);
        self.keep_readable(request, Permission::ApiKeysRead, &mut keys, thing).await?;
        Ok((keys, next))
    }

    /// One key.
    ///
    /// # Errors
    /// No such key (404), a missing permission (403).
    pub async fn read_key(&self, request: &Request, id: KeyId) -> Result<ApiKey, DirectoryError> {
        let key = self.provisioning.storage.lookup_api_key(request.caller.tenant_id, id).await?;
        let Some(key) = key else {
            self.admit(request, &[Permission::ApiKeysRead]).await?;
            return Err(DirectoryError::missing("API key", id));
        };
        let thing = of_key(key.id, &key.name, key.user_id);
        let rights = (Permission::ApiKeysRead, Permission::SelfRead);
        self.authorize_key(request, rights, is_own(request, &key), thing).await?;
        Ok(key)
    }

    /// Gives a key another text; the old one works for `overlap_seconds` more.
    ///
    /// # Errors
    /// No such key (404), one that is revoked (409), one that may do more than the caller (403).
    pub async fn rotate_key(
        &self,
        request: &Request,
        id: KeyId,
        overlap_seconds: u32,
    ) -> Result<NewKey, DirectoryError> {
        let record = self.key_to_change(request, id).await?;
        let at = self.now();
        if !record.is_live(at) {
            let message = "This key is revoked or expired; make another one.";
            return Err(DirectoryError::refused(Kind::Conflict, "key_ended", message));
        }
        let mut changes = ChangeSet::new(record.tenant_id);
        let text = key_text(record.tenant_id)?;
        let others_end = Timestamp(at.0 + i64::from(overlap_seconds) * 1000);
        changes.settings.push(SettingsChange::InsertKeySecret {
            key_id: id,
            hash: text.hash(),
            at,
            others_end,
        });
        let details = json!({ "name": record.name, "overlap_seconds": overlap_seconds });
        changes.audit.push(self.event(request, AuditType::ApiKeyRotated, Target::Key(id), details));
        self.provisioning.storage.commit(changes).await?;
        Ok(NewKey { record, text })
    }

    /// Revokes a key; it stops working everywhere within a second.
    ///
    /// # Errors
    /// No such key (404), one that may do more than the caller (403).
    pub async fn revoke_key(&self, request: &Request, id: KeyId) -> Result<(), DirectoryError> {
        let record = self.key_to_change(request, id).await?;
        let at = self.now();
        let mut changes = ChangeSet::new(record.tenant_id);
        changes.settings.push(SettingsChange::RevokeApiKey { id, at });
        let details = json!({ "name": record.name });
        changes.audit.push(self.event(request, AuditType::ApiKeyRevoked, Target::Key(id), details));
        self.provisioning.storage.commit(changes).await?;
        self.authenticator.forget(record.tenant_id).await;
        Ok(())
    }

    async fn key_to_change(&self, request: &Request, id: KeyId) -> Result<ApiKey, DirectoryError> {
        let key = self.read_key(request, id).await?;
        let thing = of_key(key.id, &key.name, key.user_id);
        let rights = (Permission::ApiKeysWrite, Permission::SelfUpdate);
        self.authorize_key(request, rights, is_own(request, &key), thing).await?;
        Ok(key)
    }

    /// Decides about a key: by the first of the rights, and where it is the caller's own, else by the second.
    async fn authorize_key(
        &self,
        request: &Request,
        (of_keys, of_oneself): (Permission, Permission),
        own: bool,
        thing: Thing,
    ) -> Result<(), DirectoryError> {
        match self.authorize(request, of_keys, thing).await {
            Err(DirectoryError::Failed(ProvisioningError::Denied(_))) if own => {
                self.authorize_self(request, of_oneself, Changes::of(["api_keys"])).await
            }
            done => done,
        }
    }
}

fn is_own(request: &Request, key: &ApiKey) -> bool {
    key.user_id.is_some() && key.user_id == request.caller.user_id()
}

fn of_key(id: KeyId, name: &str, user: Option<UserId>) -> Thing {
    Thing::ApiKey { id, name: Arc::from(name), user }
}

fn key_text(tenant: TenantId) -> Result<TokenText, DirectoryError> {
    TokenText::generate(CredentialKind::ApiKey, tenant)
        .map_err(|error| DirectoryError::Failed(ProvisioningError::Internal(error.to_string())))
}

/// The permissions of these names.
///
/// # Errors
/// 422, naming every one that is none.
pub(super) fn named(names: &[String]) -> Result<Permissions, DirectoryError> {
    let problems: Vec<Problem> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| Permission::of_name(name).is_none())
        .map(|(position, _)| {
            let what = "is not a permission; GET /v1/permissions lists them";
            Problem::new(&format!("/permissions/{position}"), "unknown_permission", what)
        })
        .collect();
    if problems.is_empty() {
        Ok(names.iter().filter_map(|name| Permission::of_name(name)).collect())
    } else {
        Err(DirectoryError::impossible(problems))
    }
}
