//! `/v1`: the admin API.

mod accounts;
mod adoption;
mod attributes;
mod audit;
mod avatars;
mod bodies;
mod connections;
mod credentials;
mod decisions;
mod deleted_users;
mod document;
mod groups;
mod idempotency;
mod invitations;
mod keys;
mod organizations;
mod policies;
pub mod ranks;
mod resource_groups;
mod role_mappings;
mod roles;
mod settings;
mod sorting;
mod stats;
mod tenants;
mod users;
mod webhooks;
