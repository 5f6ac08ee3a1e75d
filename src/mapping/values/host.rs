//! Names of hosts, as the `Host` header and settings give them.

use std::fmt;

use thiserror::Error;

use super::email::domain_name;

/// RFC 1035 §2.3.4, in octets.
const MOST: usize = 253;

/// A host's name: in lower case, in A-labels where it is internationalised, without a port or a dot at its end. It need not
/// be one that the public DNS knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostName(String);

/// Why a text is no host's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "has to be the name of a host, such as login.example.com: labels of letters, digits and hyphens, at most {MOST} octets, without scheme, port or path; not an IP address"
)]
pub struct HostError;

impl HostName {
    /// Reads a name that a person gives.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let text = text.trim();
        if text.len() > MOST * 4 {
            return Err(HostError);
        }
        let name = domain_name(text.strip_suffix('.').unwrap_or(text)).map_err(|_| HostError)?;
        if name.len() > MOST {
            return Err(HostError);
        }
        Ok(Self(name))
    }

    /// The name in a `Host` header or a URL's authority (RFC 9110 §7.2), whose port is passed over; nothing where it holds
    /// an address or no name at all.
    pub fn of_authority(text: &str) -> Option<Self> {
        let name = match text.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => text,
        };
        Self::parse(name).ok()
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
