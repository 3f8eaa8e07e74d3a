//! The developer's commands, run as `cargo xtask <command>`.

mod bench;
mod check;
mod demo;
mod failure;
mod invocation;
mod package;
mod rings;
mod service;
mod size;
mod stamp;
mod tools;
mod workspace;

use std::process::ExitCode;

use pico_args::Arguments;

use failure::{Attempt, Failure};
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  demo [--shop-port 8800] [--vault-port 8700] [--data DIR]
           build what is missing, run the vault and the shop; the first line on stdout says where
  test     every ring of tests; installs what is missing
  build    the release package in pkg/wasm
  check    formatting, lints, the shape of the house, licences, advisories
  bench    what a keystroke costs, as a ratio
  size     what a shopper downloads, against the budgets

Results go to stdout, progress to stderr.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Arguments::from_env();
    let command = arguments.subcommand().attempt("the command")?;
    let Some(command) = command.filter(|_| !arguments.contains(["-h", "--help"])) else {
        eprintln!("{USAGE}");
        return Ok(());
    };
    match command.as_str() {
        "demo" => {
            let options = demo_options(&mut arguments).map_err(|failure| failure.mend(USAGE))?;
            end(arguments)?;
            demo::run(&Workspace::find()?, &options)
        }
        "test" => end(arguments).and_then(|()| rings::run(&Workspace::find()?)),
        "build" => end(arguments).and_then(|()| package::build(&Workspace::find()?)),
        "check" => end(arguments).and_then(|()| check::run(&Workspace::find()?)),
        "bench" => end(arguments).and_then(|()| bench::run(&Workspace::find()?)),
        "size" => end(arguments).and_then(|()| size::report(&Workspace::find()?)),
        unknown => Err(Failure::new(format!("there is no command `{unknown}`")).mend(USAGE)),
    }
}

fn demo_options(arguments: &mut Arguments) -> Result<demo::Options, Failure> {
    Ok(demo::Options {
        shop_port: arguments.opt_value_from_str("--shop-port").attempt("--shop-port")?.unwrap_or(8800),
        vault_port: arguments.opt_value_from_str("--vault-port").attempt("--vault-port")?.unwrap_or(8700),
        data: arguments.opt_value_from_str("--data").attempt("--data")?,
    })
}

fn end(arguments: Arguments) -> Result<(), Failure> {
    match arguments.finish().as_slice() {
        [] => Ok(()),
        [unknown, ..] => {
            Err(Failure::new(format!("unknown argument {}", unknown.to_string_lossy())).mend(USAGE))
        }
    }
}
