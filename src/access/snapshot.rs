//! A tenant's policies, compiled once and never changed: what answers questions.

use std::collections::HashMap;
use std::sync::Arc;

use cedar_policy::{ActionConstraint, Authorizer, PolicySet, Response};
use serde::Serialize;
use uuid::Uuid;

use super::built_in;
use super::compile;
use super::entities::{As, Asked};
use super::mentions::Mentions;
use super::policy::{Effect, PolicyMistake, PolicyRef, Statement, TenantPolicy};
use super::question::{PrincipalKind, Question, Thing, UserFacts};
use super::vocabulary::{EntityType, Vocabulary};
use super::withheld::applies_to_some_user;
use crate::model::{Permission, Permissions, Role, TenantId, UserId};
use crate::scim::fold::fold;

/// What a tenant's roles and policies say. Immutable; shared by `Arc`.
#[derive(Debug)]
pub struct Snapshot {
    tenant_id: TenantId,
    /// What each role holds, by its folded name.
    roles: HashMap<String, Permissions>,
    /// By action: the policies to ask, where the tenant's own have a say in it.
    policies: HashMap<Permission, Policies>,
    /// Whether the tenant's own policies could not be read, so that almost nothing is allowed.
    closed: bool,
}

/// The policies about one action, the built-in ones among them.
#[derive(Debug)]
struct Policies {
    set: PolicySet,
    mentions: Mentions,
    statements: HashMap<cedar_policy::PolicyId, Statement>,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub allowed: bool,
    /// What the policies that determined it want to be told.
    pub notices: Vec<String>,
    /// Where it is allowed, what permits it; where not, what forbids it, which may be nothing: then nothing permits it.
    pub determining: Vec<PolicyRef>,
}

/// How an answer came about.
#[derive(Debug)]
pub(super) enum Verdict<'a> {
    /// No policy was asked.
    Refused(Refusal),
    Decided {
        allowed: bool,
        determining: Vec<&'a Statement>,
        /// The statements that failed, and how.
        failed: Vec<(&'a Statement, String)>,
    },
}

/// Why no policy was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Of another tenant than the policies.
    OtherTenant,
    /// This action is not about such a resource, or not for such a principal.
    Misfit,
    /// The tenant's policies could not be read.
    Closed,
    /// Cedar could not hold the question.
    Unaskable(String),
}

/// Told to everybody whom a closed snapshot turns away.
pub const CLOSED: &str = "The policies of this tenant cannot be read. An owner has to correct them.";

impl Snapshot {
    /// Compiles a tenant's roles and policies, strictly: for whoever changes either of them, before it is stored. A role
    /// that a policy names has to exist, so a role cannot be removed or renamed under a policy that depends on it.
    ///
    /// # Errors
    /// The mistakes in the policies.
    pub fn compile(
        tenant_id: TenantId,
        roles: &[Role],
        policies: &[TenantPolicy],
    ) -> Result<Self, Vec<PolicyMistake>> {
        Ok(Self::new(tenant_id, roles, compile::read(policies, Some(roles))?))
    }

    /// Compiles what is stored. A name of a role that is gone means nobody. If the policies cannot be read at all,
    /// the snapshot is closed: it lets owners read and change policies, and nobody do anything else; the mistakes are for
    /// the log.
    pub fn load(
        tenant_id: TenantId,
        roles: &[Role],
        policies: &[TenantPolicy],
    ) -> (Self, Vec<PolicyMistake>) {
        match compile::read(policies, None) {
            Ok(statements) => (Self::new(tenant_id, roles, statements), Vec::new()),
            Err(mistakes) => (Self { closed: true, ..Self::new(tenant_id, roles, Vec::new()) }, mistakes),
        }
    }

    fn new(tenant_id: TenantId, roles: &[Role], statements: Vec<Statement>) -> Self {
        let of_action =
            |action: &Permission| Policies::new(*action, &statements).map(|policies| (*action, policies));
        Self {
            tenant_id,
            roles: roles.iter().map(|role| (fold(&role.name).into_owned(), role.permissions)).collect(),
            policies: Permission::ALL.iter().filter_map(of_action).collect(),
            closed: false,
        }
    }

    /// Whether a policy of the tenant's own has a say in this action. Where none has, of what is known about a resource
    /// only its id and whether it is an owner matter.
    pub fn has_own_policies(&self, action: Permission) -> bool {
        self.policies.contains_key(&action)
    }

    /// Whether the tenant's own policies could not be read, so that almost nothing is allowed.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Answers a question. Whatever goes wrong, the answer is no.
    pub fn decide(&self, question: &Question) -> Decision {
        match self.judge(question) {
            Verdict::Refused(refusal) => Decision {
                allowed: false,
                notices: (refusal == Refusal::Closed).then(|| CLOSED.to_owned()).into_iter().collect(),
                determining: Vec::new(),
            },
            Verdict::Decided { allowed, determining, .. } => Decision {
                allowed,
                notices: notices(&determining),
                determining: determining.into_iter().map(|statement| statement.policy.clone()).collect(),
            },
        }
    }

    pub(super) fn judge(&self, question: &Question) -> Verdict<'_> {
        if let Some(refusal) = self.refusal(question) {
            return Verdict::Refused(refusal);
        }
        let Some(policies) = self.policies.get(&question.action) else {
            let determining = built_in::determined(question);
            let allowed = determining.iter().any(|statement| statement.policy.effect == Effect::Permit);
            return Verdict::Decided { allowed, determining, failed: Vec::new() };
        };
        let verdict = policies.judge(question, As::Itself);
        match (&verdict, &question.principal.kind) {
            // What is forbidden to a user is not possible through a key of that user's either.
            (Verdict::Decided { allowed: true, .. }, PrincipalKind::ApiKey { user: Some(person), .. }) => {
                verdict.and(policies.judge(question, As::Person(person)))
            }
            _ => verdict,
        }
    }

    /// Whether the tenant's own policies could forbid this with some users, whatever they say of others.
    pub(super) fn may_withhold_users(&self, question: &Question) -> bool {
        let Some(policies) = self.policies.get(&question.action) else { return self.closed };
        let person = match &question.principal.kind {
            PrincipalKind::ApiKey { user: Some(person), .. } => Some(As::Person(person)),
            _ => None,
        };
        let mut speakers = [As::Itself].into_iter().chain(person);
        speakers.any(|speaker| policies.may_withhold_users(question, speaker))
    }

    fn refusal(&self, question: &Question) -> Option<Refusal> {
        let (principal, resource) = (&question.principal, &question.resource);
        if principal.tenant_id != self.tenant_id || resource.tenant_id != self.tenant_id {
            return Some(Refusal::OtherTenant);
        }
        let (asking, about) =
            (EntityType::of_principal(&principal.kind), EntityType::of_thing(&resource.thing));
        if !Vocabulary::get().fits(asking, question.action, about) {
            return Some(Refusal::Misfit);
        }
        let mends = matches!(question.action, Permission::PoliciesRead | Permission::PoliciesWrite);
        let may_mend = mends && principal.is_owner && principal.permissions.holds(Permission::OwnersWrite);
        (self.closed && !may_mend).then_some(Refusal::Closed)
    }

    /// Those of the principal's roles that hold the permission.
    pub(super) fn roles_that_hold(&self, question: &Question) -> Vec<String> {
        let names = question.principal.roles.iter().map(|name| fold(name).into_owned());
        let mut holding: Vec<_> = names
            .filter(|name| self.roles.get(name).is_some_and(|permissions| permissions.holds(question.action)))
            .collect();
        holding.sort();
        holding.dedup();
        holding
    }
}

impl Policies {
    /// The policies about this action, if any of the tenant's own is.
    fn new(action: Permission, statements: &[Statement]) -> Option<Self> {
        let own: Vec<_> = statements.iter().filter(|statement| concerns(statement, action)).collect();
        if own.is_empty() {
            return None;
        }
        let built_in = built_in::about(action);
        let mentions = Mentions::of(&own, built_in);
        let all: Vec<_> = built_in.iter().chain(own).cloned().collect();
        // Ids are unique: of built-in policies by their names, of a tenant's by the policy's id and the number in it.
        let set =
            PolicySet::from_policies(all.iter().map(|statement| statement.cedar.clone())).unwrap_or_default();
        let statements = all.into_iter().map(|statement| (statement.cedar.id().clone(), statement)).collect();
        Some(Self { set, mentions, statements })
    }

    fn judge(&self, question: &Question, speaker: As<'_>) -> Verdict<'_> {
        match Asked::new(question, speaker, &self.mentions) {
            Ok(asked) => {
                self.verdict(&Authorizer::new().is_authorized(&asked.request, &self.set, &asked.entities))
            }
            Err(message) => Verdict::Refused(Refusal::Unaskable(message)),
        }
    }

    fn may_withhold_users(&self, question: &Question, speaker: As<'_>) -> bool {
        let mut question = question.clone();
        question.resource.thing = Thing::User(UserFacts::plain(UserId(Uuid::nil()), false));
        let Ok(asked) = Asked::new(&question, speaker, &self.mentions) else { return true };
        let mut own = self.statements.values().filter(|statement| !statement.policy.built_in);
        own.any(|statement| {
            statement.policy.effect == Effect::Forbid && applies_to_some_user(statement, &asked)
        })
    }

    /// Cedar skips a policy that fails. A permit that fails permits nothing; but a forbid that fails might have forbidden,
    /// so it forbids.
    fn verdict(&self, response: &Response) -> Verdict<'_> {
        let mut failed = Vec::new();
        for error in response.diagnostics().errors() {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            failed.extend(self.statements.get(error.policy_id()).map(|it| (it, error.inner().to_string())));
        }
        let mut determining: Vec<_> =
            response.diagnostics().reason().filter_map(|id| self.statements.get(id)).collect();
        let failed_forbids: Vec<_> = failed
            .iter()
            .map(|(statement, _)| *statement)
            .filter(|statement| statement.policy.effect == Effect::Forbid)
            .collect();
        let decided = response.decision() == cedar_policy::Decision::Allow;
        let allowed = decided && failed_forbids.is_empty();
        if decided && !allowed {
            determining.clear();
        }
        determining.extend(failed_forbids);
        Verdict::Decided { allowed, determining: in_order(determining), failed }
    }
}

impl<'a> Verdict<'a> {
    /// Both have to allow it. What denies determines.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (
                Verdict::Decided { allowed: true, mut determining, mut failed },
                Verdict::Decided { allowed: true, determining: more, failed: also },
            ) => {
                determining.extend(more);
                failed.extend(also);
                Verdict::Decided { allowed: true, determining: in_order(determining), failed }
            }
            (Verdict::Decided { allowed: true, .. }, denied) => denied,
            (denied, _) => denied,
        }
    }
}

/// Built-in policies first, each statement once: Cedar gives them in no order.
fn in_order(mut statements: Vec<&Statement>) -> Vec<&Statement> {
    let key = |statement: &Statement| {
        (!statement.policy.built_in, Arc::clone(&statement.policy.id), statement.policy.statement)
    };
    statements.sort_by_cached_key(|statement| key(statement));
    statements.dedup_by_key(|statement| key(statement));
    statements
}

/// Whether the statement can be about this action, as far as its head tells.
fn concerns(statement: &Statement, action: Permission) -> bool {
    let words = Vocabulary::get();
    match statement.cedar.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => *words.action(action) == uid,
        ActionConstraint::In(uids) => uids.iter().any(|uid| words.names(uid, action)),
    }
}

/// The notices of these statements, each once.
pub(super) fn notices(statements: &[&Statement]) -> Vec<String> {
    let mut notices: Vec<String> = Vec::new();
    for notice in statements.iter().filter_map(|statement| statement.notice.as_deref()) {
        if !notices.iter().any(|known| known == notice) {
            notices.push(notice.to_owned());
        }
    }
    notices
}
