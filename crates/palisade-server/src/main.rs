//! The server `palisade`: it reads configuration and command line, and puts the library, the identity layer and a store
//! together. No rule of who may do what is here.

mod app;
mod cli;
mod command;
mod config;
mod data_folder;
mod log;
mod pages;
mod serve;
mod smtp;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(cli::parse())
}
