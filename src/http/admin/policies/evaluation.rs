//! The question and the answer of `POST /v1/policies/evaluate`.

use std::net::IpAddr;

use poem_openapi::{Enum, Object};
use uuid::Uuid;

use super::PolicyEffect;
use crate::access::{Explanation, PolicyRef, question};
use crate::model::{ConnectionId, GroupId, InvitationId, KeyId, PolicyId, RoleId, UserId, WebhookId};
use crate::provisioning::directory::{
    DirectoryError, EvaluatedPrincipal, EvaluatedThing, Evaluation, Problem,
};

/// May somebody do something?
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Evaluate {
    /// Who would ask; whoever sends this where it is left out.
    principal: Option<WhoAsks>,
    /// A permission's name, such as `users.update`.
    #[oai(validator(min_length = 1, max_length = 64))]
    action: String,
    resource: About,
    context: Option<Circumstances>,
}

/// Who would ask.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct WhoAsks {
    kind: WhoKind,
    id: Uuid,
}

/// What kind of principal asks.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum WhoKind {
    User,
    ApiKey,
    Connection,
}

/// What it would be about.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct About {
    kind: ThingKind,
    /// Needed but for `tenant` and `attribute`; a user or group without one is yet to be created.
    id: Option<Uuid>,
    /// What a user or group that is yet to be created is called; an attribute's name; an invitation's address.
    #[oai(validator(max_length = 300))]
    name: Option<String>,
}

/// What kind of thing it is about; `tenant` is the tenant as a whole: lists, settings, the audit log, statistics.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum ThingKind {
    Tenant,
    User,
    Group,
    Role,
    Policy,
    ApiKey,
    Attribute,
    Connection,
    Webhook,
    Invitation,
}

/// The circumstances.
#[derive(Debug, Default, Object)]
#[oai(deny_unknown_fields)]
struct Circumstances {
    /// From where it would be asked; the address of whoever sends this where it is left out.
    #[oai(validator(max_length = 45))]
    ip: Option<String>,
    /// The way in which it would come in; `api` where it is left out.
    channel: Option<Way>,
    /// The attributes that an update would change, by the names that SCIM has for them.
    #[oai(validator(max_items = 100))]
    changed: Option<Vec<String>>,
    /// The names of the roles that would be given or taken.
    #[oai(validator(max_items = 100))]
    roles: Option<Vec<String>>,
}

/// The way in which a request comes in.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Channel", rename_all = "snake_case")]
enum Way {
    Api,
    Scim,
    Console,
    Import,
}

/// How the question would be answered.
#[derive(Debug, Object)]
pub(super) struct Explained {
    allowed: bool,
    /// The decision in a sentence or two.
    reason: String,
    /// Those of the principal's roles that hold the permission.
    roles: Vec<String>,
    notices: Vec<String>,
    /// The policies that determine it, statement by statement.
    determining: Vec<Determining>,
    /// The statements that could not be evaluated for this question.
    errors: Vec<Failing>,
}

/// A statement that determines a decision.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Determining {
    /// The policy's id, or the name of a built-in one, such as `permission:users.read`.
    id: String,
    name: String,
    /// Which of the policy's statements, from 1.
    statement: u64,
    effect: PolicyEffect,
    built_in: bool,
    text: String,
    notice: Option<String>,
}

/// A statement that could not be evaluated, and why.
#[derive(Debug, Object)]
struct Failing {
    id: String,
    name: String,
    /// Which of the policy's statements, from 1.
    statement: u64,
    effect: PolicyEffect,
    message: String,
}

impl Evaluate {
    /// The question that is meant.
    ///
    /// # Errors
    /// Every field that this kind of thing needs or cannot have, and what is no address (422).
    pub(super) fn question(self) -> Result<Evaluation, DirectoryError> {
        let mut problems = Vec::new();
        let context = self.context.unwrap_or_default();
        let ip = context.ip.as_deref().and_then(|text| match text.parse::<IpAddr>() {
            Ok(ip) => Some(ip),
            Err(_) => {
                let what = "has to be an IPv4 or IPv6 address";
                problems.push(Problem::new("/context/ip", "format", what));
                None
            }
        });
        let resource = self.resource.thing(&mut problems);
        if !problems.is_empty() {
            return Err(DirectoryError::impossible(problems));
        }
        Ok(Evaluation {
            principal: self.principal.map_or(EvaluatedPrincipal::Caller, |who| match who.kind {
                WhoKind::User => EvaluatedPrincipal::User(UserId(who.id)),
                WhoKind::ApiKey => EvaluatedPrincipal::Key(KeyId(who.id)),
                WhoKind::Connection => EvaluatedPrincipal::Connection(ConnectionId(who.id)),
            }),
            action: self.action,
            resource,
            ip,
            channel: match context.channel {
                None | Some(Way::Api) => question::Channel::Api,
                Some(Way::Scim) => question::Channel::Scim,
                Some(Way::Console) => question::Channel::Console,
                Some(Way::Import) => question::Channel::Import,
            },
            changed: context.changed.unwrap_or_default(),
            roles: context.roles.unwrap_or_default(),
        })
    }
}

impl About {
    fn thing(self, problems: &mut Vec<Problem>) -> EvaluatedThing {
        let name = self.name.unwrap_or_default();
        match (self.kind, self.id) {
            (ThingKind::Tenant, None) => EvaluatedThing::Tenant,
            (ThingKind::User, None) => EvaluatedThing::NewUser(name),
            (ThingKind::Group, None) => EvaluatedThing::NewGroup(name),
            (ThingKind::Attribute, None) if !name.is_empty() => EvaluatedThing::Attribute(name),
            (ThingKind::Attribute, None) => {
                problems.push(Problem::new("/resource/name", "required", "is required for an attribute"));
                EvaluatedThing::Tenant
            }
            (_, None) => {
                problems.push(Problem::new("/resource/id", "required", "is required for this kind"));
                EvaluatedThing::Tenant
            }
            (ThingKind::Tenant, Some(_)) => {
                let what = "is not accepted for the tenant, which is always the one that is asked in";
                problems.push(Problem::new("/resource/id", "not_accepted", what));
                EvaluatedThing::Tenant
            }
            (ThingKind::Attribute, Some(_)) => {
                let what = "is not accepted for an attribute, which is known by its name";
                problems.push(Problem::new("/resource/id", "not_accepted", what));
                EvaluatedThing::Tenant
            }
            (ThingKind::User, Some(id)) => EvaluatedThing::User(UserId(id)),
            (ThingKind::Group, Some(id)) => EvaluatedThing::Group(GroupId(id)),
            (ThingKind::Role, Some(id)) => EvaluatedThing::Role(RoleId(id)),
            (ThingKind::Policy, Some(id)) => EvaluatedThing::Policy(PolicyId(id)),
            (ThingKind::ApiKey, Some(id)) => EvaluatedThing::Key(KeyId(id)),
            (ThingKind::Connection, Some(id)) => EvaluatedThing::Connection(ConnectionId(id)),
            (ThingKind::Webhook, Some(id)) => EvaluatedThing::Webhook(WebhookId(id)),
            (ThingKind::Invitation, Some(id)) => EvaluatedThing::Invitation(InvitationId(id), name),
        }
    }
}

impl From<Explanation> for Explained {
    fn from(explanation: Explanation) -> Self {
        let number = |policy: &PolicyRef| u64::try_from(policy.statement).unwrap_or(u64::MAX);
        Self {
            allowed: explanation.allowed,
            reason: explanation.reason,
            roles: explanation.roles,
            notices: explanation.notices,
            determining: explanation
                .determining
                .into_iter()
                .map(|one| Determining {
                    id: one.policy.id.to_string(),
                    name: one.policy.name.to_string(),
                    statement: number(&one.policy),
                    effect: one.policy.effect.into(),
                    built_in: one.policy.built_in,
                    text: one.text,
                    notice: one.notice,
                })
                .collect(),
            errors: explanation
                .errors
                .into_iter()
                .map(|one| Failing {
                    id: one.policy.id.to_string(),
                    name: one.policy.name.to_string(),
                    statement: number(&one.policy),
                    effect: one.policy.effect.into(),
                    message: one.message,
                })
                .collect(),
        }
    }
}
