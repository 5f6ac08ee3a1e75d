//! Compares the audit log with its seals. Memory is bounded by a page of events and a few seals, however long the log is;
//! servers may write and seal meanwhile.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use super::mac::SealKey;
use super::sealer::after;
use super::{SEALS, sealed_ids, tail_begins, tail_ends};
use crate::auth::SecretKey;
use crate::model::audit_seal::{AuditHead, AuditSeal};
use crate::model::{EventId, TenantId, Timestamp};
use crate::storage::{Storage, StorageError};

/// Events that are read at once.
const EVENTS: i64 = 2000;
/// Findings that are named; those beyond are counted.
const MOST_FINDINGS: usize = 1000;

/// Something that no server did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// A sealed event is not as it was.
    EventChanged { event: EventId, seal: i64 },
    /// A sealed event is gone.
    EventRemoved { event: EventId, seal: i64 },
    /// An event is in no seal, though the log was sealed beyond its time, or its time has not come yet.
    EventInserted { event: EventId },
    /// Seals are gone.
    SealsRemoved { first: i64, last: i64 },
    /// A seal is not as it was, stands elsewhere in the chain, or is none.
    SealChanged { seal: i64 },
    /// The record of which seal is the last one was changed or removed.
    HeadChanged,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventChanged { event, seal } => {
                write!(f, "Event {event} was changed after it was sealed (seal {seal}).")
            }
            Self::EventRemoved { event, seal } => {
                write!(f, "Event {event} was removed after it was sealed (seal {seal}).")
            }
            Self::EventInserted { event } => write!(
                f,
                "Event {event} was inserted: it is in no seal, and its id is not of the time since the last one."
            ),
            Self::SealsRemoved { first, last } if first == last => write!(f, "Seal {first} was removed."),
            Self::SealsRemoved { first, last } => write!(f, "The seals {first} to {last} were removed."),
            Self::SealChanged { seal } => write!(
                f,
                "Seal {seal} was changed, moved or made up, or the secret key is not the one that it was made with."
            ),
            Self::HeadChanged => {
                write!(f, "The record of which seal is the last one was changed or removed.")
            }
        }
    }
}

/// What is not sealed yet, and could be changed unseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tail {
    pub events: u64,
    /// When the oldest of them was made, in milliseconds since 1970.
    pub since: Option<Timestamp>,
}

/// What was found in a tenant's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub events: u64,
    pub seals: u64,
    /// The last seal's code.
    pub head: Option<[u8; 32]>,
    /// The number of the seal whose code the operator kept, if the chain has it.
    pub kept: Option<i64>,
    pub tail: Tail,
    pub findings: Vec<Finding>,
    /// Findings beyond those that are named.
    pub more: u64,
    /// Events of which nothing can be said, because their seals are gone or were changed.
    pub uncovered: u64,
}

impl Report {
    /// Whether nothing was tampered with, as far as can be seen.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    fn lacks_seals(&self) -> bool {
        let of_seal =
            |finding: &Finding| matches!(finding, Finding::SealsRemoved { .. } | Finding::SealChanged { .. });
        self.findings.iter().any(of_seal)
    }
}

impl Report {
    /// Compares a tenant's log with its seals at `now`. `kept` is the code of a seal that was noted elsewhere.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(
        storage: &Storage,
        key: &SecretKey,
        tenant: TenantId,
        now: Timestamp,
        kept: Option<&[u8; 32]>,
    ) -> Result<Self, StorageError> {
        // Before the seals: the one that it names has to be among them.
        let head = storage.audit_head(tenant).await?;
        let key = SealKey::new(key);
        let report = Self::default();
        let mut chain = Chain { storage, key: &key, tenant, report, last: None, link: Some([0; 32]) };
        chain.walk(head.as_ref(), kept).await?;
        let Chain { mut report, last, .. } = chain;
        report.events(storage, tenant, tail_begins(last, now), tail_ends(now)).await?;
        Ok(report)
    }

    /// Looks for events that are in no seal.
    async fn events(
        &mut self,
        storage: &Storage,
        tenant: TenantId,
        begin: EventId,
        end: EventId,
    ) -> Result<(), StorageError> {
        let lacks_seals = self.lacks_seals();
        let mut next = EventId::first_of(Timestamp(0));
        loop {
            let page = storage.audit_event_ids_from(tenant, next, EVENTS).await?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
            let sealed = sealed_ids(storage, tenant, *first, *last).await?;
            for event in &page {
                self.events += 1;
                if sealed.contains(event) {
                    continue;
                }
                if (begin..end).contains(event) {
                    self.tail.events += 1;
                    self.tail.since.get_or_insert(event.made_at());
                } else if lacks_seals {
                    self.uncovered += 1;
                } else {
                    self.find(Finding::EventInserted { event: *event });
                }
            }
            if *last == EventId(uuid::Uuid::max()) {
                return Ok(());
            }
            next = after(*last);
        }
    }
}

/// A walk along the seals.
struct Chain<'a> {
    storage: &'a Storage,
    key: &'a SealKey,
    tenant: TenantId,
    report: Report,
    /// How far the last seal that is as it was made reaches.
    last: Option<Timestamp>,
    /// What the next seal has to name as the one before it; `None` behind one that is gone or was changed.
    link: Option<[u8; 32]>,
}

impl Chain<'_> {
    async fn walk(&mut self, head: Option<&AuditHead>, kept: Option<&[u8; 32]>) -> Result<(), StorageError> {
        let mut headed = false;
        let mut expected = 1;
        let mut number = i64::MIN;
        loop {
            let page = self.storage.audit_seals_after(self.tenant, number, SEALS).await?;
            let Some(behind) = page.last().map(|seal| seal.number) else { break };
            number = behind;
            for seal in page {
                if seal.number > expected {
                    self.report.find(Finding::SealsRemoved { first: expected, last: seal.number - 1 });
                    self.link = None;
                }
                expected = seal.number.max(expected - 1).saturating_add(1);
                headed |= head.is_some_and(|head| head.number == seal.number && head.mac == seal.mac);
                self.seal(seal, kept).await?;
            }
        }
        let late = match head {
            // The first seal may have been made since the head was looked for.
            None if self.report.seals > 0 => self.storage.audit_head(self.tenant).await?,
            _ => None,
        };
        match (head, late) {
            (Some(head), _) => self.head(head, headed, expected),
            (None, Some(late)) if self.key.proves(self.tenant, &late) => {}
            (None, None) if self.report.seals == 0 => {}
            (None, _) => self.report.find(Finding::HeadChanged),
        }
        Ok(())
    }

    /// Checks a seal by itself, its place in the chain, and the events that it covers.
    async fn seal(&mut self, seal: AuditSeal, kept: Option<&[u8; 32]>) -> Result<(), StorageError> {
        self.report.seals += 1;
        self.report.head = Some(seal.mac);
        if !self.key.fits(self.tenant, &seal) {
            self.report.find(Finding::SealChanged { seal: seal.number });
            self.link = None;
            return Ok(());
        }
        if self.link.is_some_and(|link| link != seal.previous) {
            // This one is as it was made, but behind another: the one before was put in that one's place.
            self.report.find(Finding::SealChanged { seal: seal.number - 1 });
        }
        if kept == Some(&seal.mac) {
            self.report.kept = Some(seal.number);
        }
        self.compare(&seal).await?;
        self.link = Some(seal.mac);
        self.last = Some(seal.horizon);
        Ok(())
    }

    async fn compare(&mut self, seal: &AuditSeal) -> Result<(), StorageError> {
        let ids = seal.entries().map(|entry| entry.id.0).collect();
        let rows = self.storage.audit_events_of(self.tenant, ids).await?;
        let digests: HashMap<EventId, [u8; 16]> =
            rows.iter().map(|row| (row.id, self.key.digest(self.tenant, row))).collect();
        for entry in seal.entries() {
            let (event, seal) = (entry.id, seal.number);
            match digests.get(&event) {
                None => self.report.find(Finding::EventRemoved { event, seal }),
                Some(digest) if *digest != entry.digest => {
                    self.report.find(Finding::EventChanged { event, seal });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether the chain reaches as far as the head says. `next` is the number behind its end.
    fn head(&mut self, head: &AuditHead, headed: bool, next: i64) {
        if !self.key.proves(self.tenant, head) {
            self.report.find(Finding::HeadChanged);
        } else if head.number >= next {
            self.report.find(Finding::SealsRemoved { first: next, last: head.number });
        } else if !headed && !self.report.lacks_seals() {
            self.report.find(Finding::SealChanged { seal: head.number });
        }
    }
}
