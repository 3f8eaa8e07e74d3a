//! The developer's commands, run as `cargo xtask <command>`.

mod bench;
mod check;
mod conformance;
mod demo;
mod document;
mod errors;
mod examples;
mod failure;
mod fuzz;
mod gallery;
mod gateways;
mod invocation;
mod locales;
mod package;
mod relay;
mod rings;
mod service;
mod size;
mod stamp;
mod tools;
mod torture;
mod workspace;

use std::process::ExitCode;

use pico_args::Arguments;

use failure::{Attempt, Failure};
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  demo [--shop-port 8800] [--vault-port 8700] [--data DIR]
           build what is missing, run the vault and the shop; the first line on stdout says where
  test [--only TEXT]
           every ring of tests, or those with the text in their names; installs what is missing
  build [--post-quantum]
           what is generated in pkg: the module in pkg/wasm, the messages in pkg/locale and the host file index.js;
           --post-quantum also makes the module that can seal to keys of X-Wing, in pkg/post-quantum
  check    formatting, lints, the shape of the house, licences, advisories, a second build to compare, long property tests
  bench    what a keystroke costs, as a ratio
  bench core [--write]
           keystrokes per second in Chromium beside other libraries, and card numbers per second natively;
           --write puts the table into docs/BENCHMARKS.md
  bench load [--write]
           how long a shopper waits for the form, beside the same form in plain HTML
  bench seal [--write]
           how long sealing and opening take, with X25519 and with X-Wing
  bench vault [--write]
           tokens issued and spent per second, on SQLite and on PostgreSQL
  conformance
           the facts of other libraries' test suites, and how many good numbers each library refuses
  examples packs the element and installs it in every project of examples/
  errors   writes docs/errors.md anew, from the table of error codes in docs/errors.json
  gallery  every state, theme, layout and language of the form on one page, with a vault, on free ports
  gateways
           writes docs/GATEWAYS.md anew: what each gateway's face does, and the test that proves it
  reproduce
           what browsers get, built again from a clone in another place: the same byte for byte
  torture [--only TEXT] [--write]
           the proof of reliability with its large figures, hours long, or the rows with the text in their names;
           --write puts their lines into docs/RELIABILITY.md
  size     what a shopper downloads, against the budgets, with the usual module and with the post-quantum one

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
        "test" => {
            let only: Option<String> = arguments.opt_value_from_str("--only").attempt("--only")?;
            end(arguments)?;
            rings::run(&Workspace::find()?, only.as_deref())
        }
        "build" => {
            let build = if arguments.contains("--post-quantum") {
                package::build_post_quantum
            } else {
                package::build
            };
            end(arguments).and_then(|()| build(&Workspace::find()?))
        }
        "check" => end(arguments).and_then(|()| check::run(&Workspace::find()?)),
        "bench" => bench(arguments),
        "conformance" => end(arguments).and_then(|()| conformance::run(&Workspace::find()?)),
        "examples" => end(arguments).and_then(|()| examples::install(&Workspace::find()?)),
        "errors" => end(arguments).and_then(|()| errors::run(&Workspace::find()?)),
        "gallery" => end(arguments).and_then(|()| gallery::run(&Workspace::find()?)),
        "gateways" => end(arguments).and_then(|()| gateways::run(&Workspace::find()?)),
        "reproduce" => end(arguments).and_then(|()| check::reproduce(&Workspace::find()?)),
        "size" => end(arguments).and_then(|()| size::report(&Workspace::find()?)),
        "torture" => {
            let only: Option<String> = arguments.opt_value_from_str("--only").attempt("--only")?;
            let table =
                if arguments.contains("--write") { torture::Table::Kept } else { torture::Table::Printed };
            end(arguments)?;
            torture::run(&Workspace::find()?, only.as_deref(), table)
        }
        unknown => Err(Failure::new(format!("there is no command `{unknown}`")).mend(USAGE)),
    }
}

fn bench(mut arguments: Arguments) -> Result<(), Failure> {
    let of = arguments.subcommand().attempt("what to measure")?;
    let table = if arguments.contains("--write") { bench::Table::Kept } else { bench::Table::Printed };
    end(arguments)?;
    let workspace = Workspace::find()?;
    match of.as_deref() {
        None => bench::run(&workspace),
        Some("load") => bench::load(&workspace, table),
        Some("core") => bench::core(&workspace, table),
        Some("seal") => bench::seal(&workspace, table),
        Some("vault") => bench::vault(&workspace, table),
        Some(unknown) => Err(Failure::new(format!("there is no bench `{unknown}`")).mend(USAGE)),
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
