//! What stands out from its own past week. Numbers in, findings out: nothing here asks a clock or a database.

use crate::model::statistics::{ConnectionTraffic, Counter, Hour};

/// Fewer than this never stand out.
const LEAST: i64 = 20;
/// By how many median absolute deviations.
const DEVIATIONS: i64 = 5;
/// How many days of a week are most of them.
const MOST_DAYS: i64 = 4;

/// What an hour of the day usually has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    pub median: i64,
    /// The median of how far the days are from the median.
    pub deviation: i64,
}

/// An hour that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlier {
    pub counter: Counter,
    pub hour: Hour,
    pub count: i64,
    pub usual: Usual,
}

impl Usual {
    /// What the past seven days had at one hour.
    pub fn of(days: [i64; 7]) -> Self {
        let median = median(days);
        Self { median, deviation: median_of_distances(days, median) }
    }

    /// Whether an hour with this count stands out: it has to be at least 20, more than usual, and away from it by five
    /// deviations at least.
    pub fn stands_out(self, count: i64) -> bool {
        count >= LEAST
            && count > self.median
            && count - self.median >= self.deviation.saturating_mul(DEVIATIONS)
    }
}

/// The hours of the week that ends with `now` that stand out, the oldest first. `count` says what an hour had; it is
/// asked for the week before that one too. An hour without a count had nothing.
pub fn outliers(now: Hour, count: impl Fn(Counter, Hour) -> i64) -> Vec<Outlier> {
    let hours = (0..Hour::WEEK).rev().map(|back| now.before(back));
    hours
        .flat_map(|hour| Counter::ALL.map(|counter| (counter, hour)))
        .filter_map(|(counter, hour)| {
            let day = |days: i64| count(counter, hour.before(days * Hour::DAY));
            let usual = Usual::of([1, 2, 3, 4, 5, 6, 7].map(day));
            let count = count(counter, hour);
            usual.stands_out(count).then_some(Outlier { counter, hour, count, usual })
        })
        .collect()
}

/// Whether a connection has gone silent: on most of the past seven days it was heard of at this hour, and now it has not
/// been for 24 hours. The hour that is not over yet does not count as one of them.
pub fn is_silent(traffic: &ConnectionTraffic, now: Hour) -> bool {
    traffic.days >= MOST_DAYS && traffic.last < now.before(Hour::DAY)
}

fn median(mut values: [i64; 7]) -> i64 {
    values.sort_unstable();
    let [_, _, _, middle, ..] = values;
    middle
}

fn median_of_distances(values: [i64; 7], from: i64) -> i64 {
    median(values.map(|value| (value - from).abs()))
}
