//! Hashing passwords, and comparing them with stored hashes: Argon2id (RFC 9106), off the threads that answer requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use thiserror::Error;
use zeroize::Zeroizing;

use super::patience::Patience;
use super::stored::{self, Stored};
use super::workers::Workers;
use super::{Imported, OwnData, Password, Peppers, Violations, policy};
use crate::model::random::{self, NoRandomness};
use crate::model::{PasswordCredential, PasswordHash, PasswordPolicy};

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// How many passwords may wait for a worker, unless told otherwise.
const QUEUE: usize = 64;

/// Why a password was not hashed or compared. Nothing of it, nor of a hash, is said.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HashError {
    #[error("too many passwords are being checked; try again in {} seconds", retry_after.as_secs())]
    Busy { retry_after: Duration },
    #[error("a password has at most {max} bytes", max = PasswordPolicy::MAX_BYTES)]
    TooLong,
    #[error("the stored password hash cannot be read")]
    Malformed,
    #[error("the stored password hash has parameters that would exhaust the machine")]
    Exhausting,
    #[error("the stored password hash was made with the pepper '{0}', which the settings do not have")]
    UnknownPepper(String),
    #[error(
        "Argon2 cannot run with m={} KiB, t={} and p={}; at most {} KiB, {} passes, {} lanes and {} KiB times passes are allowed, and at least 8 KiB a lane",
        .0.memory_kib, .0.passes, .0.lanes, stored::MOST_MEMORY, stored::MOST_PASSES, stored::MOST_LANES, stored::MOST_WORK
    )]
    Parameters(HashParameters),
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

impl From<NoRandomness> for HashError {
    fn from(error: NoRandomness) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Argon2id's parameters. Unless told otherwise they are OWASP's least: 19 MiB, two passes, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashParameters {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for HashParameters {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// How passwords are hashed.
#[derive(Clone, Debug)]
pub struct HasherSettings {
    pub parameters: HashParameters,
    pub peppers: Peppers,
    /// How many hashes are made at a time.
    pub workers: usize,
    /// How many passwords may wait for that.
    pub queue: usize,
}

impl Default for HasherSettings {
    /// OWASP's parameters, no pepper, one hash per core at a time.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            parameters: HashParameters::default(),
            peppers: Peppers::default(),
            workers: cores,
            queue: QUEUE,
        }
    }
}

/// Hashes passwords and compares them. Cheap to clone; all clones share the workers.
#[derive(Clone, Debug)]
pub struct PasswordHasher(Arc<Inner>);

/// A stored hash that was read.
enum Kept {
    Own(Box<Stored>),
    Imported(Imported),
}

impl Kept {
    /// # Errors
    /// A text that is no hash, or one that comparing with would exhaust the machine.
    fn parse(text: &str) -> Result<Self, HashError> {
        // Another system's Argon2 hash is one like ours.
        if text.starts_with("p:") || text.starts_with("$argon2") {
            Ok(Self::Own(Box::new(Stored::parse(text)?)))
        } else {
            Ok(Self::Imported(Imported::parse(text)?))
        }
    }
}

/// What came of a comparison.
struct Compared {
    is_right: bool,
    /// How long it took beside the work that every comparison is.
    besides: Duration,
}

#[derive(Debug)]
struct Inner {
    argon2: Argon2<'static>,
    parameters: HashParameters,
    peppers: Peppers,
    workers: Workers,
    /// What stands for the hash of somebody who has none. No password has it: it was drawn, not made.
    nobodys: Stored,
    patience: Patience,
}

impl PasswordHasher {
    /// A hasher with workers of its own.
    ///
    /// # Errors
    /// Parameters that Argon2 does not have or that would exhaust the machine; no randomness.
    pub fn new(settings: HasherSettings) -> Result<Self, HashError> {
        let HasherSettings { parameters, peppers, workers, queue } = settings;
        let refused = HashError::Parameters(parameters);
        let HashParameters { memory_kib, passes, lanes } = parameters;
        let Ok(params) = Params::new(memory_kib, passes, lanes, Some(HASH_BYTES)) else {
            return Err(refused);
        };
        if !stored::is_bearable(&params) {
            return Err(refused);
        }
        let nobodys = nobodys(&params, peppers.current().map(|pepper| pepper.id().to_owned()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let workers = Workers::new(workers, queue)?;
        let patience = Patience::default();
        Ok(Self(Arc::new(Inner { argon2, parameters, peppers, workers, nobodys, patience })))
    }

    /// [`policy::check`], by the workers if it is going to take long.
    ///
    /// # Errors
    /// [`HashError::Busy`]: whether the password obeys the policy was not looked at.
    pub async fn check(
        &self,
        policy: &PasswordPolicy,
        password: &Password,
        own: &OwnData,
    ) -> Result<Result<(), Violations>, HashError> {
        if policy.min_strength.is_none() {
            return Ok(policy::check(policy, password, own));
        }
        let (policy, password, own) = (policy.clone(), password.clone(), own.clone());
        self.0.workers.run(move || policy::check(&policy, &password, &own)).await
    }

    /// Hashes a password, with a new salt.
    ///
    /// # Errors
    /// [`HashError::Busy`], or a password that is too long.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        if password.is_too_long() {
            return Err(HashError::TooLong);
        }
        let salt = random::secret_bytes::<SALT_BYTES>()?;
        let (inner, password) = (Arc::clone(&self.0), password.clone());
        self.0.workers.run(move || inner.hash(&password, &salt)).await?
    }

    /// Whether this is the password of a stored hash, ours or an imported one. Without one, because there is no such user
    /// or it has no password, the answer is no after the same work; so it is before an error is told. A hash of
    /// another kind, or with other parameters, costs that work as well as its own, so that a cheap one does not tell that
    /// there is somebody; and where this process has met dear ones every no comes as late as theirs.
    ///
    /// # Errors
    /// [`HashError::Busy`], or a stored hash that cannot be used.
    pub async fn verify(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<bool, HashError> {
        let compared = self.compare(password, stored).await?;
        Ok(self.told(&compared).await)
    }

    async fn compare(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Compared, HashError> {
        let (inner, password, stored) = (Arc::clone(&self.0), password.clone(), stored.cloned());
        self.0.workers.run(move || inner.verify(&password, stored.as_ref())).await?
    }

    /// What came of it, when whoever waits for it may know.
    async fn told(&self, compared: &Compared) -> bool {
        if !compared.is_right {
            tokio::time::sleep(self.0.patience.left(compared.besides)).await;
        }
        compared.is_right
    }

    /// By how much every no comes later than Argon2 takes, because comparing with some imported hash takes that long.
    pub fn patience(&self) -> Duration {
        self.0.patience.left(Duration::ZERO)
    }

    /// The same for a user's password, for callers who can do nothing about a hash that cannot be used: nobody has the
    /// password then, and the log says why.
    ///
    /// # Errors
    /// [`HashError::Busy`].
    pub async fn is_password(
        &self,
        password: &Password,
        stored: Option<&PasswordCredential>,
    ) -> Result<bool, HashError> {
        let compared = self.compare_logged(password, stored).await?;
        Ok(self.told(&compared).await)
    }

    async fn compare_logged(
        &self,
        password: &Password,
        stored: Option<&PasswordCredential>,
    ) -> Result<Compared, HashError> {
        match self.compare(password, stored.map(|stored| &stored.hash)).await {
            Err(error @ HashError::Busy { .. }) => Err(error),
            Err(error) => {
                let user = stored.map(|stored| stored.user_id);
                tracing::error!(?user, %error, "a password cannot be compared with its hash");
                Ok(Compared { is_right: false, besides: Duration::ZERO })
            }
            compared => compared,
        }
    }

    /// Whether this is one of these passwords, which whoever asks knows to be a user's.
    ///
    /// # Errors
    /// [`HashError::Busy`].
    pub async fn is_one_of(
        &self,
        password: &Password,
        stored: &[PasswordCredential],
    ) -> Result<bool, HashError> {
        for one in stored {
            if self.compare_logged(password, Some(one)).await?.is_right {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a hash was made in another way than one would be now, as every imported one was that is not Argon2id with
    /// the same parameters: at the next sign-in it is to be made anew.
    pub fn needs_rehash(&self, stored: &PasswordHash) -> bool {
        let current = self.0.peppers.current().map(|pepper| pepper.id());
        Stored::parse(stored.as_str()).map_or(true, |stored| {
            stored.hash.algorithm != ARGON2ID_IDENT
                || stored.hash.version != Some(Version::V0x13.into())
                || stored.params != *self.0.argon2.params()
                || stored.pepper.as_deref() != current
        })
    }

    /// What new hashes are made with.
    pub fn parameters(&self) -> HashParameters {
        self.0.parameters
    }
}

impl Inner {
    fn hash(&self, password: &Password, salt: &[u8]) -> Result<PasswordHash, HashError> {
        let pepper = self.peppers.current();
        let input = self.input(password, pepper.map(|pepper| pepper.id()))?;
        let hash = self.argon2.hash_password_with_salt(&input, salt);
        let hash = hash.map_err(|error| HashError::Failed(error.to_string()))?;
        Ok(PasswordHash::new(Stored::text(pepper.map(|pepper| pepper.id()), &hash)))
    }

    fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Compared, HashError> {
        // Hashing what is too long would take longer than hashing a password.
        let empty = Password::new("");
        let hashable = if password.is_too_long() { &empty } else { password };
        let kept = stored.map(|stored| Kept::parse(stored.as_str())).transpose();
        let (usual, other) = match &kept {
            Ok(Some(Kept::Own(own))) if self.has_pepper_of(own) && own.params == *self.argon2.params() => {
                (Some(&**own), None)
            }
            Ok(other) => (None, other.as_ref()),
            Err(_) => (None, None),
        };
        let is_of_usual = self.is_of(hashable, usual.unwrap_or(&self.nobodys))?;
        let begun = Instant::now();
        let is_right = match other {
            None => usual.is_some() && is_of_usual,
            Some(Kept::Own(own)) if !self.has_pepper_of(own) => {
                return Err(HashError::UnknownPepper(own.pepper.clone().unwrap_or_default()));
            }
            Some(Kept::Own(own)) => self.is_of(hashable, own)?,
            Some(Kept::Imported(imported)) => imported.matches(hashable),
        };
        let besides = begun.elapsed();
        if other.is_some() {
            self.patience.learn(besides);
        }
        kept.map(|_| Compared { is_right: is_right && !password.is_too_long(), besides })
    }

    fn has_pepper_of(&self, own: &Stored) -> bool {
        own.pepper.as_deref().is_none_or(|id| self.peppers.find(id).is_some())
    }

    /// Whether this is the password of an Argon2 hash. One without a pepper may be another system's, which hashed the
    /// password as it was typed.
    fn is_of(&self, password: &Password, own: &Stored) -> Result<bool, HashError> {
        if own.pepper.is_some() {
            let input = self.input(password, own.pepper.as_deref())?;
            return self.matches(&input, &own.hash);
        }
        let mut is_right = false;
        for form in password.forms() {
            is_right |= self.matches(form.as_bytes(), &own.hash)?;
        }
        Ok(is_right)
    }

    /// The bytes that are hashed: the password's, keyed if there is a pepper.
    fn input(&self, password: &Password, pepper: Option<&str>) -> Result<Zeroizing<Vec<u8>>, HashError> {
        match pepper {
            None => Ok(Zeroizing::new(password.expose().as_bytes().to_vec())),
            Some(id) => match self.peppers.find(id) {
                Some(pepper) => Ok(pepper.season(password)),
                None => Err(HashError::UnknownPepper(id.to_owned())),
            },
        }
    }

    fn matches(&self, input: &[u8], hash: &Phc) -> Result<bool, HashError> {
        match self.argon2.verify_password(input, hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(HashError::Failed(error.to_string())),
        }
    }
}

fn nobodys(params: &Params, pepper: Option<String>) -> Result<Stored, HashError> {
    let failed = |error: argon2::password_hash::phc::Error| HashError::Failed(error.to_string());
    let hash = Phc {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(|error| HashError::Failed(error.to_string()))?,
        salt: Some(Salt::new(&random::secret_bytes::<SALT_BYTES>()?).map_err(failed)?),
        hash: Some(Output::new(&random::secret_bytes::<HASH_BYTES>()?).map_err(failed)?),
    };
    Ok(Stored { pepper, hash, params: params.clone() })
}
