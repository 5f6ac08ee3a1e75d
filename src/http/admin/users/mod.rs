//! `/v1/users`.

mod echo;
mod holdings;
mod input;
mod output;

use std::sync::Arc;

use poem::http::HeaderMap;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

pub(super) use self::holdings::Holdings;
use self::input::{NewUser, UserPatch, UserPut};
use self::output::MadeUser;
pub(in crate::http) use self::output::User;
use super::answer::{Created, Done, Found, Made};
use super::body::Body;
use super::failure::Answer;
use super::idempotency;
use super::picture::Picture;
use super::session::Session;
use super::sorting::{SearchText, UserSort, cursor, order};
use super::values::{if_matches, limited};
use super::{Admin, Part};
use crate::auth::password::Password;
use crate::model::{AuthProvider, Status, UserId};
use crate::provisioning::directory::{Action, Turn, UserDraft, UserFilter, UserView};

pub(super) struct Users;

/// A page of users.
#[derive(Debug, Object)]
struct UserList {
    users: Vec<User>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// How a user's account stands.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum UserStatus {
    Invited,
    Active,
    Suspended,
    Deactivated,
}

/// How a user signs in.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum Provider {
    Local,
    Oidc,
    Saml,
    Scim,
}

#[OpenApi(tag = "Part::Users")]
#[allow(clippy::too_many_arguments)]
impl Users {
    /// Create a user
    ///
    /// `action` says how: `register` with a password, `create` without one. Without `action` a password means `register`,
    /// a federated `auth_provider` or `service_account` means `create`, anything else `invite`: the person is asked by
    /// mail, and sets password and name. Who is invited already is answered as they are.
    #[oai(path = "/users", method = "post")]
    async fn create_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        headers: &HeaderMap,
        /// 1 to 255 visible ASCII characters, such as a random UUID, that no other request of this caller had in the last
        /// 24 hours. A request that is sent again with the same key and body is answered with the user that the first one
        /// made.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        _idempotency_key: Header<Option<String>>,
        body: Body<NewUser>,
    ) -> Answer<Made<MadeUser>> {
        let key = idempotency::key(headers, &admin.secret_key, &session.0, body.object())?;
        let new = body.check()?;
        let action = new.action.map(Action::from);
        let draft = UserDraft { action, resend: new.resend, ..new.into_draft() };
        let (made, replayed) = match &key {
            Some(key) => {
                let once = admin.directory.create_user_once(&session.0, draft, key).await?;
                (once.made, once.replayed)
            }
            None => (admin.directory.create_user(&session.0, draft).await?, false),
        };
        let location = format!("{}/users/{}", admin.base_url, made.view.user.id);
        let (known, version) = (made.known, Some(made.view.user.version));
        let value = made.into();
        Ok(match (known, replayed) {
            (true, _) => Made::Known(Found { value, version }),
            (false, true) => Made::Replayed(Created { value, location, version }),
            (false, false) => Made::Created(Created { value, location, version }),
        })
    }

    /// List users
    #[oai(path = "/users", method = "get")]
    async fn list_users(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// Part of the user name, e-mail address, or given, family or display name.
        search: Query<Option<SearchText>>,
        /// The exact e-mail address, without regard to case.
        email: Query<Option<SearchText>>,
        /// The exact user name, without regard to case.
        user_name: Query<Option<SearchText>>,
        given_name: Query<Option<SearchText>>,
        family_name: Query<Option<SearchText>>,
        status: Query<Option<UserStatus>>,
        /// The name of a role that was given directly.
        role: Query<Option<SearchText>>,
        /// The id of a group that the user is in, directly or through another group.
        group: Query<Option<Uuid>>,
        /// The id of a resource group that the user is assigned to.
        resource_group: Query<Option<Uuid>>,
        auth_provider: Query<Option<Provider>>,
        /// The id of the SCIM connection that brought the user.
        connection: Query<Option<Uuid>>,
        /// A SCIM filter (RFC 7644 §3.4.2.2).
        filter: Query<Option<String>>,
        /// By what users are sorted: by age where it is left out.
        sort: Query<Option<UserSort>>,
        /// How many users at the most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor", validator(pattern = r"^[0-9a-f]{32,}$"))]
        after: Query<Option<String>>,
    ) -> Answer<Found<UserList>> {
        let filter = UserFilter {
            search: search.0.map(|text| text.0),
            email: email.0.map(|text| text.0),
            user_name: user_name.0.map(|text| text.0),
            given_name: given_name.0.map(|text| text.0),
            family_name: family_name.0.map(|text| text.0),
            status: status.0.map(Status::from),
            role: role.0.map(|text| text.0),
            groups: group.0.into_iter().chain(resource_group.0).collect(),
            auth_provider: auth_provider.0.map(AuthProvider::from),
            connection: connection.0,
            filter: filter.0,
            order: order(sort.0, after.0.as_deref())?,
            limit: limited(limit.0),
        };
        let (users, next) = admin.directory.list_users(&session.0, &filter).await?;
        let users = users.into_iter().map(User::from).collect();
        Ok(Found::plain(UserList { users, next_cursor: cursor(&filter.order, next) }))
    }

    /// Read a user
    #[oai(path = "/users/:id", method = "get")]
    async fn read_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<User>> {
        Ok(found(admin.directory.read_user(&session.0, UserId(id.0)).await?))
    }

    /// Read a user's picture
    ///
    /// The image itself. In lists `has_avatar` says whether there is one.
    #[oai(path = "/users/:id/avatar", method = "get")]
    async fn read_avatar(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        headers: &HeaderMap,
        /// The entity tag of the picture that the client has.
        #[oai(name = "If-None-Match")]
        _if_none_match: Header<Option<String>>,
    ) -> Answer<Picture> {
        let avatar = admin.directory.read_avatar(&session.0, UserId(id.0)).await?;
        Ok(Picture::new(avatar, headers))
    }

    /// Change a user
    ///
    /// A JSON merge patch (RFC 7396): what is left out stays, `null` takes a value away.
    #[oai(path = "/users/:id", method = "patch")]
    async fn patch_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<UserPatch>,
    ) -> Answer<Found<User>> {
        let id = UserId(id.0);
        let current = admin.directory.read_user(&session.0, id).await?;
        echo::take(&mut body, &User::from(current).json())?;
        let said = body.check()?;
        let current_password = said.current_password.as_deref().map(Password::new);
        let draft = UserDraft { current_password, ..said.into_draft() };
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_user(&session.0, id, draft, &preconditions).await?))
    }

    /// Replace a user
    ///
    /// What is left out goes, or falls back to its default; user name, roles, organizations, sign-in provider and password
    /// stay.
    #[oai(path = "/users/:id", method = "put")]
    async fn put_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<UserPut>,
    ) -> Answer<Found<User>> {
        let id = UserId(id.0);
        let current = admin.directory.read_user(&session.0, id).await?;
        echo::take(&mut body, &User::from(current).json())?;
        let said = body.check()?;
        let current_password = said.current_password.as_deref().map(Password::new);
        let draft = UserDraft { current_password, ..said.into_draft().whole() };
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_user(&session.0, id, draft, &preconditions).await?))
    }

    /// Delete a user
    ///
    /// Keys and sessions end, the name becomes free. For the tenant's retention time the user is among the deleted users
    /// and can be restored.
    #[oai(path = "/users/:id", method = "delete")]
    async fn delete_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let preconditions = if_matches(if_match.0);
        admin.directory.delete_user(&session.0, UserId(id.0), &preconditions).await?;
        Ok(Done)
    }

    /// Deactivate a user
    #[oai(path = "/users/:id/deactivate", method = "post")]
    async fn deactivate_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Found<User>> {
        turned(&admin, &session, id.0, Turn::Deactivate, if_match.0).await
    }

    /// Reactivate a user
    #[oai(path = "/users/:id/reactivate", method = "post")]
    async fn reactivate_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Found<User>> {
        turned(&admin, &session, id.0, Turn::Reactivate, if_match.0).await
    }

    /// Suspend a user
    ///
    /// Unlike deactivation it cannot be undone by an identity provider.
    #[oai(path = "/users/:id/suspend", method = "post")]
    async fn suspend_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Found<User>> {
        turned(&admin, &session, id.0, Turn::Suspend, if_match.0).await
    }

    /// End a user's suspension
    #[oai(path = "/users/:id/unsuspend", method = "post")]
    async fn unsuspend_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Found<User>> {
        turned(&admin, &session, id.0, Turn::Unsuspend, if_match.0).await
    }
}

async fn turned(
    admin: &Admin,
    session: &Session,
    id: Uuid,
    turn: Turn,
    if_match: Option<String>,
) -> Answer<Found<User>> {
    let preconditions = if_matches(if_match);
    Ok(found(admin.directory.turn_user(&session.0, UserId(id), turn, &preconditions).await?))
}

fn found(view: UserView) -> Found<User> {
    let version = Some(view.user.version);
    Found { value: view.into(), version }
}

impl From<UserStatus> for Status {
    fn from(status: UserStatus) -> Self {
        match status {
            UserStatus::Invited => Self::Invited,
            UserStatus::Active => Self::Active,
            UserStatus::Suspended => Self::Suspended,
            UserStatus::Deactivated => Self::Deactivated,
        }
    }
}

impl From<Status> for UserStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Invited => Self::Invited,
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Deactivated => Self::Deactivated,
        }
    }
}

impl From<Provider> for AuthProvider {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Local => Self::Local,
            Provider::Oidc => Self::Oidc,
            Provider::Saml => Self::Saml,
            Provider::Scim => Self::Scim,
        }
    }
}

impl From<AuthProvider> for Provider {
    fn from(provider: AuthProvider) -> Self {
        match provider {
            AuthProvider::Local => Self::Local,
            AuthProvider::Oidc => Self::Oidc,
            AuthProvider::Saml => Self::Saml,
            AuthProvider::Scim => Self::Scim,
        }
    }
}
