//! Makes tampering with the audit log show.
//!
//! A sealer takes the events that no seal covers yet, notes the id and a keyed digest of each, and chains these seals by
//! HMAC-SHA-256 with a key that is kept outside the database. Whoever can write to the database, but does not have the
//! key, cannot change, remove or insert an event that is older than the last seal without being found.
//!
//! Transactions commit in another order than ids are made, so a seal covers a set of ids and not all that come before
//! one. What is not sealed yet is the tail: as a rule the events of the last minute. An event that is in no seal although
//! the log was sealed [`LATEST_MS`] beyond it was not written by a server.
//!
//! What the database alone cannot show is that the last seals, their events and the head were all put back to an earlier
//! state. Each head is therefore logged, and compared by `provost audit verify --head`.

mod mac;
mod sealer;
mod verify;

pub use sealer::{Sealer, SealerTask};
pub use verify::{Finding, Report, Tail};

use std::collections::HashSet;

use crate::model::{EventId, TenantId, Timestamp};
use crate::storage::{Storage, StorageError};

/// How much later than its id was made an event may come to light, and how far the servers' clocks may be apart. A
/// request lives for half a minute.
pub const LATEST_MS: i64 = 15 * 60 * 1000;

/// Seals that are read at once.
const SEALS: i64 = 32;

/// The oldest event that may still lack a seal where the last one reaches up to `horizon`.
fn tail_begins(horizon: Option<Timestamp>, now: Timestamp) -> EventId {
    // A clock that once ran ahead must not hide the time until it is reached again.
    let begins = horizon.map_or(0, |horizon| horizon.min(now).0.saturating_sub(LATEST_MS));
    EventId::first_of(Timestamp(begins))
}

/// The first id that no server can have made by now.
fn tail_ends(now: Timestamp) -> EventId {
    EventId::first_of(Timestamp(now.0.saturating_add(LATEST_MS)))
}

/// Which ids of a range are in a seal.
async fn sealed_ids(
    storage: &Storage,
    tenant: TenantId,
    oldest: EventId,
    newest: EventId,
) -> Result<HashSet<EventId>, StorageError> {
    let mut found = HashSet::new();
    let mut numbers = storage.audit_seals_about(tenant, oldest, newest).await?;
    numbers.sort_unstable();
    let mut read = 0;
    for number in numbers {
        if number <= read {
            continue;
        }
        for seal in storage.audit_seals_after(tenant, number.saturating_sub(1), SEALS).await? {
            read = seal.number;
            found.extend(seal.entries().map(|entry| entry.id).filter(|id| (oldest..=newest).contains(id)));
        }
    }
    Ok(found)
}
