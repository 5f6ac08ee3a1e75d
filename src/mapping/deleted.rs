//! Deleted users as they are kept: a user as JSON, with what went with it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::user::{restore, to_scim};
use crate::model::query::StoredUser;
use crate::model::{Account, AuthProvider, ConnectionId, DeletedUser, GroupId, RoleId, Standing, User};

/// A deleted user, read out of its document.
#[derive(Clone, Debug, PartialEq)]
pub struct Departed {
    pub user: User,
    pub memberships: Vec<(GroupId, Option<String>)>,
    /// What connections called the user; [`ConnectionId::NONE`] stands for the administrators.
    pub external_ids: Vec<(ConnectionId, String)>,
}

#[derive(Deserialize)]
struct Document {
    user: Kept,
    memberships: Vec<Membership>,
    external_ids: Vec<ExternalId>,
}

#[derive(Deserialize)]
struct Membership {
    group_id: Uuid,
    role: Option<String>,
}

#[derive(Deserialize)]
struct ExternalId {
    connection_id: Uuid,
    external_id: String,
}

/// A user without its id, which is the row's.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: i64,
    created_at: i64,
    updated_at: i64,
    attributes: Map<String, Value>,
    name_origins: String,
    email: Option<String>,
    standing: String,
    auth_provider: String,
    email_verified: bool,
    service_account: bool,
    must_reset_password: bool,
    must_enrol_mfa: bool,
    must_reset_mfa: bool,
    entity_id: Option<Uuid>,
    connection_id: Option<Uuid>,
    roles: Vec<Uuid>,
    /// Connections, each with a role that it gave.
    #[serde(default)]
    connection_roles: Vec<(Uuid, Uuid)>,
    /// Values of the tenant's own attributes.
    #[serde(default)]
    custom: Map<String, Value>,
}

/// The user's part of the document.
///
/// # Errors
/// None that a user's values could cause.
pub fn document(user: &User) -> Result<String, serde_json::Error> {
    let account = &user.account;
    let mut attributes = to_scim(user).into_map();
    // Each connection's own; all of them are kept beside the user.
    attributes.shift_remove("externalId");
    serde_json::to_string(&Kept {
        version: user.version,
        created_at: user.created_at.0,
        updated_at: user.updated_at.0,
        attributes,
        name_origins: user.name.origins(),
        email: user.email.clone(),
        standing: account.standing.as_str().to_owned(),
        auth_provider: account.auth_provider.as_str().to_owned(),
        email_verified: account.email_verified,
        service_account: account.service_account,
        must_reset_password: account.must_reset_password,
        must_enrol_mfa: account.must_enrol_mfa,
        must_reset_mfa: account.must_reset_mfa,
        entity_id: account.entity_id,
        connection_id: account.connection_id.map(|id| id.0),
        roles: account.roles.iter().map(|role| role.0).collect(),
        connection_roles: account.connection_roles.iter().map(|(by, role)| (by.0, role.0)).collect(),
        custom: user.custom.clone(),
    })
}

/// A deleted user as it was.
///
/// # Errors
/// A document that is not what [`document`] began: the database was changed by other hands.
pub fn departed(deleted: &DeletedUser) -> Result<Departed, serde_json::Error> {
    let Document { user, memberships, external_ids } = serde_json::from_str(&deleted.document)?;
    let external_ids: Vec<(ConnectionId, String)> = external_ids
        .into_iter()
        .map(|known| (ConnectionId(known.connection_id), known.external_id))
        .collect();
    let own = external_ids.iter().find(|(connection, _)| *connection == ConnectionId::NONE);
    let stored = StoredUser {
        id: deleted.id.0,
        version: user.version,
        created_at: user.created_at,
        updated_at: user.updated_at,
        document: Value::Object(user.attributes).to_string(),
        name_origins: user.name_origins,
        email: user.email,
        external_id: own.map(|(_, value)| value.clone()),
        manager_id: None,
        manager_display_name: None,
        in_groups: !memberships.is_empty(),
        account: Account {
            standing: Standing::of_word(&user.standing).unwrap_or(Standing::Suspended),
            auth_provider: AuthProvider::of_word(&user.auth_provider).unwrap_or(AuthProvider::Local),
            email_verified: user.email_verified,
            service_account: user.service_account,
            must_reset_password: user.must_reset_password,
            must_enrol_mfa: user.must_enrol_mfa,
            must_reset_mfa: user.must_reset_mfa,
            entity_id: user.entity_id,
            connection_id: user.connection_id.map(ConnectionId),
            roles: user.roles.into_iter().map(RoleId).collect(),
            connection_roles: given(user.connection_roles),
        },
        custom: (!user.custom.is_empty()).then(|| Value::Object(user.custom).to_string()),
    };
    let memberships = memberships.into_iter().map(|one| (GroupId(one.group_id), one.role)).collect();
    Ok(Departed { user: restore(&stored)?, memberships, external_ids })
}

fn given(pairs: Vec<(Uuid, Uuid)>) -> Vec<(ConnectionId, RoleId)> {
    pairs.into_iter().map(|(connection, role)| (ConnectionId(connection), RoleId(role))).collect()
}
