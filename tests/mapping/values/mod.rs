//! The values that a user's fields hold: what is taken, in which form it is kept, and why the rest is refused.

mod avatar;
mod email;
mod locale;
mod phone;
mod time_zone;
