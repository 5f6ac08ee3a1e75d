//! Password hashes that other systems made, read as those systems write them.
//!
//! Each family of hashes is a file that reads its texts into a [`Scheme`]. What has no text of its own elsewhere has one
//! here: plain and salted digests (`digest`), and Firebase's scrypt with the parameters of its project (`firebase`).
//!
//! Comparing takes a worker's time (see `workers`), whoever made the hash. So each family has a bound on its parameters,
//! of about one second on a common core and 256 MiB, as there is for Argon2; what is beyond is refused when it is imported
//! and, should it stand in the database all the same, when it is compared.
//!
//! Other systems hash a password as it was typed; we normalise it first. Both texts are tried where they differ.

mod argon2;
mod bcrypt;
mod digest;
mod error;
mod firebase;
mod framing;
mod ldap;
mod pbkdf2;
mod phpass;
mod scrypt;
mod sha_crypt;

use std::fmt;

pub use error::ImportError;

use super::Password;
use super::hasher::HashError;

/// The longest password that is compared with an imported hash, in bytes.
const MOST_BYTES: usize = 256;

/// The characters of a hash at the most. Firebase's are the longest, with some 250.
pub const LONGEST: usize = 1024;
/// The bytes of a hash at the least: wrong passwords have shorter ones too often.
const SHORTEST_HASH: usize = 16;
/// The bytes of a hash at the most; none of these functions is asked for more.
const LONGEST_HASH: usize = 128;

/// A hash that was read, and can be compared with without exhausting the machine.
pub struct Imported(Box<dyn Scheme>);

/// A way of hashing, with all that a hash says beside.
trait Scheme: Send + Sync {
    /// Whether these are the bytes of the password. The comparison of the hashes takes the same time whatever they are.
    fn matches(&self, password: &[u8]) -> bool;
}

/// What a family reads: nothing where the text is of another family.
type Reading = Result<Option<Box<dyn Scheme>>, ImportError>;

const FAMILIES: [fn(&str) -> Reading; 9] = [
    bcrypt::read,
    argon2::read,
    scrypt::read,
    firebase::read,
    pbkdf2::read,
    sha_crypt::read,
    phpass::read,
    ldap::read,
    digest::read,
];

impl Imported {
    /// Reads the text of a hash. Everything that takes hashes from elsewhere asks this first, and keeps the text as it is.
    ///
    /// # Errors
    /// A text of no known form, or one that breaks its form's rules; parameters that would exhaust the machine.
    pub fn parse(text: &str) -> Result<Self, ImportError> {
        if text.len() > LONGEST {
            return Err(ImportError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(ImportError::Unknown);
        }
        // OpenLDAP's way of naming what the C library's crypt() knows.
        let text = framing::after_scheme(text, "CRYPT").unwrap_or(text);
        for read in FAMILIES {
            if let Some(scheme) = read(text)? {
                return Ok(Self(scheme));
            }
        }
        Err(ImportError::Unknown)
    }

    /// Whether this is the password, as it was typed or in NFKC. A very long one is not: there are schemes that hash the
    /// whole password in each round, so that it would take as many times as long.
    pub fn matches(&self, password: &Password) -> bool {
        password.forms().any(|form| form.len() <= MOST_BYTES && self.0.matches(form.as_bytes()))
    }
}

impl fmt::Debug for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Imported(…)")
    }
}

impl From<ImportError> for HashError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Exhausting(_) => Self::Exhausting,
            _ => Self::Malformed,
        }
    }
}

/// The bytes of a hash, if there are not too few or too many of them.
fn sized(hash: Option<Vec<u8>>) -> Option<Vec<u8>> {
    hash.filter(|bytes| (SHORTEST_HASH..=LONGEST_HASH).contains(&bytes.len()))
}
