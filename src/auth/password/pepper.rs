//! Peppers: keys outside the database without which its hashes are of no use to who has stolen it.

use thiserror::Error;
use zeroize::Zeroizing;

use super::Password;
use crate::auth::SecretKey;

const LONGEST_ID: usize = 32;
/// What stands in the place of the current pepper where there is none any more.
const NO_PEPPER: &str = "none";

/// Why something is no pepper.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PepperError {
    #[error("'{0}' is not a pepper's id: use 1 to 32 letters, digits, hyphens and underscores.")]
    Id(String),
    #[error("The pepper '{0}' is given twice.")]
    Twice(String),
    // What stands in the setting is not told: it may be the secret, in the wrong place.
    #[error(
        "The pepper in place {0} is not of the form ID:SECRET, with 1 to 32 letters, digits, hyphens and underscores before the colon."
    )]
    Form(usize),
    #[error(
        "The secret of the pepper in place {0} has to be 32 bytes in base64; `openssl rand -base64 32` makes one."
    )]
    Secret(usize),
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

    /// The peppers as settings hold them: `ID:SECRET` each, with 32 bytes in base64. The first is the current one, unless
    /// it is the word `none`.
    ///
    /// # Errors
    /// What is no pepper, by its place, counted from 1; two peppers of one id.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, PepperError> {
        let has_none = texts.first().is_some_and(|first| first.as_ref().trim() == NO_PEPPER);
        let mut peppers = Vec::new();
        for (place, text) in (1..).zip(texts).skip(usize::from(has_none)) {
            let (id, secret) = text.as_ref().trim().split_once(':').ok_or(PepperError::Form(place))?;
            let key = SecretKey::parse(secret).map_err(|_| PepperError::Secret(place))?;
            peppers.push(Pepper::new(id, key).map_err(|_| PepperError::Form(place))?);
        }
        let mut peppers = peppers.into_iter();
        let current = if has_none { None } else { peppers.next() };
        Self::new(current, peppers.collect())
    }

    /// The id of the pepper that new hashes are made with.
    pub fn current_id(&self) -> Option<&str> {
        self.current().map(Pepper::id)
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
