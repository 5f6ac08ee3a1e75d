//! `/v1`: the admin API.

mod avatars;
mod bodies;
mod credentials;
mod deleted_users;
mod document;
mod idempotency;
mod keys;
mod ranks;
mod roles;
mod users;
