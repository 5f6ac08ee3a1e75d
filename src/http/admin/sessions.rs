//! `/v1/users/{id}/sessions`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Found};
use super::failure::Answer;
use super::session::Session;
use super::values::time;
use super::{Admin, Part};
use crate::model::{self, SessionId, UserId};

pub(super) struct Sessions;

/// That somebody is signed in somewhere.
#[derive(Debug, Object)]
#[oai(rename = "Session", skip_serializing_if_is_none)]
struct UserSession {
    id: Uuid,
    user_id: Uuid,
    created_at: String,
    expires_at: String,
    /// How the user signed in, in the words of RFC 8176.
    amr: Vec<String>,
    /// Where the user signed in from.
    ip: Option<String>,
    user_agent: Option<String>,
    /// Whether it is the session that asks.
    current: bool,
}

/// A user's sessions.
#[derive(Debug, Object)]
struct SessionList {
    sessions: Vec<UserSession>,
}

#[OpenApi(tag = "Part::Sessions")]
impl Sessions {
    /// List a user's sessions
    ///
    /// Those that hold, the newest first; the newest thousand.
    #[oai(path = "/users/:id/sessions", method = "get")]
    async fn list_sessions(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<SessionList>> {
        let current = session.0.caller.session_id();
        let sessions = admin.directory.list_sessions(&session.0, UserId(id.0)).await?;
        let sessions = sessions.into_iter().map(|session| shown(session, current)).collect();
        Ok(Found::plain(SessionList { sessions }))
    }

    /// End a session
    ///
    /// Its access tokens stop working within a second.
    #[oai(path = "/users/:id/sessions/:session_id", method = "delete")]
    async fn end_session(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        session_id: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.end_session(&session.0, UserId(id.0), SessionId(session_id.0)).await?;
        Ok(Done)
    }

    /// End all sessions of a user
    ///
    /// Also the one that asks, where it is the user's own.
    #[oai(path = "/users/:id/sessions", method = "delete")]
    async fn end_sessions(&self, admin: Data<&Arc<Admin>>, session: Session, id: Path<Uuid>) -> Answer<Done> {
        admin.directory.end_sessions(&session.0, UserId(id.0)).await?;
        Ok(Done)
    }

    /// Let a user sign in again after too many failures
    ///
    /// It ends the time that has to be waited.
    #[oai(path = "/users/:id/unlock", method = "post")]
    async fn unlock_user(&self, admin: Data<&Arc<Admin>>, session: Session, id: Path<Uuid>) -> Answer<Done> {
        admin.directory.unlock_user(&session.0, UserId(id.0)).await?;
        Ok(Done)
    }
}

fn shown(session: model::Session, current: Option<SessionId>) -> UserSession {
    UserSession {
        id: session.id.0,
        user_id: session.user_id.0,
        created_at: time(session.created_at),
        expires_at: time(session.expires_at),
        amr: session.amr,
        ip: session.ip,
        user_agent: session.user_agent,
        current: current == Some(session.id),
    }
}
