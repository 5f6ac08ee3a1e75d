//! scrypt (RFC 7914): `$scrypt$ln=16,r=8,p=1$salt$hash`, which is the PHC string and passlib's; and Django's
//! `scrypt$N$salt$r$p$hash`.

use scrypt::Params;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::framing::{are_named, base64, number, parameter};
use super::{ImportError, Reading, Scheme, sized};

/// N times r times p: 128 bytes each, so 256 MiB, and about a second.
const MOST_WORK: u64 = 1 << 21;

struct Scrypt {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

pub(super) fn read(text: &str) -> Reading {
    let malformed = |problem| ImportError::Malformed { family: "scrypt", problem };
    let parts: Vec<&str> = text.split('$').collect();
    let (cost, salt, hash) = match parts.as_slice() {
        ["", "scrypt", parameters, salt, hash] => {
            let said = |name| parameter(parameters, name).and_then(number);
            let known = are_named(parameters, &["ln", "r", "p"]);
            let cost = known.then(|| Some((said("ln")?, said("r")?, said("p")?))).flatten();
            (cost, base64(salt), hash)
        }
        ["scrypt", n, salt, r, p, hash] => {
            let log_n = number(n).filter(|n| n.is_power_of_two()).map(u32::ilog2);
            let cost = log_n.and_then(|log_n| Some((log_n, number(r)?, number(p)?)));
            (cost, Some(salt.as_bytes().to_vec()), hash)
        }
        ["", "scrypt", ..] | ["scrypt", ..] => {
            return Err(malformed("it does not have the parts parameters, salt and hash"));
        }
        _ => return Ok(None),
    };
    let (log_n, r, p) =
        cost.ok_or_else(|| malformed("its parameters are not ln (or N, a power of two), r and p"))?;
    let salt = salt.ok_or_else(|| malformed("its salt is not base64"))?;
    let hash = sized(base64(hash)).ok_or_else(|| malformed("its hash is not 16 to 128 bytes in base64"))?;
    let params = parameters(log_n, r, p)?;
    Ok(Some(Box::new(Scrypt { params, salt, hash })))
}

/// scrypt's parameters, if they are bearable.
pub(super) fn parameters(log_n: u32, r: u32, p: u32) -> Result<Params, ImportError> {
    let n = 1_u64.checked_shl(log_n).unwrap_or(u64::MAX);
    if n.saturating_mul(u64::from(r)).saturating_mul(u64::from(p)) > MOST_WORK {
        let bound = format!("scrypt's N times r times p may be at most {MOST_WORK}");
        return Err(ImportError::Exhausting(bound));
    }
    let problem = "its parameters are outside what RFC 7914 allows";
    let refused = || ImportError::Malformed { family: "scrypt", problem };
    let log_n = u8::try_from(log_n).ok().filter(|log_n| *log_n > 0).ok_or_else(refused)?;
    Params::new(log_n, r, p).map_err(|_| refused())
}

/// The key that scrypt derives.
pub(super) fn derive(
    params: &Params,
    password: &[u8],
    salt: &[u8],
    bytes: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; bytes]);
    scrypt::scrypt(password, salt, params, &mut key).ok().map(|()| key)
}

impl Scheme for Scrypt {
    fn matches(&self, password: &[u8]) -> bool {
        let key = derive(&self.params, password, &self.salt, self.hash.len());
        key.is_some_and(|key| key.ct_eq(&self.hash).into())
    }
}
