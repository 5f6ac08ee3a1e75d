//! The schema of policies and Cedar's names of our things, read once.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, Schema, Validator};

use super::question::{PrincipalKind, Thing};
use crate::model::Permission;

/// What policies speak of, in Cedar's schema language.
pub const SCHEMA: &str = include_str!("../../schemas/access.cedarschema");

/// A type of entity in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum EntityType {
    User,
    ApiKey,
    Connection,
    Role,
    Group,
    Policy,
    Attribute,
    Webhook,
    Invitation,
    Tenant,
    Permission,
    Channel,
    Status,
    GroupKind,
}

impl EntityType {
    const ALL: [(Self, &'static str); 14] = [
        (Self::User, "User"),
        (Self::ApiKey, "ApiKey"),
        (Self::Connection, "Connection"),
        (Self::Role, "Role"),
        (Self::Group, "Group"),
        (Self::Policy, "Policy"),
        (Self::Attribute, "Attribute"),
        (Self::Webhook, "Webhook"),
        (Self::Invitation, "Invitation"),
        (Self::Tenant, "Tenant"),
        (Self::Permission, "Permission"),
        (Self::Channel, "Channel"),
        (Self::Status, "Status"),
        (Self::GroupKind, "GroupKind"),
    ];

    pub(super) fn of_principal(kind: &PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User(_) => Self::User,
            PrincipalKind::ApiKey { .. } => Self::ApiKey,
            PrincipalKind::Connection { .. } => Self::Connection,
        }
    }

    pub(super) fn of_thing(thing: &Thing) -> Self {
        match thing {
            Thing::Tenant => Self::Tenant,
            Thing::User(_) => Self::User,
            Thing::Group(_) => Self::Group,
            Thing::Role(_) => Self::Role,
            Thing::Policy { .. } => Self::Policy,
            Thing::ApiKey { .. } => Self::ApiKey,
            Thing::Attribute(_) => Self::Attribute,
            Thing::Connection { .. } => Self::Connection,
            Thing::Webhook { .. } => Self::Webhook,
            Thing::Invitation { .. } => Self::Invitation,
        }
    }

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// The schema and the names in it.
pub(super) struct Vocabulary {
    pub(super) validator: Validator,
    types: Vec<EntityTypeName>,
    actions: Vec<Action>,
}

/// An action, by its permission.
struct Action {
    uid: EntityUid,
    entity: Entity,
    /// The groups of actions that it is in.
    groups: Vec<EntityUid>,
    /// The permission as an entity, which principals are in.
    permission: EntityUid,
    /// Bits of the kinds that may ask, and that it may be asked about.
    principals: u16,
    resources: u16,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    Vocabulary::read().expect("schemas/access.cedarschema is valid and names every permission")
});

impl Vocabulary {
    pub(super) fn get() -> &'static Self {
        &VOCABULARY
    }

    fn read() -> Option<Self> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).ok()?;
        let types = EntityType::ALL
            .iter()
            .map(|(_, name)| EntityTypeName::from_str(&format!("Provost::{name}")).ok())
            .collect::<Option<Vec<_>>>()?;
        let actions = Permission::ALL
            .iter()
            .map(|permission| Action::read(&schema, &types, *permission))
            .collect::<Option<Vec<_>>>()?;
        Some(Self { validator: Validator::new(schema), types, actions })
    }

    /// An entity's name.
    pub(super) fn uid(&self, kind: EntityType, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.types[kind as usize].clone(), EntityId::new(id))
    }

    pub(super) fn action(&self, action: Permission) -> &EntityUid {
        &self.actions[action as usize].uid
    }

    /// The action as an entity, with the groups of actions that it is in.
    pub(super) fn action_entity(&self, action: Permission) -> &Entity {
        &self.actions[action as usize].entity
    }

    pub(super) fn permission(&self, permission: Permission) -> &EntityUid {
        &self.actions[permission as usize].permission
    }

    /// Whether `uid` is this action or a group of actions that it is in.
    pub(super) fn names(&self, uid: &EntityUid, action: Permission) -> bool {
        let action = &self.actions[action as usize];
        action.uid == *uid || action.groups.contains(uid)
    }

    /// Whether such a principal may ask for this action, and about such a resource.
    pub(super) fn fits(&self, principal: EntityType, action: Permission, resource: EntityType) -> bool {
        let action = &self.actions[action as usize];
        action.principals & (1 << principal as u8) != 0 && action.resources & (1 << resource as u8) != 0
    }
}

impl Action {
    fn read(schema: &Schema, types: &[EntityTypeName], permission: Permission) -> Option<Self> {
        let name = permission.as_str();
        let uid = EntityUid::from_str(&format!("Provost::Action::\"{name}\"")).ok()?;
        let entities = schema.action_entities().ok()?;
        let groups: Vec<EntityUid> = entities.ancestors(&uid)?.cloned().collect();
        let bits = |found: Vec<&EntityTypeName>| {
            let kinds = EntityType::ALL.iter().filter(|(kind, _)| found.contains(&&types[*kind as usize]));
            kinds.fold(0, |bits, (kind, _)| bits | 1 << *kind as u8)
        };
        Some(Self {
            entity: Entity::new_no_attrs(uid.clone(), HashSet::from_iter(groups.iter().cloned())),
            permission: EntityUid::from_str(&format!(
                "Provost::{}::\"{name}\"",
                EntityType::Permission.name()
            ))
            .ok()?,
            principals: bits(schema.principals_for_action(&uid)?.collect()),
            resources: bits(schema.resources_for_action(&uid)?.collect()),
            groups,
            uid,
        })
    }
}
