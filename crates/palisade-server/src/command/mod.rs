//! The commands: each does one thing, prints it, and says what to do when it cannot.

mod account;
mod api_key;
mod config;
mod decided;
mod effective;
mod explain;
mod grants;
mod keys;
mod password;
mod replay;
mod role;
mod routes;
mod table;
mod token;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Context as _, Result};

use crate::{
    cli::{Cli, Command, Everywhere, Explain, Routes, Serve},
    config::{Config, Environment, Overrides},
    serve,
};

/// Runs what the command line says: 0 if it worked, 1 if it did not, and 2 (from the parser) if it made no sense. `replay` ends
/// as `diff` does: 1 if something flips, and 2 if it could not be found out.
pub(crate) fn run(cli: Cli) -> ExitCode {
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &anyhow::Error) {
    // Parts of it may be quoted from a file or an answer of somebody else's: nothing of that moves a terminal's cursor.
    let moves = |character: char| character.is_control() && character != '\n';
    let error = format!("{error:#}").replace(moves, "\u{fffd}");
    // Nobody is left to tell if this fails.
    let _ = writeln!(io::stderr(), "palisade: {error}");
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    let Cli { everywhere, command } = cli;
    match command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(options) => serve::run(&load(&everywhere, options)?),
        Command::Account(command) => block_on(account::run(command, &commanded(&everywhere)?)),
        Command::Role(command) => block_on(role::run(command, &commanded(&everywhere)?)),
        Command::Keys(command) => block_on(keys::run(command, &commanded(&everywhere)?)),
        Command::ApiKey(command) => api_key::run(command),
        Command::Routes(Routes { effective: true, json, .. }) => {
            block_on(effective::run(&commanded(&everywhere)?, json))
        }
        Command::Routes(options) => routes::run(&options),
        Command::Openapi => routes::openapi(),
        Command::Explain(Explain { file, route: None, .. }) => decided::print(&file.unwrap_or("-".into())),
        Command::Explain(asked) => block_on(explain::run(asked, &commanded(&everywhere)?)),
        Command::Replay { file } => return Ok(replay::run(&file)),
        Command::Config(crate::cli::Config::Check) => config::check(&load(&everywhere, Serve::default())?),
        Command::Token(command) => token::run(command),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn load(everywhere: &Everywhere, options: Serve) -> Result<Config> {
    let overrides = Overrides {
        listen: options.listen,
        data: everywhere.data.clone(),
        issuer: options.issuer,
        behind_proxy: options.behind_proxy,
        development: options.development,
    };
    Config::load(everywhere.config.as_deref(), &Environment::of_process(), overrides)
}

/// The configuration for a command that works on the data folder.
fn commanded(everywhere: &Everywhere) -> Result<Config> {
    let config = load(everywhere, Serve::default())?;
    crate::log::start(&config.log)?;
    Ok(config)
}

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the system gives no threads")?.block_on(work)
}

/// Prints a line, or several.
fn say(text: impl std::fmt::Display) -> Result<()> {
    writeln!(io::stdout(), "{text}").context("standard output")
}

/// Whoever reads our output has read enough: `palisade routes | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
