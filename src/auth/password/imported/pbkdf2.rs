//! PBKDF2 (RFC 8018) with HMAC of SHA-1, SHA-256 or SHA-512: the PHC string `$pbkdf2-sha256$i=600000,l=32$salt$hash`,
//! passlib's `$pbkdf2-sha256$29000$salt$hash` (`$pbkdf2$…` is SHA-1), and Django's `pbkdf2_sha256$600000$salt$hash`, whose
//! salt is text.

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::digest::Algorithm;
use super::framing::{are_named, base64, number, parameter};
use super::{ImportError, Reading, Scheme, sized};

/// Iterations times blocks of output: a second or so. Django asks for up to one and a half million.
const MOST_WORK: u64 = 2_000_000;

struct Pbkdf2 {
    algorithm: Algorithm,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

pub(super) fn read(text: &str) -> Reading {
    let malformed = |problem| ImportError::Malformed { family: "PBKDF2", problem };
    let is_django = !text.starts_with('$');
    let Some(rest) = text.strip_prefix(if is_django { "pbkdf2" } else { "$pbkdf2" }) else { return Ok(None) };
    let (name, rest) = rest.split_once('$').ok_or_else(|| malformed("it ends after its name"))?;
    let algorithm = match name.strip_prefix(if is_django { '_' } else { '-' }).unwrap_or(name) {
        "sha256" => Algorithm::Sha256,
        "sha512" => Algorithm::Sha512,
        "sha1" | "" => Algorithm::Sha1,
        _ => return Err(malformed("its digest is not sha1, sha256 or sha512")),
    };
    let parts: Vec<&str> = rest.split('$').collect();
    let [cost, salt, hash] = parts.as_slice() else {
        return Err(malformed("it does not have the parts iterations, salt and hash"));
    };
    let hash = sized(base64(hash)).ok_or_else(|| malformed("its hash is not 16 to 128 bytes in base64"))?;
    let salt = if is_django { Some(salt.as_bytes().to_vec()) } else { base64(salt) };
    let salt = salt.ok_or_else(|| malformed("its salt is not base64"))?;
    let iterations = if cost.contains('=') { phc_iterations(cost, hash.len()) } else { number(cost) };
    let iterations = iterations.filter(|count| *count > 0);
    let problem = "its parameters are not a number of iterations, or i with the hash's length as l";
    let iterations = iterations.ok_or_else(|| malformed(problem))?;
    let blocks = hash.len().div_ceil(algorithm.bytes()) as u64;
    if u64::from(iterations) * blocks > MOST_WORK {
        let bound = format!("PBKDF2's iterations times blocks of its hash may be at most {MOST_WORK}");
        return Err(ImportError::Exhausting(bound));
    }
    Ok(Some(Box::new(Pbkdf2 { algorithm, iterations, salt, hash })))
}

/// The `i` of `i=600000,l=32`; `l` has to be the length of the hash where it is said.
fn phc_iterations(parameters: &str, length: usize) -> Option<u32> {
    let is_length = |said: &str| number(said).is_some_and(|said| said as usize == length);
    let fits = are_named(parameters, &["i", "l"]) && parameter(parameters, "l").is_none_or(is_length);
    parameter(parameters, "i").and_then(number).filter(|_| fits)
}

impl Scheme for Pbkdf2 {
    fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new(vec![0; self.hash.len()]);
        let derive = match self.algorithm {
            Algorithm::Sha256 => pbkdf2_hmac::<Sha256>,
            Algorithm::Sha512 => pbkdf2_hmac::<Sha512>,
            Algorithm::Sha1 | Algorithm::Md5 => pbkdf2_hmac::<Sha1>,
        };
        derive(password, &self.salt, self.iterations, &mut key);
        key.ct_eq(&self.hash).into()
    }
}
