//! Firebase's scrypt: scrypt makes a key of the password, and the project's signer key is encrypted with it (AES-256 in
//! counter mode, from zero); the cipher text is the hash. Firebase's export gives the users' hashes and salts, its console
//! the project's parameters; they come together in
//!
//! `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=SIGNER-KEY$SALT$HASH`
//!
//! where `n` is `mem_cost`, `r` is `rounds`, `ss` is `base64_salt_separator`, `sk` is `base64_signer_key`, and salt and hash
//! are `salt` and `passwordHash` of the user, all in base64 as they are exported. `v=1`, `p=1` and `ss` may be left out.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use scrypt::Params;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::framing::{are_named, base64, number, parameter};
use super::scrypt::{derive, parameters};
use super::{ImportError, Reading, Scheme, sized};

/// What of scrypt's output is the cipher's key.
const KEY_BYTES: usize = 32;

struct Firebase {
    params: Params,
    /// With the separator.
    salt: Vec<u8>,
    signer_key: Zeroizing<Vec<u8>>,
    hash: Vec<u8>,
}

pub(super) fn read(text: &str) -> Reading {
    let Some(rest) = text.strip_prefix("$fbscrypt$") else { return Ok(None) };
    let malformed = |problem| ImportError::Malformed { family: "Firebase's scrypt", problem };
    let parts: Vec<&str> = rest.split('$').collect();
    let [said, salt, hash] = parts.as_slice() else {
        return Err(malformed("it does not have the parts parameters, salt and hash"));
    };
    let named = are_named(said, &["v", "n", "r", "p", "ss", "sk"]);
    let numbers = |name| parameter(said, name).map_or(Some(1), number);
    let cost = (|| Some((parameter(said, "n").and_then(number)?, parameter(said, "r").and_then(number)?)))();
    let (Some((log_n, r)), Some(1), Some(p), true) = (cost, numbers("v"), numbers("p"), named) else {
        return Err(malformed("its parameters are not v=1, n, r, p, ss and sk"));
    };
    let signer_key = parameter(said, "sk").and_then(|key| sized(base64(key)));
    let signer_key = signer_key.ok_or_else(|| malformed("its sk is not 16 to 128 bytes in base64"))?;
    let separator = parameter(said, "ss").map_or_else(|| Some(Vec::new()), base64);
    let salt = base64(salt).zip(separator).map(|(salt, separator)| [salt, separator].concat());
    let salt = salt.ok_or_else(|| malformed("its salt or ss is not base64"))?;
    let hash = base64(hash).filter(|hash| hash.len() == signer_key.len());
    let hash = hash.ok_or_else(|| malformed("its hash is not as many bytes in base64 as sk"))?;
    let params = parameters(log_n, r, p)?;
    Ok(Some(Box::new(Firebase { params, salt, signer_key: signer_key.into(), hash })))
}

impl Scheme for Firebase {
    fn matches(&self, password: &[u8]) -> bool {
        let Some(key) = derive(&self.params, password, &self.salt, KEY_BYTES) else { return false };
        let Ok(mut cipher) = Ctr128BE::<Aes256>::new_from_slices(&key, &[0; 16]) else { return false };
        let mut encrypted = self.signer_key.clone();
        cipher.apply_keystream(&mut encrypted);
        encrypted.ct_eq(&self.hash).into()
    }
}
