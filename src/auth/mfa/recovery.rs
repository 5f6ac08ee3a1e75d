//! Recovery codes: `7QK3M-VD0XA-9R2TB-N4WEH`, 100 random bits that stand in once for the code of a lost device.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::model::random::{self, NoRandomness};

/// Crockford's base32: no I, L, O and U, so that nothing is misread.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// A code as its holder has it. It is shown once and never stored; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// How many a user has.
    pub const NUMBER: usize = 10;

    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        // Of 256 values each of the 32 symbols takes 8: all are as likely.
        let bytes = Zeroizing::new(random::secret_bytes::<LENGTH>()?);
        let symbol = |byte: &u8| SYMBOLS.get(usize::from(byte % 32)).copied().map(char::from);
        Ok(Self(Zeroizing::new(bytes.iter().filter_map(symbol).collect())))
    }

    /// Reads one as people type it: in any case, with or without hyphens and spaces, O for 0, and I or L for 1. Nothing for
    /// a text that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut symbols = Zeroizing::new(String::with_capacity(LENGTH));
        for typed in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            let symbol = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let is_one = u8::try_from(symbol).is_ok_and(|byte| SYMBOLS.contains(&byte));
            if !is_one || symbols.len() == LENGTH {
                return None;
            }
            symbols.push(symbol);
        }
        (symbols.len() == LENGTH).then_some(Self(symbols))
    }

    /// The code to be shown, once: four groups of five.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (place, symbol) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(symbol);
        }
        text
    }

    /// What is stored of it: SHA-256. Nobody tries 2¹⁰⁰ codes, so nothing slower is needed, and a code works without the
    /// instance's secret key.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}
