//! bcrypt: `$2a$`, `$2b$` or `$2y$`, a cost of two digits, 22 characters of salt and 31 of hash; and Django's
//! `bcrypt$$2b$…` and `bcrypt_sha256$$2b$…`.
//!
//! As everywhere, only the first 72 bytes of a password count. A password with a NUL is nobody's: PHP and passlib refuse to
//! hash one, and the C implementations would stop there. The versions differ in the mistakes of their first
//! implementations; PHP's and Python's hash the same under all three names, and so do we.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::framing::{bcrypt_base64, number};
use super::{ImportError, Reading, Scheme};
use crate::model::audit_seal::hexadecimal;

/// A cost of 14 takes about a second, and each one more doubles it.
const MOST_COST: u32 = 14;
/// The least that bcrypt has.
const LEAST_COST: u32 = 4;
/// What counts of a password.
const KEY_BYTES: usize = 72;
const SALT_CHARACTERS: usize = 22;

struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
    /// Whether what is hashed is the SHA-256 of the password, in hexadecimal digits, which has no end at 72 bytes.
    digested: bool,
}

pub(super) fn read(text: &str) -> Reading {
    let django = ["bcrypt_sha256$", "bcrypt$"].into_iter().find_map(|name| text.strip_prefix(name));
    let bare = django.unwrap_or(text);
    if django.is_none() && !bare.starts_with("$2") {
        return Ok(None);
    }
    let malformed = |problem| ImportError::Malformed { family: "bcrypt", problem };
    let version = |name: &&str| bare.starts_with(name);
    if !["$2a$", "$2b$", "$2y$"].iter().any(version) {
        return Err(malformed("its version is not 2a, 2b or 2y"));
    }
    let parts: Vec<&str> = bare.split('$').collect();
    let [_, _, cost, rest] = parts.as_slice() else {
        return Err(malformed("it does not have the three parts version, cost, and salt with hash"));
    };
    let cost = number(cost).filter(|cost_said| cost.len() == 2 && (LEAST_COST..=31).contains(cost_said));
    let cost = cost.ok_or_else(|| malformed("its cost is not a number of two digits from 04 to 31"))?;
    let (salt, hash) = rest.split_at_checked(SALT_CHARACTERS).unwrap_or_default();
    let salt = bcrypt_base64(salt).and_then(|salt| salt.try_into().ok());
    let hash = bcrypt_base64(hash).and_then(|hash| hash.try_into().ok());
    let (Some(salt), Some(hash)) = (salt, hash) else {
        return Err(malformed("its salt and hash are not 53 characters of bcrypt's base64"));
    };
    if cost > MOST_COST {
        return Err(ImportError::Exhausting(format!("bcrypt may have a cost of at most {MOST_COST}")));
    }
    let digested = text.starts_with("bcrypt_sha256$");
    Ok(Some(Box::new(Bcrypt { cost, salt, hash, digested })))
}

impl Scheme for Bcrypt {
    fn matches(&self, password: &[u8]) -> bool {
        if !self.digested {
            return self.is_of(password);
        }
        let digits = Zeroizing::new(hexadecimal(&Sha256::digest(password)));
        self.is_of(digits.as_bytes())
    }
}

impl Bcrypt {
    fn is_of(&self, password: &[u8]) -> bool {
        // The NUL that ends the password is a part of the key, where there is room for it.
        let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
        key.extend(password.iter().chain(&[0]).take(KEY_BYTES));
        let output = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, &key));
        // The last byte is not kept, by anybody.
        let is_same = output.first_chunk().is_some_and(|hash: &[u8; 23]| hash.ct_eq(&self.hash).into());
        is_same && !password.contains(&0)
    }
}
