//! Failed sign-ins, counted so that passwords and codes cannot be tried on and on.

use std::net::IpAddr;

use super::clock::Timestamp;
use super::ids::UserId;

/// As many failures in a row are nobody's business.
const FREE: i64 = 5;
/// How long nothing is tried after as many, in milliseconds; it doubles with each that follows.
const FIRST_DELAY: i64 = 1000;
/// The longest that nothing can be tried, in milliseconds: a quarter of an hour.
const LONGEST_DELAY: i64 = 15 * 60 * 1000;
/// After how long a row of failures is over, in milliseconds: a day.
pub const FORGOTTEN_AFTER: i64 = 24 * 60 * 60 * 1000;

/// Of whom failures are counted: a word and what it is of, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoginSubject(String);

impl LoginSubject {
    /// A user, by whatever name.
    pub fn user(id: UserId) -> Self {
        Self(format!("user:{}", id.0.simple()))
    }

    /// A name that somebody signs in by, as the digest of its folded form. It is locked whether anybody has it or not, so
    /// that nobody learns which names there are.
    pub fn name(digest: &[u8; 32]) -> Self {
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("name:{digest}"))
    }

    /// Where somebody comes from: an IPv4 address, or the network that one household has of IPv6 (RFC 6177 §2).
    pub fn address(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(format!("address:{ip}")),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Self(format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        }
    }

    /// The text that the database has.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A row of failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginFailures {
    pub failures: i64,
    /// When the last of them was.
    pub failed_at: Timestamp,
}

impl LoginFailures {
    /// The row with one more failure.
    #[must_use]
    pub fn and(self, now: Timestamp) -> Self {
        let is_over = self.failed_at.0 <= now.0.saturating_sub(FORGOTTEN_AFTER);
        Self { failures: if is_over { 1 } else { self.failures.saturating_add(1) }, failed_at: now }
    }

    /// Until when nothing can be tried; nothing where everything can be at `now`.
    pub fn locked_until(self, now: Timestamp) -> Option<Timestamp> {
        let doubled = u32::try_from(self.failures.checked_sub(FREE)?).ok()?;
        let delay = FIRST_DELAY.checked_shl(doubled.min(20)).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
        let until = Timestamp(self.failed_at.0.saturating_add(delay));
        (now < until).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(failures: i64) -> LoginFailures {
        LoginFailures { failures, failed_at: Timestamp(1_000_000) }
    }

    /// Four are free; from the fifth on each doubles the time, up to a quarter of an hour.
    #[test]
    fn delays_grow() {
        let delay = |failures| {
            let until = failed(failures).locked_until(Timestamp(1_000_000));
            until.map(|until| (until.0 - 1_000_000) / 1000)
        };
        let delays: Vec<_> = [0, 1, 4, 5, 6, 7, 14, 15, 16, 1000, i64::MAX].into_iter().map(delay).collect();
        let seconds = [1, 2, 4, 512, 900, 900, 900];
        assert_eq!(delays[..3], [None; 3]);
        assert_eq!(delays[3..10], seconds.map(Some));
        assert_eq!(failed(5).locked_until(Timestamp(1_001_000)), None);
    }

    /// A day later a row begins anew.
    #[test]
    fn rows_are_forgotten() {
        let last = Timestamp(1_000_000);
        assert_eq!(failed(7).and(Timestamp(last.0 + FORGOTTEN_AFTER - 1)).failures, 8);
        assert_eq!(failed(7).and(Timestamp(last.0 + FORGOTTEN_AFTER)).failures, 1);
        assert_eq!(LoginFailures::default().and(last), failed(1));
    }

    /// One household has many addresses of IPv6, and an IPv4 address may be written as one of them.
    #[test]
    fn addresses_stand_for_networks() {
        let of = |text: &str| LoginSubject::address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::ffff"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_eq!(of("192.0.2.1").as_str(), "address:192.0.2.1");
    }
}
