//! `GET` with a query and `POST …/.search` (RFC 7644 §3.4).

mod agreement;
mod attributes;
mod data;
mod directory;
mod lenient;
mod list;
mod membership;
mod operators;
mod paging;
mod projection;
mod refusals;
mod root;
mod sorting;
