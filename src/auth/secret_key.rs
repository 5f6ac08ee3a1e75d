//! The one secret that is kept outside the database: what must not be readable, or forgeable, by whoever reads or writes
//! the database hangs on it. Each use has a key of its own, derived from it (HMAC-SHA-256 of the use's name).

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use thiserror::Error;

use crate::model::random::{self, NoRandomness};

/// XChaCha20-Poly1305's: long enough to be drawn at random.
const NONCE_BYTES: usize = 24;

/// Why the secret key, or something that was encrypted with it, cannot be had.
#[derive(Debug, Error)]
pub enum SecretKeyError {
    #[error("The key file '{}' cannot be read or made: {source}.", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("The key file '{}' may be read by others; make it readable by its owner alone (chmod 600).", .0.display())]
    Open(PathBuf),
    #[error("The secret key has to be 32 bytes in base64; `openssl rand -base64 32` makes one.")]
    Malformed,
    #[error(
        "What was stored cannot be decrypted: it was encrypted with another secret key, or changed since."
    )]
    Undecryptable,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// 32 secret bytes. `Debug` does not show them.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key as settings hold it: 32 bytes in base64.
    ///
    /// # Errors
    /// [`SecretKeyError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, SecretKeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| SecretKeyError::Malformed)?;
        bytes.try_into().map(Self).map_err(|_| SecretKeyError::Malformed)
    }

    /// The key in a file, which is made with a new key, readable by its owner alone, if it is not there.
    ///
    /// # Errors
    /// A file that cannot be read or made, that others may read, or that holds no key.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretKeyError> {
        match read_private(path) {
            Err(SecretKeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => create(path),
            read => read,
        }
    }

    /// The key for one use, named by a label that no other use has.
    pub fn derive(&self, label: &str) -> [u8; 32] {
        // HMAC fills a short key up with zeros to its block of 64 bytes; done here, there is no length to fail.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(label.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Encrypts for one use; `context` says what the text belongs to, and must be the same when it is decrypted.
    ///
    /// # Errors
    /// No randomness.
    pub fn encrypt(&self, label: &str, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SecretKeyError> {
        let nonce = random::secret_bytes::<NONCE_BYTES>()?;
        let sealed = self
            .cipher(label)
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
            .map_err(|_| SecretKeyError::Undecryptable)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SecretKey::encrypt`] made.
    ///
    /// # Errors
    /// [`SecretKeyError::Undecryptable`]: another key, label or context, or a changed text.
    pub fn decrypt(&self, label: &str, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SecretKeyError> {
        let (nonce, sealed) =
            sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SecretKeyError::Undecryptable)?;
        self.cipher(label)
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context })
            .map_err(|_| SecretKeyError::Undecryptable)
    }

    fn cipher(&self, label: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.derive(label)))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

fn read_private(path: &Path) -> Result<SecretKey, SecretKeyError> {
    let failed = |source| SecretKeyError::File { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SecretKeyError::Open(path.to_owned()));
        }
    }
    SecretKey::parse(&text)
}

/// Makes the file whole or not at all; of servers that start together the first one's key is everybody's.
fn create(path: &Path) -> Result<SecretKey, SecretKeyError> {
    let failed = |source| SecretKeyError::File { path: path.to_owned(), source };
    let key = SecretKey(random::secret_bytes()?);
    let draft = path.with_extension(format!("{}.draft", random::uuid_v7().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&draft).and_then(|mut file| {
        writeln!(file, "{}", STANDARD.encode(key.0))?;
        file.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    // Whether it was made or not, the draft is no longer needed; one that stays behind does no harm.
    let _ = fs::remove_file(&draft);
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_private(path),
        Err(error) => Err(failed(error)),
    }
}
