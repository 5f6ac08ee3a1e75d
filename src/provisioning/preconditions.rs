//! ETags (RFC 7644 §3.14, RFC 9110 §13.1): `W/"<version>"`.

use super::ProvisioningError;

/// What a request asks of the stored version before it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// `If-Match`: go on only if the version is one of these.
    pub if_match: Option<Tags>,
    /// `If-None-Match`: go on only if the version is none of these.
    pub if_none_match: Option<Tags>,
}

/// A list of entity tags, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    Any,
    Of(Vec<String>),
}

/// The entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

impl Tags {
    /// Reads the header's value; weak and strong tags of one text are the same here, for all of ours are weak.
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
        Self::Of(header.split(',').map(opaque).filter(|tag| !tag.is_empty()).collect())
    }

    fn names(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|tag| *tag == version.to_string()),
        }
    }
}

impl Preconditions {
    /// Whether a change may go on.
    ///
    /// # Errors
    /// [`ProvisioningError::VersionMismatch`] (412).
    pub fn check_write(&self, version: i64) -> Result<(), ProvisioningError> {
        let matched = self.if_match.as_ref().is_none_or(|tags| tags.names(version));
        let unmatched = self.if_none_match.as_ref().is_none_or(|tags| !tags.names(version));
        if matched && unmatched {
            return Ok(());
        }
        Err(ProvisioningError::VersionMismatch { current: etag(version) })
    }

    /// Whether a read has to answer with the resource. `computed` tells that the answer holds attributes that the
    /// version does not cover, so that it may differ although the version does not.
    ///
    /// # Errors
    /// [`ProvisioningError::VersionMismatch`] (412) or [`ProvisioningError::NotModified`] (304).
    pub fn check_read(&self, version: i64, computed: bool) -> Result<(), ProvisioningError> {
        if self.if_match.as_ref().is_some_and(|tags| !tags.names(version)) {
            return Err(ProvisioningError::VersionMismatch { current: etag(version) });
        }
        if !computed && self.if_none_match.as_ref().is_some_and(|tags| tags.names(version)) {
            return Err(ProvisioningError::NotModified { current: etag(version) });
        }
        Ok(())
    }
}
