//! phpass's portable hashes, as older WordPress (`$P$`) and phpBB (`$H$`) have them: a digit for the rounds, 8 characters of
//! salt, 22 of hash. MD5 of the salt and the password, then of that and the password, two to the power of the digit times.

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;

use super::framing::CRYPT_DIGITS;
use super::{ImportError, Reading, Scheme};

/// Two to the power of 20 rounds take less than a second. passlib makes 2 to the power of 19.
const MOST_ROUNDS: usize = 20;
/// phpass itself has no less and no more.
const ROUNDS: std::ops::RangeInclusive<usize> = 7..=30;
const SALT_BYTES: usize = 8;

struct Phpass {
    /// As a power of two.
    rounds: usize,
    salt: [u8; SALT_BYTES],
    hash: [u8; 16],
}

pub(super) fn read(text: &str) -> Reading {
    let Some(rest) = text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$")) else { return Ok(None) };
    let malformed = |problem| ImportError::Malformed { family: "phpass", problem };
    let problem = "after its name it is not 31 characters of ./0-9A-Za-z";
    let (rounds, rest) = rest.as_bytes().split_first().ok_or_else(|| malformed(problem))?;
    let rounds = value(*rounds).map(usize::from).ok_or_else(|| malformed(problem))?;
    let (salt, hash) = rest.split_first_chunk::<SALT_BYTES>().ok_or_else(|| malformed(problem))?;
    let hash = decode(hash).ok_or_else(|| malformed(problem))?;
    if !ROUNDS.contains(&rounds) {
        return Err(malformed("its rounds are not two to the power of 7 to 30"));
    }
    if rounds > MOST_ROUNDS {
        let bound = format!("phpass may have at most two to the power of {MOST_ROUNDS} rounds");
        return Err(ImportError::Exhausting(bound));
    }
    Ok(Some(Box::new(Phpass { rounds, salt: *salt, hash })))
}

/// What a digit stands for.
fn value(digit: u8) -> Option<u8> {
    CRYPT_DIGITS.iter().position(|known| *known == digit).and_then(|value| u8::try_from(value).ok())
}

/// Four digits are three bytes, the lowest bits first; 16 bytes are 22 digits.
fn decode(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 22 {
        return None;
    }
    let mut bytes = Vec::with_capacity(18);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for (position, digit) in group.iter().enumerate() {
            bits |= u32::from(value(*digit)?) << (6 * position);
        }
        let [first, second, third, _] = bits.to_le_bytes();
        bytes.extend([first, second, third]);
    }
    bytes.first_chunk().copied()
}

impl Scheme for Phpass {
    fn matches(&self, password: &[u8]) -> bool {
        let mut hash = Md5::new().chain_update(self.salt).chain_update(password).finalize();
        for _ in 0..1_u64 << self.rounds {
            hash = Md5::new().chain_update(hash).chain_update(password).finalize();
        }
        hash.ct_eq(&self.hash).into()
    }
}
