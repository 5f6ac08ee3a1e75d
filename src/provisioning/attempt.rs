//! Optimistic writing: decide on what was read, write only if it still stands, else decide again.

use std::future::Future;
use std::time::Duration;

use super::ProvisioningError;
use crate::storage::StorageError;

/// How often a use case is decided again before the client is told to come back. Changes to one resource take turns
/// within a process, so only other processes can win a race, and each race has a winner.
const ATTEMPTS: u32 = 12;

/// Runs a use case until it is neither stale nor raced.
pub(super) async fn attempt<T, F, Fut>(mut use_case: F) -> Result<T, ProvisioningError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ProvisioningError>>,
{
    for round in 0..ATTEMPTS {
        match use_case().await {
            Err(ProvisioningError::Storage(StorageError::Stale | StorageError::Raced)) => {
                // Losers come back after different times, so that they do not meet again.
                let pause = u64::from(round) * 2 + u64::from(std::process::id() % 3);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            decided => return decided,
        }
    }
    Err(ProvisioningError::Contended)
}
