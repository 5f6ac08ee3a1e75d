//! A question in Cedar's terms: the request, and the few entities that it is about.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cedar_policy::{
    Context as CedarContext, Entities, Entity, EntityUid, Request, RestrictedExpression as Value,
};
use uuid::Uuid;

use super::mentions::Mentions;
use super::question::{Context, Person, Principal, PrincipalKind, Question, Thing};
use super::vocabulary::{EntityType, Vocabulary};
use crate::model::{GroupId, Permission, UserId};
use crate::scim::fold::fold;

/// What Cedar is asked.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) entities: Entities,
}

/// Who asks: a key of a user is held against the policies twice, as itself and as its user.
#[derive(Clone, Copy)]
pub(super) enum As<'a> {
    Itself,
    Person(&'a Person),
}

/// An entity's attributes and what it is in, as far as the policies speak of them.
struct Data<'a> {
    mentions: &'a Mentions,
    attributes: HashMap<String, Value>,
    parents: HashSet<EntityUid>,
}

impl Asked {
    /// Puts the question into Cedar's terms, for policies that mention these things.
    ///
    /// # Errors
    /// A sentence, when Cedar cannot hold the values; nothing that these types can hold is known to do that.
    pub(super) fn new(question: &Question, speaker: As<'_>, mentions: &Mentions) -> Result<Self, String> {
        let words = Vocabulary::get();
        let principal = principal_uid(&question.principal, speaker);
        let resource = resource_uid(question);
        let mut asking = Data::new(mentions);
        asking.principal(&question.principal, speaker);
        let mut entities = Vec::with_capacity(3);
        if principal == resource {
            // Whoever asks about itself is one entity: what is known of the resource, with the principal's permissions.
            asking.thing(&question.resource.thing);
        } else {
            let mut about = Data::new(mentions);
            about.thing(&question.resource.thing);
            entities.push(about.entity(resource.clone())?);
        }
        entities.push(asking.entity(principal.clone())?);
        entities.push(words.action_entity(question.action).clone());
        let action = words.action(question.action).clone();
        let context = context(&question.context, mentions)?;
        let request =
            Request::new(principal, action, resource, context, None).map_err(|error| error.to_string())?;
        let entities = Entities::from_entities(entities, None).map_err(|error| error.to_string())?;
        Ok(Self { request, entities })
    }
}

impl<'a> Data<'a> {
    fn new(mentions: &'a Mentions) -> Self {
        Self { mentions, attributes: HashMap::new(), parents: HashSet::new() }
    }

    fn entity(self, uid: EntityUid) -> Result<Entity, String> {
        if self.attributes.is_empty() {
            return Ok(Entity::new_no_attrs(uid, self.parents));
        }
        Entity::new(uid, self.attributes, self.parents).map_err(|error| error.to_string())
    }

    fn set(&mut self, name: &str, value: impl FnOnce() -> Value) {
        if self.mentions.has(name) {
            self.attributes.insert(name.to_owned(), value());
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        self.set(name, || Value::new_string(value.to_owned()));
    }

    fn principal(&mut self, principal: &Principal, speaker: As<'_>) {
        match (speaker, &principal.kind) {
            (As::Person(person), _) | (As::Itself, PrincipalKind::User(person)) => {
                // Who asks is active, or would not have been let in.
                self.user(&person.user_name, person.email.as_deref(), "active");
                self.standing(principal.is_owner, person.service_account);
            }
            (As::Itself, PrincipalKind::ApiKey { name, user, .. }) => {
                self.key(name, user.as_ref().map(|person| person.id));
            }
            (As::Itself, PrincipalKind::Connection { name, .. }) => self.text("name", name),
        }
        self.memberships(&principal.roles, &principal.groups);
        let held = principal.permissions.iter().filter(|permission| self.mentions.has(permission.as_str()));
        self.parents.extend(held.map(|permission| Vocabulary::get().permission(permission).clone()));
    }

    fn thing(&mut self, thing: &Thing) {
        match thing {
            Thing::Tenant | Thing::Role(_) => {}
            Thing::User(facts) => {
                self.user(&facts.user_name, facts.email.as_deref(), facts.status.as_str());
                self.standing(facts.is_owner, facts.service_account);
                self.memberships(&facts.roles, &facts.groups);
            }
            Thing::Group(facts) => {
                self.text("display_name", &facts.display_name);
                self.set("kind", || named(EntityType::GroupKind, facts.kind.as_str()));
            }
            Thing::ApiKey { name, user, .. } => self.key(name, *user),
            Thing::Policy { name, .. } | Thing::Attribute(name) | Thing::Connection { name, .. } => {
                self.text("name", name);
            }
            Thing::Webhook { url, .. } => self.text("url", url),
            Thing::Invitation { email, .. } => self.text("email", email),
        }
    }

    fn user(&mut self, name: &str, email: Option<&str>, status: &str) {
        self.text("user_name", name);
        self.set("status", || named(EntityType::Status, status));
        match email {
            Some(email) => self.text("email", email),
            None => drop(self.attributes.remove("email")),
        }
    }

    fn standing(&mut self, is_owner: bool, service_account: bool) {
        self.set("is_owner", || Value::new_bool(is_owner));
        self.set("service_account", || Value::new_bool(service_account));
    }

    fn key(&mut self, name: &str, user: Option<UserId>) {
        self.text("name", name);
        if let Some(user) = user {
            self.set("user", || Value::new_entity_uid(id(EntityType::User, user.0)));
        }
    }

    fn memberships(&mut self, roles: &[Arc<str>], groups: &[GroupId]) {
        if self.mentions.memberships() {
            self.parents.extend(roles.iter().map(|name| role(name)));
            self.parents.extend(groups.iter().map(|group| id(EntityType::Group, group.0)));
        }
    }
}

fn named(kind: EntityType, name: &str) -> Value {
    Value::new_entity_uid(Vocabulary::get().uid(kind, name))
}

fn id(kind: EntityType, id: Uuid) -> EntityUid {
    Vocabulary::get().uid(kind, id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}

fn role(name: &str) -> EntityUid {
    Vocabulary::get().uid(EntityType::Role, &fold(name))
}

fn principal_uid(principal: &Principal, speaker: As<'_>) -> EntityUid {
    match (speaker, &principal.kind) {
        (As::Person(person), _) | (As::Itself, PrincipalKind::User(person)) => {
            id(EntityType::User, person.id.0)
        }
        (As::Itself, PrincipalKind::ApiKey { id: key, .. }) => id(EntityType::ApiKey, key.0),
        (As::Itself, PrincipalKind::Connection { id: connection, .. }) => {
            id(EntityType::Connection, connection.0)
        }
    }
}

fn resource_uid(question: &Question) -> EntityUid {
    match &question.resource.thing {
        Thing::Tenant => id(EntityType::Tenant, question.resource.tenant_id.0),
        // Nobody has the nil id, so what is yet to be created is nobody who asks.
        Thing::User(facts) => id(EntityType::User, facts.id.map_or(Uuid::nil(), |user| user.0)),
        Thing::Group(facts) => id(EntityType::Group, facts.id.map_or(Uuid::nil(), |group| group.0)),
        Thing::Role(name) => role(name),
        Thing::Policy { id: policy, .. } => id(EntityType::Policy, policy.0),
        Thing::ApiKey { id: key, .. } => id(EntityType::ApiKey, key.0),
        Thing::Attribute(name) => Vocabulary::get().uid(EntityType::Attribute, name),
        Thing::Connection { id: connection, .. } => id(EntityType::Connection, connection.0),
        Thing::Webhook { id: webhook, .. } => id(EntityType::Webhook, webhook.0),
        Thing::Invitation { id: invitation, .. } => id(EntityType::Invitation, invitation.0),
    }
}

fn context(context: &Context, mentions: &Mentions) -> Result<CedarContext, String> {
    let mut data = Data::new(mentions);
    data.set("channel", || named(EntityType::Channel, context.channel.as_str()));
    data.set("changed", || {
        Value::new_set(context.changed.iter().map(|name| Value::new_string(name.as_ref().to_owned())))
    });
    data.set("roles", || Value::new_set(context.roles.iter().map(|name| Value::new_entity_uid(role(name)))));
    if let Some(ip) = context.ip {
        data.set("ip", || Value::new_ip(ip.to_canonical().to_string()));
    }
    CedarContext::from_pairs(data.attributes).map_err(|error| error.to_string())
}

/// Whether the question is about the user who asks, in person or through a key.
pub(super) fn about_oneself(question: &Question) -> bool {
    match (question.principal.person(), &question.resource.thing) {
        (Some(person), Thing::User(facts)) => facts.id == Some(person.id),
        _ => false,
    }
}

/// Whether it would change a user who is an owner.
pub(super) fn changes_an_owner(question: &Question) -> bool {
    let changes = matches!(question.action, Permission::UsersUpdate | Permission::UsersDelete);
    changes && matches!(&question.resource.thing, Thing::User(facts) if facts.is_owner)
}
