//! Tampering with the audit log in the database itself: each kind is found, and nothing else ever is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provost::auth::SecretKey;
use provost::model::audit::{AuditEvent, AuditType, Origin, Target};
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::{Clock, EventId, Tenant, TenantId, TenantSettings, TenantStatus, Timestamp, UserId};
use provost::provisioning::audit::{Finding, Report, Sealer, Tail};
use provost::storage::{Migrate, PoolSizes, Storage};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Backend, TestDatabase, texts};

/// When everything begins: 2026-01-01.
const START: i64 = 1_767_225_600_000;
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

/// The id of an event made so long after the beginning; `number` tells those of one millisecond apart.
fn event_id(after: i64, number: u64) -> EventId {
    let first = EventId::first_of(Timestamp(START + after)).0.as_u128();
    EventId(Uuid::from_u128(first | (7 << 76) | (2 << 62) | u128::from(number)))
}

/// A tenant's audit log, and no server on it: the test says what is written, when it is sealed, and what time it is.
struct Log {
    backend: Backend,
    storage: Storage,
    key: SecretKey,
    clock: Clock,
    tenant: TenantId,
    database: TestDatabase,
}

impl Log {
    async fn open(backend: Backend) -> Self {
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
            updated_at: Timestamp(START),
            created_at: Timestamp(START),
        }));
        storage.commit(changes).await.unwrap();
        let clock = Clock::manual(Timestamp(START));
        Self { backend, storage, key: SecretKey::new([7; 32]), clock, tenant, database }
    }

    fn sealer(&self) -> Sealer {
        Sealer::new(self.storage.clone(), self.clock.clone(), &self.key)
    }

    /// Writes events with these ids.
    async fn write(&self, ids: impl IntoIterator<Item = EventId>) {
        write(&self.storage, self.tenant, ids).await;
    }

    /// Seals what is there at a time, and gives how many events that were.
    async fn seal(&self, after: i64) -> usize {
        self.clock.set(Timestamp(START + after));
        self.sealer().seal_tenant(self.tenant).await.unwrap().sealed
    }

    /// Three seals of four events each, a minute apart.
    async fn three_seals(&self) {
        for seal in 0..3 {
            self.write((0..4).map(|event| event_id(seal * MINUTE + event * SECOND, 0))).await;
            assert_eq!(self.seal((seal + 1) * MINUTE).await, 4);
        }
    }

    async fn report(&self, kept: Option<&[u8; 32]>) -> Report {
        let now = self.clock.now();
        Report::of(&self.storage, &self.key, self.tenant, now, kept).await.unwrap()
    }

    async fn findings(&self) -> Vec<Finding> {
        self.report(None).await.findings
    }

    /// Runs a statement that both databases understand, behind the server's back.
    async fn tamper(&self, sql: &str) {
        texts(&self.database.url, sql).await;
    }

    /// An id as the database's SQL has it.
    fn literal(&self, id: EventId) -> String {
        match self.backend {
            Backend::Sqlite => format!("x'{}'", id.0.simple()),
            Backend::Postgres => format!("'{}'::uuid", id.0),
        }
    }

    /// Bytes as the database's SQL has them.
    fn bytes(&self, bytes: &[u8]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.backend {
            Backend::Sqlite => format!("x'{digits}'"),
            Backend::Postgres => format!("'\\x{digits}'::bytea"),
        }
    }

    /// Copies the oldest event, under another id.
    async fn insert(&self, id: EventId) {
        let literal = self.literal(id);
        self.tamper(&format!(
            "INSERT INTO audit_events (tenant_id, id, at, kind, actor_kind, target_kind, target_id, details) \
             SELECT tenant_id, {literal}, at, kind, actor_kind, target_kind, target_id, details \
             FROM audit_events ORDER BY id LIMIT 1"
        ))
        .await;
    }

    async fn remove(&self, id: EventId) {
        self.tamper(&format!("DELETE FROM audit_events WHERE id = {}", self.literal(id))).await;
    }
}

async fn write(storage: &Storage, tenant: TenantId, ids: impl IntoIterator<Item = EventId>) {
    let mut changes = ChangeSet::new(tenant);
    changes.audit.extend(ids.into_iter().map(|id| AuditEvent {
        id,
        at: id.made_at(),
        kind: AuditType::UserCreated,
        origin: Origin::system(),
        target: Target::User(UserId(id.0)),
        details: json!({ "userName": "ada" }),
    }));
    storage.commit(changes).await.unwrap();
}

/// Makes of one test two, as `on_both!` does; the test gets a [`Log`].
macro_rules! on_both_logs {
    ($($(#[$meta:meta])* async fn $name:ident($log:ident: Log) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($log: Log) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(Log::open(Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(Log::open(Backend::Postgres).await).await;
            }
        }
    )*};
}

on_both_logs! {
    /// What is sealed is sound; what is not is the tail, and is told.
    async fn an_untouched_log_is_sound(log: Log) {
        assert_eq!(log.report(None).await, Report::default());
        log.three_seals().await;
        assert_eq!(log.seal(4 * MINUTE).await, 0);
        log.write([event_id(4 * MINUTE, 0), event_id(4 * MINUTE, 1)]).await;
        let report = log.report(None).await;
        let head = log.storage.audit_head(log.tenant).await.unwrap().unwrap();
        assert_eq!(report, Report {
            events: 14,
            seals: 3,
            head: Some(head.mac),
            tail: Tail { events: 2, since: Some(Timestamp(START + 4 * MINUTE)) },
            ..Report::default()
        });
        assert_eq!(log.seal(5 * MINUTE).await, 2);
        assert_eq!(log.report(None).await.tail, Tail::default());
    }

    /// Whatever column it is, and whether it gets a value, another one, or none.
    async fn a_changed_event_is_found(log: Log) {
        log.three_seals().await;
        let id = event_id(MINUTE + 2 * SECOND, 0);
        let place = format!("WHERE id = {}", log.literal(id));
        let other = log.literal(event_id(0, 9));
        let changes = [
            ("at = at + 1", "at = at - 1"),
            ("kind = 'user.deleted'", "kind = 'user.created'"),
            ("actor_kind = 'user'", "actor_kind = 'system'"),
            (&*format!("actor_id = {other}"), "actor_id = NULL"),
            ("actor_name = ''", "actor_name = NULL"),
            ("target_kind = 'group'", "target_kind = 'user'"),
            (&*format!("target_id = {other}"), "target_id = id"),
            ("request_id = 'x'", "request_id = NULL"),
            ("ip = '10.0.0.1'", "ip = NULL"),
            ("user_agent = 'x'", "user_agent = NULL"),
            ("details = '{\"userName\":\"bob\"}'", "details = '{\"userName\":\"ada\"}'"),
        ];
        for (change, undo) in changes {
            log.tamper(&format!("UPDATE audit_events SET {change} {place}")).await;
            assert_eq!(log.findings().await, [Finding::EventChanged { event: id, seal: 2 }], "{change}");
            log.tamper(&format!("UPDATE audit_events SET {undo} {place}")).await;
            assert_eq!(log.findings().await, [], "{undo}");
        }
        // Values that move from one column to the next are changes too.
        log.tamper(&format!("UPDATE audit_events SET request_id = '1.1.1.1', ip = NULL {place}")).await;
        assert_eq!(log.findings().await.len(), 1);
    }

    /// The first, one in the middle, and the last one that was sealed.
    async fn a_removed_event_is_found(log: Log) {
        log.three_seals().await;
        let gone = [
            (event_id(0, 0), 1),
            (event_id(MINUTE + SECOND, 0), 2),
            (event_id(2 * MINUTE + 3 * SECOND, 0), 3),
        ];
        for (event, _) in gone {
            log.remove(event).await;
        }
        let expected = gone.map(|(event, seal)| Finding::EventRemoved { event, seal });
        assert_eq!(log.findings().await, expected);
        // Sealing goes on and does not heal it.
        log.write([event_id(3 * MINUTE, 0)]).await;
        log.seal(4 * MINUTE).await;
        assert_eq!(log.findings().await, expected);
    }

    /// One with a back-dated id is never sealed, and one from a time to come neither.
    async fn an_inserted_event_is_found(log: Log) {
        log.three_seals().await;
        log.write([event_id(60 * MINUTE, 0)]).await;
        log.seal(61 * MINUTE).await;
        let (old, older, unborn) = (event_id(MINUTE, 5), event_id(-999 * MINUTE, 5), event_id(999 * MINUTE, 0));
        for id in [old, older, unborn] {
            log.insert(id).await;
        }
        let expected = [older, old, unborn].map(|event| Finding::EventInserted { event });
        assert_eq!(log.findings().await, expected);
        assert_eq!(log.seal(62 * MINUTE).await, 0);
        assert_eq!(log.findings().await, expected);
    }

    /// A transaction may commit after younger events were sealed: that is no tampering.
    async fn a_late_event_is_sealed(log: Log) {
        log.three_seals().await;
        log.write([event_id(0, 5), event_id(2 * MINUTE + SECOND, 5)]).await;
        let report = log.report(None).await;
        assert_eq!((report.findings, report.tail.events), (vec![], 2));
        assert_eq!(log.seal(3 * MINUTE + SECOND).await, 2);
        assert_eq!(log.report(None).await, Report { tail: Tail::default(), events: 14, seals: 4, ..log.report(None).await });
        log.remove(event_id(0, 5)).await;
        assert_eq!(log.findings().await, [Finding::EventRemoved { event: event_id(0, 5), seal: 4 }]);
    }

    /// In the middle, at the beginning, at the end.
    async fn a_removed_seal_is_found(log: Log) {
        log.three_seals().await;
        log.tamper("DELETE FROM audit_seals WHERE number = 2").await;
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 2, last: 2 }]);
        log.tamper("DELETE FROM audit_seals WHERE number = 1").await;
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 1, last: 2 }]);
        log.tamper("DELETE FROM audit_seals").await;
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 1, last: 3 }]);
    }

    /// A chain that was cut off stays so, though the events that it covered are sealed again.
    async fn a_cut_chain_does_not_heal(log: Log) {
        log.three_seals().await;
        log.tamper("DELETE FROM audit_seals WHERE number = 3").await;
        log.remove(event_id(2 * MINUTE + 3 * SECOND, 0)).await;
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 3, last: 3 }]);
        log.write([event_id(3 * MINUTE, 0)]).await;
        assert_eq!(log.seal(4 * MINUTE).await, 4);
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 3, last: 3 }]);
        assert_eq!(log.report(None).await.seals, 3);
    }

    /// The head hides nothing by going too.
    async fn a_removed_or_changed_head_is_found(log: Log) {
        log.three_seals().await;
        log.tamper("UPDATE audit_heads SET number = 2").await;
        assert_eq!(log.findings().await, [Finding::HeadChanged]);
        log.tamper("DELETE FROM audit_heads").await;
        assert_eq!(log.findings().await, [Finding::HeadChanged]);
        log.tamper("DELETE FROM audit_seals WHERE number = 3").await;
        assert_eq!(log.findings().await, [Finding::HeadChanged]);
        assert_eq!(log.seal(4 * MINUTE).await, 4);
        assert_eq!(log.findings().await, [Finding::SealsRemoved { first: 3, last: 3 }]);
    }

    /// Everything put back to an earlier state does not show in the database, but by a head that was kept elsewhere.
    async fn a_log_that_was_put_back_lacks_the_head_that_was_kept(log: Log) {
        log.three_seals().await;
        let early = log.storage.audit_head(log.tenant).await.unwrap().unwrap();
        log.write([event_id(3 * MINUTE, 0)]).await;
        log.seal(4 * MINUTE).await;
        let kept = log.storage.audit_head(log.tenant).await.unwrap().unwrap();
        assert_eq!(log.report(Some(&kept.mac)).await.kept, Some(4));
        assert_eq!(log.report(Some(&early.mac)).await.kept, Some(3));
        log.tamper("DELETE FROM audit_seals WHERE number = 4").await;
        log.remove(event_id(3 * MINUTE, 0)).await;
        let (mac, proof) = (log.bytes(&early.mac), log.bytes(&early.proof));
        log.tamper(&format!("UPDATE audit_heads SET number = 3, mac = {mac}, proof = {proof}")).await;
        let report = log.report(Some(&kept.mac)).await;
        assert_eq!((report.findings, report.kept), (vec![], None));
    }

    /// Whatever column it is; one that was moved; one that was made up.
    async fn a_changed_seal_is_found(log: Log) {
        log.three_seals().await;
        let stored = log.storage.audit_seals_after(log.tenant, 1, 1).await.unwrap().remove(0);
        let (short, zeros) = (log.bytes(&[1]), log.bytes(&[0; 32]));
        let id = log.literal(event_id(0, 77));
        let columns = [
            ("previous", log.bytes(&stored.previous), &zeros),
            ("mac", log.bytes(&stored.mac), &zeros),
            ("mac", log.bytes(&stored.mac), &short),
            ("entries", log.bytes(&stored.packed), &zeros),
            ("entries", log.bytes(&stored.packed), &short),
            ("oldest_id", log.literal(stored.oldest), &id),
            ("newest_id", log.literal(stored.newest), &id),
            ("horizon", stored.horizon.0.to_string(), &"0".to_owned()),
            ("sealed_at", stored.sealed_at.0.to_string(), &"0".to_owned()),
        ];
        for (column, original, other) in columns {
            log.tamper(&format!("UPDATE audit_seals SET {column} = {other} WHERE number = 2")).await;
            assert_eq!(log.findings().await, [Finding::SealChanged { seal: 2 }], "{column}");
            log.tamper(&format!("UPDATE audit_seals SET {column} = {original} WHERE number = 2")).await;
            assert_eq!(log.findings().await, [], "{column}");
        }
        for (from, to) in [(1, 9), (2, 1), (9, 2)] {
            log.tamper(&format!("UPDATE audit_seals SET number = {to} WHERE number = {from}")).await;
        }
        assert_eq!(log.findings().await, [Finding::SealChanged { seal: 1 }, Finding::SealChanged { seal: 2 }]);
    }

    /// A seal that covers an inserted event, before the first or behind the last, is no seal.
    async fn a_seal_that_was_made_up_is_found(log: Log) {
        log.three_seals().await;
        let inserted = event_id(-999 * MINUTE, 5);
        log.insert(inserted).await;
        let (id, entry) = (log.literal(inserted), log.bytes(&[inserted.0.as_bytes().as_slice(), &[0; 16]].concat()));
        for number in [0, 4] {
            log.tamper(&format!(
                "INSERT INTO audit_seals (tenant_id, number, previous, sealed_at, horizon, oldest_id, newest_id, entries, mac) \
                 SELECT tenant_id, {number}, previous, sealed_at, horizon, {id}, {id}, {entry}, mac FROM audit_seals WHERE number = 3"
            ))
            .await;
            assert_eq!(log.findings().await, [Finding::SealChanged { seal: number }]);
            log.tamper(&format!("DELETE FROM audit_seals WHERE number = {number}")).await;
        }
        assert_eq!(log.findings().await, [Finding::EventInserted { event: inserted }]);
    }

    /// Nobody checks with another key than the log was sealed with, without being told.
    async fn another_key_fits_no_seal(log: Log) {
        log.three_seals().await;
        let other = Log { key: SecretKey::new([8; 32]), ..log };
        let expected = [1, 2, 3].map(|seal| Finding::SealChanged { seal });
        assert_eq!(other.findings().await, [&expected[..], &[Finding::HeadChanged]].concat());
    }

    /// A long log is read page by page, and the one event in ten thousand is found.
    async fn ten_thousand_events_are_checked(log: Log) {
        for batch in 0..10 {
            log.write((0..1000).map(|event| event_id(batch * SECOND + event, 0))).await;
        }
        assert_eq!(log.seal(MINUTE).await, 10_000);
        let report = log.report(None).await;
        assert_eq!((report.events, report.seals, &*report.findings), (10_000, 10, &[] as &[Finding]));
        let bytes = texts(&log.database.url, "SELECT CAST(sum(length(entries)) AS text) FROM audit_seals").await;
        assert_eq!(bytes, ["320000"]);
        let id = event_id(7 * SECOND + 77, 0);
        log.tamper(&format!("UPDATE audit_events SET details = '{{}}' WHERE id = {}", log.literal(id))).await;
        assert_eq!(log.findings().await, [Finding::EventChanged { event: id, seal: 8 }]);
    }

    /// Servers that write and seal at the same time never look like somebody who tampers.
    async fn nothing_is_found_while_many_write_and_two_seal(log: Log) {
        let log = Arc::new(log);
        let done = Arc::new(AtomicBool::new(false));
        log.clock.set(Timestamp(START + 10 * MINUTE));
        let beside = Storage::open(&log.database.url, PoolSizes::default(), Migrate::Apply).await.unwrap();
        let mut sealers = tokio::task::JoinSet::new();
        for storage in [log.storage.clone(), beside] {
            let sealer = Sealer::new(storage, log.clock.clone(), &log.key);
            let (done, tenant) = (Arc::clone(&done), log.tenant);
            sealers.spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    sealer.seal_tenant(tenant).await.unwrap();
                }
            });
        }
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4_u32 {
            let log = Arc::clone(&log);
            writers.spawn(async move {
                for round in 0..25_u32 {
                    // Ids of the last ten minutes, in no order.
                    let made = (i64::from(round) * 7919 + i64::from(writer) * 104_729) % (10 * MINUTE);
                    let number = u64::from(writer) * 1000 + u64::from(round) * 10;
                    log.write((0..4).map(|event| event_id(made, number + event))).await;
                }
            });
        }
        while !writers.is_empty() {
            assert_eq!(log.findings().await, []);
            while writers.try_join_next().is_some() {}
        }
        done.store(true, Ordering::SeqCst);
        sealers.join_all().await;
        log.seal(10 * MINUTE).await;
        let report = log.report(None).await;
        assert_eq!((report.events, report.tail, &*report.findings), (400, Tail::default(), &[] as &[Finding]));
        // Each event is in one seal.
        let bytes = texts(&log.database.url, "SELECT CAST(sum(length(entries)) AS text) FROM audit_seals").await;
        assert_eq!(bytes, [(400 * 32).to_string()]);
    }
}
