//! Is this caller who it says? Credentials: their text, and who stands behind one; passwords; access tokens.

mod authenticator;
mod caller;
pub mod client;
pub mod mfa;
pub mod password;
pub mod secret_key;
pub mod signer;
mod token_text;

pub use authenticator::{AuthError, Authenticator};
pub use caller::{Caller, Subject, TenantView, client_permissions, permissions_of_scopes};
pub use secret_key::{SecretKey, SecretKeyError};
pub use token_text::{Kind as CredentialKind, TokenText};
