//! `pvc_<tenant id>_<client id>`: a client's id carries its tenant's, so that looking it up names the tenant too. It is no
//! secret.

use std::fmt;

use uuid::Uuid;

use crate::model::{Client, ClientId, TenantId};

const PREFIX: &str = "pvc_";

/// What OAuth 2.0 calls a client by (`client_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIdText {
    pub tenant_id: TenantId,
    pub client_id: ClientId,
}

impl ClientIdText {
    /// That of this client.
    pub fn of(client: &Client) -> Self {
        Self { tenant_id: client.tenant_id, client_id: client.id }
    }

    /// Reads one, in the one form in which it is written; nothing for a text that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, client) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let id = |text: &str| Uuid::try_parse(text).ok();
        let read = Self { tenant_id: TenantId(id(tenant)?), client_id: ClientId(id(client)?) };
        (read.to_string() == text).then_some(read)
    }
}

impl fmt::Display for ClientIdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_{}", self.tenant_id.0.simple(), self.client_id.0.simple())
    }
}
