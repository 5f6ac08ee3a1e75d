//! The `userPassword` of LDAP directories (RFC 2307 and what came after it): `{SSHA}`, `{SSHA256}`, `{SSHA512}` and `{SMD5}`
//! are base64 of the digest of password and salt, followed by the salt; `{SHA}`, `{SHA256}`, `{SHA512}` and `{MD5}` have no
//! salt. Names are in either case.

use super::digest::{Algorithm, Salted};
use super::framing::{after_scheme, base64};
use super::{ImportError, Reading};

/// The bytes of a salt at the most.
const LONGEST_SALT: usize = 64;

/// Name, algorithm, and whether there is a salt.
const SCHEMES: [(&str, Algorithm, bool); 8] = [
    ("SSHA", Algorithm::Sha1, true),
    ("SSHA256", Algorithm::Sha256, true),
    ("SSHA512", Algorithm::Sha512, true),
    ("SMD5", Algorithm::Md5, true),
    ("SHA", Algorithm::Sha1, false),
    ("SHA256", Algorithm::Sha256, false),
    ("SHA512", Algorithm::Sha512, false),
    ("MD5", Algorithm::Md5, false),
];

pub(super) fn read(text: &str) -> Reading {
    let found = SCHEMES
        .into_iter()
        .find_map(|(name, algorithm, salted)| Some((after_scheme(text, name)?, algorithm, salted)));
    let Some((rest, algorithm, salted)) = found else { return Ok(None) };
    let malformed = |problem| ImportError::Malformed { family: "a password of LDAP", problem };
    let bytes = base64(rest).ok_or_else(|| malformed("after its name it is not base64"))?;
    let problem = "it is shorter than its digest";
    let (hash, salt) = bytes.split_at_checked(algorithm.bytes()).ok_or_else(|| malformed(problem))?;
    let fits = if salted { (1..=LONGEST_SALT).contains(&salt.len()) } else { salt.is_empty() };
    if !fits {
        return Err(malformed("its salt is not 1 to 64 bytes, or none for a name without S in front"));
    }
    Ok(Some(Box::new(Salted { algorithm, prefix: Vec::new(), suffix: salt.to_vec(), hash: hash.to_vec() })))
}
