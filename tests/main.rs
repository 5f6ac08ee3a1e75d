//! The one integration binary: folders mirror the rooms and the routes.

mod access;
mod admin;
mod audit;
mod audit_seal;
mod auth;
mod auth_http;
mod cli;
mod compliance;
mod concurrency;
mod config;
mod delivery;
mod discovery;
mod edge;
mod etags;
mod faults;
mod groups;
mod interop;
mod isolation;
mod layers;
mod mapping;
mod media_types;
mod protocol_errors;
mod scim;
mod search;
mod support;
mod users;
