//! A question in Cedar's terms: the request, and the few entities that it is about.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Context as CedarContext, Entities, Entity, EntityUid, Request, RestrictedExpression as Value,
};
use uuid::Uuid;

use super::question::{Context, Person, Principal, PrincipalKind, Question, Thing, UserFacts};
use super::vocabulary::{Kind, Vocabulary};
use crate::model::{GroupId, Permission};
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

type Attributes = HashMap<String, Value>;

impl Asked {
    /// Puts the question into Cedar's terms.
    ///
    /// # Errors
    /// A sentence, when Cedar cannot hold the values; nothing that these types can hold is known to do that.
    pub(super) fn new(question: &Question, speaker: As<'_>) -> Result<Self, String> {
        let words = Vocabulary::get();
        let principal = principal_uid(&question.principal, speaker);
        let resource = resource_uid(question);
        let (mut attributes, mut parents) = principal_data(&question.principal, speaker);
        let mut entities = Vec::with_capacity(3);
        match resource_data(&question.resource.thing) {
            // Whoever asks about itself is one entity: what is known of the resource, in the permissions of the principal.
            (known, more) if principal == resource => {
                attributes.extend(known);
                parents.extend(more);
            }
            (known, more) => entities.push(entity(resource.clone(), known, more)?),
        }
        entities.push(entity(principal.clone(), attributes, parents)?);
        entities.push(words.action_entity(question.action).clone());
        let action = words.action(question.action).clone();
        let context = context(&question.context)?;
        let request =
            Request::new(principal, action, resource, context, None).map_err(|error| error.to_string())?;
        let entities = Entities::from_entities(entities, None).map_err(|error| error.to_string())?;
        Ok(Self { request, entities })
    }
}

fn entity(uid: EntityUid, attributes: Attributes, parents: HashSet<EntityUid>) -> Result<Entity, String> {
    Entity::new(uid, attributes, parents).map_err(|error| error.to_string())
}

fn id(kind: Kind, id: Uuid) -> EntityUid {
    Vocabulary::get().uid(kind, id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}

fn role(name: &str) -> EntityUid {
    Vocabulary::get().uid(Kind::Role, &fold(name))
}

fn principal_uid(principal: &Principal, speaker: As<'_>) -> EntityUid {
    match (speaker, &principal.kind) {
        (As::Person(person), _) | (As::Itself, PrincipalKind::User(person)) => id(Kind::User, person.id.0),
        (As::Itself, PrincipalKind::ApiKey { id: key, .. }) => id(Kind::ApiKey, key.0),
        (As::Itself, PrincipalKind::Connection { id: connection, .. }) => id(Kind::Connection, connection.0),
    }
}

fn principal_data(principal: &Principal, speaker: As<'_>) -> (Attributes, HashSet<EntityUid>) {
    let words = Vocabulary::get();
    let attributes = match (speaker, &principal.kind) {
        (As::Person(person), _) | (As::Itself, PrincipalKind::User(person)) => {
            person_data(person, principal.is_owner)
        }
        (As::Itself, PrincipalKind::ApiKey { name, user, .. }) => {
            key_data(name, user.as_ref().map(|person| person.id.0))
        }
        (As::Itself, PrincipalKind::Connection { name, .. }) => text("name", name),
    };
    let mut parents = memberships(&principal.roles, &principal.groups);
    parents.extend(principal.permissions.iter().map(|permission| words.permission(permission).clone()));
    (attributes, parents)
}

fn memberships<S: AsRef<str>>(roles: &[S], groups: &[GroupId]) -> HashSet<EntityUid> {
    let roles = roles.iter().map(|name| role(name.as_ref()));
    roles.chain(groups.iter().map(|group| id(Kind::Group, group.0))).collect()
}

fn text(name: &str, value: &str) -> Attributes {
    HashMap::from([(name.to_owned(), Value::new_string(value.to_owned()))])
}

/// Who asks is active, or would not have been let in.
fn person_data(person: &Person, is_owner: bool) -> Attributes {
    user_data(&person.user_name, person.email.as_deref(), "active", is_owner, person.service_account)
}

fn user_data(
    name: &str,
    email: Option<&str>,
    status: &str,
    is_owner: bool,
    service_account: bool,
) -> Attributes {
    let status = Vocabulary::get().uid(Kind::Status, status);
    let mut attributes = text("user_name", name);
    attributes.extend(email.map(|email| ("email".to_owned(), Value::new_string(email.to_owned()))));
    attributes.insert("status".to_owned(), Value::new_entity_uid(status));
    attributes.insert("is_owner".to_owned(), Value::new_bool(is_owner));
    attributes.insert("service_account".to_owned(), Value::new_bool(service_account));
    attributes
}

fn key_data(name: &str, user: Option<Uuid>) -> Attributes {
    let mut attributes = text("name", name);
    attributes.extend(user.map(|user| ("user".to_owned(), Value::new_entity_uid(id(Kind::User, user)))));
    attributes
}

fn resource_uid(question: &Question) -> EntityUid {
    match &question.resource.thing {
        Thing::Tenant => id(Kind::Tenant, question.resource.tenant_id.0),
        // Nobody has the nil id, so what is yet to be created is nobody who asks.
        Thing::User(facts) => id(Kind::User, facts.id.map_or(Uuid::nil(), |user| user.0)),
        Thing::Group(facts) => id(Kind::Group, facts.id.map_or(Uuid::nil(), |group| group.0)),
        Thing::Role(name) => role(name),
        Thing::Policy { id: policy, .. } => id(Kind::Policy, policy.0),
        Thing::ApiKey { id: key, .. } => id(Kind::ApiKey, key.0),
        Thing::Attribute { id: attribute, .. } => id(Kind::Attribute, *attribute),
        Thing::Connection { id: connection, .. } => id(Kind::Connection, connection.0),
        Thing::Webhook { id: webhook, .. } => id(Kind::Webhook, webhook.0),
        Thing::Invitation { id: invitation, .. } => id(Kind::Invitation, invitation.0),
    }
}

fn resource_data(thing: &Thing) -> (Attributes, HashSet<EntityUid>) {
    let attributes = match thing {
        Thing::Tenant | Thing::Role(_) => Attributes::new(),
        Thing::User(facts) => return (user_facts(facts), memberships(&facts.roles, &facts.groups)),
        Thing::Group(facts) => {
            let kind = Vocabulary::get().uid(Kind::GroupKind, facts.kind.as_str());
            let mut attributes = text("display_name", &facts.display_name);
            attributes.insert("kind".to_owned(), Value::new_entity_uid(kind));
            attributes
        }
        Thing::ApiKey { name, user, .. } => key_data(name, user.map(|user| user.0)),
        Thing::Policy { name, .. } | Thing::Attribute { name, .. } | Thing::Connection { name, .. } => {
            text("name", name)
        }
        Thing::Webhook { url, .. } => text("url", url),
        Thing::Invitation { email, .. } => text("email", email),
    };
    (attributes, HashSet::new())
}

fn user_facts(facts: &UserFacts) -> Attributes {
    let status = facts.status.as_str();
    user_data(&facts.user_name, facts.email.as_deref(), status, facts.is_owner, facts.service_account)
}

fn context(context: &Context) -> Result<CedarContext, String> {
    let channel = Vocabulary::get().uid(Kind::Channel, context.channel.as_str());
    let changed = context.changed.iter().map(|name| Value::new_string(name.as_ref().to_owned()));
    let roles = context.roles.iter().map(|name| Value::new_entity_uid(role(name)));
    let mut pairs = vec![
        ("channel".to_owned(), Value::new_entity_uid(channel)),
        ("changed".to_owned(), Value::new_set(changed)),
        ("roles".to_owned(), Value::new_set(roles)),
    ];
    pairs.extend(context.ip.map(|ip| ("ip".to_owned(), Value::new_ip(ip.to_canonical().to_string()))));
    CedarContext::from_pairs(pairs).map_err(|error| error.to_string())
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
