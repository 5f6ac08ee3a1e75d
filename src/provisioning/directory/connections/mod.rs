//! Connections of identity providers: what they may do, their tokens, and the users that they ask for.

mod adoption;
mod role_mappings;
mod save;
mod tokens;

pub use role_mappings::{RoleMappingDraft, RoleMappingView};
pub use save::ConnectionDraft;
pub use tokens::TokenDraft;

use std::sync::Arc;

use super::error::DirectoryError;
use super::users::exceeds;
use super::{Directory, Page};
use crate::access::Thing;
use crate::auth::{TenantView, permissions_of_scopes};
use crate::model::{BuiltInRole, Connection, ConnectionId, Permission, Permissions, Scopes};
use crate::provisioning::Request;

/// A connection as answers show it.
#[derive(Clone, Debug)]
pub struct ConnectionView {
    pub connection: Connection,
    /// The name of the role that is its ceiling.
    pub role_ceiling: String,
    /// Those of its mappings whose role is still there.
    pub role_mappings: Vec<RoleMappingView>,
}

impl Directory {
    /// A page of the tenant's connections, oldest first; not those that a policy hides.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_connections(
        &self,
        request: &Request,
        page: Page<ConnectionId>,
    ) -> Result<(Vec<ConnectionView>, Option<ConnectionId>), DirectoryError> {
        let mut connections = self.readable_connections(request).await?;
        connections.retain(|connection| page.after.is_none_or(|after| connection.id > after));
        let next = page.cut(&mut connections, |connection| connection.id);
        let view = Self::tenant(request)?;
        Ok((connections.into_iter().map(|connection| shown(view, connection)).collect(), next))
    }

    /// One connection.
    ///
    /// # Errors
    /// No such connection (404), a missing permission (403).
    pub async fn read_connection(
        &self,
        request: &Request,
        id: ConnectionId,
    ) -> Result<ConnectionView, DirectoryError> {
        let connection = self.allowed_connection(request, id, Permission::ConnectionsRead).await?;
        Ok(shown(Self::tenant(request)?, connection))
    }

    /// The connections that the caller may see, oldest first.
    async fn readable_connections(&self, request: &Request) -> Result<Vec<Connection>, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsRead]).await?;
        let mut connections = self.provisioning.storage.list_connections(request.caller.tenant_id).await?;
        self.keep_readable(request, Permission::ConnectionsRead, &mut connections, of_connection).await?;
        Ok(connections)
    }

    /// A connection with which the caller may do this.
    pub(super) async fn allowed_connection(
        &self,
        request: &Request,
        id: ConnectionId,
        permission: Permission,
    ) -> Result<Connection, DirectoryError> {
        self.admit(request, &[permission]).await?;
        let connection = self.connection(request, id).await?;
        self.authorize(request, permission, of_connection(&connection)).await?;
        Ok(connection)
    }

    async fn connection(&self, request: &Request, id: ConnectionId) -> Result<Connection, DirectoryError> {
        let connections = self.provisioning.storage.list_connections(request.caller.tenant_id).await?;
        let found = connections.into_iter().find(|connection| connection.id == id);
        found.ok_or_else(|| DirectoryError::missing("Connection", id))
    }
}

fn of_connection(connection: &Connection) -> Thing {
    Thing::Connection { id: connection.id, name: Arc::from(&*connection.name) }
}

fn shown(view: &TenantView, connection: Connection) -> ConnectionView {
    ConnectionView {
        role_ceiling: ceiling_name(view, &connection),
        role_mappings: role_mappings::shown(view, &connection.settings.role_mappings),
        connection,
    }
}

fn ceiling_name(view: &TenantView, connection: &Connection) -> String {
    let role = view.role(connection.settings.role_ceiling);
    role.map_or_else(|| BuiltInRole::User.name().to_owned(), |role| role.name.clone())
}

/// What the connection's ceiling allows beyond what everybody may.
fn reach(view: &TenantView, connection: &Connection) -> Permissions {
    let ceiling = view.role(connection.settings.role_ceiling);
    let reach = ceiling.map_or(Permissions::NONE, |role| role.permissions);
    // Everybody reaches the role 'user', whatever a key is bounded to.
    reach.without(BuiltInRole::User.permissions())
}

/// Nobody deals with a connection that reaches further than they do: it would do for them what they may not.
pub(super) fn check_ceiling(
    request: &Request,
    view: &TenantView,
    connection: &Connection,
) -> Result<(), DirectoryError> {
    let lacking = reach(view, connection).without(request.caller.permissions);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(exceeds("The connection's role ceiling holds permissions that you lack", lacking))
}

/// Nobody makes a credential of a connection whose scopes hold more than they do. Whether it may touch owners is its
/// ceiling's matter.
pub(super) fn check_scopes(request: &Request, scopes: Scopes, what: &str) -> Result<(), DirectoryError> {
    let owners = Permissions::from_iter([Permission::OwnersWrite]);
    let given = permissions_of_scopes(scopes).without(owners);
    let lacking = given.without(request.caller.permissions);
    if lacking.is_empty() { Ok(()) } else { Err(exceeds(what, lacking)) }
}
