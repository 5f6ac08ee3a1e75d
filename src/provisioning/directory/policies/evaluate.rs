//! `POST /v1/policies/evaluate`: how a question would be answered, and why. Nothing is done.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::{Directory, UserView};
use super::{found, of_policy};
use crate::access::question::{Channel, GroupFacts, UserFacts, UserStatus};
use crate::access::{
    Changes, Context, Explanation, Principal, Question, Resource, Thing, connection_as_principal,
};
use crate::auth::TenantView;
use crate::model::{
    ApiKey, Connection, ConnectionId, GroupId, GroupKind, InvitationId, KeyId, Permission, PolicyId, RoleId,
    UserId, WebhookId,
};
use crate::provisioning::Request;

/// The question.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub principal: EvaluatedPrincipal,
    /// A permission's name.
    pub action: String,
    pub resource: EvaluatedThing,
    /// From where; `None` asks as from where the caller is.
    pub ip: Option<IpAddr>,
    pub channel: Channel,
    /// The attributes that would change.
    pub changed: Vec<String>,
    /// The roles that would be given or taken.
    pub roles: Vec<String>,
}

/// Who would ask.
#[derive(Clone, Copy, Debug)]
pub enum EvaluatedPrincipal {
    Caller,
    User(UserId),
    Key(KeyId),
    Connection(ConnectionId),
}

/// What it would be about.
#[derive(Clone, Debug)]
pub enum EvaluatedThing {
    Tenant,
    User(UserId),
    /// A user of this name who is yet to be created.
    NewUser(String),
    Group(GroupId),
    /// A group of this name that is yet to be created.
    NewGroup(String),
    Role(RoleId),
    Policy(PolicyId),
    Key(KeyId),
    Connection(ConnectionId),
    Webhook(WebhookId),
    /// An attribute's definition, by its name.
    Attribute(String),
    /// An invitation to this address.
    Invitation(InvitationId, String),
}

impl Directory {
    /// Says how a question would be answered, and why. Of users, groups, keys and the like only those are told about whom
    /// the caller may read, and of policies that the caller may not read not the text.
    ///
    /// # Errors
    /// An action, principal or resource that is not there (422), a missing permission (403).
    pub async fn evaluate(
        &self,
        request: &Request,
        evaluation: &Evaluation,
    ) -> Result<Explanation, DirectoryError> {
        self.authorize(request, Permission::PoliciesRead, Thing::Tenant).await?;
        let view = Self::tenant(request)?;
        let action = Permission::of_name(&evaluation.action).ok_or_else(|| {
            let what = "is not a permission; GET /v1/permissions lists them";
            DirectoryError::impossible(vec![Problem::new("/action", "unknown_permission", what)])
        })?;
        let principal = self.evaluated_principal(request, view, evaluation.principal).await?;
        let thing = self.evaluated_thing(request, view, &evaluation.resource).await?;
        let tenant_id = view.tenant.id;
        let ip = evaluation.ip.or(request.ip);
        let question = Question {
            principal,
            action,
            resource: Resource { tenant_id, thing },
            context: Context {
                changed: evaluation.changed.iter().map(|name| Arc::from(&**name)).collect(),
                roles: evaluation.roles.iter().map(|name| Arc::from(&**name)).collect(),
                ..Context::new(evaluation.channel, ip)
            },
        };
        let snapshot = self.provisioning.decider.snapshot(tenant_id).await?;
        let snapshot = snapshot.ok_or_else(|| DirectoryError::missing("Tenant", tenant_id))?;
        let mut explanation = snapshot.explain(&question);
        self.hide_unreadable(request, &mut explanation).await?;
        Ok(explanation)
    }

    /// Takes the texts of policies that the caller may not read out of an explanation.
    async fn hide_unreadable(
        &self,
        request: &Request,
        explanation: &mut Explanation,
    ) -> Result<(), DirectoryError> {
        let mut asking = self.asking(request, Permission::PoliciesRead).await?;
        if !asking.wants_facts() {
            return Ok(());
        }
        for statement in explanation.determining.iter_mut().filter(|statement| !statement.policy.built_in) {
            let id = Uuid::try_parse(&statement.policy.id).unwrap_or_default();
            let thing = Thing::Policy { id: PolicyId(id), name: Arc::clone(&statement.policy.name) };
            if asking.about(thing, Changes::default()).is_err() {
                statement.text.clear();
            }
        }
        Ok(())
    }

    async fn evaluated_principal(
        &self,
        request: &Request,
        view: &TenantView,
        principal: EvaluatedPrincipal,
    ) -> Result<Principal, DirectoryError> {
        let decider = &self.provisioning.decider;
        let found = match principal {
            EvaluatedPrincipal::Caller => decider.principal(&request.caller).await?,
            EvaluatedPrincipal::User(id) => {
                self.readable_user(request, view, id, "/principal/id").await?;
                decider.user_as_principal(view, id).await?
            }
            EvaluatedPrincipal::Key(id) => {
                let key = self.readable_key(request, id, "/principal/id").await?;
                match key.is_live(self.now()) {
                    true => decider.key_as_principal(view, &key).await?,
                    false => None,
                }
            }
            EvaluatedPrincipal::Connection(id) => {
                let connection = self.readable_connection(request, id, "/principal/id").await?;
                Some(connection_as_principal(view.tenant.id, &connection))
            }
        };
        found.ok_or_else(|| {
            let message =
                "The principal may not sign in: it is suspended, deactivated, invited, revoked or expired.";
            DirectoryError::refused(Kind::Impossible, "inactive_principal", message)
        })
    }

    async fn evaluated_thing(
        &self,
        request: &Request,
        view: &TenantView,
        thing: &EvaluatedThing,
    ) -> Result<Thing, DirectoryError> {
        let place = "/resource/id";
        Ok(match thing {
            EvaluatedThing::Tenant => Thing::Tenant,
            EvaluatedThing::User(id) => {
                Thing::User(self.readable_user(request, view, *id, place).await?.facts(view))
            }
            EvaluatedThing::NewUser(name) => Thing::User(new_user(view, name)),
            EvaluatedThing::Group(id) => {
                let facts = self.group_facts(request, *id).await.map_err(|_| unknown(place, "group"))?;
                self.authorize(request, Permission::GroupsRead, Thing::Group(facts.clone())).await?;
                Thing::Group(facts)
            }
            EvaluatedThing::NewGroup(name) => Thing::Group(GroupFacts {
                id: None,
                display_name: Arc::from(&**name),
                kind: GroupKind::Group,
            }),
            EvaluatedThing::Role(id) => {
                self.admit(request, &[Permission::RolesRead]).await?;
                let role = view.role(*id).ok_or_else(|| unknown(place, "role"))?;
                let thing = Thing::Role(Arc::from(&*role.name));
                self.authorize(request, Permission::RolesRead, thing.clone()).await?;
                thing
            }
            EvaluatedThing::Policy(id) => {
                let policies = self.provisioning.storage.list_policies(view.tenant.id).await?;
                let thing = of_policy(found(&policies, *id).map_err(|_| unknown(place, "policy"))?);
                self.authorize(request, Permission::PoliciesRead, thing.clone()).await?;
                thing
            }
            EvaluatedThing::Key(id) => {
                let key = self.readable_key(request, *id, place).await?;
                Thing::ApiKey { id: key.id, name: Arc::from(&*key.name), user: key.user_id }
            }
            EvaluatedThing::Connection(id) => {
                let connection = self.readable_connection(request, *id, place).await?;
                Thing::Connection { id: *id, name: Arc::from(&*connection.name) }
            }
            EvaluatedThing::Webhook(id) => self.readable_webhook(request, view, *id, place).await?,
            EvaluatedThing::Attribute(name) => Thing::Attribute(Arc::from(&**name)),
            EvaluatedThing::Invitation(id, email) => {
                Thing::Invitation { id: *id, email: Arc::from(&**email) }
            }
        })
    }

    async fn readable_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
        place: &str,
    ) -> Result<UserView, DirectoryError> {
        self.admit(request, &[Permission::UsersRead]).await?;
        let user = self.view_of(view, id).await;
        let user = user.map_err(|error| if_missing(error, || unknown(place, "user")))?;
        self.authorize_user(request, &[Permission::UsersRead], &user, Default::default()).await?;
        Ok(user)
    }

    async fn readable_key(
        &self,
        request: &Request,
        id: KeyId,
        place: &str,
    ) -> Result<ApiKey, DirectoryError> {
        let key = self.read_key(request, id).await;
        key.map_err(|error| if_missing(error, || unknown(place, "API key")))
    }

    async fn readable_connection(
        &self,
        request: &Request,
        id: ConnectionId,
        place: &str,
    ) -> Result<Connection, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsRead]).await?;
        let connections = self.provisioning.storage.list_connections(request.caller.tenant_id).await?;
        let connection = connections.into_iter().find(|connection| connection.id == id);
        let connection = connection.ok_or_else(|| unknown(place, "connection"))?;
        let thing = Thing::Connection { id, name: Arc::from(&*connection.name) };
        self.authorize(request, Permission::ConnectionsRead, thing).await?;
        Ok(connection)
    }

    async fn readable_webhook(
        &self,
        request: &Request,
        view: &TenantView,
        id: WebhookId,
        place: &str,
    ) -> Result<Thing, DirectoryError> {
        self.admit(request, &[Permission::WebhooksRead]).await?;
        let webhook = self.provisioning.storage.lookup_webhook(view.tenant.id, id).await?;
        let webhook = webhook.ok_or_else(|| unknown(place, "webhook"))?;
        let thing = Thing::Webhook { id, url: Arc::from(&*webhook.url) };
        self.authorize(request, Permission::WebhooksRead, thing.clone()).await?;
        Ok(thing)
    }
}

/// A user of whom nothing is known but a name.
fn new_user(view: &TenantView, name: &str) -> UserFacts {
    let roles = view.tenant.settings.default_roles.iter().filter_map(|id| view.role(*id));
    UserFacts {
        id: None,
        user_name: Arc::from(name),
        email: None,
        status: UserStatus::Active,
        is_owner: false,
        service_account: false,
        roles: roles.map(|role| Arc::from(&*role.name)).collect(),
        groups: Vec::new(),
    }
}

fn unknown(pointer: &str, what: &str) -> DirectoryError {
    let message = format!("'id' is not the id of any {what} of this tenant.");
    DirectoryError::impossible(vec![Problem::saying(pointer, "unknown", message)])
}

fn if_missing(error: DirectoryError, instead: impl FnOnce() -> DirectoryError) -> DirectoryError {
    match &error {
        DirectoryError::Refused(refusal) if refusal.kind == Kind::Missing => instead(),
        _ => error,
    }
}
