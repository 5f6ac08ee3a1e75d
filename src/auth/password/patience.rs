//! How long a wrong password waits for its answer where people's hashes come from other systems: some of those take many
//! times as long to compare with as ours, and an answer that comes sooner would tell that nobody has the name.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest wait, in microseconds.
const LONGEST: u64 = 3_000_000;

/// What the dear ones among imported hashes take, in microseconds, as far as this process has met any. It is waited for
/// without work, and outside of the queue.
#[derive(Debug, Default)]
pub struct Patience(AtomicU64);

impl Patience {
    /// Notes what comparing with an imported hash took. Those that take longer than what is known count
    /// much more than those that are faster, so that cheap ones do not hide dear ones.
    pub fn learn(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST).min(LONGEST);
        let known = self.0.load(Ordering::Relaxed);
        let next = match known {
            0 => micros,
            _ if micros > known => known + (micros - known).div_ceil(4),
            _ => known - (known - micros) / 256,
        };
        // Two that end at once may note one of them only, which is no harm.
        self.0.store(next, Ordering::Relaxed);
    }

    /// What is left to wait for somebody on whom this was spent.
    pub fn left(&self, spent: Duration) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed)).saturating_sub(spent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn nobody_waits_before_an_imported_hash_was_met() {
        assert_eq!(Patience::default().left(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn whoever_spent_less_waits_for_the_rest() {
        let patience = Patience::default();
        patience.learn(ms(300));
        assert_eq!(patience.left(Duration::ZERO), ms(300));
        assert_eq!(patience.left(ms(120)), ms(180));
        assert_eq!(patience.left(ms(301)), Duration::ZERO);
    }

    #[test]
    fn cheap_hashes_do_not_hide_dear_ones() {
        let patience = Patience::default();
        for _ in 0..100 {
            for took in [ms(300), ms(1), ms(1), ms(1)] {
                patience.learn(took);
            }
        }
        assert!(patience.left(Duration::ZERO) > ms(270), "{patience:?}");
    }

    #[test]
    fn nobody_waits_for_ever() {
        let patience = Patience::default();
        patience.learn(Duration::from_secs(3600));
        assert_eq!(patience.left(Duration::ZERO), ms(3_000));
    }
}
