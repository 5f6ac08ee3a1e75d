//! `/v1`: the admin API.

mod bodies;
mod credentials;
mod document;
mod invitations;
mod keys;
mod ranks;
mod roles;
mod users;
