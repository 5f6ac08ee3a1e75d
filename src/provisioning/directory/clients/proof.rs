//! A client shows who it is. Whatever is wrong, the answer is the same and comes after the same work.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::super::error::{DirectoryError, Kind};
use super::super::sign_in::{SignIn, Visit};
use crate::auth::TenantView;
use crate::auth::client::{Assertion, ClientIdText, ClientKeys, Expected, Showing};
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{Client, ClientChange, ClientProof, TenantStatus};
use crate::storage::{StorageError, Taken};

/// What a client shows.
#[derive(Clone)]
pub enum ShownProof {
    Secret { client_id: String, secret: String },
    Assertion { client_id: Option<String>, assertion: String },
}

/// Why a client is not believed, in a word for the audit log.
type Reason = &'static str;

impl SignIn {
    /// The client that shows this, and its tenant.
    ///
    /// # Errors
    /// 401 `invalid_client`, the same for everything that is wrong.
    pub async fn client_of(
        &self,
        visit: &Visit,
        shown: &ShownProof,
    ) -> Result<(Client, Arc<TenantView>), DirectoryError> {
        let assertion = match shown {
            ShownProof::Assertion { assertion, .. } => {
                Some(Assertion::read(assertion).map_err(|_| refusal())?)
            }
            ShownProof::Secret { .. } => None,
        };
        let named = named(shown, assertion.as_ref()).ok_or_else(refusal)?;
        let storage = &self.directory.provisioning.storage;
        let client = storage.find_client(named.tenant_id, named.client_id).await?;
        let proven = match (shown, &assertion) {
            (ShownProof::Secret { secret, .. }, _) => check_secret(client.as_ref(), secret).map(|()| None),
            (_, Some(assertion)) => self.check_assertion(client.as_ref(), assertion).map(Some),
            (ShownProof::Assertion { .. }, None) => Err("malformed"),
        };
        let Some(view) = self.directory.authenticator.tenant(named.tenant_id).await? else {
            return Err(refusal());
        };
        let admitted = match (client, proven) {
            (Some(client), Ok(showing)) => self
                .admit_client(&view, &client, showing)
                .await?
                .map(|()| client)
                .map_err(|reason| (named, reason)),
            (Some(_), Err(reason)) => Err((named, reason)),
            (None, _) => return Err(self.rejected(visit, &view, None, "unknown_client").await?),
        };
        match admitted {
            Ok(client) => Ok((client, view)),
            Err((named, reason)) => Err(self.rejected(visit, &view, Some(named), reason).await?),
        }
    }

    /// What else has to be so of a client that has shown who it is; and that it has shown an assertion is noted.
    async fn admit_client(
        &self,
        view: &Arc<TenantView>,
        client: &Client,
        showing: Option<Showing>,
    ) -> Result<Result<(), Reason>, DirectoryError> {
        let now = self.directory.now();
        if view.tenant.status != TenantStatus::Active {
            return Ok(Err("tenant_suspended"));
        }
        if !client.is_live(now) {
            return Ok(Err("client_expired"));
        }
        if self.directory.authenticator.client_caller(client, view, None).await?.is_none() {
            return Ok(Err("owner_inactive"));
        }
        let Some(Showing { jti_hash, forget_at }) = showing else { return Ok(Ok(())) };
        let mut changes = ChangeSet::new(client.tenant_id);
        changes.credentials.push(CredentialChange::Client(ClientChange::UseAssertion {
            id: client.id,
            jti_hash,
            at: now,
            expires_at: forget_at,
        }));
        match self.directory.provisioning.storage.commit(changes).await {
            Ok(()) => Ok(Ok(())),
            Err(StorageError::Taken(Taken::Assertion)) => Ok(Err("assertion_replayed")),
            // The client was revoked in the meantime.
            Err(StorageError::Raced) => Ok(Err("unknown_client")),
            Err(error) => Err(error.into()),
        }
    }

    fn check_assertion(&self, client: Option<&Client>, assertion: &Assertion<'_>) -> Result<Showing, Reason> {
        let keys = match client.map(|client| &client.proof) {
            Some(ClientProof::Keys(text)) => ClientKeys::of_text(text),
            _ => None,
        };
        let root = &self.directory.outgoing.root_url;
        // The issuer, or the endpoint that is called (RFC 7523 §3).
        let audiences = [root.to_string(), format!("{root}/oauth/token"), format!("{root}/auth/introspect")];
        let expected = Expected { audiences: &audiences, now: self.directory.now() };
        assertion.verify(keys.as_ref(), expected).map_err(|error| error.reason())
    }

    /// Notes that a client was not believed, and gives what it is told.
    async fn rejected(
        &self,
        visit: &Visit,
        view: &TenantView,
        known: Option<ClientIdText>,
        reason: Reason,
    ) -> Result<DirectoryError, DirectoryError> {
        let mut changes = ChangeSet::new(view.tenant.id);
        let target = known.map_or(Target::Tenant(view.tenant.id), |known| Target::Client(known.client_id));
        let details = serde_json::json!({ "reason": reason });
        // Nobody has shown who they are.
        let at = self.directory.now();
        changes.audit.push(visit.event(at, AuditType::ClientRejected, Actor::System, target, details));
        self.directory.provisioning.storage.commit(changes).await?;
        Ok(refusal())
    }
}

/// The client that is meant; nothing where what is shown contradicts itself.
fn named(shown: &ShownProof, assertion: Option<&Assertion<'_>>) -> Option<ClientIdText> {
    match shown {
        ShownProof::Secret { client_id, .. } => ClientIdText::parse(client_id),
        ShownProof::Assertion { client_id, .. } => {
            let named = assertion?.client;
            let is_same = client_id.as_ref().is_none_or(|said| *said == named.to_string());
            is_same.then_some(named)
        }
    }
}

/// Compares a secret, with nothing where there is no client, or one that has keys instead.
fn check_secret(client: Option<&Client>, secret: &str) -> Result<(), Reason> {
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let (stored, has_one) = match client.map(|client| &client.proof) {
        Some(ClientProof::Secret(stored)) => (*stored, true),
        _ => ([0; 32], false),
    };
    let is_right = bool::from(hash.ct_eq(&stored));
    if is_right && has_one { Ok(()) } else { Err("wrong_secret") }
}

fn refusal() -> DirectoryError {
    let message = "The client is unknown, or what it shows of itself is not right.";
    DirectoryError::refused(Kind::Unauthorized, "invalid_client", message)
}
