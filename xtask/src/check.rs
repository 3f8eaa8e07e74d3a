//! `cargo xtask check`: what can be said about the checkout without running it.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::package;
use crate::rings;
use crate::tools::cargo_tool::CargoTool;
use crate::tools::rust;
use crate::workspace::Workspace;

/// Runs fmt, clippy, cargo-deny and the tidy test.
///
/// # Errors
/// The first check that fails, with the command that repeats it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    rust::ensure_linters()?;
    rust::ensure_wasm_target()?;
    package::ensure_directory(workspace)?;
    rings::format(workspace)?;
    Invocation::cargo()
        .words("test --package tessera --test tidy")
        .within(workspace.root())
        .run("tidy", "the house keeps its shape")?;
    rings::clippy(workspace)?;
    deny(workspace)
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
