//! The use cases: read, check access, decide, and hand a change set to storage. Nothing here knows HTTP or SQL.

mod activation;
mod adoption;
pub mod answer;
mod attempt;
pub mod audit;
mod authorize;
pub mod directory;
pub mod discovery;
pub mod error;
pub mod groups;
mod list;
mod notices;
mod organizations;
pub mod preconditions;
mod reach;
pub mod removal;
mod role_mappings;
mod search;
pub mod tenants;
pub mod users;

use std::net::IpAddr;
use std::sync::Arc;

use answer::SlowReaders;
pub use answer::{Answer, Body};
pub use error::ProvisioningError;
pub use notices::Notices;
pub use preconditions::Preconditions;

use crate::access::Decider;
use crate::access::question::Channel;
use crate::auth::Caller;
use crate::auth::password::PasswordHasher;
use crate::mapping::custom::extension_urn;
use crate::mapping::filter::{OwnIndex, Perspective};
use crate::mapping::rows::UserSchema;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::SettingsChange;
use crate::model::tenant::NameOrder;
use crate::model::{Clock, EventId, Timestamp, User};
use crate::scim::schema::SchemaSet;
use crate::scim::schema::validate::Strictness;
use crate::storage::Storage;

/// How many resources a page holds when the client does not say.
pub const DEFAULT_PAGE: i64 = 100;
/// How many resources a page holds at the most; a client that asks for more gets this many (RFC 7644 §3.4.2.4).
pub const MAX_PAGE: i64 = 1000;

/// The use cases and what they need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Provisioning {
    pub storage: Storage,
    pub schemas: Arc<SchemaSet>,
    pub clock: Clock,
    /// The SCIM base URL as clients know it, without a slash at the end: `https://example.com/scim/v2`.
    pub base_url: Arc<str>,
    /// What answers whether a request may do what it asks for.
    pub decider: Decider,
    /// Who hashes the passwords that identity providers send; nobody at the command line, where there are none.
    hasher: Option<PasswordHasher>,
    slow_readers: SlowReaders,
}

/// One request: who calls, and from where.
#[derive(Clone, Debug)]
pub struct Request {
    pub caller: Arc<Caller>,
    pub request_id: Option<Arc<str>>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<Arc<str>>,
    /// The way in which it came.
    pub channel: Channel,
    /// What policies want to be told with the answer.
    pub notices: Notices,
}

impl Request {
    /// How strictly this caller's requests are read.
    pub fn strictness(&self) -> Strictness {
        if self.caller.is_strict() { Strictness::Strict } else { Strictness::Lenient }
    }

    /// The schemas and own attributes of the caller's tenant.
    pub fn user_schema(&self) -> UserSchema<'_> {
        self.caller.user_schema()
    }

    /// How the caller's tenant writes names where neither client nor locale tells.
    fn name_order(&self) -> NameOrder {
        self.caller.tenant.as_ref().map_or_else(NameOrder::default, |view| view.tenant.settings.name_order)
    }

    /// What [`TenantView::guard`](crate::auth::TenantView::guard) of the caller's tenant says of a change of these users.
    fn guard(&self, users: &[&User]) -> Option<SettingsChange> {
        self.caller.tenant.as_ref()?.guard(users)
    }

    fn event(
        &self,
        at: Timestamp,
        kind: AuditType,
        target: Target,
        details: serde_json::Value,
    ) -> AuditEvent {
        AuditEvent { id: EventId::generate(), at, kind, origin: self.origin(), target, details }
    }

    fn origin(&self) -> Origin {
        Origin {
            actor: self.caller.actor(),
            request_id: self.request_id.clone(),
            ip: self.ip,
            user_agent: self.user_agent.clone(),
        }
    }
}

impl Provisioning {
    /// The use cases over this database. `base_url` is what clients call SCIM's root, without a slash at the end.
    pub fn new(storage: Storage, clock: Clock, base_url: impl Into<Arc<str>>) -> Self {
        Self {
            decider: Decider::new(storage.clone()),
            storage,
            schemas: SchemaSet::built_in(),
            clock,
            base_url: base_url.into(),
            hasher: None,
            slow_readers: SlowReaders::default(),
        }
    }

    /// The same, for a server that takes passwords too.
    #[must_use]
    pub fn with_hasher(self, hasher: PasswordHasher) -> Self {
        Self { hasher: Some(hasher), ..self }
    }

    fn perspective(&self, request: &Request, resource_type: &'static str) -> Perspective {
        Perspective {
            resource_type,
            connection_id: request.caller.connection_id(),
            base_url: self.base_url.to_string(),
            own: own_index(&request.user_schema()),
        }
    }
}

fn own_index(schema: &UserSchema<'_>) -> Option<OwnIndex> {
    let definitions = schema.custom.iter().map(|attribute| attribute.definition());
    let served = definitions.filter(|definition| definition.searchable && !definition.indexing);
    let names: Vec<String> = served.map(|definition| definition.name.clone()).collect();
    (!names.is_empty()).then(|| OwnIndex { urn: extension_urn(schema.slug), names })
}
