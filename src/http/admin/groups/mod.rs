//! `/v1/groups`.

mod members;
mod shape;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use uuid::Uuid;

pub(super) use self::members::Members;
use self::shape::{Group, GroupList, GroupPatch, NewGroup};
pub(super) use self::shape::{Kind, OrganizationRole};
use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::sorting::{GroupSort, SearchText, cursor, order};
use super::values::{if_matches, limited};
use super::{Admin, Part};
use crate::model::{GroupId, GroupKind};
use crate::provisioning::directory::{GroupFilter, GroupView};

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 8] =
    ["id", "tenant_id", "kind", "member_count", "permissions", "created_at", "updated_at", "version"];

pub(super) struct Groups;

#[OpenApi(tag = "Part::Groups")]
#[allow(clippy::too_many_arguments)]
impl Groups {
    /// Create a group
    ///
    /// A user who makes an organization and names no owner owns it.
    #[oai(path = "/groups", method = "post")]
    async fn create_group(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewGroup>,
    ) -> Answer<Created<Group>> {
        let draft = body.check()?.into();
        let view = admin.directory.create_group(&session.0, draft).await?;
        let location = format!("{}/groups/{}", admin.base_url, view.group.id);
        Ok(Created { version: Some(view.group.version), value: view.into(), location })
    }

    /// List groups
    #[oai(path = "/groups", method = "get")]
    async fn list_groups(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        kind: Query<Option<Kind>>,
        /// Part of the name, without regard to case.
        search: Query<Option<SearchText>>,
        /// The id of the group that they lie in directly.
        parent: Query<Option<Uuid>>,
        /// By what groups are sorted: by age where it is left out.
        sort: Query<Option<GroupSort>>,
        /// How many groups at the most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor", validator(pattern = r"^[0-9a-f]{32,}$"))]
        after: Query<Option<String>>,
    ) -> Answer<Found<GroupList>> {
        let filter = GroupFilter {
            kind: kind.0.map(GroupKind::from),
            search: search.0.map(|text| text.0),
            parent: parent.0.map(GroupId),
            order: order(sort.0, after.0.as_deref())?,
            limit: limited(limit.0),
        };
        let (groups, next) = admin.directory.list_groups(&session.0, &filter).await?;
        let groups = groups.into_iter().map(Group::from).collect();
        Ok(Found::plain(GroupList { groups, next_cursor: cursor(&filter.order, next) }))
    }

    /// Read a group
    ///
    /// Members of an organization read it without further permissions.
    #[oai(path = "/groups/:id", method = "get")]
    async fn read_group(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Group>> {
        Ok(found(admin.directory.read_group(&session.0, GroupId(id.0)).await?))
    }

    /// Change a group
    ///
    /// A JSON merge patch (RFC 7396): what is left out stays, `null` takes a value away. Owners and admins of an
    /// organization change it without further permissions.
    #[oai(path = "/groups/:id", method = "patch")]
    async fn patch_group(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<GroupPatch>,
    ) -> Answer<Found<Group>> {
        let id = GroupId(id.0);
        let current = admin.directory.read_group(&session.0, id).await?;
        body.take_unchanged(&Group::from(current).json(), &COMPUTED)?;
        let draft = body.check()?.into();
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_group(&session.0, id, draft, &preconditions).await?))
    }

    /// Delete a group
    ///
    /// Its members lose the membership, nothing else.
    #[oai(path = "/groups/:id", method = "delete")]
    async fn delete_group(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let preconditions = if_matches(if_match.0);
        admin.directory.delete_group(&session.0, GroupId(id.0), &preconditions).await?;
        Ok(Done)
    }
}

fn found(view: GroupView) -> Found<Group> {
    Found { version: Some(view.group.version), value: view.into() }
}
