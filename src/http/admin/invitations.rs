//! `/v1/invitations`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Found};
use super::failure::Answer;
use super::session::Session;
use super::sorting::SearchText;
use super::values::{cursor, page, time};
use super::{Admin, Part};
use crate::model::{self, InvitationId, InvitationState, Timestamp};
use crate::provisioning::directory::InvitationFilter;

pub(super) struct Invitations;

/// What became of an invitation.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "InvitationState", rename_all = "snake_case")]
enum State {
    Pending,
    Accepted,
    Expired,
    Revoked,
}

/// An invitation.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Invitation {
    id: Uuid,
    /// The user record that waits for its holder; it is no more where the invitation was revoked.
    user_id: Uuid,
    email: String,
    state: State,
    invited_by: Inviter,
    created_at: String,
    expires_at: String,
    /// When the link that is good now was mailed; missing where it was shown to who asked for it.
    sent_at: Option<String>,
    accepted_at: Option<String>,
    revoked_at: Option<String>,
    /// 1 at first, one more with each change.
    version: i64,
}

/// Who invited.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Inviter {
    /// `user`, `key`, `connection` or `system`.
    kind: String,
    id: Option<Uuid>,
    name: Option<String>,
}

/// An invitation that was sent again.
#[derive(Debug, Object)]
struct SentInvitation {
    #[oai(flatten)]
    invitation: Invitation,
    /// The link, which is a credential: shown only now, and only where no mail is sent.
    #[oai(skip_serializing_if_is_none)]
    link: Option<String>,
}

/// A page of invitations.
#[derive(Debug, Object)]
struct InvitationList {
    invitations: Vec<Invitation>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

#[OpenApi(tag = "Part::Invitations")]
impl Invitations {
    /// List invitations
    #[oai(path = "/invitations", method = "get")]
    async fn list_invitations(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        state: Query<Option<State>>,
        /// The exact e-mail address, without regard to case.
        #[oai(validator(max_length = 320))]
        email: Query<Option<SearchText>>,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<InvitationList>> {
        let page = page(limit.0, after.0.as_deref(), InvitationId)?;
        let filter = InvitationFilter {
            state: state.0.map(InvitationState::from),
            email: email.0.map(|text| text.0),
            page,
        };
        let (found, next) = admin.directory.list_invitations(&session.0, &filter).await?;
        let now = admin.now();
        let invitations = found.into_iter().map(|invitation| Invitation::at(invitation, now)).collect();
        Ok(Found::plain(InvitationList { invitations, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Read an invitation
    #[oai(path = "/invitations/:id", method = "get")]
    async fn read_invitation(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Invitation>> {
        let found = admin.directory.read_invitation(&session.0, InvitationId(id.0)).await?;
        Ok(Found::plain(Invitation::at(found, admin.now())))
    }

    /// Send an invitation again
    ///
    /// It gets another link and all of its time again; the link before is dead.
    #[oai(path = "/invitations/:id/resend", method = "post")]
    async fn resend_invitation(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<SentInvitation>> {
        let issued = admin.directory.resend_invitation(&session.0, InvitationId(id.0)).await?;
        let invitation = Invitation::at(issued.invitation, admin.now());
        Ok(Found::plain(SentInvitation { invitation, link: issued.link.map(|link| link.0) }))
    }

    /// Revoke an invitation
    ///
    /// The user record that waited for its holder goes with it.
    #[oai(path = "/invitations/:id/revoke", method = "post")]
    async fn revoke_invitation(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Invitation>> {
        let revoked = admin.directory.revoke_invitation(&session.0, InvitationId(id.0)).await?;
        Ok(Found::plain(Invitation::at(revoked, admin.now())))
    }

    /// Revoke an invitation
    ///
    /// As `POST /invitations/{id}/revoke`.
    #[oai(path = "/invitations/:id", method = "delete")]
    async fn delete_invitation(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.revoke_invitation(&session.0, InvitationId(id.0)).await?;
        Ok(Done)
    }
}

impl Admin {
    fn now(&self) -> Timestamp {
        self.directory.provisioning.clock.now()
    }
}

impl Invitation {
    fn at(invitation: model::Invitation, now: Timestamp) -> Self {
        let (kind, id, name) = invitation.invited_by.parts();
        Self {
            id: invitation.id.0,
            user_id: invitation.user_id.0,
            state: invitation.state_at(now).into(),
            invited_by: Inviter { kind: kind.to_owned(), id, name: name.map(str::to_owned) },
            created_at: time(invitation.created_at),
            expires_at: time(invitation.expires_at),
            sent_at: invitation.sent_at.map(time),
            accepted_at: invitation.accepted_at.map(time),
            revoked_at: invitation.revoked_at.map(time),
            version: invitation.version,
            email: invitation.email,
        }
    }
}

impl From<State> for InvitationState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Accepted => Self::Accepted,
            State::Expired => Self::Expired,
            State::Revoked => Self::Revoked,
        }
    }
}

impl From<InvitationState> for State {
    fn from(state: InvitationState) -> Self {
        match state {
            InvitationState::Pending => Self::Pending,
            InvitationState::Accepted => Self::Accepted,
            InvitationState::Expired => Self::Expired,
            InvitationState::Revoked => Self::Revoked,
        }
    }
}
