//! Passwords: what they may be, and how they are kept and compared.

mod deny_list;
pub mod hasher;
pub mod imported;
mod own_data;
mod patience;
mod pepper;
pub mod policy;
mod stored;
mod text;
pub mod tuning;
mod workers;

pub use hasher::{HashError, HashParameters, HasherSettings, PasswordHasher};
pub use imported::{ImportError, Imported};
pub use own_data::OwnData;
pub use pepper::{Pepper, PepperError, Peppers};
pub use policy::{Rule, Violation, Violations};
pub use text::Password;
