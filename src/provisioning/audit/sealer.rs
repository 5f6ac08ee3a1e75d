//! Seals the audit log in the background. Any number of servers may do so on one database: a seal's number is unique
//! within its tenant, so of two that make the next one the slower looks again.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::mac::SealKey;
use super::{sealed_ids, tail_begins, tail_ends};
use crate::auth::SecretKey;
use crate::model::audit::AuditRow;
use crate::model::audit_seal::{AuditHead, AuditSeal, SealEntry};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{Clock, EventId, TenantId, Timestamp};
use crate::storage::{Storage, StorageError, Taken};

const EVERY: Duration = Duration::from_secs(60);
/// After so many rounds every tenant is looked at: those, too, whose server was killed before it sealed.
const SWEEP: u32 = 60;
/// Events that a seal covers at the most.
const EVENTS: i64 = 1000;
/// Pages of events that are looked at in one visit to a tenant: no tenant keeps the others waiting.
const PAGES: usize = 100;
/// How often a visit begins again because another server was faster.
const TRIES: usize = 4;

/// Seals audit events. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    storage: Storage,
    clock: Clock,
    key: SealKey,
}

/// What one visit to a tenant did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// How many events it sealed.
    pub sealed: usize,
    /// Whether more may be left.
    pub more: bool,
    /// The head that it made, where it sealed anything.
    pub head: Option<AuditHead>,
}

/// The place in the chain behind which the next seal comes.
struct Link {
    number: i64,
    mac: [u8; 32],
    horizon: Option<Timestamp>,
}

impl Sealer {
    /// A sealer that has not begun.
    pub fn new(storage: Storage, clock: Clock, key: &SecretKey) -> Self {
        Self { storage, clock, key: SealKey::new(key) }
    }

    /// Seals what a tenant's log holds by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn seal_tenant(&self, tenant: TenantId) -> Result<Visit, StorageError> {
        let mut done = Visit::default();
        for _ in 0..TRIES {
            match self.visit(tenant, &mut done).await {
                Ok(()) => return Ok(done),
                Err(StorageError::Taken(Taken::Seal) | StorageError::Raced) => {}
                Err(error) => return Err(error),
            }
        }
        // Whoever was faster each time is sealing the same events.
        done.more = true;
        Ok(done)
    }

    async fn visit(&self, tenant: TenantId, done: &mut Visit) -> Result<(), StorageError> {
        let now = self.clock.now();
        // Read before what it covers: a seal that is made after this takes the next number, and is noticed by that.
        let mut link = self.link(tenant).await?;
        let end = tail_ends(now);
        let mut next = tail_begins(link.horizon, now);
        let sealed = sealed_ids(&self.storage, tenant, next, end).await?;
        for _ in 0..PAGES {
            let page = self.storage.audit_events_from(tenant, next, EVENTS).await?;
            let is_last = page.len() < usize::try_from(EVENTS).unwrap_or(usize::MAX);
            let newest = page.last().map(|row| row.id);
            let unsealed: Vec<AuditRow> =
                page.into_iter().filter(|row| row.id < end && !sealed.contains(&row.id)).collect();
            if !unsealed.is_empty() {
                let seal = self.next_seal(tenant, &link, &unsealed, now);
                done.head = Some(self.commit(tenant, &seal).await?);
                done.sealed += unsealed.len();
                link = Link { number: seal.number, mac: seal.mac, horizon: Some(seal.horizon) };
            }
            match newest {
                Some(newest) if !is_last && newest < end => next = after(newest),
                _ => {
                    done.more = false;
                    return Ok(());
                }
            }
        }
        done.more = true;
        Ok(())
    }

    /// What the next seal follows. Where the head shows that seals were removed, it follows the head, and where the head is
    /// gone or made up, a number is left out: either way the gap stays for [`Report`](super::Report) to find.
    async fn link(&self, tenant: TenantId) -> Result<Link, StorageError> {
        let mut head = self.storage.audit_head(tenant).await?;
        let last = self.storage.last_audit_seal(tenant).await?;
        if head.is_none() && last.is_some() {
            // The first seal may have been made between the two.
            head = self.storage.audit_head(tenant).await?;
        }
        let horizon = last.as_ref().map(|last| last.horizon);
        let (number, mac) = last.map_or((0, [0; 32]), |last| (last.number, last.mac));
        let (number, mac) = match head {
            None if number == 0 => (number, mac),
            Some(head) if self.key.proves(tenant, &head) => {
                if head.number > number {
                    (head.number, head.mac)
                } else {
                    (number, mac)
                }
            }
            _ => {
                tracing::error!(%tenant, "the audit log's head was tampered with; `provost audit verify` says more");
                (number.saturating_add(1), mac)
            }
        };
        Ok(Link { number, mac, horizon })
    }

    fn next_seal(&self, tenant: TenantId, link: &Link, rows: &[AuditRow], now: Timestamp) -> AuditSeal {
        let entries: Vec<SealEntry> =
            rows.iter().map(|row| SealEntry { id: row.id, digest: self.key.digest(tenant, row) }).collect();
        let nil = EventId::first_of(Timestamp(0));
        let newest = entries.last().map_or(nil, |entry| entry.id);
        let reached = newest.made_at().min(now);
        let mut seal = AuditSeal {
            number: link.number.saturating_add(1),
            previous: link.mac,
            sealed_at: now,
            horizon: link.horizon.map_or(reached, |horizon| horizon.max(reached)),
            oldest: entries.first().map_or(nil, |entry| entry.id),
            newest,
            packed: AuditSeal::pack(&entries),
            mac: [0; 32],
        };
        seal.mac = self.key.seal(tenant, &seal);
        seal
    }

    async fn commit(&self, tenant: TenantId, seal: &AuditSeal) -> Result<AuditHead, StorageError> {
        let head = self.key.head(tenant, seal);
        let mut changes = ChangeSet::new(tenant);
        changes
            .settings
            .push(SettingsChange::SealAudit { seal: Box::new(seal.clone()), head: Box::new(head.clone()) });
        self.storage.commit(changes).await?;
        Ok(head)
    }

    /// Seals what these tenants' logs hold, and gives those that are not done. Each head is logged: it is what an operator
    /// keeps elsewhere, to know later that nothing was cut off.
    pub async fn seal_tenants(&self, tenants: HashSet<TenantId>) -> HashSet<TenantId> {
        let mut left = HashSet::new();
        for tenant in tenants {
            match self.seal_tenant(tenant).await {
                Ok(visit) => {
                    if let Some(head) = visit.head {
                        let (number, events) = (head.number, visit.sealed);
                        tracing::info!(%tenant, seal = number, events, head = %head.text(), "the audit log was sealed");
                    }
                    if visit.more {
                        left.insert(tenant);
                    }
                }
                Err(error) => {
                    tracing::warn!(%tenant, %error, "the audit log could not be sealed");
                    left.insert(tenant);
                }
            }
        }
        left
    }

    /// Begins to seal in the background.
    pub fn start(self) -> SealerTask {
        let (stop, stopped) = watch::channel(false);
        SealerTask { stop, rounds: tokio::spawn(self.rounds(stopped)) }
    }

    async fn rounds(self, mut stopped: watch::Receiver<bool>) {
        let mut interval = interval_at(Instant::now() + EVERY, EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left = HashSet::new();
        for round in 0_u32.. {
            let last = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => true,
                _ = interval.tick() => false,
            };
            left.extend(self.storage.take_audited());
            if round % SWEEP == 0 {
                match self.storage.list_tenants().await {
                    Ok(tenants) => {
                        left.extend(tenants.into_iter().map(|tenant| tenant.id).chain([TenantId::INSTANCE]));
                    }
                    Err(error) => tracing::warn!(%error, "the tenants could not be listed"),
                }
            }
            left = self.seal_tenants(std::mem::take(&mut left)).await;
            if last {
                return;
            }
        }
    }
}

/// A sealer at work.
#[derive(Debug)]
pub struct SealerTask {
    stop: watch::Sender<bool>,
    rounds: JoinHandle<()>,
}

impl SealerTask {
    /// Seals what was written, and ends; `grace` at the longest. What is left is sealed by the next start.
    pub async fn stop(mut self, grace: Duration) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(grace, &mut self.rounds).await.is_err() {
            self.rounds.abort();
            let _ = self.rounds.await;
        }
    }
}

/// The id right behind this one.
pub(super) fn after(id: EventId) -> EventId {
    EventId(uuid::Uuid::from_u128(id.0.as_u128().saturating_add(1)))
}
