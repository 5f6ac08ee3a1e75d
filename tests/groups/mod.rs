//! `/Groups`.

mod create;
mod delete;
mod members;
mod nested;
mod patch;
mod patch_members;
mod replace;
