//! `/v1/connections`.

mod adoption;
mod shape;
mod tokens;

pub use adoption::AdoptionRequests;
pub use tokens::Tokens;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::ToJSON as _;
use uuid::Uuid;

use self::shape::{Connection, ConnectionList, ConnectionPatch, NewConnection};
use super::answer::{Created, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::{cursor, if_matches, page};
use super::{Admin, Part};
use crate::model::ConnectionId;
use crate::provisioning::directory::ConnectionView;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 4] = ["id", "created_at", "updated_at", "version"];

pub struct Connections;

#[OpenApi(tag = "Part::Connections")]
impl Connections {
    /// Create a connection
    #[oai(path = "/connections", method = "post")]
    async fn create_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewConnection>,
    ) -> Answer<Created<Connection>> {
        let made = admin.directory.create_connection(&session.0, body.check()?.into()).await?;
        let location = format!("{}/connections/{}", admin.base_url, made.connection.id);
        Ok(Created { version: Some(made.connection.version), value: made.into(), location })
    }

    /// List connections
    #[oai(path = "/connections", method = "get")]
    async fn list_connections(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<ConnectionList>> {
        let page = page(limit.0, after.0.as_deref(), ConnectionId)?;
        let (found, next) = admin.directory.list_connections(&session.0, page).await?;
        let connections = found.into_iter().map(Connection::from).collect();
        Ok(Found::plain(ConnectionList { connections, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Read a connection
    #[oai(path = "/connections/:id", method = "get")]
    async fn read_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Connection>> {
        Ok(found(admin.directory.read_connection(&session.0, ConnectionId(id.0)).await?))
    }

    /// Change a connection
    ///
    /// Its settings work within a second.
    #[oai(path = "/connections/:id", method = "patch")]
    async fn patch_connection(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<ConnectionPatch>,
    ) -> Answer<Found<Connection>> {
        let id = ConnectionId(id.0);
        if body.says_any(&COMPUTED) {
            let current = Connection::from(admin.directory.read_connection(&session.0, id).await?);
            body.take_unchanged(&current.to_json().unwrap_or_default(), &COMPUTED)?;
        }
        let (draft, preconditions) = (body.check()?.into(), if_matches(if_match.0));
        Ok(found(admin.directory.update_connection(&session.0, id, draft, &preconditions).await?))
    }
}

fn found(view: ConnectionView) -> Found<Connection> {
    Found { version: Some(view.connection.version), value: view.into() }
}
