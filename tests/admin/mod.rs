//! `/v1`: the admin API.

mod bodies;
mod connections;
mod credentials;
mod document;
mod groups;
mod keys;
mod organizations;
mod ranks;
mod resource_groups;
mod roles;
mod users;
