//! `/v1/groups/{id}/members`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::super::answer::Found;
use super::super::body::Body;
use super::super::failure::Answer;
use super::super::session::Session;
use super::super::values::{cursor, if_matches, page};
use super::super::{Admin, Part};
use super::shape::{NewMember, OrganizationRole, drafts};
use crate::model::{self, GroupId, MemberDetails};
use crate::provisioning::directory::MembersChanged;

pub(in crate::http::admin) struct Members;

/// What a member is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum MemberType {
    User,
    Group,
}

/// A member of a group.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Member {
    id: Uuid,
    #[oai(rename = "type")]
    kind: MemberType,
    /// What the member is called: the display name, or else a user's user name.
    name: String,
    /// The role in an organization.
    role: Option<OrganizationRole>,
}

/// A page of members.
#[derive(Debug, Object)]
struct MemberList {
    members: Vec<Member>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// Who is to come.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct MemberAddition {
    #[oai(validator(min_items = 1, max_items = 1000))]
    members: Vec<NewMember>,
}

/// Who is to go.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct MemberRemoval {
    /// Ids of members.
    #[oai(validator(min_items = 1, max_items = 1000))]
    members: Vec<Uuid>,
}

/// What a member is to be.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct MemberPut {
    role: OrganizationRole,
}

/// How many members came, went or have another role now.
#[derive(Debug, Object)]
struct MemberCounts {
    added: u64,
    removed: u64,
    changed: u64,
}

#[OpenApi(tag = "Part::Groups")]
impl Members {
    /// List a group's members
    #[oai(path = "/groups/:id/members", method = "get")]
    async fn list_members(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<MemberList>> {
        let page = page(limit.0, after.0.as_deref(), |id| id)?;
        let (members, next) = admin.directory.list_members(&session.0, GroupId(id.0), page).await?;
        let members = members.into_iter().map(Member::from).collect();
        Ok(Found::plain(MemberList { members, next_cursor: cursor(next) }))
    }

    /// Add members to a group
    ///
    /// Who is in it already stays; in an organization they get the role that is named. All of them come, or nobody.
    #[oai(path = "/groups/:id/members", method = "post")]
    async fn add_members(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<MemberAddition>,
    ) -> Answer<Found<MemberCounts>> {
        let members = drafts(body.check()?.members);
        let (id, preconditions) = (GroupId(id.0), if_matches(if_match.0));
        let done = admin.directory.add_members(&session.0, id, &members, &preconditions).await?;
        Ok(Found::plain(done.into()))
    }

    /// Remove members from a group
    ///
    /// Who is not in it is passed over.
    #[oai(path = "/groups/:id/members/remove", method = "post")]
    async fn remove_members(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<MemberRemoval>,
    ) -> Answer<Found<MemberCounts>> {
        let members = body.check()?.members;
        let (id, preconditions) = (GroupId(id.0), if_matches(if_match.0));
        let done = admin.directory.remove_members(&session.0, id, &members, &preconditions).await?;
        Ok(Found::plain(done.into()))
    }

    /// Change a member's role in an organization
    #[oai(path = "/groups/:id/members/:member", method = "put")]
    async fn put_member(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        member: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<MemberPut>,
    ) -> Answer<Found<Member>> {
        let turn = (member.0, body.check()?.role.into());
        let (id, preconditions) = (GroupId(id.0), if_matches(if_match.0));
        let turned = admin.directory.turn_member(&session.0, id, turn, &preconditions).await?;
        Ok(Found::plain(turned.into()))
    }
}

impl From<MemberDetails> for Member {
    fn from(details: MemberDetails) -> Self {
        Self {
            id: details.member.id(),
            kind: match details.member {
                model::Member::User(_) => MemberType::User,
                model::Member::Group(_) => MemberType::Group,
            },
            name: details.name,
            role: details.role.map(OrganizationRole::from),
        }
    }
}

impl From<MembersChanged> for MemberCounts {
    fn from(done: MembersChanged) -> Self {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self { added: number(done.added), removed: number(done.removed), changed: number(done.changed) }
    }
}
