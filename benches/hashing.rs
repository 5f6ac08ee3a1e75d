//! Argon2 alone: what the machine can hash at all.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{available_parallelism, scope, sleep};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};

use crate::Failure;

/// Hashes a second on all cores together, each hash as the server makes it.
///
/// # Errors
/// Parameters that Argon2 does not have.
pub fn rate(time: Duration) -> Result<f64, Failure> {
    let parameters = provost::auth::password::HashParameters::default();
    let params = Params::new(parameters.memory_kib, parameters.passes, parameters.lanes, Some(32))
        .map_err(|error| error.to_string())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (done, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    let elapsed = scope(|threads| {
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            threads.spawn(|| {
                let mut hash = [0; 32];
                while !over.load(Ordering::Relaxed) {
                    // A hash that fails is none.
                    if argon2.hash_password_into(b"seventeen purple llamas", &[7; 16], &mut hash).is_ok() {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        sleep(time);
        over.store(true, Ordering::Relaxed);
        began.elapsed()
    });
    Ok(done.load(Ordering::Relaxed) as f64 / elapsed.as_secs_f64())
}
