//! `/v1`: the admin API.

mod attributes;
mod bodies;
mod credentials;
mod document;
mod keys;
mod ranks;
mod roles;
mod users;
