//! How much, and for how long, a request may send.

use std::time::Duration;

use tokio::time::Instant;

/// What a request's body may cost. [`read_json`](crate::http::payload::read_json) keeps to it.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Bytes a body may have.
    pub max_bytes: usize,
    /// How long no byte may arrive before the request is given up.
    pub idle: Duration,
    /// When the whole body must have arrived; the request's own deadline.
    pub deadline: Instant,
}

impl BodyLimits {
    /// The deadline for the next bytes.
    pub(crate) fn next_deadline(&self) -> Instant {
        self.deadline.min(Instant::now() + self.idle)
    }
}

impl Default for BodyLimits {
    /// The limits of a server that was told nothing: 1 MiB, 10 seconds without a byte, 30 seconds in all.
    fn default() -> Self {
        Self {
            max_bytes: 1 << 20,
            idle: Duration::from_secs(10),
            deadline: Instant::now() + Duration::from_secs(30),
        }
    }
}
