//! `/Users`.

mod create;
