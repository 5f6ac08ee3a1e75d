//! The wall between tenants: what another tenant holds is not there, and nothing tells that it is.

mod admin;
mod named;
mod operations;
mod scim;
mod tenancy;
