//! Where hashing runs: beside the threads that answer requests, a bounded number at a time, behind a bounded queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::hasher::HashError;

/// What a client is told to wait at the most.
const LONGEST_WAIT: u64 = 30;

/// So many at a time, so many that wait; whoever comes beyond is sent away.
#[derive(Debug)]
pub struct Workers {
    /// For those that run and those that wait.
    places: Arc<Semaphore>,
    /// For those that run; who waits is let in in order.
    turns: Arc<Semaphore>,
    running: u64,
    waiting: u64,
    /// What one takes, in microseconds: the mean, in which the last ones count most.
    pace: Arc<AtomicU64>,
}

impl Workers {
    /// At least one runs.
    pub fn new(running: usize, waiting: usize) -> Self {
        let running = running.clamp(1, Semaphore::MAX_PERMITS / 2);
        let waiting = waiting.min(Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(running + waiting)),
            turns: Arc::new(Semaphore::new(running)),
            running: running as u64,
            waiting: waiting as u64,
            pace: Arc::default(),
        }
    }

    /// Runs this when its turn comes. Once it runs it runs to its end, and keeps its turn, whoever still waits for it.
    ///
    /// # Errors
    /// [`HashError::Busy`]: too many wait. [`HashError::Failed`]: it panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_full| self.busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| self.busy())?;
        let pace = Arc::clone(&self.pace);
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            let begun = Instant::now();
            let outcome = work();
            note(&pace, begun.elapsed());
            outcome
        });
        done.await.map_err(|error| HashError::Failed(error.to_string()))
    }

    /// About as long as those that wait now take.
    fn busy(&self) -> HashError {
        let wait = self.pace.load(Ordering::Relaxed).saturating_mul(self.waiting) / self.running;
        let seconds = wait.div_ceil(1_000_000).clamp(1, LONGEST_WAIT);
        HashError::Busy { retry_after: Duration::from_secs(seconds) }
    }
}

/// Two that end at once may note one of them only, which is no harm.
fn note(pace: &AtomicU64, took: Duration) {
    let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let before = pace.load(Ordering::Relaxed);
    let mean = if before == 0 { took } else { before - before / 8 + took / 8 };
    pace.store(mean, Ordering::Relaxed);
}
