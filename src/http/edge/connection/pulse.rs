//! When a connection last did what, so that one timer a connection, set anew only when it runs out, can tell slow,
//! silent and stuck clients from busy ones. A request costs it a few atomic stores.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Milliseconds since the connection began, plus one; 0 means "not now".
type Mark = AtomicU64;

/// What a connection does, written by its socket and its requests, read by its timer.
#[derive(Debug)]
pub(super) struct Pulse {
    born: Instant,
    /// Since when bytes arrive that are not yet a whole request header.
    header_since: Mark,
    /// Since when the client takes nothing of what is written.
    stalled_since: Mark,
    /// When something was last written or answered.
    last_activity: AtomicU64,
    under_way: AtomicU32,
    served: AtomicBool,
    http2: AtomicBool,
    sent_body: AtomicBool,
}

/// How long each state may last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub header: Duration,
    pub stall: Duration,
    pub idle: Duration,
}

/// Why a connection should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// At once: the client is slow or stuck.
    Cut(&'static str),
    /// In good order: nothing happens on it.
    Idle,
}

/// Counts a request as under way until dropped.
pub(super) struct UnderWay<'a>(&'a Pulse);

impl Pulse {
    /// A new connection, from which a request header is awaited.
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            header_since: Mark::new(1),
            stalled_since: Mark::new(0),
            last_activity: AtomicU64::new(0),
            under_way: AtomicU32::new(0),
            served: AtomicBool::new(false),
            http2: AtomicBool::new(false),
            sent_body: AtomicBool::new(false),
        }
    }

    /// The wait for the first request header begins anew (after the TLS handshake).
    pub(super) fn restart(&self) {
        self.header_since.store(self.now(), Relaxed);
    }

    /// Bytes arrived.
    pub(super) fn received(&self) {
        if self.under_way.load(Relaxed) == 0 && self.header_since.load(Relaxed) == 0 {
            self.header_since.store(self.now(), Relaxed);
        }
    }

    /// Bytes left. Before the first request these are the handshake's and do not count.
    pub(super) fn sent(&self) {
        self.stalled_since.store(0, Relaxed);
        if self.served.load(Relaxed) {
            self.header_since.store(0, Relaxed);
            self.last_activity.store(self.now(), Relaxed);
        }
    }

    /// The client's window is full.
    pub(super) fn stalled(&self) {
        if self.stalled_since.load(Relaxed) == 0 {
            self.stalled_since.store(self.now(), Relaxed);
        }
    }

    /// A request header is complete.
    pub(super) fn request(&self, http2: bool, has_body: bool) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Relaxed);
        self.header_since.store(0, Relaxed);
        self.served.store(true, Relaxed);
        self.http2.store(http2, Relaxed);
        self.sent_body.store(has_body, Relaxed);
        UnderWay(self)
    }

    /// Whether bytes of the last request may still be unread.
    pub(super) fn may_have_unread(&self) -> bool {
        self.sent_body.load(Relaxed)
    }

    /// Waits until the connection should end.
    pub(super) async fn watch(&self, patience: &Patience) -> Verdict {
        loop {
            match self.judge(patience) {
                Ok(verdict) => return verdict,
                Err(next_look) => sleep_until(next_look).await,
            }
        }
    }

    /// A verdict, or when to look again: the first moment at which one could be due.
    fn judge(&self, patience: &Patience) -> Result<Verdict, Instant> {
        // On HTTP/2 a ping or a settings frame is no beginning of a header; an idle connection ends by `idle` alone.
        let header =
            if self.http2.load(Relaxed) { None } else { self.deadline(&self.header_since, patience.header) };
        let stall = self.deadline(&self.stalled_since, patience.stall);
        let idle = self.instant(self.last_activity.load(Relaxed)) + patience.idle;
        let now = Instant::now();
        let past = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if past(header) {
            return Ok(Verdict::Cut("no whole request header arrived in time"));
        }
        if past(stall) {
            return Ok(Verdict::Cut("the client does not read its answers"));
        }
        // Before the first request, the time limit of its header is the one that counts.
        let busy = self.under_way.load(Relaxed) > 0 || !self.served.load(Relaxed);
        if !busy && idle <= now {
            return Ok(Verdict::Idle);
        }
        let idle = if busy { now + patience.idle } else { idle };
        let header = header.unwrap_or(now + patience.header);
        let stall = stall.unwrap_or(now + patience.stall);
        Err(header.min(stall).min(idle))
    }

    fn deadline(&self, mark: &Mark, allowed: Duration) -> Option<Instant> {
        match mark.load(Relaxed) {
            0 => None,
            since => Some(self.instant(since) + allowed),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// Never before what was marked, so that nobody is cut off early.
    fn instant(&self, mark: u64) -> Instant {
        self.born + Duration::from_millis(mark)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.last_activity.store(self.0.now(), Relaxed);
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}
