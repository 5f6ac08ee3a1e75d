//! Where hashing runs: on threads of its own, behind those that answer requests, a bounded number at a time and behind a
//! bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use super::hasher::HashError;

/// What a client is told to wait at the most.
const LONGEST_WAIT: u64 = 30;
/// By how much the threads step back behind those that answer requests (`nice`, 0 to 19).
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 10;

/// So many at a time, so many that wait; whoever comes beyond is sent away.
#[derive(Debug)]
pub struct Workers {
    /// For those that run and those that wait.
    places: Arc<Semaphore>,
    /// For those that run, one for each thread; who waits is let in in order.
    turns: Arc<Semaphore>,
    jobs: mpsc::Sender<Job>,
    running: u64,
    waiting: u64,
    /// What one takes, in microseconds: the mean, in which the last ones count most.
    pace: Arc<AtomicU64>,
}

type Job = Box<dyn FnOnce() + Send>;

impl Workers {
    /// At least one runs, each on a thread of its own, which ends with the last of the workers.
    ///
    /// # Errors
    /// [`HashError::Failed`]: the operating system gives no thread.
    pub fn new(running: usize, waiting: usize) -> Result<Self, HashError> {
        let running = running.clamp(1, Semaphore::MAX_PERMITS / 2);
        let waiting = waiting.min(Semaphore::MAX_PERMITS / 2);
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..running {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name(format!("password-{number}"));
            thread.spawn(move || work(&queue)).map_err(|error| HashError::Failed(error.to_string()))?;
        }
        Ok(Self {
            places: Arc::new(Semaphore::new(running + waiting)),
            turns: Arc::new(Semaphore::new(running)),
            jobs,
            running: running as u64,
            waiting: waiting as u64,
            pace: Arc::default(),
        })
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
        let (answer, answered) = oneshot::channel();
        let job = move || {
            let _held = (place, turn);
            let begun = Instant::now();
            let outcome = work();
            note(&pace, begun.elapsed());
            // Whoever asked may have left.
            let _ = answer.send(outcome);
        };
        let gone = || HashError::Failed("what hashes passwords has ended".to_owned());
        self.jobs.send(Box::new(job)).map_err(|_ended| gone())?;
        answered.await.map_err(|_dropped| HashError::Failed("hashing a password panicked".to_owned()))
    }

    /// About as long as those that wait now take.
    fn busy(&self) -> HashError {
        let wait = self.pace.load(Ordering::Relaxed).saturating_mul(self.waiting) / self.running;
        let seconds = wait.div_ceil(1_000_000).clamp(1, LONGEST_WAIT);
        HashError::Busy { retry_after: Duration::from_secs(seconds) }
    }
}

/// Does one job after another until nobody can bring any more. What answers requests goes first on a busy machine: a
/// sign-in that takes a moment longer is noticed by nobody, a thousand reads that wait for one are.
fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    // Elsewhere it would be the whole process that steps back. Where it is refused nothing is lost but that.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(STEP_BACK);
    loop {
        // The lock is held while waiting: the others wait for it rather than for a job.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic is told to who asked, by what it drops; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// Two that end at once may note one of them only, which is no harm.
fn note(pace: &AtomicU64, took: Duration) {
    let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let before = pace.load(Ordering::Relaxed);
    let mean = if before == 0 { took } else { before - before / 8 + took / 8 };
    pace.store(mean, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::future::join_all;

    use super::*;

    /// However many come, no more run than may.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn so_many_at_a_time() {
        let workers = Workers::new(2, 100).unwrap();
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(2));
                running.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let outcomes = join_all((0..50).map(|_| workers.run(work()))).await;
        assert_eq!(outcomes, vec![Ok(()); 50]);
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    /// Who no longer waits leaves the queue, but what runs keeps its turn and its place to its end.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_leaves_makes_room_when_the_work_is_done() {
        let workers = Arc::new(Workers::new(1, 1).unwrap());
        let (started, begun) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let runs = {
            let workers = Arc::clone(&workers);
            tokio::spawn(async move {
                let work = move || (started.send(()), released.recv());
                workers.run(work).await.map(|_| ())
            })
        };
        begun.recv().unwrap();
        let waits = {
            let workers = Arc::clone(&workers);
            tokio::spawn(async move { workers.run(|| ()).await })
        };
        while workers.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let busy = HashError::Busy { retry_after: Duration::from_secs(1) };
        assert_eq!(workers.run(|| ()).await, Err(busy));
        // Both go; one of them runs on.
        runs.abort();
        waits.abort();
        assert!(runs.await.unwrap_err().is_cancelled() && waits.await.unwrap_err().is_cancelled());
        assert_eq!((workers.places.available_permits(), workers.turns.available_permits()), (1, 0));
        release.send(()).unwrap();
        assert_eq!(workers.run(|| 7).await, Ok(7));
    }

    /// A panic is an error of the one who asked, and costs no worker.
    #[tokio::test]
    async fn a_panic_takes_nothing_along() {
        let workers = Workers::new(1, 0).unwrap();
        let failed = workers.run(|| -> () { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(HashError::Failed(_))), "{failed:?}");
        assert_eq!(workers.run(|| 7).await, Ok(7));
    }

    /// Who is sent away is told about how long those take that wait.
    #[test]
    fn the_wait_follows_the_pace() {
        let workers = Workers::new(2, 100).unwrap();
        assert_eq!(workers.busy(), HashError::Busy { retry_after: Duration::from_secs(1) });
        note(&workers.pace, Duration::from_millis(100));
        assert_eq!(workers.busy(), HashError::Busy { retry_after: Duration::from_secs(5) });
        note(&workers.pace, Duration::from_secs(10));
        assert_eq!(workers.busy(), HashError::Busy { retry_after: Duration::from_secs(30) });
    }
}
