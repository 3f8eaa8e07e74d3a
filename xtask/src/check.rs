//! `cargo xtask check`: what can be said about the checkout without running it.

use std::fs;
use std::path::Path;

use crate::failure::{Attempt, Failure};
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

/// Runs fmt, clippy, cargo-deny, the tidy test, a second build of what browsers get, the long property tests and the fuzz
/// targets.
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
    if is_committed(workspace)? {
        reproduce(workspace)?;
    } else {
        eprintln!(
            "    a second build was NOT compared: it is made of a clone, and not everything is committed"
        );
    }
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

/// What browsers get is built once more, from a clone in another place, and is the same byte for byte: so whoever has the
/// commit can tell whether a module is of it.
///
/// # Errors
/// When there is something that no commit has, something cannot be built, or is not the same.
pub(crate) fn reproduce(workspace: &Workspace) -> Result<(), Failure> {
    if !is_committed(workspace)? {
        return Err(Failure::new("there are changes that no commit has, and a clone is without them")
            .mend("commit them first"));
    }
    package::build(workspace)?;
    let elsewhere = workspace.target().join("built-again");
    if elsewhere.exists() {
        fs::remove_dir_all(&elsewhere).attempt(elsewhere.display())?;
    }
    Invocation::new("git")
        .words("clone --quiet .")
        .arg(&elsewhere)
        .within(workspace.root())
        .run("clone", "a checkout in another place")?;
    Invocation::cargo()
        .words("xtask build")
        .within(&elsewhere)
        .run("build", "what browsers get, once more")?;
    let generated = Invocation::new("git")
        .words("ls-files --others --ignored --exclude-standard pkg")
        .within(&elsewhere)
        .output()?;
    let compared = compare(workspace.root(), &elsewhere, generated.lines())?;
    fs::remove_dir_all(&elsewhere).attempt(elsewhere.display())?;
    eprintln!("    {compared} files are the same in both builds");
    Ok(())
}

fn is_committed(workspace: &Workspace) -> Result<bool, Failure> {
    let status = Invocation::new("git").words("status --porcelain").within(workspace.root()).output()?;
    Ok(status.trim().is_empty())
}

/// Compares files of the same names in two places; returns how many there are.
fn compare<'a>(one: &Path, other: &Path, names: impl Iterator<Item = &'a str>) -> Result<usize, Failure> {
    let mut compared = 0;
    for name in names {
        let [here, there] = [one, other].map(|root| fs::read(root.join(name)));
        if here.attempt(name)? != there.attempt(name)? {
            return Err(Failure::new(format!("{name} is another when it is built in another place")));
        }
        compared += 1;
    }
    if compared == 0 { Err(Failure::new("the second build made nothing")) } else { Ok(compared) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_byte_or_no_file_is_noticed() {
        let dir = std::env::temp_dir().join(format!("tessera-compared-{}", std::process::id()));
        let (one, other) = (dir.join("one"), dir.join("other"));
        for (place, texts) in [(&one, ["same", "this", "here"]), (&other, ["same", "that", ""])] {
            fs::create_dir_all(place).unwrap();
            for (name, text) in ["a", "b", "c"].into_iter().zip(texts).filter(|(_, text)| !text.is_empty()) {
                fs::write(place.join(name), text).unwrap();
            }
        }
        let compared = |names: &[&str]| compare(&one, &other, names.iter().copied());
        let outcomes = [["a"].as_slice(), &["a", "b"], &["c"], &[]].map(compared);
        fs::remove_dir_all(&dir).unwrap();
        let [same, another, missing, none] = outcomes;
        assert_eq!(same.unwrap(), 1);
        assert!(another.unwrap_err().to_string().starts_with("b is another"));
        assert!(missing.is_err() && none.is_err());
    }
}
