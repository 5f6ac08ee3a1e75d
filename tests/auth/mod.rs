//! Bearer tokens (RFC 7644 §2, RFC 6750).

mod bearer;
mod lifetime;
mod scopes;
mod secret_key;
