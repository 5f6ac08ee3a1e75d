//! Peppers: keys outside the database without which its hashes are of no use to who has stolen it.

use thiserror::Error;
use zeroize::Zeroizing;

use super::Password;
use crate::auth::SecretKey;

const LONGEST_ID: usize = 32;

/// Why something is no pepper.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PepperError {
    #[error("'{0}' is not a pepper's id: use 1 to 32 letters, digits, hyphens and underscores.")]
    Id(String),
    #[error("The pepper '{0}' is given twice.")]
    Twice(String),
}

/// A key that passwords are keyed with (HMAC-SHA-256) before they are hashed, and the id that it has in the database.
#[derive(Clone, Debug)]
pub struct Pepper {
    id: String,
    key: SecretKey,
}

impl Pepper {
    /// A pepper of this id.
    ///
    /// # Errors
    /// An id that cannot stand in a stored hash.
    pub fn new(id: &str, key: SecretKey) -> Result<Self, PepperError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(allowed) {
            Ok(Self { id: id.to_owned(), key })
        } else {
            Err(PepperError::Id(id.to_owned()))
        }
    }

    /// The pepper's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// HMAC-SHA-256 of the password, which is what deriving a key for a label is.
    pub(super) fn season(&self, password: &Password) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.key.derive(password.expose()).to_vec())
    }
}

/// The pepper that new hashes are made with, if there is one, and those that older hashes were made with.
#[derive(Clone, Debug, Default)]
pub struct Peppers {
    current: Option<Pepper>,
    former: Vec<Pepper>,
}

impl Peppers {
    /// To rotate, the old pepper becomes a former one; to do without from now on, there is no current one.
    ///
    /// # Errors
    /// Two peppers of one id.
    pub fn new(current: Option<Pepper>, former: Vec<Pepper>) -> Result<Self, PepperError> {
        let peppers = Self { current, former };
        let ids: Vec<&str> = peppers.all().map(Pepper::id).collect();
        for (position, id) in ids.iter().enumerate() {
            if ids.iter().take(position).any(|before| before == id) {
                return Err(PepperError::Twice((*id).to_owned()));
            }
        }
        Ok(peppers)
    }

    pub(super) fn current(&self) -> Option<&Pepper> {
        self.current.as_ref()
    }

    pub(super) fn find(&self, id: &str) -> Option<&Pepper> {
        self.all().find(|pepper| pepper.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &Pepper> {
        self.current.iter().chain(&self.former)
    }
}
