//! Which parameters of Argon2id suit a machine: measured, for `provost doctor --tune-argon2`.

use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};

use super::hasher::{HashError, HashParameters};
use super::stored;

/// Each core's worker needs as much, and who guesses on many cores at once is slowed by memory above all (RFC 9106 §4): so
/// memory grows up to here first, then the passes.
const MOST_MEMORY_KIB: u32 = 64 * 1024;
/// OWASP's least is never gone below, however slow the machine.
const LEAST: HashParameters = HashParameters { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
/// How often is measured; the middle one counts.
const MEASUREMENTS: usize = 3;

/// What was found.
#[derive(Clone, Copy, Debug)]
pub struct Tuned {
    pub parameters: HashParameters,
    /// What a hash with them takes here, while every core makes one.
    pub took: Duration,
    pub at_a_time: usize,
}

/// Finds the parameters with which a hash takes about so long while so many are made at a time. Takes a few seconds, and
/// the whole machine.
///
/// # Errors
/// A hash that could not be made, for want of memory.
pub fn tune(target: Duration, at_a_time: usize) -> Result<Tuned, HashError> {
    let least = measure(LEAST, at_a_time)?;
    let parameters = suited(least, target);
    let took = if parameters == LEAST { least } else { measure(parameters, at_a_time)? };
    Ok(Tuned { parameters, took, at_a_time })
}

/// The parameters for this target, where OWASP's least take so long: time goes with memory times passes.
pub fn suited(least_took: Duration, target: Duration) -> HashParameters {
    let work = u128::from(LEAST.memory_kib) * u128::from(LEAST.passes);
    let affordable = work * target.as_micros() / least_took.as_micros().max(1);
    let affordable = u64::try_from(affordable).map_or(stored::MOST_WORK, |work| work.min(stored::MOST_WORK));
    let affordable = u32::try_from(affordable).unwrap_or(u32::MAX);
    let memory = (affordable / LEAST.passes).clamp(LEAST.memory_kib, MOST_MEMORY_KIB);
    let memory_kib = memory / 1024 * 1024;
    let passes = (affordable / memory_kib).clamp(LEAST.passes, stored::MOST_PASSES);
    HashParameters { memory_kib, passes, lanes: LEAST.lanes }
}

/// What one of so many hashes at a time takes.
fn measure(parameters: HashParameters, at_a_time: usize) -> Result<Duration, HashError> {
    let HashParameters { memory_kib, passes, lanes } = parameters;
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let one = || {
        let begun = Instant::now();
        argon2.hash_password_into(b"a password", b"a salt of 16 byt", &mut [0; 32]).map_err(failed)?;
        Ok(begun.elapsed())
    };
    let mut measured = Vec::with_capacity(MEASUREMENTS);
    for _ in 0..MEASUREMENTS {
        let took = thread::scope(|scope| {
            let hashing: Vec<_> = (0..at_a_time.max(1)).map(|_| scope.spawn(one)).collect();
            hashing
                .into_iter()
                .map(|hash| hash.join().unwrap_or(Err(panicked())))
                .collect::<Result<Vec<_>, _>>()
        })?;
        measured.extend(took.into_iter().max());
    }
    measured.sort_unstable();
    Ok(measured.get(MEASUREMENTS / 2).copied().unwrap_or_default())
}

fn failed(error: argon2::Error) -> HashError {
    HashError::Failed(error.to_string())
}

fn panicked() -> HashError {
    HashError::Failed("a thread panicked".to_owned())
}
