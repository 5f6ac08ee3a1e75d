//! `/v1/adoption-requests`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::super::answer::Found;
use super::super::failure::Answer;
use super::super::session::Session;
use super::super::values::{cursor, page, time};
use super::super::{Admin, Part};
use crate::model::{self, AdoptionRequestId, AdoptionState};

pub struct AdoptionRequests;

/// What became of a request to adopt a user.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "AdoptionState", rename_all = "snake_case")]
enum State {
    /// Nobody has decided yet; the connection is refused.
    Pending,
    /// The user becomes the connection's when it writes to it the next time. The request is gone then.
    Approved,
    /// The connection is refused, and does not ask again.
    Denied,
}

/// A connection's request to be let have a user whom it did not bring.
#[derive(Debug, Object)]
struct AdoptionRequest {
    id: Uuid,
    connection: AskingConnection,
    user_id: Uuid,
    user_name: String,
    state: State,
    requested_at: String,
    #[oai(skip_serializing_if_is_none)]
    decided_at: Option<String>,
}

/// Which connection asks.
#[derive(Debug, Object)]
struct AskingConnection {
    id: Uuid,
    name: String,
}

/// A page of such requests.
#[derive(Debug, Object)]
struct AdoptionRequestList {
    adoption_requests: Vec<AdoptionRequest>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

#[OpenApi(tag = "Part::Connections")]
impl AdoptionRequests {
    /// List requests to adopt users
    ///
    /// A connection whose `on_existing_user` is `ask` makes one when it first writes to a user whom it did not bring.
    #[oai(path = "/adoption-requests", method = "get")]
    async fn list_adoption_requests(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// `pending` where it is left out.
        state: Query<Option<State>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<AdoptionRequestList>> {
        let page = page(limit.0, after.0.as_deref(), AdoptionRequestId)?;
        let state = state.0.unwrap_or(State::Pending).into();
        let (found, next) = admin.directory.list_adoption_requests(&session.0, state, page).await?;
        let adoption_requests = found.into_iter().map(AdoptionRequest::from).collect();
        let next_cursor = cursor(next.map(|id| id.0));
        Ok(Found::plain(AdoptionRequestList { adoption_requests, next_cursor }))
    }

    /// Let a connection have the user
    ///
    /// The user becomes the connection's when it writes to it the next time. What was denied can be approved.
    #[oai(path = "/adoption-requests/:id/approve", method = "post")]
    async fn approve_adoption(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<AdoptionRequest>> {
        let decided = admin.directory.decide_adoption(&session.0, AdoptionRequestId(id.0), true).await?;
        Ok(Found::plain(decided.into()))
    }

    /// Refuse a connection the user
    ///
    /// It does not ask again. What was approved can be denied as long as the connection does not have the user.
    #[oai(path = "/adoption-requests/:id/deny", method = "post")]
    async fn deny_adoption(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<AdoptionRequest>> {
        let decided = admin.directory.decide_adoption(&session.0, AdoptionRequestId(id.0), false).await?;
        Ok(Found::plain(decided.into()))
    }
}

impl From<model::AdoptionRequest> for AdoptionRequest {
    fn from(asked: model::AdoptionRequest) -> Self {
        Self {
            id: asked.id.0,
            connection: AskingConnection { id: asked.connection_id.0, name: asked.connection_name },
            user_id: asked.user_id.0,
            user_name: asked.user_name,
            state: asked.state.into(),
            requested_at: time(asked.requested_at),
            decided_at: asked.decided_at.map(time),
        }
    }
}

impl From<State> for AdoptionState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Approved => Self::Approved,
            State::Denied => Self::Denied,
        }
    }
}

impl From<AdoptionState> for State {
    fn from(state: AdoptionState) -> Self {
        match state {
            AdoptionState::Pending => Self::Pending,
            AdoptionState::Approved => Self::Approved,
            AdoptionState::Denied => Self::Denied,
        }
    }
}
