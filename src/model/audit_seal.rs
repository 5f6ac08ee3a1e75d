//! Seals on the audit log: which events there were, and a digest of each, chained so that none can be taken out unseen.
//! Plain data; `provisioning::audit` makes and checks them.

use std::fmt::Write as _;

use uuid::Uuid;

use super::clock::Timestamp;
use super::ids::EventId;

/// Bytes of an id and of a digest, in [`AuditSeal::entries`].
const PART: usize = 16;

/// An event that a seal covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealEntry {
    pub id: EventId,
    /// The first half of an HMAC-SHA-256 of the row.
    pub digest: [u8; PART],
}

/// One link of a tenant's chain of seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSeal {
    /// Counts up from 1.
    pub number: i64,
    /// The `mac` of the seal before; zeros in the first one.
    pub previous: [u8; 32],
    pub sealed_at: Timestamp,
    /// How far the log was sealed by then: the newest id's time, of this seal and of all before.
    pub horizon: Timestamp,
    pub oldest: EventId,
    pub newest: EventId,
    /// See [`AuditSeal::entries`].
    pub packed: Vec<u8>,
    /// HMAC-SHA-256 of all this.
    pub mac: [u8; 32],
}

impl AuditSeal {
    /// Packs entries: 32 bytes each.
    pub fn pack(entries: &[SealEntry]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(entries.len() * 2 * PART);
        for entry in entries {
            packed.extend_from_slice(entry.id.0.as_bytes());
            packed.extend_from_slice(&entry.digest);
        }
        packed
    }

    /// What the seal covers.
    pub fn entries(&self) -> impl Iterator<Item = SealEntry> {
        let (entries, _) = self.packed.as_chunks::<{ 2 * PART }>();
        entries.iter().filter_map(|entry| {
            let (id, digest) = entry.split_first_chunk::<PART>()?;
            Some(SealEntry { id: EventId(Uuid::from_bytes(*id)), digest: digest.try_into().ok()? })
        })
    }
}

/// Which seal is the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub number: i64,
    pub mac: [u8; 32],
    /// HMAC-SHA-256 of both, so that nobody makes up a head.
    pub proof: [u8; 32],
}

impl AuditHead {
    /// The last seal's `mac` in hexadecimal: what an operator keeps.
    pub fn text(&self) -> String {
        hexadecimal(&self.mac)
    }
}

/// Lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
