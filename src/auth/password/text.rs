//! A password as it was typed in.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::model::PasswordPolicy;

/// A password in NFKC, so that it is the same one on every keyboard (NIST SP 800-63B §3.1.1.2). `Debug` does not show it,
/// and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Password {
    normalised: Zeroizing<String>,
    /// As it was typed, where that is another text: other systems may have hashed it so.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// Normalises a text. One that is too long to be a password stays as it is: NFKC can make it many times longer.
    pub fn new(text: &str) -> Self {
        if text.len() > PasswordPolicy::MAX_BYTES {
            return Self { normalised: Zeroizing::new(text.to_owned()), typed: None };
        }
        // With room enough no text is left behind where it was before it grew.
        let mut normalised = Zeroizing::new(String::with_capacity(4 * text.len()));
        normalised.extend(text.nfkc());
        let typed = (*normalised != text).then(|| Zeroizing::new(text.to_owned()));
        Self { normalised, typed }
    }

    /// The text in NFKC, to be checked or hashed.
    pub fn expose(&self) -> &str {
        &self.normalised
    }

    /// The texts that somebody else may have hashed for this password: in NFKC, and as it was typed where that differs.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        let typed = self.typed.as_ref().map(|typed| typed.as_str());
        std::iter::once(self.expose()).chain(typed)
    }

    /// Whether no password is this long, whatever a policy says.
    pub fn is_too_long(&self) -> bool {
        self.normalised.len() > PasswordPolicy::MAX_BYTES
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
