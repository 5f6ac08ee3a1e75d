//! `/Users`.

mod accepted_passwords;
mod attributes;
mod ceilings;
mod create;
mod custom;
mod delete;
mod external_id;
mod groups;
mod manager;
mod multi_valued;
mod password;
mod patch;
mod policies;
mod read_only;
mod replace;
mod role_mappings;
