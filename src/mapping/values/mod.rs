//! The values that a user's fields hold, each a type that can only be had by parsing: tolerant of how people and
//! identity providers write them, and kept in one canonical form.

pub mod avatar;
pub mod email;
pub mod host;
pub mod locale;
pub mod phone;
pub mod time_zone;

pub use avatar::Avatar;
pub use email::EmailAddress;
pub use host::HostName;
pub use locale::Locale;
pub use phone::PhoneNumber;
pub use time_zone::TimeZone;
