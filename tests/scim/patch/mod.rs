//! PATCH (RFC 7644 §3.5.2) through `provost::scim::patch`.

mod add;
mod delta;
mod errors;
mod interop;
mod members;
mod model;
mod mutability;
mod primary;
mod properties;
mod remove;
mod replace;
mod request;
mod schemas;
