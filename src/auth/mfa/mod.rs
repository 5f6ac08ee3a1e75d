//! Second factors: what an authenticator app shows, and the codes that stand in for a lost device.

mod qr;
mod recovery;
mod totp;

pub use recovery::RecoveryCode;
pub use totp::{Enrolling, MfaError, TotpSecret};
