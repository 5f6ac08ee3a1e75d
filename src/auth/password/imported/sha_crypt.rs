//! SHA-crypt, as /etc/shadow has it: `$5$` (SHA-256) and `$6$` (SHA-512), perhaps `rounds=…$`, a salt, and the hash.
//! A password with a NUL is nobody's: crypt(3) would stop there.

use sha_crypt::{PasswordHashRef, PasswordVerifier as _, ShaCrypt};

use super::framing::{CRYPT_DIGITS, number};
use super::{ImportError, Reading, Scheme};

/// About a second. passlib asks for up to 656,000.
const MOST_ROUNDS: u32 = 1_000_000;
/// The specification's own bounds.
const ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=999_999_999;
const SALT_LENGTH: std::ops::RangeInclusive<usize> = 1..=16;

/// The text, which says everything.
struct ShaCrypted(String);

pub(super) fn read(text: &str) -> Reading {
    let (rest, length) = match (text.strip_prefix("$5$"), text.strip_prefix("$6$")) {
        (Some(rest), _) => (rest, 43),
        (_, Some(rest)) => (rest, 86),
        _ => return Ok(None),
    };
    let malformed = |problem| ImportError::Malformed { family: "SHA-crypt", problem };
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        None => (None, rest),
        Some(said) => said.split_once('$').map_or((Some(said), ""), |(rounds, rest)| (Some(rounds), rest)),
    };
    if let Some(rounds) = rounds {
        // crypt(3) would make 1,000 of less; a hash says what was made of it.
        let rounds = number(rounds).filter(|count| ROUNDS.contains(count) && !rounds.starts_with('0'));
        let rounds = rounds.ok_or_else(|| malformed("its rounds are not a number from 1000 to 999999999"))?;
        if rounds > MOST_ROUNDS {
            let bound = format!("SHA-crypt may have at most {MOST_ROUNDS} rounds");
            return Err(ImportError::Exhausting(bound));
        }
    }
    let (salt, hash) =
        rest.split_once('$').ok_or_else(|| malformed("it does not have the parts salt and hash"))?;
    let is_plain = |text: &str| text.bytes().all(|byte| CRYPT_DIGITS.contains(&byte));
    if !SALT_LENGTH.contains(&salt.len()) || !is_plain(salt) {
        return Err(malformed("its salt is not 1 to 16 characters of ./0-9A-Za-z"));
    }
    if hash.len() != length || !is_plain(hash) || PasswordHashRef::new(text).is_err() {
        return Err(malformed("its hash is not 43 ($5$) or 86 ($6$) characters of ./0-9A-Za-z"));
    }
    Ok(Some(Box::new(ShaCrypted(text.to_owned()))))
}

impl Scheme for ShaCrypted {
    fn matches(&self, password: &[u8]) -> bool {
        let Ok(hash) = PasswordHashRef::new(&self.0) else { return false };
        // The hash says which of the two it is.
        ShaCrypt::SHA512.verify_password(password, hash).is_ok() && !password.contains(&0)
    }
}
