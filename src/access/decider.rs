//! From a caller to a decision. Holds what tenants' policies compile to, and, where policies want to know, what is known
//! of the users who ask.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task;

use super::policy::{Effect, PolicyMistake, TenantPolicy};
use super::principal::Holder;
use super::question::{Context, Principal, Question, Resource, Thing};
use super::snapshot::Snapshot;
use super::{Denied, RULE_OWNERS, lacking};
use crate::auth::{Caller, Subject, TenantView};
use crate::mapping::custom::CustomAttributes;
use crate::model::{Permission, Permissions, Policy, Role, Tenant, TenantId, UserId};
use crate::storage::{Storage, StorageError};

/// How long it is believed that a tenant's roles and policies, and the users who ask, are what they were: a policy that
/// is changed at another server holds here within this time.
const BELIEVED: Duration = Duration::from_secs(1);
const CACHED_TENANTS: u64 = 10_000;
const CACHED_PEOPLE: u64 = 10_000;
/// How much the compiled snapshots may weigh, by the octets of their policies and this much more for each.
const CACHED_OCTETS: u64 = 64 * 1024 * 1024;
const SNAPSHOT_OCTETS: usize = 4 * 1024;
/// A snapshot that nobody asked for this long is of a tenant at rest, or was replaced.
const KEPT_UNUSED: Duration = Duration::from_secs(300);
/// How many policy sets are held against the schema at a time: a large one takes seconds.
const COMPILED_AT_ONCE: usize = 2;

/// Why there is no decision in the caller's favour.
#[derive(Clone, Debug, Error)]
pub enum AccessError {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What decides cannot be read, so nothing is allowed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why roles and policies do not go together.
#[derive(Clone, Debug)]
pub enum CompileError {
    Mistakes(Vec<PolicyMistake>),
    Failed(StorageError),
}

/// Answers questions by the newest policies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Decider {
    pub(super) storage: Storage,
    /// What holds for a tenant, believed for a second; nothing where there is no such tenant.
    current: Cache<TenantId, Option<Arc<Snapshot>>>,
    /// By the tenant's generation; never out of date.
    compiled: Cache<(TenantId, i64), Loaded>,
    pub(super) people: Cache<(TenantId, UserId), Option<Arc<Holder>>>,
    compiling: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
struct Loaded {
    snapshot: Arc<Snapshot>,
    octets: u32,
}

/// What a change does, as far as policies may want to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The names of the attributes that an update changes, as SCIM has them.
    pub attributes: BTreeSet<Arc<str>>,
    /// The names of the roles that are given or taken.
    pub roles: Vec<Arc<str>>,
}

impl Changes {
    /// These attributes and no roles.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { attributes: names.into_iter().map(Arc::from).collect(), roles: Vec::new() }
    }

    /// These roles and no attributes.
    pub fn of_roles<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { attributes: BTreeSet::new(), roles: names.into_iter().map(Arc::from).collect() }
    }
}

/// A caller about to do something, before those policies that have a say in it.
#[derive(Debug)]
pub struct Asking {
    snapshot: Arc<Snapshot>,
    question: Question,
    missing: Denied,
}

impl Asking {
    /// Whether a policy of the tenant's own has a say, so that what is told of a thing has to be complete. Otherwise only
    /// its id and whether it is an owner matter.
    pub fn wants_facts(&self) -> bool {
        self.snapshot.has_own_policies(self.question.action)
    }

    /// Whether there could be users with whom this is not allowed, although it is with others: by what a policy forbids, or
    /// because it is only policies that permit it. Where that depends on the users it counts as yes.
    pub fn may_withhold_users(&self) -> bool {
        let question = &self.question;
        !question.principal.permissions.holds(question.action) || self.snapshot.may_withhold_users(question)
    }

    /// Decides about one thing. Gives what the policies that allow it want to be told.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn about(&mut self, thing: Thing, changes: Changes) -> Result<Vec<String>, Denied> {
        self.question.resource.thing = thing;
        self.question.context.changed = changes.attributes;
        self.question.context.roles = changes.roles;
        let decision = self.snapshot.decide(&self.question);
        if decision.allowed {
            return Ok(decision.notices);
        }
        let holds = self.question.principal.permissions.holds(self.question.action);
        let own = |policy: &super::PolicyRef| !policy.built_in && policy.effect == Effect::Forbid;
        let by_policy = decision.determining.iter().any(own) || (decision.determining.is_empty() && holds);
        Err(match by_policy {
            true => Denied::Policy { notices: decision.notices },
            false if decision.determining.iter().any(|policy| &*policy.id == RULE_OWNERS) => {
                Denied::Permission { missing: Permission::OwnersWrite }
            }
            false => self.missing.clone(),
        })
    }
}

impl Decider {
    /// A decider over what is stored here.
    pub fn new(storage: Storage) -> Self {
        let believed = |most| Cache::builder().max_capacity(most).time_to_live(BELIEVED);
        Self {
            storage,
            current: believed(CACHED_TENANTS).build(),
            people: Cache::builder().max_capacity(CACHED_PEOPLE).time_to_live(BELIEVED).build(),
            compiled: Cache::builder()
                .weigher(|_, loaded: &Loaded| loaded.octets)
                .max_capacity(CACHED_OCTETS)
                .time_to_idle(KEPT_UNUSED)
                .build(),
            compiling: Arc::new(Semaphore::new(COMPILED_AT_ONCE)),
        }
    }

    /// Begins a question of this caller's. Who lacks the permission, and cannot be given it by any policy, is refused at
    /// once: it does not matter then what it is about, or whether that exists.
    ///
    /// # Errors
    /// [`Denied`], or the database's failure: without policies nothing is allowed.
    pub async fn asking(
        &self,
        caller: &Caller,
        action: Permission,
        context: Context,
    ) -> Result<Asking, AccessError> {
        self.asking_with(caller, caller.permissions, action, context).await
    }

    /// The same for a caller who has the right to this from elsewhere, such as a role inside an organization. It counts as
    /// held, so what is left to decide is whether a policy forbids it.
    ///
    /// # Errors
    /// As [`Decider::asking`].
    pub async fn asking_of_right(
        &self,
        caller: &Caller,
        action: Permission,
        context: Context,
    ) -> Result<Asking, AccessError> {
        let held = caller.permissions.union(Permissions::from_iter([action]));
        self.asking_with(caller, held, action, context).await
    }

    async fn asking_with(
        &self,
        caller: &Caller,
        held: Permissions,
        action: Permission,
        context: Context,
    ) -> Result<Asking, AccessError> {
        let missing = lacking(caller, action);
        let Some(snapshot) = self.snapshot(caller.tenant_id).await? else { return Err(missing.into()) };
        let has_own = snapshot.has_own_policies(action);
        let may_be_given_more = has_own && matches!(caller.subject, Subject::User { .. });
        if !held.holds(action) && !may_be_given_more {
            return Err(missing.into());
        }
        // A closed snapshot asks whether the caller is an owner.
        let principal = match has_own || snapshot.is_closed() {
            true => Box::pin(self.principal(caller)).await?.ok_or_else(|| missing.clone())?,
            false => super::principal::plain(caller),
        };
        let principal = Principal { permissions: held, ..principal };
        let resource = Resource { tenant_id: caller.tenant_id, thing: Thing::Tenant };
        Ok(Asking { snapshot, question: Question { principal, action, resource, context }, missing })
    }

    /// What holds for a tenant now; nothing where there is no such tenant.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn snapshot(&self, tenant: TenantId) -> Result<Option<Arc<Snapshot>>, StorageError> {
        if let Some(known) = self.current.get(&tenant).await {
            return Ok(known);
        }
        // On the heap: the futures of all requests would otherwise have room for it.
        Box::pin(self.current.try_get_with(tenant, self.look_up(tenant)))
            .await
            .map_err(|error: Arc<StorageError>| (*error).clone())
    }

    /// Forgets what holds for a tenant, which was just changed here. Other servers follow within a second.
    pub async fn forget(&self, tenant: TenantId) {
        self.current.invalidate(&tenant).await;
    }

    /// Holds policies against the schema and these roles, strictly and beside other work; see [`Snapshot::compile`].
    ///
    /// # Errors
    /// Their mistakes; that there was no thread to do it.
    pub async fn compile(
        &self,
        tenant: TenantId,
        roles: Vec<Role>,
        policies: &[Policy],
    ) -> Result<Snapshot, CompileError> {
        let failed = |error: String| CompileError::Failed(StorageError::Internal(error));
        let policies: Vec<TenantPolicy> = policies.iter().map(TenantPolicy::from).collect();
        if policies.is_empty() {
            return Snapshot::compile(tenant, &roles, &policies).map_err(CompileError::Mistakes);
        }
        let _turn = self.compiling.acquire().await.map_err(|error| failed(error.to_string()))?;
        let compiled = task::spawn_blocking(move || Snapshot::compile(tenant, &roles, &policies)).await;
        compiled.map_err(|error| failed(error.to_string()))?.map_err(CompileError::Mistakes)
    }

    async fn look_up(&self, tenant: TenantId) -> Result<Option<Arc<Snapshot>>, StorageError> {
        let Some(row) = self.storage.find_tenant(tenant).await? else { return Ok(None) };
        // What belongs to a generation is read after it, so it is never older than that.
        let loaded = self.compiled.try_get_with((tenant, row.generation), self.load(row)).await;
        loaded.map(|loaded| Some(loaded.snapshot)).map_err(|error: Arc<StorageError>| (*error).clone())
    }

    async fn load(&self, tenant: Tenant) -> Result<Loaded, StorageError> {
        let id = tenant.id;
        let roles =
            TenantView::new(tenant, self.storage.list_roles(id).await?, CustomAttributes::default(), false)
                .roles;
        let policies: Vec<TenantPolicy> =
            self.storage.list_policies(id).await?.iter().map(TenantPolicy::from).collect();
        let octets = SNAPSHOT_OCTETS + policies.iter().map(|policy| policy.text.len()).sum::<usize>();
        let (snapshot, mistakes) = match policies.is_empty() {
            true => Snapshot::load(id, &roles, &policies),
            false => task::spawn_blocking(move || Snapshot::load(id, &roles, &policies))
                .await
                .map_err(|error| StorageError::Internal(error.to_string()))?,
        };
        for mistake in mistakes {
            tracing::error!(tenant = %id, %mistake, "a stored policy cannot be read; the tenant is closed");
        }
        Ok(Loaded { snapshot: Arc::new(snapshot), octets: u32::try_from(octets).unwrap_or(u32::MAX) })
    }
}

impl From<&Policy> for TenantPolicy {
    fn from(policy: &Policy) -> Self {
        Self {
            id: policy.id,
            name: Arc::from(&*policy.name),
            text: Arc::from(&*policy.text),
            enabled: policy.enabled,
        }
    }
}
