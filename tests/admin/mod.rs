//! `/v1`: the admin API.

mod audit;
mod avatars;
mod bodies;
mod credentials;
mod deleted_users;
mod document;
mod idempotency;
mod invitations;
mod keys;
mod policies;
mod ranks;
mod roles;
mod settings;
mod stats;
mod tenants;
mod users;
