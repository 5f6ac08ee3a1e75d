//! `/v1/policies`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use self::evaluation::{Evaluate, Explained};
use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::{cursor, if_matches, page, time};
use super::{Admin, Part};
use crate::access;
use crate::model::{self, PolicyId};
use crate::provisioning::directory::PolicyDraft;

mod evaluation;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 4] = ["id", "created_at", "updated_at", "version"];

pub(super) struct Policies;

/// A policy of the tenant's own, in Cedar's language.
#[derive(Debug, Object)]
struct Policy {
    id: Uuid,
    name: String,
    /// One or several statements: `permit (…);` or `forbid (…);`, each perhaps with a `@notice("…")`.
    text: String,
    /// Whether it counts.
    enabled: bool,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// A page of policies.
#[derive(Debug, Object)]
struct PolicyList {
    policies: Vec<Policy>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// A policy to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewPolicy {
    /// Unique in the tenant, without regard to case.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// In Cedar's language: actions are permissions, such as `Provost::Action::"users.update"`.
    #[oai(validator(min_length = 1, max_length = 65536))]
    text: String,
    /// Whether it counts; it does where this is left out.
    enabled: Option<bool>,
}

/// What changes of a policy.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct PolicyPatch {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 65536))]
    text: Option<String>,
    enabled: Option<bool>,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum PolicyEffect {
    Permit,
    Forbid,
}

#[OpenApi(tag = "Part::Policies")]
impl Policies {
    /// List policies
    ///
    /// The tenant's own, oldest first.
    #[oai(path = "/policies", method = "get")]
    async fn list_policies(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<PolicyList>> {
        let page = page(limit.0, after.0.as_deref(), PolicyId)?;
        let (policies, next) = admin.directory.list_policies(&session.0, page).await?;
        let policies = policies.into_iter().map(Policy::from).collect();
        Ok(Found::plain(PolicyList { policies, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Create a policy
    ///
    /// It is held against the schema first: `details.mistakes` lists what is wrong, with line and column. It holds at once,
    /// and at other servers within a second. A policy by which the caller could not change policies any more is refused.
    #[oai(path = "/policies", method = "post")]
    async fn create_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewPolicy>,
    ) -> Answer<Created<Policy>> {
        let NewPolicy { name, text, enabled } = body.check()?;
        let draft = PolicyDraft { name: Some(name), text: Some(text), enabled };
        let policy = admin.directory.create_policy(&session.0, draft).await?;
        let location = format!("{}/policies/{}", admin.base_url, policy.id);
        Ok(Created { version: Some(policy.version), value: policy.into(), location })
    }

    /// Read a policy
    #[oai(path = "/policies/:id", method = "get")]
    async fn read_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Policy>> {
        Ok(found(admin.directory.read_policy(&session.0, PolicyId(id.0)).await?))
    }

    /// Change a policy
    #[oai(path = "/policies/:id", method = "patch")]
    async fn patch_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<PolicyPatch>,
    ) -> Answer<Found<Policy>> {
        if body.says_any(&COMPUTED) {
            let current = Policy::from(admin.directory.read_policy(&session.0, PolicyId(id.0)).await?);
            body.take_unchanged(&current.to_json().unwrap_or_default(), &COMPUTED)?;
        }
        let PolicyPatch { name, text, enabled } = body.check()?;
        let draft = PolicyDraft { name, text, enabled };
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_policy(&session.0, PolicyId(id.0), draft, &preconditions).await?))
    }

    /// Delete a policy
    #[oai(path = "/policies/:id", method = "delete")]
    async fn delete_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let preconditions = if_matches(if_match.0);
        admin.directory.delete_policy(&session.0, PolicyId(id.0), &preconditions).await?;
        Ok(Done)
    }

    /// Explain a decision
    ///
    /// Says whether somebody may do something, which policies determine that, and why. Nothing is done.
    #[oai(path = "/policies/evaluate", method = "post")]
    async fn evaluate_policies(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<Evaluate>,
    ) -> Answer<Found<Explained>> {
        let evaluation = body.check()?.question()?;
        Ok(Found::plain(admin.directory.evaluate(&session.0, &evaluation).await?.into()))
    }
}

fn found(policy: model::Policy) -> Found<Policy> {
    Found { version: Some(policy.version), value: policy.into() }
}

impl From<model::Policy> for Policy {
    fn from(policy: model::Policy) -> Self {
        Self {
            id: policy.id.0,
            name: policy.name,
            text: policy.text,
            enabled: policy.enabled,
            created_at: time(policy.created_at),
            updated_at: time(policy.updated_at),
            version: policy.version,
        }
    }
}

impl From<access::Effect> for PolicyEffect {
    fn from(effect: access::Effect) -> Self {
        match effect {
            access::Effect::Permit => Self::Permit,
            access::Effect::Forbid => Self::Forbid,
        }
    }
}
