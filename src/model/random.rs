//! The one place where randomness is drawn.

use rand::TryRng;
use thiserror::Error;
use uuid::Uuid;

/// The operating system has no randomness to give.
#[derive(Debug, Error)]
#[error("the operating system gave no randomness: {0}")]
pub struct NoRandomness(rand::rngs::SysError);

/// A UUIDv7 (RFC 9562 §5.7); ids of one process never repeat and never run backwards.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn uuid_v7() -> Uuid {
    Uuid::now_v7()
}

/// `N` bytes from the operating system's generator.
///
/// # Errors
/// [`NoRandomness`].
pub fn secret_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}
