//! What leaves: the outbox, mails that a real mail server receives, and webhooks.

mod addresses;
mod claims;
mod end_to_end;
pub mod mail;
mod outbox;
pub mod receiver;
mod shutdown;
pub mod signatures;
pub mod smtp;
mod transport;
mod webhook_failures;
mod webhooks;

use provost::auth::SecretKey;
use provost::delivery::webhook::{self, Endpoint, Registration, Secret};
use provost::delivery::{DeliverySettings, Worker};
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::clock::{Clock, Timestamp};
use provost::model::outbox::{DeliveryChange, OutboxRow, StoredOutboxRow};
use provost::model::webhook::{Webhook, WebhookEvent};
use provost::model::{OutboxId, Tenant, TenantId, TenantSettings, TenantStatus};
use provost::storage::{Migrate, PoolSizes, Storage};
use serde_json::{Value, json};

use crate::support::{Backend, TestDatabase, texts};

/// When everything begins: 2026-01-01.
pub const START: i64 = 1_767_225_600_000;
pub const SECOND: i64 = 1000;
pub const HOUR: i64 = 3600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// A time after the beginning.
pub fn at(milliseconds: i64) -> Timestamp {
    Timestamp(START + milliseconds)
}

/// Makes of one test two, as `on_both!` does; the test gets an [`Outbox`].
macro_rules! on_both_outboxes {
    ($($(#[$meta:meta])* async fn $name:ident($outbox:ident: Outbox) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($outbox: $crate::delivery::Outbox) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::delivery::Outbox::open($crate::support::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::delivery::Outbox::open($crate::support::Backend::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_outboxes;

/// A database with a tenant, and no server on it: the test says when the worker works, and what time it is.
pub struct Outbox {
    pub storage: Storage,
    pub key: SecretKey,
    pub tenant: TenantId,
    database: TestDatabase,
}

impl Outbox {
    pub async fn open(backend: Backend) -> Self {
        let database = TestDatabase::create(backend).await;
        let storage = Storage::open(&database.url, PoolSizes::default(), Migrate::Apply).await.unwrap();
        let tenant = TenantId::generate();
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::InsertTenant(Tenant {
            id: tenant,
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            status: TenantStatus::Active,
            settings: TenantSettings::default(),
            generation: 1,
            guard: 0,
            version: 1,
            updated_at: at(0),
            created_at: at(0),
        }));
        storage.commit(changes).await.unwrap();
        Self { storage, key: SecretKey::new([7; 32]), tenant, database }
    }

    /// A worker that may reach the tests' own servers.
    pub fn worker(&self) -> Worker {
        self.worker_with(&DeliverySettings { webhook_allow_private: true, ..DeliverySettings::default() })
    }

    pub fn worker_with(&self, settings: &DeliverySettings) -> Worker {
        let clock = Clock::manual(at(0));
        Worker::new(self.storage.clone(), clock, self.key.clone(), settings).unwrap()
    }

    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    pub async fn change(&self, change: DeliveryChange) {
        self.try_change(change).await.unwrap();
    }

    pub async fn try_change(&self, change: DeliveryChange) -> Result<(), provost::storage::StorageError> {
        let mut changes = ChangeSet::new(self.tenant);
        changes.settings.push(SettingsChange::Delivery(change));
        self.storage.commit(changes).await
    }

    pub async fn write(&self, rows: Vec<OutboxRow>) {
        let mut changes = ChangeSet::new(self.tenant);
        changes.outbox = rows;
        self.storage.commit(changes).await.unwrap();
    }

    /// A webhook that wants every event.
    pub async fn webhook(&self, url: &str) -> (Webhook, Secret) {
        let endpoint = Endpoint::parse(url, true).unwrap();
        let registration = Registration { endpoint, event_types: Vec::new(), description: None };
        let (webhook, secret) = webhook::register(&self.key, self.tenant, registration, at(0)).unwrap();
        self.change(DeliveryChange::InsertWebhook(Box::new(webhook.clone()))).await;
        (webhook, secret)
    }

    /// Writes an event for this webhook.
    pub async fn event(&self, webhook: &Webhook, data: Value) -> OutboxId {
        let event = WebhookEvent { event_type: "user.created".to_owned(), at: at(0), data };
        let rows = event.outbox_rows(&[webhook.subscription().expect("it is switched on")]);
        let id = rows[0].id;
        self.write(rows).await;
        id
    }

    pub async fn row(&self, id: OutboxId) -> StoredOutboxRow {
        self.storage.lookup_outbox_row(self.tenant, id).await.unwrap().expect("the row is there")
    }

    /// The row's state, attempts and error.
    pub async fn state(&self, id: OutboxId) -> Value {
        let row = self.row(id).await;
        json!([row.state.as_str(), row.attempts, row.last_error])
    }

    /// `KIND TARGET-KIND DETAILS` of every audit event.
    pub async fn audit(&self) -> Vec<String> {
        let sql = "SELECT kind || ' ' || target_kind || ' ' || details FROM audit_events ORDER BY id";
        texts(&self.database.url, sql).await
    }
}
