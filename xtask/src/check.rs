//! `cargo xtask check`: what can be said about the checkout without running it.

use crate::failure::Failure;
use crate::fuzz;
use crate::invocation::Invocation;
use crate::package;
use crate::rings;
use crate::tools::cargo_tool::CargoTool;
use crate::tools::rust;
use crate::workspace::Workspace;

/// How many sequences each property of editing is tried with.
const PROPERTY_CASES: &str = "1000000";

/// How long each fuzz target runs.
const FUZZ_SECS: u32 = 60;

/// Runs fmt, clippy, cargo-deny, the tidy test, the long property tests and the fuzz targets.
///
/// # Errors
/// The first check that fails, with the command that repeats it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    rust::ensure_linters()?;
    rust::ensure_wasm_target()?;
    package::ensure_embedded(workspace)?;
    rings::format(workspace)?;
    Invocation::cargo()
        .words("test --package tessera --test tidy")
        .within(workspace.root())
        .run("tidy", "the house keeps its shape")?;
    rings::clippy(workspace)?;
    deny(workspace)?;
    properties(workspace)?;
    fuzz::run(workspace, FUZZ_SECS).map(|_| ())
}

/// Any sequence of edits against a plain string, fifty times as often as `cargo xtask test` does it.
fn properties(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo()
        .words("test --release --package instrument --test edits")
        .env("TESSERA_PROPERTY_CASES", PROPERTY_CASES)
        .within(workspace.root())
        .run("edits", "a million sequences of keys, pastes and deletions")
}

fn deny(workspace: &Workspace) -> Result<(), Failure> {
    let program = CargoTool::cargo_deny().ensure(workspace)?.join("cargo-deny");
    let deny = |arguments: &str| Invocation::new(&program).words(arguments).within(workspace.root());
    deny("check licenses bans sources").run("cargo-deny", "licences, duplicate and foreign dependencies")?;
    let database = deny("fetch db").run("advisory database", "known vulnerabilities of dependencies");
    if let Err(unreachable) = database {
        eprintln!("    advisories were NOT checked, the database cannot be reached: {unreachable}");
        return Ok(());
    }
    deny("check advisories").run("advisories", "known vulnerabilities of dependencies")
}
