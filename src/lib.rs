//! Provost, a SCIM 2.0 provisioning endpoint: identity providers push users and groups into it.
//!
//! The house, from the top down; a room uses only what is below it.
//!
//! | room | what it does |
//! |---|---|
//! | [`cli`] | one file a command |
//! | [`app`] | the composition root |
//! | [`config`] | settings: defaults, file, environment, flags |
//! | [`http`] | the edge, and SCIM's routes: the only user of poem |
//! | [`provisioning`] | the use cases, without HTTP |
//! | [`delivery`] | what leaves: mails and webhook events |
//! | [`access`] | may this caller do this? |
//! | [`auth`] | is this caller who it says? |
//! | [`mapping`] | between SCIM's attributes and the model |
//! | [`storage`] | the only room that knows SQL |
//! | [`model`] | the words that everybody uses |
//! | [`scim`] | RFC 7643 and RFC 7644, pure |

pub mod access;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod http;
pub mod mapping;
pub mod model;
pub mod provisioning;
pub mod scim;
pub mod storage;
