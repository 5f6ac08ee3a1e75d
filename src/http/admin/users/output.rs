//! Users as answers show them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem_openapi::Object;
use poem_openapi::types::ToJSON as _;
use serde_json::Value;
use uuid::Uuid;

use super::super::groups::OrganizationRole;
use super::super::values::{names, time};
use super::{Provider, UserStatus};
use crate::model::{GroupKind, NamePart, StoredAvatar};
use crate::provisioning::directory::{self, IdentityView, UserView};

/// A user.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::http) struct User {
    id: Uuid,
    tenant_id: Uuid,
    user_name: String,
    email: Option<String>,
    email_verified: bool,
    /// The whole name.
    name: Option<String>,
    given_name: Option<String>,
    middle_name: Option<String>,
    family_name: Option<String>,
    honorific_prefix: Option<String>,
    honorific_suffix: Option<String>,
    display_name: Option<String>,
    phone: Option<String>,
    /// The picture as a data URI; in lists `has_avatar` alone tells of it.
    avatar: Option<String>,
    has_avatar: bool,
    locale: Option<String>,
    timezone: Option<String>,
    external_id: Option<String>,
    entity_id: Option<Uuid>,
    auth_provider: Provider,
    service_account: bool,
    /// The names of the roles given directly.
    roles: Vec<String>,
    /// The groups that the user is in, directly or through others.
    groups: Vec<GroupOfUser>,
    /// The resource groups that the user is assigned to.
    resource_groups: Vec<GroupOfUser>,
    /// The organizations that the user is a member of, each with its role there.
    organizations: Vec<GroupOfUser>,
    /// What all roles together allow, those through groups included.
    permissions: Vec<String>,
    /// The values of the tenant's own attributes that the caller may see.
    custom: BTreeMap<String, Value>,
    is_owner: bool,
    is_active: bool,
    status: UserStatus,
    must_reset_password: bool,
    must_enrol_mfa: bool,
    must_reset_mfa: bool,
    mfa: Mfa,
    identities: Vec<Identity>,
    /// The connection that brought the user.
    connection_id: Option<Uuid>,
    created_at: String,
    updated_at: String,
    /// 1 at first, one more with each change.
    version: i64,
}

/// A user that was made, or was invited before.
#[derive(Debug, Object)]
pub(super) struct MadeUser {
    #[oai(flatten)]
    user: User,
    /// Of a user who is invited.
    #[oai(skip_serializing_if_is_none)]
    invitation: Option<MadeInvitation>,
}

/// A user's invitation.
#[derive(Debug, Object)]
struct MadeInvitation {
    id: Uuid,
    expires_at: String,
    /// The link, which is a credential: shown only now, and only where no mail is sent.
    #[oai(skip_serializing_if_is_none)]
    link: Option<String>,
}

/// Whether a second factor is enrolled.
#[derive(Debug, Object)]
struct Mfa {
    enrolled: bool,
}

/// A group that a user is in.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct GroupOfUser {
    id: Uuid,
    name: String,
    /// Whether the user itself is a member, rather than a group that it is in.
    direct: bool,
    /// The user's role in an organization.
    role: Option<OrganizationRole>,
    /// What the group's roles allow.
    permissions: Vec<String>,
}

/// A way in which the user signs in, or is known to an identity provider. Never a secret.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct Identity {
    /// `password` or `scim`.
    kind: String,
    /// The connection, for an identity provider's.
    provider: Option<String>,
    subject: String,
}

impl User {
    /// The answer as JSON.
    pub(super) fn json(&self) -> Value {
        self.to_json().unwrap_or(Value::Null)
    }
}

impl From<UserView> for User {
    fn from(view: UserView) -> Self {
        let of_kind = |kind: GroupKind| -> Vec<GroupOfUser> {
            let groups = view.groups.iter().filter(|(group, _)| group.kind == kind);
            groups
                .map(|(group, permissions)| GroupOfUser {
                    id: group.group_id,
                    name: group.display_name.clone(),
                    direct: group.direct,
                    role: group.role.map(OrganizationRole::from),
                    permissions: names(*permissions),
                })
                .collect()
        };
        let (groups, resource_groups, organizations) =
            (of_kind(GroupKind::Group), of_kind(GroupKind::ResourceGroup), of_kind(GroupKind::Organization));
        let user = view.user;
        let account = user.account;
        let active = user.active.unwrap_or(true);
        let profile = |name: &str| user.profile.get(name).and_then(Value::as_str).map(str::to_owned);
        let (locale, timezone) = (profile("locale"), profile("timezone"));
        let text = |part: Option<NamePart>| part.map(|part| part.text);
        Self {
            id: user.id.0,
            tenant_id: view.tenant_id.0,
            user_name: user.user_name,
            email: user.email,
            email_verified: account.email_verified,
            name: user.name.formatted,
            given_name: text(user.name.given),
            middle_name: text(user.name.middle),
            family_name: text(user.name.family),
            honorific_prefix: text(user.name.honorific_prefix),
            honorific_suffix: text(user.name.honorific_suffix),
            display_name: user.display_name,
            phone: user.phone,
            avatar: view.avatar.map(data_uri),
            has_avatar: view.has_avatar,
            locale,
            timezone,
            external_id: user.external_id,
            entity_id: account.entity_id,
            auth_provider: account.auth_provider.into(),
            service_account: account.service_account,
            roles: view.roles,
            groups,
            resource_groups,
            organizations,
            permissions: names(view.permissions),
            custom: view.custom.into_iter().collect(),
            is_owner: view.is_owner,
            is_active: active,
            status: account.status(active).into(),
            must_reset_password: account.must_reset_password,
            must_enrol_mfa: account.must_enrol_mfa,
            must_reset_mfa: account.must_reset_mfa,
            mfa: Mfa { enrolled: view.mfa_enrolled },
            identities: view.identities.into_iter().map(Identity::from).collect(),
            connection_id: account.connection_id.map(|id| id.0),
            created_at: time(user.created_at),
            updated_at: time(user.updated_at),
            version: user.version,
        }
    }
}

fn data_uri(avatar: StoredAvatar) -> String {
    format!("data:{};base64,{}", avatar.media_type, STANDARD.encode(avatar.bytes))
}

impl From<directory::NewUser> for MadeUser {
    fn from(made: directory::NewUser) -> Self {
        let invitation = made.invitation.map(|issued| MadeInvitation {
            id: issued.invitation.id.0,
            expires_at: time(issued.invitation.expires_at),
            link: issued.link.map(|link| link.0),
        });
        Self { user: made.view.into(), invitation }
    }
}

impl From<IdentityView> for Identity {
    fn from(identity: IdentityView) -> Self {
        Self {
            kind: identity.kind.to_owned(),
            provider: identity.provider.map(|id| id.to_string()),
            subject: identity.subject,
        }
    }
}
