//! From a credential to the caller behind it.

mod clients;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::TokenText;
use super::caller::{Caller, Subject, TenantView, permissions_of_scopes};
use super::signer::{AnyClaims, Claims, Signer, SignerError, TokenError};
use super::token_text::Kind;
use crate::mapping::custom::CustomAttributes;
use crate::mapping::user::restore;
use crate::model::change::{ChangeSet, CredentialChange, SettingsChange};
use crate::model::{
    AccessToken, ApiKey, Client, ClientChange, ClientId, Clock, ConnectionId, Counter, KeyId, Permissions,
    Session, Standing, Tenant, TenantId, TenantStatus, Timestamp, TokenId, User, UserId,
};
use crate::storage::{Storage, StorageError};

/// How long what the database says of a credential is believed: a revocation works everywhere within this time.
const BELIEVED: Duration = Duration::from_secs(1);
const CACHED_CREDENTIALS: u64 = 10_000;
const CACHED_TENANTS: u64 = 10_000;

/// Why a caller is not let in.
#[derive(Clone, Debug, Error)]
pub enum AuthError {
    #[error("The bearer token is not valid: it is unknown, expired or revoked.")]
    Invalid,
    #[error("The tenant is suspended; none of its credentials works.")]
    Suspended,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Knows callers by their credentials.
#[derive(Clone, Debug)]
pub struct Authenticator {
    storage: Storage,
    clock: Clock,
    known: Cache<[u8; 32], Option<Arc<Known>>>,
    tenants: Cache<TenantId, Option<Arc<TenantView>>>,
    /// The last view of each tenant: what it holds besides the tenant is read and compiled once a generation.
    compiled: Cache<TenantId, Arc<TenantView>>,
    used: Arc<Mutex<HashMap<(TenantId, CredentialId), Timestamp>>>,
    /// Who knows access tokens; nobody at the command line, where there are none.
    signer: Option<Signer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum CredentialId {
    Token(TokenId),
    Key(KeyId),
    Client(ClientId),
}

#[derive(Debug)]
struct Known {
    credential: Credential,
    caller: Arc<Caller>,
}

#[derive(Debug)]
enum Credential {
    Token(AccessToken),
    Key(ApiKey),
    Session(Session),
    Client(Client),
}

impl Credential {
    fn is_live(&self, now: Timestamp) -> bool {
        match self {
            Self::Token(token) => token.is_live(now),
            Self::Key(key) => key.is_live(now),
            Self::Session(session) => session.is_live(now),
            Self::Client(client) => client.is_live(now),
        }
    }

    /// Under what its uses are written down; those of sessions are not.
    fn id(&self) -> Option<(TenantId, CredentialId)> {
        match self {
            Self::Token(token) => Some((token.tenant_id, CredentialId::Token(token.id))),
            Self::Key(key) => Some((key.tenant_id, CredentialId::Key(key.id))),
            Self::Client(client) => Some((client.tenant_id, CredentialId::Client(client.id))),
            Self::Session(_) => None,
        }
    }
}

impl Authenticator {
    /// An authenticator over these credentials.
    pub fn new(storage: Storage, clock: Clock) -> Self {
        let known = Cache::builder().max_capacity(CACHED_CREDENTIALS).time_to_live(BELIEVED).build();
        let tenants = Cache::builder().max_capacity(CACHED_TENANTS).time_to_live(BELIEVED).build();
        let compiled = Cache::builder().max_capacity(CACHED_TENANTS).build();
        Self { storage, clock, known, tenants, compiled, used: Arc::default(), signer: None }
    }

    /// The same, for a server that knows access tokens too.
    #[must_use]
    pub fn with_signer(self, signer: Signer) -> Self {
        Self { signer: Some(signer), ..self }
    }

    /// The caller whose SCIM token, API key or access token this is.
    ///
    /// # Errors
    /// [`AuthError::Invalid`], which says the same of unknown, expired and revoked credentials;
    /// [`AuthError::Suspended`]; or the database's failure.
    pub async fn authenticate(&self, credential: &str) -> Result<Arc<Caller>, AuthError> {
        let known = match TokenText::parse(credential) {
            Some(text) => {
                let hash = text.hash();
                self.known(hash, self.look_up(&text, hash)).await?
            }
            // Its signature and its time are looked at each time; what the database says of it is believed.
            None => {
                let claims = Box::pin(self.claims(credential)).await?;
                let hash = Sha256::digest(credential.as_bytes()).into();
                match claims {
                    AnyClaims::User(claims) => self.known(hash, self.look_up_session(&claims)).await?,
                    AnyClaims::Client(claims) => self.known(hash, self.look_up_client(&claims)).await?,
                }
            }
        };
        let now = self.clock.now();
        if !known.credential.is_live(now) {
            return Err(AuthError::Invalid);
        }
        if known.caller.tenant.as_ref().is_some_and(|view| view.tenant.status != TenantStatus::Active) {
            return Err(AuthError::Suspended);
        }
        self.note_use(&known.credential, now);
        if let Subject::Connection { connection, .. } = &known.caller.subject {
            self.storage.tally(connection.tenant_id, now, Counter::Provisioning, connection.id);
        }
        Ok(Arc::clone(&known.caller))
    }

    /// What is known of the credential with this hash, looked up if nothing is.
    async fn known(
        &self,
        hash: [u8; 32],
        look_up: impl Future<Output = Result<Option<Arc<Known>>, StorageError>>,
    ) -> Result<Arc<Known>, AuthError> {
        let known = match self.known.get(&hash).await {
            Some(known) => known,
            // On the heap: the futures of all requests would otherwise have room for it.
            None => Box::pin(self.known.try_get_with(hash, look_up))
                .await
                .map_err(|error: Arc<StorageError>| AuthError::Storage((*error).clone()))?,
        };
        known.ok_or(AuthError::Invalid)
    }

    /// What an access token says, if it is one of ours.
    async fn claims(&self, text: &str) -> Result<AnyClaims, AuthError> {
        let signer = self.signer.as_ref().ok_or(AuthError::Invalid)?;
        signer.verify_any(text).await.map_err(|error| match error {
            TokenError::Signer(SignerError::Storage(error)) => AuthError::Storage(error),
            TokenError::Signer(error) => AuthError::Storage(StorageError::Internal(error.to_string())),
            _ => AuthError::Invalid,
        })
    }

    /// The same caller within a tenant that it names: only a credential of the instance may name one.
    ///
    /// # Errors
    /// The database's failure. `None` where there is no such tenant, or where it is being deleted: nothing is to be added
    /// to what goes.
    pub async fn within(
        &self,
        caller: &Caller,
        tenant_id: TenantId,
    ) -> Result<Option<Arc<Caller>>, StorageError> {
        let Some(view) = self.tenant(tenant_id).await? else { return Ok(None) };
        if view.tenant.status == TenantStatus::Deleting {
            return Ok(None);
        }
        Ok(Some(Arc::new(Caller { tenant_id, tenant: Some(view), ..caller.clone() })))
    }

    /// A tenant with its roles and attributes, as it was at most a second ago.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Arc<TenantView>>, StorageError> {
        let look_up = async {
            let Some(tenant) = self.storage.find_tenant(id).await? else { return Ok(None) };
            let group_roles = self.storage.has_group_roles(id).await?;
            let last = self.compiled.get(&id).await;
            let view = match last.filter(|last| last.tenant.generation == tenant.generation) {
                Some(last) if last.tenant == tenant && last.group_roles == group_roles => {
                    return Ok(Some(last));
                }
                Some(last) => last.with_tenant(tenant, group_roles),
                None => self.compile(tenant, group_roles).await?,
            };
            let view = Arc::new(view);
            self.compiled.insert(id, Arc::clone(&view)).await;
            Ok(Some(view))
        };
        self.tenants.try_get_with(id, look_up).await.map_err(|error: Arc<StorageError>| (*error).clone())
    }

    async fn compile(&self, tenant: Tenant, group_roles: bool) -> Result<TenantView, StorageError> {
        let roles = self.storage.list_roles(tenant.id).await?;
        let custom = CustomAttributes::compile(self.storage.list_attributes(tenant.id).await?)
            .map_err(|error| StorageError::Internal(error.to_string()))?;
        Ok(TenantView::new(tenant, roles, custom, group_roles))
    }

    /// Forgets what it knows of a tenant, which was just changed here. Other servers follow within a second.
    pub async fn forget(&self, tenant: TenantId) {
        self.tenants.invalidate(&tenant).await;
        self.known.invalidate_all();
    }

    async fn look_up(&self, text: &TokenText, hash: [u8; 32]) -> Result<Option<Arc<Known>>, StorageError> {
        match text.kind() {
            Kind::Scim => self.look_up_token(text.tenant_id(), hash).await,
            Kind::ApiKey => self.look_up_key(text.tenant_id(), hash).await,
            // They open nothing by themselves: they are handed in where their one use is.
            Kind::OneTime | Kind::Invitation | Kind::Refresh | Kind::ClientSecret => Ok(None),
        }
    }

    async fn look_up_token(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<Arc<Known>>, StorageError> {
        let Some(token) = self.storage.find_token(tenant, &hash).await? else { return Ok(None) };
        let connections = self.storage.list_connections(tenant).await?;
        let Some(connection) =
            connections.into_iter().find(|connection| connection.id == token.connection_id)
        else {
            return Ok(None);
        };
        let caller = Arc::new(Caller {
            tenant_id: tenant,
            permissions: permissions_of_scopes(token.scopes),
            subject: Subject::Connection {
                name: Arc::from(&*connection.name),
                connection,
                token_id: token.id,
                scopes: token.scopes,
            },
            tenant: self.tenant(tenant).await?,
        });
        Ok(Some(Arc::new(Known { credential: Credential::Token(token), caller })))
    }

    async fn look_up_key(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
    ) -> Result<Option<Arc<Known>>, StorageError> {
        let Some(key) = self.storage.find_api_key(tenant, &hash, self.clock.now()).await? else {
            return Ok(None);
        };
        let view = self.tenant(tenant).await?;
        let owners = match (key.user_id, &view) {
            (Some(user), Some(view)) => match self.holder(view, user).await? {
                Some((_, permissions)) => permissions,
                None => return Ok(None),
            },
            (Some(_), None) => return Ok(None),
            (None, _) => Permissions::all(),
        };
        let caller = Arc::new(Caller {
            tenant_id: tenant,
            permissions: key.permissions.map_or(owners, |bound| bound.intersection(owners)),
            subject: Subject::Key {
                id: key.id,
                name: Arc::from(&*key.name),
                user_id: key.user_id,
                instance: tenant == TenantId::INSTANCE,
            },
            tenant: view,
        });
        Ok(Some(Arc::new(Known { credential: Credential::Key(key), caller })))
    }

    /// The user behind a session. What the roles allow is asked of the roles as they are now, not of the token.
    async fn look_up_session(&self, claims: &Claims) -> Result<Option<Arc<Known>>, StorageError> {
        let (tenant, Some(id)) = (claims.tenant_id, claims.sid) else { return Ok(None) };
        let Some(session) = self.storage.find_session(tenant, id).await? else { return Ok(None) };
        let Some(view) = self.tenant(tenant).await?.filter(|_| session.user_id == claims.sub) else {
            return Ok(None);
        };
        let Some((user, permissions)) = self.holder(&view, session.user_id).await? else { return Ok(None) };
        let subject = Subject::User {
            id: user.id,
            name: Arc::from(user.user_name),
            roles: user.account.roles,
            session_id: id,
        };
        let caller = Arc::new(Caller { tenant_id: tenant, subject, permissions, tenant: Some(view) });
        Ok(Some(Arc::new(Known { credential: Credential::Session(session), caller })))
    }

    /// A user who may act, with what its roles allow; nothing for one that is gone, not active or suspended.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn holder(
        &self,
        view: &TenantView,
        id: UserId,
    ) -> Result<Option<(User, Permissions)>, StorageError> {
        let tenant = view.tenant.id;
        let Some(stored) = self.storage.lookup_user(tenant, ConnectionId::NONE, id).await? else {
            return Ok(None);
        };
        let user = restore(&stored).map_err(|error| StorageError::Internal(error.to_string()))?;
        if user.active == Some(false) || user.account.standing != Standing::Normal {
            return Ok(None);
        }
        let mut roles = user.account.roles.clone();
        if stored.in_groups {
            roles.extend(self.storage.roles_through_groups(tenant, id).await?);
        }
        let permissions = view.permissions_of(&roles);
        Ok(Some((user, permissions)))
    }

    /// Remembers that a credential was used; [`Authenticator::write_uses`] writes it down later.
    fn note_use(&self, credential: &Credential, now: Timestamp) {
        let Some(id) = credential.id() else { return };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(id, now);
    }

    /// Writes down when credentials were last used. Called now and then rather than with each request.
    ///
    /// # Errors
    /// The database's; the uses are then lost, which is no harm.
    pub async fn write_uses(&self) -> Result<(), StorageError> {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        for ((tenant, id), at) in used {
            let mut changes = ChangeSet::new(tenant);
            match id {
                CredentialId::Token(id) => changes.settings.push(SettingsChange::TokenUsed { id, at }),
                CredentialId::Key(id) => changes.settings.push(SettingsChange::ApiKeyUsed { id, at }),
                CredentialId::Client(id) => {
                    changes.credentials.push(CredentialChange::Client(ClientChange::Used { id, at }));
                }
            }
            self.storage.commit(changes).await?;
        }
        Ok(())
    }
}
