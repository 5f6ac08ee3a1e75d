//! API keys: made, listed, rotated, revoked. A key's text is shown once and never stored. A credential of the instance that
//! has not named a tenant works on the instance's own keys, which have no policies above them.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::error::{DirectoryError, Kind, Problem};
use super::users::exceeds;
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
    /// Unknown permissions, a user who is not there, an end that is past (422); permissions that the caller lacks (403).
    pub async fn create_key(&self, request: &Request, draft: KeyDraft) -> Result<NewKey, DirectoryError> {
        let own = draft.user_id.is_some() && draft.user_id == request.caller.user_id();
        // What is yet to be made has no id.
        let thing = of_key(KeyId(Uuid::nil()), &draft.name, draft.user_id);
        let rights = (Permission::ApiKeysWrite, Permission::SelfUpdate);
        self.authorize_key(request, rights, own, thing).await?;
        self.check_end(draft.expires_at)?;
        let bound = draft.permissions.as_deref().map(named).transpose()?;
        let Some(owners) = self.owners_permissions(request, draft.user_id).await? else {
            let message = match is_of_instance(request) {
                true => "'user_id' cannot be given: a key of the instance belongs to no user.",
                false => "'user_id' is not the id of an active user of this tenant.",
            };
            return Err(DirectoryError::refused(Kind::Impossible, "invalid_user", message));
        };
        let what = "The key would hold permissions that you lack";
        self.check_reach_of_key(request, draft.user_id, bound, owners, what).await?;
        let origin = request.origin();
        self.insert_key(request.caller.tenant_id, draft, bound, origin).await
    }

    /// Refuses whoever would hold more by a key that they are shown. One's own key does what one may do. Somebody else's grows
    /// with its user and acts as that user, so it counts for all that it is bounded to, and is for those who may change the
    /// user.
    ///
    /// # Errors
    /// Permissions that the caller lacks, or a user whom the caller may not change (403).
    pub(super) async fn check_reach_of_key(
        &self,
        request: &Request,
        user: Option<UserId>,
        bound: Option<Permissions>,
        owners: Permissions,
        what: &str,
    ) -> Result<(), DirectoryError> {
        let other = user.filter(|user| request.caller.user_id() != Some(*user));
        let may = match other {
            Some(_) => bound.unwrap_or(Permissions::all()),
            None => bound.map_or(owners, |bound| bound.intersection(owners)),
        };
        let lacking = may.without(request.caller.permissions);
        if !lacking.is_empty() {
            return Err(exceeds(what, lacking));
        }
        let Some(user) = other else { return Ok(()) };
        let user = self.view_of(Self::tenant(request)?, user).await?;
        self.authorize_user(request, &[Permission::UsersUpdate], &user, Changes::of(["api_keys"])).await
    }

    /// Refuses a credential that would be dead from the beginning.
    ///
    /// # Errors
    /// 422 for an end that is not in the future.
    pub(super) fn check_end(&self, expires_at: Option<Timestamp>) -> Result<(), DirectoryError> {
        if expires_at.is_none_or(|end| self.now() < end) {
            return Ok(());
        }
        let problem = Problem::new("/expires_at", "past", "has to be a time in the future");
        Err(DirectoryError::impossible(vec![problem]))
    }

    /// What a key without bounds of its own would be able to do: everything, or as much as its user; nothing where the
    /// user is none who may act, and for a user's key among those of the instance, which has no users.
    async fn owners_permissions(
        &self,
        request: &Request,
        user: Option<UserId>,
    ) -> Result<Option<Permissions>, DirectoryError> {
        match (user, request.caller.tenant.as_ref()) {
            (None, _) => Ok(Some(Permissions::all())),
            (Some(_), None) => Ok(None),
            (Some(user), Some(view)) => {
                let holder = self.authenticator.holder(view, user).await?;
                Ok(holder.map(|(_, permissions)| permissions))
            }
        }
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

    /// A page of the tenant's keys, or of the instance's, oldest first.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_keys(
        &self,
        request: &Request,
        page: Page<KeyId>,
    ) -> Result<(Vec<ApiKey>, Option<KeyId>), DirectoryError> {
        if is_of_instance(request) {
            Self::require(request, Permission::ApiKeysRead)?;
            return self.page_of_keys(TenantId::INSTANCE, page).await;
        }
        self.authorize(request, Permission::ApiKeysRead, Thing::Tenant).await?;
        let (mut keys, next) = self.page_of_keys(request.caller.tenant_id, page).await?;
        let thing = |key: &ApiKey| of_key(key.id, &key.name, key.user_id);
        self.keep_readable(request, Permission::ApiKeysRead, &mut keys, thing).await?;
        Ok((keys, next))
    }

    async fn page_of_keys(
        &self,
        tenant: TenantId,
        page: Page<KeyId>,
    ) -> Result<(Vec<ApiKey>, Option<KeyId>), DirectoryError> {
        let mut keys = self.provisioning.storage.list_api_keys(tenant, page.after, page.limit + 1).await?;
        let next = page.cut(&mut keys, |key| key.id);
        Ok((keys, next))
    }

    /// One key.
    ///
    /// # Errors
    /// No such key (404), a missing permission (403).
    pub async fn read_key(&self, request: &Request, id: KeyId) -> Result<ApiKey, DirectoryError> {
        let key = self.provisioning.storage.lookup_api_key(request.caller.tenant_id, id).await?;
        let Some(key) = key else {
            match is_of_instance(request) {
                true => Self::require(request, Permission::ApiKeysRead)?,
                false => self.admit(request, &[Permission::ApiKeysRead]).await?,
            }
            return Err(DirectoryError::missing("API key", id));
        };
        let thing = of_key(key.id, &key.name, key.user_id);
        let rights = (Permission::ApiKeysRead, Permission::SelfRead);
        self.authorize_key(request, rights, is_own(request, &key), thing).await?;
        Ok(key)
    }

    /// Gives a key another text; the old one works for `overlap_seconds` more. Whoever is shown the text has the key, so
    /// they hold what it opens.
    ///
    /// # Errors
    /// No such key (404), one that is revoked, expired or of a user who may not act (409), one that may do more than the
    /// caller (403).
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
        let Some(owners) = self.owners_permissions(request, record.user_id).await? else {
            let message = "This key's user is deactivated or suspended, so the key opens nothing.";
            return Err(DirectoryError::refused(Kind::Conflict, "key_ended", message));
        };
        let what = "This key holds permissions that you lack";
        self.check_reach_of_key(request, record.user_id, record.permissions, owners, what).await?;
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

    /// Revokes a key; it stops working everywhere within a second. A key that may do more than the caller is revoked too:
    /// nobody gets anything by that, and a key that leaked has to end.
    ///
    /// # Errors
    /// No such key (404), a missing permission (403).
    pub async fn revoke_key(&self, request: &Request, id: KeyId) -> Result<(), DirectoryError> {
        let record = self.key_to_change(request, id).await?;
        self.end_key(&record, request.origin()).await
    }

    /// Revokes a key of the tenant, or with [`TenantId::INSTANCE`] of the instance, at the word of the operator.
    ///
    /// # Errors
    /// No such key (404); the database's failure.
    pub async fn revoke_operator_key(&self, tenant: TenantId, id: KeyId) -> Result<(), DirectoryError> {
        let record = self.provisioning.storage.lookup_api_key(tenant, id).await?;
        let record = record.ok_or_else(|| DirectoryError::missing("API key", id))?;
        self.end_key(&record, Origin::system()).await
    }

    async fn end_key(&self, record: &ApiKey, origin: Origin) -> Result<(), DirectoryError> {
        let at = self.now();
        let mut changes = ChangeSet::new(record.tenant_id);
        changes.settings.push(SettingsChange::RevokeApiKey { id: record.id, at });
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at,
            kind: AuditType::ApiKeyRevoked,
            origin,
            target: Target::Key(record.id),
            details: json!({ "name": record.name }),
        });
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
    pub(super) async fn authorize_key(
        &self,
        request: &Request,
        (of_keys, of_oneself): (Permission, Permission),
        own: bool,
        thing: Thing,
    ) -> Result<(), DirectoryError> {
        if is_of_instance(request) {
            return Self::require(request, of_keys);
        }
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

/// Whether the instance's own keys are meant: by a credential of the instance that has not named a tenant.
fn is_of_instance(request: &Request) -> bool {
    request.caller.is_instance() && request.caller.tenant_id == TenantId::INSTANCE
}

/// A key as policies see it.
pub(super) fn of_key(id: KeyId, name: &str, user: Option<UserId>) -> Thing {
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
