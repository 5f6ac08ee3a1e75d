//! Errors in SCIM's form, for every status that the server gives (RFC 7644 §3.12).

mod bad_requests;
mod statuses;
