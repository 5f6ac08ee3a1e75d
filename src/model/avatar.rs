//! Pictures of people, as they are stored.

use std::fmt;

/// A picture that was checked before it was stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAvatar {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for StoredAvatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredAvatar({}, {} bytes)", self.media_type, self.bytes.len())
    }
}
