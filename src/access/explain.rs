//! Why a question is answered as it is, for people.

use serde::Serialize;

use super::policy::{Effect, PolicyRef, Statement};
use super::question::{Question, Thing};
use super::snapshot::{CLOSED, Refusal, Snapshot, Verdict, notices};

/// A decision and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub allowed: bool,
    /// The decision in a sentence or two.
    pub reason: String,
    /// Those of the principal's roles that hold the permission.
    pub roles: Vec<String>,
    pub notices: Vec<String>,
    /// The policies that determined it, statement by statement.
    pub determining: Vec<ExplainedPolicy>,
    /// The statements that could not be evaluated for this question.
    pub errors: Vec<PolicyFailure>,
}

/// A statement that determined a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedPolicy {
    #[serde(flatten)]
    pub policy: PolicyRef,
    pub text: String,
    pub notice: Option<String>,
}

/// A statement that failed, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyFailure {
    #[serde(flatten)]
    pub policy: PolicyRef,
    pub message: String,
}

impl Snapshot {
    /// Answers a question as [`Snapshot::decide`] does and says why.
    pub fn explain(&self, question: &Question) -> Explanation {
        let roles = self.roles_that_hold(question);
        match self.judge(question) {
            Verdict::Refused(refusal) => Explanation {
                allowed: false,
                reason: refused(question, &refusal),
                roles,
                notices: (refusal == Refusal::Closed).then(|| CLOSED.to_owned()).into_iter().collect(),
                determining: Vec::new(),
                errors: Vec::new(),
            },
            Verdict::Decided { allowed, determining, failed } => Explanation {
                allowed,
                reason: if allowed {
                    allows(question, &determining, &roles)
                } else {
                    denies(question, &determining)
                },
                roles,
                notices: notices(&determining),
                determining: determining.into_iter().map(explained).collect(),
                errors: failed
                    .into_iter()
                    .map(|(statement, message)| PolicyFailure { policy: statement.policy.clone(), message })
                    .collect(),
            },
        }
    }
}

fn explained(statement: &Statement) -> ExplainedPolicy {
    ExplainedPolicy {
        policy: statement.policy.clone(),
        text: statement.text.to_string(),
        notice: statement.notice.as_deref().map(str::to_owned),
    }
}

fn refused(question: &Question, refusal: &Refusal) -> String {
    match refusal {
        Refusal::OtherTenant => "Who asks and what it is about have to belong to this tenant.".to_owned(),
        Refusal::Misfit => {
            format!(
                "{} is not asked by such a principal about {}.",
                question.action,
                named(&question.resource.thing)
            )
        }
        Refusal::Closed => CLOSED.to_owned(),
        Refusal::Unaskable(message) => format!("The question could not be put to the policies: {message}"),
    }
}

fn allows(question: &Question, determining: &[&Statement], roles: &[String]) -> String {
    let built_in = determining.iter().any(|statement| statement.policy.built_in);
    let own = listed(determining.iter().filter(|statement| !statement.policy.built_in));
    let action = question.action;
    let by_roles = match roles {
        [] => format!("The principal holds {action}"),
        [role] => format!("The role {role} holds {action}"),
        several => format!("The roles {} hold {action}", several.join(", ")),
    };
    match (built_in, own.is_empty()) {
        (true, true) => format!("{by_roles}, and no policy forbids it."),
        (true, false) => format!("{by_roles}, and {own} permits it too."),
        (false, _) => format!("No role of the principal holds {action}, but {own} permits it."),
    }
}

fn denies(question: &Question, determining: &[&Statement]) -> String {
    let forbids = listed(determining.iter().filter(|statement| statement.policy.effect == Effect::Forbid));
    let action = question.action;
    let holds = question.principal.permissions.holds(action);
    match (forbids.is_empty(), holds) {
        (true, _) => format!("The principal does not hold {action}, and no policy permits it."),
        (false, true) => format!("The principal holds {action}, but {forbids} forbids it."),
        (false, false) => format!("The principal does not hold {action}, and {forbids} forbids it."),
    }
}

fn listed<'a, 'b: 'a>(statements: impl Iterator<Item = &'a &'b Statement>) -> String {
    let mut names: Vec<String> = statements.map(|statement| format!("'{}'", statement.policy.name)).collect();
    names.dedup();
    names.join(", ")
}

fn named(thing: &Thing) -> &'static str {
    match thing {
        Thing::Tenant => "the tenant as a whole",
        Thing::User(_) => "a user",
        Thing::Group(_) => "a group",
        Thing::Role(_) => "a role",
        Thing::Policy { .. } => "a policy",
        Thing::ApiKey { .. } => "an API key",
        Thing::Attribute(_) => "an attribute",
        Thing::Connection { .. } => "a connection",
        Thing::Webhook { .. } => "a webhook",
        Thing::Invitation { .. } => "an invitation",
    }
}
