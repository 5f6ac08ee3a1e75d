//! The one integration binary: folders mirror the rooms and the routes.

mod concurrency;
mod config;
mod edge;
mod faults;
mod isolation;
mod layers;
mod scim;
mod support;
mod users;
