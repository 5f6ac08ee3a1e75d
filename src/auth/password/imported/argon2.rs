//! Argon2 as PHC strings (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`, and `$argon2i$`, `$argon2d$`), which is how our own hashes
//! are kept too; and Django's `argon2$argon2id$…`.

use argon2::{Argon2, PasswordVerifier as _};

use super::super::hasher::HashError;
use super::super::stored::{self, Stored};
use super::{ImportError, Reading, Scheme};

pub(super) fn read(text: &str) -> Reading {
    let phc = match text.strip_prefix("argon2") {
        Some(django) => django,
        None => text,
    };
    if !phc.starts_with("$argon2") {
        return Ok(None);
    }
    match Stored::parse(phc) {
        Ok(stored) => Ok(Some(Box::new(stored))),
        Err(HashError::Exhausting) => Err(ImportError::Exhausting(format!(
            "Argon2 may have at most {} KiB, {} passes, {} lanes, and {} KiB times passes",
            stored::MOST_MEMORY,
            stored::MOST_PASSES,
            stored::MOST_LANES,
            stored::MOST_WORK
        ))),
        Err(_) => Err(ImportError::Malformed {
            family: "Argon2",
            problem: "it is not a PHC string with version, m, t, p, a salt of 8 bytes or more, and a hash",
        }),
    }
}

impl Scheme for Stored {
    fn matches(&self, password: &[u8]) -> bool {
        // Algorithm, version and parameters are those of the hash.
        Argon2::default().verify_password(password, &self.hash).is_ok()
    }
}
