//! `/v1`: the admin API.

mod bodies;
mod credentials;
mod document;
mod keys;
mod policies;
mod ranks;
mod roles;
mod users;
