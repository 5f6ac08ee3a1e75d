//! Is this caller who it says? Bearer tokens: their text, and who stands behind one; passwords; access tokens.

mod authenticator;
pub mod password;
pub mod secret_key;
pub mod signer;
mod token_text;

pub use authenticator::{AuthError, Authenticator, Caller};
pub use secret_key::{SecretKey, SecretKeyError};
pub use token_text::TokenText;
