//! Is this caller who it says? Bearer tokens: their text, and who stands behind one.

mod authenticator;
mod token_text;

pub use authenticator::{AuthError, Authenticator, Caller};
pub use token_text::TokenText;
