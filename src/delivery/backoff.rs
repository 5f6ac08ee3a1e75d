//! When to try again, and when to give up.

use crate::model::clock::Timestamp;
use crate::model::random;

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;

/// How long mails are tried.
pub const MAIL_LIFETIME: i64 = 24 * HOUR;

/// Pauses in milliseconds that grow by a factor up to a limit.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: i64,
    factor: i64,
    most: i64,
}

/// A mail server that greylists wants a few minutes; one that is down is soon asked hourly.
pub const MAIL: Backoff = Backoff { first: 30 * SECOND, factor: 2, most: HOUR };
/// Quick at first, for a receiver that restarts, then ever slower: some fifteen attempts in three days.
pub const WEBHOOK: Backoff = Backoff { first: 5 * SECOND, factor: 4, most: 8 * HOUR };

impl Backoff {
    /// When to try again after `attempts` that failed, the last one now; `None` once the time is over. The last attempt
    /// is made when it is, not some time before.
    pub fn next(self, attempts: i64, now: Timestamp, expires_at: Timestamp) -> Option<Timestamp> {
        if now >= expires_at {
            return None;
        }
        let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = self.factor.saturating_pow(exponent).saturating_mul(self.first).min(self.most);
        let next = now.0.saturating_add(jittered(pause));
        Some(Timestamp(next.min(expires_at.0)))
    }
}

/// Between four and six fifths of a pause, so that what failed together does not come back together.
fn jittered(pause: i64) -> i64 {
    // Without randomness pauses are merely even.
    let chance = random::secret_bytes::<2>()
        .map_or(i64::from(u16::MAX) / 2, |bytes| i64::from(u16::from_le_bytes(bytes)));
    pause / 5 * 4 + pause / 5 * 2 * chance / i64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(backoff: Backoff, attempts: i64) -> i64 {
        backoff.next(attempts, Timestamp(0), Timestamp(i64::MAX)).unwrap().0
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_are_not_even() {
        let near = |pause: i64, of: i64| (of * 4 / 5..=of * 6 / 5).contains(&pause);
        for (attempts, seconds) in
            [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (20, 3600), (i64::MAX, 3600)]
        {
            assert!(near(pause(MAIL, attempts), seconds * SECOND), "{attempts}");
        }
        for (attempts, seconds) in [(1, 5), (2, 20), (4, 320), (7, 20_480), (8, 28_800), (100, 28_800)] {
            assert!(near(pause(WEBHOOK, attempts), seconds * SECOND), "{attempts}");
        }
        let several: std::collections::BTreeSet<i64> = (0..20).map(|_| pause(MAIL, 8)).collect();
        assert!(several.len() > 10, "{several:?}");
    }

    #[test]
    fn the_last_attempt_is_made_when_the_time_is_over() {
        let end = Timestamp(1000);
        assert_eq!(MAIL.next(1, Timestamp(999), end), Some(end));
        assert_eq!(MAIL.next(1, end, end), None);
    }
}
