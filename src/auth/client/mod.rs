//! How OAuth 2.0 clients show who they are: their ids, their public keys, and the assertions that they sign.

mod assertion;
mod client_id;
mod keys;
mod stand_in;

pub use assertion::{Assertion, AssertionError, Expected, Showing};
pub use client_id::ClientIdText;
pub use keys::{ALGORITHMS, ClientKeys, KeysError};
