//! The command line, run as a process of its own in a directory of its own.

mod audit;
mod doctor;
mod gone_reader;
mod key;
mod keys;
mod process;
mod serve;
mod settings;
mod tenant;
mod token;

/// How many migrations there are: a file each.
fn migrations() -> usize {
    std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite"))
        .expect("the folder is there")
        .count()
}
