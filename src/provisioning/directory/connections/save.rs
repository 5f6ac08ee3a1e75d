//! `POST` and `PATCH /v1/connections`.

use serde_json::{Map, Value, json};

use super::super::Directory;
use super::super::error::{DirectoryError, Kind, Problem};
use super::role_mappings::{self, RoleMappingDraft};
use super::{ConnectionView, ceiling_name, check_ceiling, of_connection, shown};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{Connection, ConnectionId, ConnectionSettings, OnExistingUser, Permission};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::{StorageError, Taken};

/// How many connections a tenant may have.
const MOST_CONNECTIONS: usize = 500;

/// What is said of a connection; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct ConnectionDraft {
    pub name: Option<String>,
    pub strict: Option<bool>,
    /// The name of a role.
    pub role_ceiling: Option<String>,
    pub on_existing_user: Option<OnExistingUser>,
    /// In place of those that there are.
    pub role_mappings: Option<Vec<RoleMappingDraft>>,
    pub accept_passwords: Option<bool>,
}

impl Directory {
    /// Makes a connection.
    ///
    /// # Errors
    /// An unknown role, or one beyond the connection's own ceiling (422), one that holds more than the caller (403), a taken
    /// name (409).
    pub async fn create_connection(
        &self,
        request: &Request,
        draft: ConnectionDraft,
    ) -> Result<ConnectionView, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let view = Self::tenant(request)?;
        let at = self.now();
        if self.provisioning.storage.list_connections(view.tenant.id).await?.len() >= MOST_CONNECTIONS {
            let message = format!("A tenant has at most {MOST_CONNECTIONS} connections.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_connections", message));
        }
        let mut connection = Connection {
            tenant_id: view.tenant.id,
            id: ConnectionId::generate(),
            name: String::new(),
            strict: false,
            settings: ConnectionSettings::default(),
            created_at: at,
            updated_at: at,
            version: 1,
        };
        settle(request, view, &mut connection, draft)?;
        self.authorize(request, Permission::ConnectionsWrite, of_connection(&connection)).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::InsertConnection(connection.clone()));
        let mut details = Map::new();
        details.insert("name".to_owned(), json!(connection.name));
        details.insert("strict".to_owned(), json!(connection.strict));
        note_mappings(view, &connection, &mut details);
        let (target, details) = (Target::Connection(connection.id), Value::Object(details));
        changes.audit.push(self.event(request, AuditType::ConnectionCreated, target, details));
        self.write_connection(changes, &connection).await?;
        Ok(shown(view, connection))
    }

    /// Changes what is said of a connection.
    ///
    /// # Errors
    /// As for creating; no such connection (404), another version than `If-Match` names (412).
    pub async fn update_connection(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: ConnectionDraft,
        preconditions: &Preconditions,
    ) -> Result<ConnectionView, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let draft = &draft;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_update_connection(request, id, draft.clone(), preconditions).await
        })
        .await
    }

    async fn try_update_connection(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: ConnectionDraft,
        preconditions: &Preconditions,
    ) -> Result<ConnectionView, DirectoryError> {
        let before = self.connection(request, id).await?;
        let view = Self::tenant(request)?;
        preconditions.check_write(before.version)?;
        check_ceiling(request, view, &before)?;
        let mut after = before.clone();
        settle(request, view, &mut after, draft)?;
        let names = changed(&before, &after);
        // What it is called from now on is decided as well: nobody renames a connection into what a policy forbids.
        let renamed = (before.name != after.name).then_some(&after);
        for connection in [&before].into_iter().chain(renamed) {
            let changes = Changes::of(names.iter().copied());
            let thing = of_connection(connection);
            self.authorize_change(request, Permission::ConnectionsWrite, thing, changes).await?;
        }
        if after == before {
            return Ok(shown(view, after));
        }
        let mut details = Map::new();
        details.insert("changed".to_owned(), json!(names));
        if names.contains(&"role_ceiling") {
            details.insert("role_ceiling".to_owned(), Value::from(ceiling_name(view, &after)));
        }
        if names.contains(&"role_mappings") {
            note_mappings(view, &after, &mut details);
        }
        after.version += 1;
        after.updated_at = self.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::UpdateConnection(Box::new(after.clone())));
        let (target, details) = (Target::Connection(id), Value::Object(details));
        changes.audit.push(self.event(request, AuditType::ConnectionUpdated, target, details));
        self.write_connection(changes, &after).await?;
        Ok(shown(view, after))
    }

    async fn write_connection(
        &self,
        changes: ChangeSet,
        connection: &Connection,
    ) -> Result<(), DirectoryError> {
        match self.provisioning.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::ConnectionName)) => {
                let message = format!("A connection '{}' exists already; names are unique.", connection.name);
                Err(DirectoryError::refused(Kind::Conflict, "connection_exists", message))
            }
            written => {
                self.authenticator.forget(connection.tenant_id).await;
                Ok(written?)
            }
        }
    }
}

/// The names of the fields in which these two differ.
fn changed(before: &Connection, after: &Connection) -> Vec<&'static str> {
    let (was, is) = (&before.settings, &after.settings);
    let fields = [
        ("name", before.name != after.name),
        ("strict", before.strict != after.strict),
        ("role_ceiling", was.role_ceiling != is.role_ceiling),
        ("on_existing_user", was.on_existing_user != is.on_existing_user),
        ("role_mappings", was.role_mappings != is.role_mappings),
        ("accept_passwords", was.accept_passwords != is.accept_passwords),
    ];
    fields.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect()
}

/// Who gave a rule that gives roles is something to look for later.
fn note_mappings(view: &TenantView, connection: &Connection, details: &mut Map<String, Value>) {
    let mappings = role_mappings::shown(view, &connection.settings.role_mappings);
    if mappings.is_empty() && !details.contains_key("changed") {
        return;
    }
    let told = mappings.iter().map(
        |mapping| json!({ "attribute": mapping.attribute.as_str(), "value": mapping.value, "role": mapping.role }),
    );
    details.insert("role_mappings".to_owned(), told.collect());
}

/// Puts a draft on a connection.
fn settle(
    request: &Request,
    view: &TenantView,
    connection: &mut Connection,
    draft: ConnectionDraft,
) -> Result<(), DirectoryError> {
    if let Some(name) = draft.name {
        name.trim().clone_into(&mut connection.name);
    }
    if connection.name.is_empty() {
        let problem = Problem::new("/name", "required", "is required");
        return Err(DirectoryError::impossible(vec![problem]));
    }
    connection.strict = draft.strict.unwrap_or(connection.strict);
    if let Some(rule) = draft.on_existing_user {
        connection.settings.on_existing_user = rule;
    }
    if let Some(accepts) = draft.accept_passwords {
        connection.settings.accept_passwords = accepts;
    }
    let ceiling = connection.settings.role_ceiling;
    if let Some(name) = draft.role_ceiling {
        let Some(role) = view.role_named(&name) else {
            return Err(DirectoryError::impossible(vec![Problem::unknown_role("/role_ceiling")]));
        };
        connection.settings.role_ceiling = role.id;
        check_ceiling(request, view, connection)?;
    }
    let told = draft.role_mappings.is_some();
    if let Some(drafts) = draft.role_mappings {
        connection.settings.role_mappings = role_mappings::settle(request, view, drafts)?;
    }
    // A role may have come to hold more since it was mapped: that is no reason to refuse another change.
    if told || connection.settings.role_ceiling != ceiling {
        role_mappings::check_reach(view, connection, told)?;
    }
    Ok(())
}
