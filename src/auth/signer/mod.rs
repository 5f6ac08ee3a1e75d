//! Access tokens: JWTs (RFC 7519) that this server signs and others can verify with its public keys (RFC 7517).
//!
//! The keys are the instance's and lie in its database, encrypted. One of them signs; those before it verify for as long
//! as a token of theirs may live. Every server reads them again once a minute, and when it meets a key that it does not
//! know.

mod claims;
mod error;
mod key;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::SecretKey;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::random;
use crate::model::{Clock, SigningKeyId, TenantId, Timestamp};
use crate::storage::{Storage, StorageError, Taken};
use claims::Lifespan;
pub use claims::{AnyClaims, Claims, ClientClaims, ClientGrant, Grant, IssuedClientToken, IssuedToken};
pub use error::{SignerError, TokenError};
use key::Key;

/// The clocks of those who sign and those who verify may differ by so much.
const LEEWAY: Duration = Duration::from_secs(60);
/// How long the keys are believed to be those of the database. A server that missed a rotation signs with the old key for
/// so long.
const BELIEVED: Duration = Duration::from_secs(60);
/// How old the published keys may be: another server that has just got a new one signs with it at once.
const PUBLISHED: Duration = Duration::from_secs(1);
/// How often an unknown key makes the keys be read again, at the most: anybody can name one.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(1);
/// A token's length at the most, which is what servers have room for in a header.
const MAX_BYTES: usize = 8 * 1024;
/// How long an access token lives unless told otherwise.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// What is in every token.
#[derive(Clone, Debug)]
pub struct SignerSettings {
    /// The server's public URL.
    pub issuer: String,
    pub audience: String,
    /// How long an access token lives, in whole seconds.
    pub lifetime: Duration,
}

impl SignerSettings {
    /// Tokens that live for ten minutes.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), audience: audience.into(), lifetime: LIFETIME }
    }
}

/// Makes access tokens and knows its own again. Cheap to clone.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    storage: Storage,
    secret: SecretKey,
    clock: Clock,
    settings: SignerSettings,
    validation: Validation,
    keys: RwLock<Arc<Keys>>,
    /// When the keys were last read, or it was tried; held by the one who reads.
    tried: Mutex<Timestamp>,
}

struct Keys {
    read_at: Timestamp,
    keys: Vec<Key>,
}

impl Keys {
    fn current(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.retired_at.is_none())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads the keys, and makes the first one if there is none. Of servers that start together one makes it.
    ///
    /// # Errors
    /// Keys that another secret key encrypted; the database's failure.
    pub async fn open(
        storage: Storage,
        secret: SecretKey,
        clock: Clock,
        settings: SignerSettings,
    ) -> Result<Self, SignerError> {
        let now = clock.now();
        let inner = Inner {
            validation: validation(&settings),
            keys: RwLock::new(Arc::new(Keys { read_at: now, keys: Vec::new() })),
            tried: Mutex::new(now),
            storage,
            secret,
            clock,
            settings,
        };
        let signer = Self(Arc::new(inner));
        signer.0.read_now().await?;
        Ok(signer)
    }

    /// Makes a token.
    ///
    /// # Errors
    /// A custom claim whose name is taken, more claims than a token has room for, or keys that cannot be read.
    pub async fn issue(&self, grant: Grant) -> Result<IssuedToken, SignerError> {
        if let Some(name) = grant.reserved_claim() {
            return Err(SignerError::ReservedClaim(name.to_owned()));
        }
        let claims = self.0.claims(grant);
        Ok(IssuedToken { text: self.sign("JWT", &claims).await?, claims })
    }

    /// Makes a token for a client.
    ///
    /// # Errors
    /// Keys that cannot be read.
    pub async fn issue_for_client(&self, grant: ClientGrant) -> Result<IssuedClientToken, SignerError> {
        let claims = self.0.client_claims(grant);
        Ok(IssuedClientToken { text: self.sign("at+jwt", &claims).await?, claims })
    }

    /// A client's token is one of RFC 9068, whose type its header names (§2.1); a user's is the server's own.
    async fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignerError> {
        let keys = self.0.believed().await?;
        let key = keys.current().ok_or(SignerError::NoKey)?;
        let (typ, kid) = (Some(typ.to_owned()), Some(key.id.to_string()));
        let header = Header { typ, kid, ..Header::new(Algorithm::EdDSA) };
        let text = jsonwebtoken::encode(&header, claims, &key.signing)
            .map_err(|error| SignerError::Sign(error.to_string()))?;
        if text.len() > MAX_BYTES {
            return Err(SignerError::TooLarge(text.len()));
        }
        Ok(text)
    }

    /// The claims of a user's token that this instance made, for this audience, and that has not expired.
    ///
    /// # Errors
    /// Why it is not believed; or that the keys cannot be read.
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.read(token).await
    }

    /// The same of a user's token or a client's.
    ///
    /// # Errors
    /// Why it is not believed; or that the keys cannot be read.
    pub async fn verify_any(&self, token: &str) -> Result<AnyClaims, TokenError> {
        self.read(token).await
    }

    async fn read<C: DeserializeOwned + Lifespan>(&self, token: &str) -> Result<C, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Malformed);
        }
        let header = jsonwebtoken::decode_header(token)?;
        if header.alg != Algorithm::EdDSA {
            return Err(TokenError::Algorithm);
        }
        let id = header.kid.and_then(|kid| kid.parse().ok()).ok_or(TokenError::UnknownKey)?;
        let keys = self.0.keys_with(id).await?;
        let now = self.0.clock.now();
        let key = keys.keys.iter().find(|key| key.id == id).filter(|key| self.0.verifies(key, now));
        let key = key.ok_or(TokenError::UnknownKey)?;
        let claims: C = jsonwebtoken::decode(token, &key.verifying, &self.0.validation)?.claims;
        let leeway = milliseconds(LEEWAY);
        let (iat, exp) = claims.lifespan();
        if now.0 >= exp.saturating_mul(1000).saturating_add(leeway) {
            return Err(TokenError::Expired);
        }
        if iat.saturating_mul(1000) > now.0.saturating_add(leeway) {
            return Err(TokenError::NotYetValid);
        }
        Ok(claims)
    }

    /// Puts a new key in the place of the one that signs, which goes on to verify what it has signed. If somebody else
    /// does so at the same time, theirs is the new key.
    ///
    /// # Errors
    /// No randomness, or the database's failure.
    pub async fn rotate(&self) -> Result<SigningKeyId, SignerError> {
        let inner = &self.0;
        let keys = inner.read_now().await?;
        let current = keys.current().ok_or(SignerError::NoKey)?.id;
        let at = inner.clock.now();
        let new = Key::generate(&inner.secret, at)?;
        let retire = SettingsChange::RetireSigningKey { id: current, at };
        inner.write(vec![retire, SettingsChange::InsertSigningKey(Box::new(new))]).await?;
        let keys = inner.read_now().await?;
        Ok(keys.current().ok_or(SignerError::NoKey)?.id)
    }

    /// The public keys, as a JWK Set (RFC 7517 §5): the one that signs, and those whose tokens may still live.
    ///
    /// # Errors
    /// Keys that cannot be read.
    pub async fn jwks(&self) -> Result<Value, SignerError> {
        let keys = self.0.read_within(PUBLISHED).await?;
        let now = self.0.clock.now();
        let public: Vec<_> =
            keys.keys.iter().filter(|key| self.0.verifies(key, now)).map(|key| &key.public).collect();
        Ok(json!({ "keys": public }))
    }

    /// How long a token lives.
    pub fn lifetime(&self) -> Duration {
        self.0.settings.lifetime
    }
}

impl Inner {
    fn claims(&self, grant: Grant) -> Claims {
        let iat = self.clock.now().0.div_euclid(1000);
        Claims {
            iss: self.settings.issuer.clone(),
            sub: grant.user_id,
            aud: self.settings.audience.clone(),
            exp: iat + milliseconds(self.settings.lifetime) / 1000,
            iat,
            jti: random::uuid_v7(),
            sid: grant.session_id,
            tenant_id: grant.tenant_id,
            roles: grant.roles,
            permissions: grant.permissions,
            amr: grant.amr,
            auth_time: grant.auth_time.0.div_euclid(1000),
            custom: grant.custom,
        }
    }

    fn client_claims(&self, grant: ClientGrant) -> ClientClaims {
        let iat = self.clock.now().0.div_euclid(1000);
        ClientClaims {
            iss: self.settings.issuer.clone(),
            sub: grant.client_id.clone(),
            aud: self.settings.audience.clone(),
            exp: iat + milliseconds(self.settings.lifetime) / 1000,
            iat,
            jti: random::uuid_v7(),
            client_id: grant.client_id,
            tenant_id: grant.tenant_id,
            scope: grant.scope,
            permissions: grant.permissions,
        }
    }

    /// How long a key verifies after it was retired: as long as the last token lives that it may have signed.
    fn overlap(&self) -> i64 {
        milliseconds(self.settings.lifetime) + milliseconds(BELIEVED) + milliseconds(LEEWAY)
    }

    fn verifies(&self, key: &Key, now: Timestamp) -> bool {
        key.retired_at.is_none_or(|retired| now.0 < retired.0 + self.overlap())
    }

    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys, read within the last minute.
    async fn believed(&self) -> Result<Arc<Keys>, SignerError> {
        self.read_within(BELIEVED).await
    }

    /// The keys, read within this time.
    async fn read_within(&self, time: Duration) -> Result<Arc<Keys>, SignerError> {
        let known = self.known();
        if self.is_within(known.read_at, time) {
            return Ok(known);
        }
        let mut tried = self.tried.lock().await;
        let known = self.known();
        if self.is_within(known.read_at, time) {
            return Ok(known);
        }
        self.read(&mut tried).await
    }

    /// The keys, read again if this one is not among them.
    async fn keys_with(&self, id: SigningKeyId) -> Result<Arc<Keys>, SignerError> {
        let has = |keys: &Keys| keys.keys.iter().any(|key| key.id == id);
        let known = self.believed().await?;
        if has(&known) {
            return Ok(known);
        }
        let mut tried = self.tried.lock().await;
        let known = self.known();
        if has(&known) || self.is_within(*tried, UNKNOWN_PAUSE) {
            return Ok(known);
        }
        self.read(&mut tried).await
    }

    async fn read_now(&self) -> Result<Arc<Keys>, SignerError> {
        let mut tried = self.tried.lock().await;
        self.read(&mut tried).await
    }

    async fn read(&self, tried: &mut Timestamp) -> Result<Arc<Keys>, SignerError> {
        *tried = self.clock.now();
        let keys = self.load(*tried).await?;
        let keys = match keys.current() {
            Some(_) => keys,
            None => {
                let first = Key::generate(&self.secret, *tried)?;
                self.write(vec![SettingsChange::InsertSigningKey(Box::new(first))]).await?;
                self.load(*tried).await?
            }
        };
        if keys.current().is_none() {
            return Err(SignerError::NoKey);
        }
        let keys = Arc::new(keys);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        Ok(keys)
    }

    async fn load(&self, now: Timestamp) -> Result<Keys, SignerError> {
        let stored = self.storage.list_signing_keys(Timestamp(now.0 - self.overlap())).await?;
        let mut keys = Vec::with_capacity(stored.len());
        for stored in stored {
            match Key::open(&self.secret, &stored) {
                Ok(key) => keys.push(key),
                // Nothing is to be believed that it signs, but the others are good.
                Err(error) if stored.retired_at.is_some() => {
                    tracing::warn!(key = %stored.id, %error, "a retired signing key cannot be used");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Keys { read_at: now, keys })
    }

    /// Writes changes of the keys. That another key signs already is no failure: it will be read.
    async fn write(&self, settings: Vec<SettingsChange>) -> Result<(), SignerError> {
        let mut changes = ChangeSet::new(TenantId::INSTANCE);
        changes.settings = settings;
        match self.storage.commit(changes).await {
            Ok(()) | Err(StorageError::Taken(Taken::SigningKey)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether `then` is no longer ago than this. A clock that was set back makes everything long ago.
    fn is_within(&self, then: Timestamp, time: Duration) -> bool {
        (0..milliseconds(time)).contains(&(self.clock.now().0 - then.0))
    }
}

/// Everything but times, which are compared with the clock that was handed in.
fn validation(settings: &SignerSettings) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.required_spec_claims = HashSet::from(["iss", "aud", "sub"].map(str::to_owned));
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[&settings.audience]);
    validation
}

fn milliseconds(time: Duration) -> i64 {
    // Room is left to add to it.
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 8)
}
