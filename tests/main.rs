//! The one integration binary: folders mirror the rooms and the routes.

mod compliance;
mod concurrency;
mod config;
mod discovery;
mod edge;
mod isolation;
mod layers;
mod mapping;
mod scim;
mod search;
mod support;
mod users;
