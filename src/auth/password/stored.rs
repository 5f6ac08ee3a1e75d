//! The text of a stored hash: a PHC string, behind the id of its pepper if it has one: `p:2026:$argon2id$v=19$…`.

use argon2::password_hash::phc;
use argon2::{ARGON2D_IDENT, ARGON2I_IDENT, ARGON2ID_IDENT, Params, Version};

use super::hasher::HashError;

/// Memory at the most, in KiB: 256 MiB.
pub const MOST_MEMORY: u32 = 256 * 1024;
/// Passes over the memory at the most.
pub const MOST_PASSES: u32 = 32;
/// Lanes at the most.
pub const MOST_LANES: u32 = 16;
/// Memory times passes at the most, in KiB: a second or so of work.
pub const MOST_WORK: u64 = 1024 * 1024;

/// A hash that was read, and whose parameters are bearable.
#[derive(Debug)]
pub struct Stored {
    pub pepper: Option<String>,
    pub hash: phc::PasswordHash,
    pub params: Params,
}

impl Stored {
    /// Reads the text of a hash.
    ///
    /// # Errors
    /// It is none, or comparing a password with it would take too much.
    pub fn parse(text: &str) -> Result<Self, HashError> {
        let (pepper, phc) = match text.strip_prefix("p:") {
            Some(rest) => {
                let (id, phc) = rest.split_once(':').ok_or(HashError::Malformed)?;
                (Some(id.to_owned()), phc)
            }
            None => (None, text),
        };
        let hash = phc::PasswordHash::new(phc).map_err(|_| HashError::Malformed)?;
        let known = [ARGON2ID_IDENT, ARGON2I_IDENT, ARGON2D_IDENT].contains(&hash.algorithm);
        let salted = hash.salt.as_ref().is_some_and(|salt| salt.len() >= argon2::MIN_SALT_LEN);
        let versioned = hash.version.is_some_and(|version| Version::try_from(version).is_ok());
        if !known || !salted || !versioned || hash.hash.is_none() {
            return Err(HashError::Malformed);
        }
        let params = Params::try_from(&hash).map_err(|_| HashError::Malformed)?;
        if !is_bearable(&params) {
            return Err(HashError::Exhausting);
        }
        Ok(Self { pepper, hash, params })
    }

    /// The text that [`Stored::parse`] reads.
    pub fn text(pepper: Option<&str>, hash: &phc::PasswordHash) -> String {
        match pepper {
            Some(id) => format!("p:{id}:{hash}"),
            None => hash.to_string(),
        }
    }
}

/// Whether a hash with these parameters can be made without exhausting the machine.
pub fn is_bearable(params: &Params) -> bool {
    params.m_cost() <= MOST_MEMORY
        && params.t_cost() <= MOST_PASSES
        && params.p_cost() <= MOST_LANES
        && u64::from(params.m_cost()) * u64::from(params.t_cost()) <= MOST_WORK
}
