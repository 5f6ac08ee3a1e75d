//! What the server says of itself (RFC 7644 §4; RFC 7643 §5, §6, §7, §8.7).

mod claims;
mod documents;
mod methods;
mod schemas;
