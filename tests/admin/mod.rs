//! `/v1`: the admin API.

mod audit;
mod bodies;
mod credentials;
mod document;
mod keys;
mod ranks;
mod roles;
mod settings;
mod stats;
mod tenants;
mod users;
