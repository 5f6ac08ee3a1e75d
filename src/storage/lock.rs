//! Changes to one resource that depend on what it holds go one after another within this process, so that they do not
//! lose races against each other. Between processes the version guards; see `provisioning::attempt`.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Resource, Storage};

const SHARDS: usize = 1024;

/// A fixed number of locks that resources share by hash.
#[derive(Debug)]
pub(super) struct Locks {
    hasher: RandomState,
    shards: Vec<RwLock<()>>,
}

impl Default for Locks {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }
}

impl Locks {
    fn shard(&self, resource: Resource) -> Option<&RwLock<()>> {
        self.shards.get(self.hasher.hash_one(resource) as usize % SHARDS)
    }
}

impl Storage {
    /// Waits for this process's turn with a resource, alone. Take one at a time: two could wait for each other.
    pub async fn turn(&self, resource: Option<Resource>) -> Option<RwLockWriteGuard<'_, ()>> {
        match resource.and_then(|resource| self.locks.shard(resource)) {
            Some(lock) => Some(lock.write().await),
            None => None,
        }
    }

    /// The same for changes that do not depend on what the resource holds: they go together, but not beside those that do.
    pub async fn shared_turn(&self, resource: Option<Resource>) -> Option<RwLockReadGuard<'_, ()>> {
        match resource.and_then(|resource| self.locks.shard(resource)) {
            Some(lock) => Some(lock.read().await),
            None => None,
        }
    }
}
