//! What leaves: mails and webhook events. They come out of the outbox, so that no request waits for a mail server or a
//! receiver, and are delivered at least once: what was sent just before a server died is sent again.

mod attempt;
mod backoff;
pub mod mail;
mod retention;
pub mod webhook;
mod worker;

pub use worker::{DeliverySettings, Running, Worker};
