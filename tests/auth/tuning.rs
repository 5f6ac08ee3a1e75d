//! Which parameters suit a machine.

use std::time::Duration;

use provost::auth::password::HashParameters;
use provost::auth::password::tuning::{suited, tune};

/// Memory first, then passes, never below OWASP's least or beyond what is bearable.
#[test]
fn parameters_follow_what_the_least_take() {
    let target = Duration::from_millis(250);
    for (least_took, memory_kib, passes) in [
        (Duration::from_secs(2), 19 * 1024, 2),
        (Duration::from_millis(250), 19 * 1024, 2),
        (Duration::from_millis(125), 38 * 1024, 2),
        (Duration::from_millis(50), 64 * 1024, 2),
        (Duration::from_millis(20), 64 * 1024, 7),
        (Duration::from_micros(1), 64 * 1024, 16),
        (Duration::ZERO, 64 * 1024, 16),
    ] {
        let expected = HashParameters { memory_kib, passes, lanes: 1 };
        assert_eq!(suited(least_took, target), expected, "{least_took:?}");
    }
}

/// What is found takes as long as was asked for, within what a busy machine makes of it.
#[test]
fn what_is_found_was_measured() {
    let tuned = tune(Duration::from_millis(1), 1).unwrap();
    assert_eq!(tuned.parameters, HashParameters::default());
    assert!(tuned.took > Duration::from_millis(1), "{tuned:?}");
    assert_eq!(tuned.at_a_time, 1);
}
