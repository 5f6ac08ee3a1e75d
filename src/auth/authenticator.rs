//! From a bearer token to the caller behind it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::future::Cache;
use thiserror::Error;

use super::TokenText;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AccessToken, Clock, Connection, Scopes, TenantId, Timestamp, TokenId};
use crate::storage::{Storage, StorageError};

/// How long a token's record is believed: a revocation works everywhere within this time.
const BELIEVED: Duration = Duration::from_secs(1);
const CACHED_TOKENS: u64 = 10_000;

/// Who calls, and what the credential allows.
#[derive(Clone, Debug)]
pub struct Caller {
    pub tenant_id: TenantId,
    pub connection: Connection,
    /// The connection's name, shared by the audit events of its requests.
    pub connection_name: Arc<str>,
    pub token_id: TokenId,
    pub scopes: Scopes,
}

/// Why a caller is not let in.
#[derive(Clone, Debug, Error)]
pub enum AuthError {
    #[error("The bearer token is not valid: it is unknown, expired or revoked.")]
    Invalid,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Knows callers by their tokens.
#[derive(Clone, Debug)]
pub struct Authenticator {
    storage: Storage,
    clock: Clock,
    known: Cache<[u8; 32], Option<Arc<Known>>>,
    used: Arc<Mutex<HashMap<(TenantId, TokenId), Timestamp>>>,
}

#[derive(Debug)]
struct Known {
    token: AccessToken,
    caller: Arc<Caller>,
}

impl Authenticator {
    /// An authenticator over these tokens.
    pub fn new(storage: Storage, clock: Clock) -> Self {
        let known = Cache::builder().max_capacity(CACHED_TOKENS).time_to_live(BELIEVED).build();
        Self { storage, clock, known, used: Arc::default() }
    }

    /// The caller whose token this is.
    ///
    /// # Errors
    /// [`AuthError::Invalid`], which says the same of unknown, expired and revoked tokens; or the database's failure.
    pub async fn authenticate(&self, bearer: &str) -> Result<Arc<Caller>, AuthError> {
        let token = TokenText::parse(bearer).ok_or(AuthError::Invalid)?;
        let hash = token.hash();
        let known = match self.known.get(&hash).await {
            Some(known) => known,
            // On the heap: the futures of all requests would otherwise have room for it.
            None => Box::pin(self.known.try_get_with(hash, self.look_up(token.tenant_id(), hash)))
                .await
                .map_err(|error: Arc<StorageError>| AuthError::Storage((*error).clone()))?,
        };
        let known = known.ok_or(AuthError::Invalid)?;
        let now = self.clock.now();
        if !known.token.is_live(now) {
            return Err(AuthError::Invalid);
        }
        self.note_use(&known.token, now);
        Ok(Arc::clone(&known.caller))
    }

    async fn look_up(&self, tenant: TenantId, hash: [u8; 32]) -> Result<Option<Arc<Known>>, StorageError> {
        let Some(token) = self.storage.find_token(tenant, &hash).await? else { return Ok(None) };
        let connections = self.storage.list_connections(tenant).await?;
        let Some(connection) =
            connections.into_iter().find(|connection| connection.id == token.connection_id)
        else {
            return Ok(None);
        };
        let caller = Arc::new(Caller {
            tenant_id: tenant,
            connection_name: Arc::from(&*connection.name),
            connection,
            token_id: token.id,
            scopes: token.scopes,
        });
        Ok(Some(Arc::new(Known { token, caller })))
    }

    /// Remembers that a token was used; [`Authenticator::write_uses`] writes it down later.
    fn note_use(&self, token: &AccessToken, now: Timestamp) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert((token.tenant_id, token.id), now);
    }

    /// Writes down when tokens were last used. Called now and then rather than with each request.
    ///
    /// # Errors
    /// The database's; the uses are then lost, which is no harm.
    pub async fn write_uses(&self) -> Result<(), StorageError> {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        for ((tenant, id), at) in used {
            let mut changes = ChangeSet::new(tenant);
            changes.settings.push(SettingsChange::TokenUsed { id, at });
            self.storage.commit(changes).await?;
        }
        Ok(())
    }
}
