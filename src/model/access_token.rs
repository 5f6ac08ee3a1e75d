//! SCIM bearer tokens, as they are kept: never the token itself.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::clock::Timestamp;
use super::ids::{ConnectionId, TenantId, TokenId};

/// What a token lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scopes {
    pub read: bool,
    pub write: bool,
}

impl Scopes {
    /// Reading and writing.
    pub const ALL: Self = Self { read: true, write: true };
    /// What OAuth 2.0 calls reading and writing (RFC 6749 §3.3).
    pub const OAUTH: [&str; 2] = ["scim.read", "scim.write"];

    /// What both of them let one do.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { read: self.read && other.read, write: self.write && other.write }
    }

    /// Whether all of another one is in it.
    pub fn covers(self, other: Self) -> bool {
        self.intersection(other) == other
    }

    /// The scopes that these words of OAuth 2.0 mean, separated by spaces; nothing where one means none, or there is none.
    pub fn of_oauth(text: &str) -> Option<Self> {
        let [read, write] = Self::OAUTH;
        let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
        words.peek()?;
        words.try_fold(Self { read: false, write: false }, |scopes, word| match word {
            word if word == read => Some(Self { read: true, ..scopes }),
            word if word == write => Some(Self { write: true, ..scopes }),
            _ => None,
        })
    }

    /// The same in those words.
    pub fn to_oauth(self) -> String {
        let [read, write] = Self::OAUTH;
        let words = [(read, self.read), (write, self.write)];
        words.iter().filter(|(_, is)| *is).map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.read, self.write) {
            (true, true) => "read,write",
            (true, false) => "read",
            (false, true) => "write",
            (false, false) => "",
        })
    }
}

impl FromStr for Scopes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scopes = Self { read: false, write: false };
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "read" => scopes.read = true,
                "write" => scopes.write = true,
                other => {
                    return Err(format!(
                        "'{other}' is not a scope; 'read' and 'write' are, joined by a comma."
                    ));
                }
            }
        }
        Ok(scopes)
    }
}

/// A SCIM bearer token's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessToken {
    pub tenant_id: TenantId,
    pub id: TokenId,
    pub connection_id: ConnectionId,
    pub name: String,
    /// SHA-256 of the whole token text. The token holds 256 random bits, so a plain digest cannot be searched.
    #[serde(skip)]
    pub hash: [u8; 32],
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To about a minute; written in the background.
    pub last_used_at: Option<Timestamp>,
}

impl AccessToken {
    /// Whether the token is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
