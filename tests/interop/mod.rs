//! What identity providers really send, and what they get for it in the lenient reading: one test a habit, under its name.

mod groups;
mod members;
mod resources;
mod users;
