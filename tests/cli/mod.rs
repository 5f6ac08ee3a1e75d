//! The command line, run as a process of its own in a directory of its own.

mod audit;
mod doctor;
mod gone_reader;
mod process;
mod serve;
mod settings;
mod tenant;
mod token;
