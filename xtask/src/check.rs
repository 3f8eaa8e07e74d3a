//! `cargo xtask check`: what can be said about the checkout without running it.

use std::fs;
use std::path::Path;

use crate::failure::{Attempt, Failure};
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
    fuzz(workspace, FUZZ_SECS).map(|_| ())
}

/// Any sequence of edits against a plain string, fifty times as often as `cargo xtask test` does it.
fn properties(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo()
        .words("test --release --package instrument --test edits")
        .env("TESSERA_PROPERTY_CASES", PROPERTY_CASES)
        .within(workspace.root())
        .run("edits", "a million sequences of keys, pastes and deletions")
}

/// Every target of `fuzz/`, one after the other, each for so many seconds; gives how many there are. What a run finds is
/// kept in `fuzz/corpus` for the next one.
///
/// # Errors
/// When a target does not build, or an input makes one panic.
pub(crate) fn fuzz(workspace: &Workspace, secs: u32) -> Result<usize, Failure> {
    let program = CargoTool::cargo_fuzz().ensure(workspace)?.join("cargo-fuzz");
    rust::ensure_nightly()?;
    let home = workspace.path("fuzz");
    // The program is cargo's own subcommand, so it is told that it was called as one; cargo must be the nightly
    // one, whatever cargo runs us.
    let cargo_fuzz = |arguments: &str| {
        Invocation::new("rustup")
            .words("run nightly")
            .arg(&program)
            .arg("fuzz")
            .words(arguments)
            .within(&home)
    };
    let target = workspace.target().join("fuzz");
    cargo_fuzz("build --target-dir")
        .arg(&target)
        .run("fuzz targets", "parsers and edits, with sanitizers")?;
    let names = targets(&home)?;
    for name in &names {
        let dictionary = if ["json", "token"].contains(&name.as_str()) { "json" } else { "card" };
        cargo_fuzz("run --target-dir")
            .arg(&target)
            .arg(name)
            .words(&format!("-- -max_total_time={secs} -max_len=2048 -verbosity=0 -print_final_stats=0"))
            .arg(format!("-dict={}", home.join(format!("dictionaries/{dictionary}.dict")).display()))
            .run(&format!("fuzz {name}"), "no input may cause a panic")?;
    }
    Ok(names.len())
}

/// The names of the fuzz targets: the files of their folder.
fn targets(home: &Path) -> Result<Vec<String>, Failure> {
    let folder = home.join("fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).attempt(folder.display())? {
        let path = entry.attempt(folder.display())?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
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
