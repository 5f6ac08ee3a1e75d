//! Who asks, and what about: the same few people and things in all these tests.

use std::sync::Arc;

use provost::access::question::{Channel, GroupFacts, Person, UserFacts, UserStatus};
use provost::access::{
    Context, PolicyMistake, Principal, PrincipalKind, Question, Resource, Snapshot, TenantPolicy, Thing,
};
use provost::model::{
    BuiltInRole, ConnectionId, GroupId, GroupKind, InvitationId, KeyId, Permission, Permissions, PolicyId,
    Role, TenantId, Timestamp, UserId, WebhookId,
};
use uuid::Uuid;

pub fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(0x7e))
}

pub fn alice() -> UserId {
    UserId(Uuid::from_u128(0xa11ce))
}

pub fn bob() -> UserId {
    UserId(Uuid::from_u128(0xb0b))
}

pub fn engineers() -> GroupId {
    GroupId(Uuid::from_u128(0xe))
}

/// The built-in roles as a tenant has them.
pub fn built_in_roles() -> Vec<Role> {
    BuiltInRole::ALL.into_iter().map(|role| a_role(role.name(), role.permissions())).collect()
}

pub fn a_role(name: &str, permissions: Permissions) -> Role {
    let now = Timestamp(1_000);
    Role {
        tenant_id: tenant(),
        id: provost::model::RoleId::generate(),
        name: name.to_owned(),
        description: String::new(),
        permissions,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

pub fn policy(name: &str, text: &str) -> TenantPolicy {
    TenantPolicy { id: PolicyId::generate(), name: Arc::from(name), text: Arc::from(text), enabled: true }
}

/// A tenant with the built-in roles and these policies.
pub fn with(texts: &[&str]) -> Result<Snapshot, Vec<PolicyMistake>> {
    let policies: Vec<_> =
        texts.iter().enumerate().map(|(n, text)| policy(&format!("p{}", n + 1), text)).collect();
    Snapshot::compile(tenant(), &built_in_roles(), &policies)
}

/// The same, where the policies are right.
pub fn snapshot(texts: &[&str]) -> Snapshot {
    with(texts).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

pub fn person(id: UserId) -> Person {
    Person {
        id,
        user_name: Arc::from("alice"),
        email: Some(Arc::from("alice@example.com")),
        service_account: false,
    }
}

/// Alice with a built-in role.
pub fn alice_as(role: BuiltInRole) -> Principal {
    Principal {
        tenant_id: tenant(),
        kind: PrincipalKind::User(person(alice())),
        roles: vec![Arc::from(role.name())],
        groups: Vec::new(),
        permissions: role.permissions(),
        is_owner: role == BuiltInRole::Owner,
    }
}

/// A key of Alice's with these scopes.
pub fn key_of_alice(role: BuiltInRole, scopes: Permissions) -> Principal {
    let alice = alice_as(role);
    let kind = PrincipalKind::ApiKey {
        id: key_id(),
        name: Arc::from("nightly job"),
        user: Some(person(self::alice())),
    };
    Principal { kind, permissions: alice.permissions.intersection(scopes), ..alice }
}

pub fn key_id() -> KeyId {
    KeyId(Uuid::from_u128(0x6e7))
}

/// An identity provider with these permissions.
pub fn connection(permissions: Permissions) -> Principal {
    Principal {
        tenant_id: tenant(),
        kind: PrincipalKind::Connection { id: ConnectionId(Uuid::from_u128(0xc)), name: Arc::from("Okta") },
        roles: Vec::new(),
        groups: Vec::new(),
        permissions,
        is_owner: false,
    }
}

pub fn user(id: UserId) -> UserFacts {
    UserFacts {
        id: Some(id),
        user_name: Arc::from("bob"),
        email: Some(Arc::from("bob@example.com")),
        status: UserStatus::Active,
        is_owner: false,
        service_account: false,
        roles: vec![Arc::from("user")],
        groups: vec![engineers()],
    }
}

pub fn group() -> GroupFacts {
    GroupFacts { id: Some(engineers()), display_name: Arc::from("Engineers"), kind: GroupKind::Group }
}

/// One thing of each kind.
pub fn things() -> Vec<Thing> {
    let name = || Arc::from("thing");
    vec![
        Thing::Tenant,
        Thing::User(user(bob())),
        Thing::Group(group()),
        Thing::Role(Arc::from("manager")),
        Thing::Policy { id: PolicyId(Uuid::from_u128(1)), name: name() },
        Thing::ApiKey { id: KeyId(Uuid::from_u128(2)), name: name(), user: Some(bob()) },
        Thing::Attribute(name()),
        Thing::Connection { id: ConnectionId(Uuid::from_u128(4)), name: name() },
        Thing::Webhook { id: WebhookId(Uuid::from_u128(5)), url: Arc::from("https://example.com/hook") },
        Thing::Invitation { id: InvitationId(Uuid::from_u128(6)), email: Arc::from("carol@example.com") },
    ]
}

/// What the action is mostly about: oneself, a user, or the tenant as a whole.
pub fn usual_thing(action: Permission) -> Thing {
    match action {
        Permission::SelfRead | Permission::SelfUpdate => Thing::User(user(alice())),
        Permission::OwnersWrite => Thing::User(user(bob())),
        _ => Thing::Tenant,
    }
}

pub fn ask(principal: Principal, action: Permission, thing: Thing) -> Question {
    let resource = Resource { tenant_id: tenant(), thing };
    Question { principal, action, resource, context: Context::new(Channel::Api, "192.0.2.7".parse().ok()) }
}
