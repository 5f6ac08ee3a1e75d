//! What all ways of writing a user share: the change set, and what happens when the e-mail address is taken.

use serde_json::{Map, Value, json};

use super::super::activation::note_update;
use super::super::role_mappings::{Mapped, role_events};
use super::super::{Answer, Body, Provisioning, ProvisioningError, Request};
use crate::mapping::custom::changed_names;
use crate::mapping::rows::unique_row;
use crate::mapping::user::to_scim;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, UserChange};
use crate::model::query::StoredUser;
use crate::model::{BuiltInRole, User};
use crate::provisioning::preconditions::etag;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::projection::Projection;
use crate::storage::{StorageError, Taken};

impl Provisioning {
    /// Commits the change set that `decide` makes of the user. Where somebody else holds the e-mail address the user
    /// goes without one (the address stays in `emails`): shared mailboxes are common, and no reason to refuse. Gives the
    /// stored document, which the answer shows.
    pub(super) async fn commit_user(
        &self,
        request: &Request,
        user: &mut User,
        decide: impl Fn(&User) -> ChangeSet + Send,
    ) -> Result<String, ProvisioningError> {
        let (changes, document) = with_document(decide(user));
        match self.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::Email)) => {
                user.email = None;
                let (changes, document) = with_document(decide(user));
                match self.storage.commit(changes).await {
                    Ok(()) => Ok(document),
                    Err(error) => Err(self.not_written(request, user, error).await),
                }
            }
            Ok(()) => Ok(document),
            Err(error) => Err(self.not_written(request, user, error).await),
        }
    }

    /// Why a user was not written; of a value that is taken, of which attribute it is.
    async fn not_written(&self, request: &Request, user: &User, error: StorageError) -> ProvisioningError {
        if error != StorageError::Taken(Taken::CustomValue) {
            return error.into();
        }
        match self.taken_attribute(request, user).await {
            Err(error) => error.into(),
            Ok(name) => ScimError::new(ScimType::Uniqueness, taken_value(name.as_deref())).into(),
        }
    }

    /// The attribute of the tenant's own whose value somebody else has; nothing if that is no longer so.
    pub(in crate::provisioning) async fn taken_attribute(
        &self,
        request: &Request,
        user: &User,
    ) -> Result<Option<String>, StorageError> {
        for (name, value) in request.user_schema().custom.unique(&user.custom) {
            let row = unique_row(name, &value);
            let holder =
                self.storage.holder_of_value(request.caller.tenant_id, &row.path, &row.value).await?;
            if holder.is_some_and(|holder| holder != user.id) {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }

    /// The change set that makes a user.
    pub(super) fn insertion(
        &self,
        request: &Request,
        user: &User,
        ignored: &[String],
        mapped: &Mapped,
    ) -> ChangeSet {
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let mut details = Map::new();
        details.insert("userName".to_owned(), json!(user.user_name));
        note_ignored(&mut details, ignored);
        note_email(&mut details, user);
        mapped.tell(user, &mut details);
        changes.settings.extend(request.guard(&[user]));
        changes.audit.push(request.event(
            user.created_at,
            AuditType::UserCreated,
            Target::User(user.id),
            Value::Object(details),
        ));
        let everybodys = [BuiltInRole::User.id()];
        changes.audit.extend(role_events(request, user.created_at, user, &everybodys));
        changes.users.push(UserChange::Insert {
            row: Box::new(request.user_schema().row(user)),
            index: request.user_schema().index_rows(user),
            external_id: user.external_id.clone().map(|value| ExternalIdChange {
                connection_id: request.caller.connection_id(),
                value: Some(value),
            }),
        });
        changes
    }

    /// The change set that makes one user of another.
    pub(super) fn update(
        &self,
        request: &Request,
        before: &User,
        after: &User,
        mut details: Map<String, Value>,
    ) -> ChangeSet {
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        note_email(&mut details, after);
        changes.settings.extend(request.guard(&[before, after]));
        note_update(request, before, after, details, &mut changes);
        changes.audit.extend(role_events(request, after.updated_at, after, &before.account.roles));
        changes.users.push(UserChange::Update {
            row: Box::new(request.user_schema().row(after)),
            index: request.user_schema().index_delta(before, after),
            external_id: (before.external_id != after.external_id).then(|| ExternalIdChange {
                connection_id: request.caller.connection_id(),
                value: after.external_id.clone(),
            }),
        });
        changes
    }

    /// The answer to a write: the user as it is now.
    pub(super) async fn written(
        &self,
        request: &Request,
        user: &User,
        document: String,
        in_groups: bool,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        let stored = match user.manager {
            // Only the database knows what the manager is called.
            Some(_) => self
                .storage
                .lookup_user(request.caller.tenant_id, request.caller.connection_id(), user.id)
                .await?
                .filter(|stored| stored.version == user.version),
            None => None,
        };
        let stored = stored.unwrap_or_else(|| as_stored(user, document, in_groups));
        self.answer(request, &stored, projection).await
    }

    /// The answer about a stored user.
    pub(super) async fn answer(
        &self,
        request: &Request,
        stored: &StoredUser,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        let groups = self.groups_for(request, std::slice::from_ref(stored), projection).await?;
        let mut text = String::new();
        self.push_user(&mut text, request.user_schema(), stored, &groups, projection)?;
        Ok(Answer {
            location: Some(self.user_location(stored.id)),
            etag: Some(etag(stored.version)),
            body: Body::Whole(text),
        })
    }
}

/// A change set of one user, and the document that it stores.
fn with_document(changes: ChangeSet) -> (ChangeSet, String) {
    let document = match changes.users.first() {
        Some(UserChange::Insert { row, .. } | UserChange::Update { row, .. }) => row.document.clone(),
        _ => String::new(),
    };
    (changes, document)
}

fn as_stored(user: &User, document: String, in_groups: bool) -> StoredUser {
    StoredUser {
        id: user.id.0,
        version: user.version,
        created_at: user.created_at.0,
        updated_at: user.updated_at.0,
        document,
        name_origins: user.name.origins(),
        email: user.email.clone(),
        external_id: user.external_id.clone(),
        manager_id: None,
        manager_display_name: None,
        in_groups,
        account: user.account.clone(),
        // An object of JSON values always has a text.
        custom: (!user.custom.is_empty()).then(|| serde_json::to_string(&user.custom).unwrap_or_default()),
    }
}

/// What an update's audit event tells: which attributes changed, not their values, and what became of roles.
pub(super) fn changed(was: &User, is: &User, ignored: &[String], mapped: &Mapped) -> Map<String, Value> {
    let (before, after) = (to_scim(was), to_scim(is));
    let mut names: Vec<&str> = before.differing(&after).collect();
    let own = changed_names(&was.custom, &is.custom);
    names.extend(own.iter().map(String::as_str));
    if was.account.roles != is.account.roles && !names.contains(&"roles") {
        names.push("roles");
    }
    if was.account.email_verified != is.account.email_verified {
        names.push("email_verified");
    }
    let mut details = Map::new();
    details.insert("changed".to_owned(), json!(names));
    note_ignored(&mut details, ignored);
    mapped.tell(is, &mut details);
    details
}

/// The sentence about a value that somebody else has.
pub(in crate::provisioning) fn taken_value(attribute: Option<&str>) -> String {
    match attribute {
        Some(name) => format!("Another user of the tenant has this value of '{name}' already; it is unique."),
        None => "Another user of the tenant has the value of an attribute that is unique.".to_owned(),
    }
}

/// An address that did not become the account's own, because somebody else holds it or because it is none, is told.
fn note_email(details: &mut Map<String, Value>, user: &User) {
    if user.email.is_none() && user.profile.contains_key("emails") {
        details.insert("emailLeftOut".to_owned(), Value::Bool(true));
    }
}

/// Nothing that a client sent is dropped without a word: what no schema has is named in the audit event.
pub(in crate::provisioning) fn note_ignored(details: &mut Map<String, Value>, ignored: &[String]) {
    if !ignored.is_empty() {
        details.insert("ignored".to_owned(), json!(ignored));
    }
}
