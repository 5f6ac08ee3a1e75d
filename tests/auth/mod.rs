//! Bearer tokens (RFC 7644 §2, RFC 6750), passwords, access tokens.

mod bearer;
mod credentials;
pub mod imported;
mod lifetime;
mod mfa;
mod password;
mod policy;
mod scopes;
mod secret_key;
mod signer;
mod tuning;
