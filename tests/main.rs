//! The one integration binary: folders mirror the rooms and the routes.

mod compliance;
mod discovery;
mod edge;
mod layers;
mod mapping;
mod scim;
mod search;
mod support;
mod users;
