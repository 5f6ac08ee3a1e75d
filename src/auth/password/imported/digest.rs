//! A digest of the password and, perhaps, a salt, hashed once. Systems of one's own have many of them and no common text, so
//! there is one here:
//!
//! `{digest}ALGORITHM:ENCODING:PLACE:SALT:HASH`
//!
//! - ALGORITHM: `md5`, `sha1`, `sha256` or `sha512`.
//! - ENCODING of HASH: `hex` or `base64`.
//! - PLACE of the salt: `prefix` (it is hashed before the password), `suffix` (after it) or `none`.
//! - SALT: its bytes in hexadecimal digits; empty if there is none.
//!
//! And Django's former `md5$salt$hash` and `sha1$salt$hash`, whose salt is text and comes first.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::framing::{after_scheme, base64, hexadecimal};
use super::{ImportError, Reading, Scheme};

/// The bytes of a salt at the most.
const LONGEST_SALT: usize = 128;

/// What is hashed with.
#[derive(Clone, Copy)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// A digest with its salt, of which one part or both are empty.
pub(super) struct Salted {
    pub algorithm: Algorithm,
    /// What is hashed before the password.
    pub prefix: Vec<u8>,
    /// What is hashed after it.
    pub suffix: Vec<u8>,
    pub hash: Vec<u8>,
}

pub(super) fn read(text: &str) -> Reading {
    let django = [("md5$", Algorithm::Md5), ("sha1$", Algorithm::Sha1)];
    if let Some((rest, algorithm)) =
        django.into_iter().find_map(|(name, algorithm)| Some((text.strip_prefix(name)?, algorithm)))
    {
        let (salt, hash) = rest.split_once('$').ok_or_else(|| malformed("it does not have salt and hash"))?;
        return finished(algorithm, Some("prefix"), salt.as_bytes().to_vec(), hexadecimal(hash));
    }
    let Some(rest) = after_scheme(text, "digest") else { return Ok(None) };
    let parts: Vec<&str> = rest.split(':').collect();
    let [algorithm, encoding, place, salt, hash] = parts.as_slice() else {
        return Err(malformed("it is not {digest}ALGORITHM:ENCODING:PLACE:SALT:HASH"));
    };
    let algorithm = match *algorithm {
        "md5" => Algorithm::Md5,
        "sha1" => Algorithm::Sha1,
        "sha256" => Algorithm::Sha256,
        "sha512" => Algorithm::Sha512,
        _ => return Err(malformed("its algorithm is not md5, sha1, sha256 or sha512")),
    };
    let hash = match *encoding {
        "hex" => hexadecimal(hash),
        "base64" => base64(hash),
        _ => return Err(malformed("its encoding is not hex or base64")),
    };
    let salt = hexadecimal(salt).ok_or_else(|| malformed("its salt is not in hexadecimal digits"))?;
    finished(algorithm, Some(*place).filter(|place| *place != "none"), salt, hash)
}

fn finished(algorithm: Algorithm, place: Option<&str>, salt: Vec<u8>, hash: Option<Vec<u8>>) -> Reading {
    let hash = hash.filter(|hash| hash.len() == algorithm.bytes());
    let hash =
        hash.ok_or_else(|| malformed("its hash is not as long as the algorithm's, or not in its encoding"))?;
    if salt.len() > LONGEST_SALT {
        return Err(malformed("its salt has more than 128 bytes"));
    }
    if place.is_none() != salt.is_empty() {
        return Err(malformed("it has a salt without a place, or a place without a salt"));
    }
    let (prefix, suffix) = match place {
        None | Some("prefix") => (salt, Vec::new()),
        Some("suffix") => (Vec::new(), salt),
        Some(_) => return Err(malformed("the place of its salt is not prefix, suffix or none")),
    };
    Ok(Some(Box::new(Salted { algorithm, prefix, suffix, hash })))
}

fn malformed(problem: &'static str) -> ImportError {
    ImportError::Malformed { family: "a digest", problem }
}

impl Algorithm {
    /// The bytes of a hash.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn hash(self, parts: [&[u8]; 3]) -> Vec<u8> {
        fn hashed<D: Digest>(parts: [&[u8]; 3]) -> Vec<u8> {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            digest.finalize().to_vec()
        }
        match self {
            Self::Md5 => hashed::<Md5>(parts),
            Self::Sha1 => hashed::<Sha1>(parts),
            Self::Sha256 => hashed::<Sha256>(parts),
            Self::Sha512 => hashed::<Sha512>(parts),
        }
    }
}

impl Scheme for Salted {
    fn matches(&self, password: &[u8]) -> bool {
        let hash = self.algorithm.hash([&self.prefix, password, &self.suffix]);
        hash.ct_eq(&self.hash).into()
    }
}
