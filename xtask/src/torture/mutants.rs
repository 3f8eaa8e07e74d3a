//! The row of mutation testing: the code of a token's life, of the keys and of the limits is broken in one place at a time,
//! and a test has to notice.

use std::fs;

use serde_json::{Value, json};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::tools::cargo_tool::CargoTool;
use crate::workspace::Workspace;

/// The part of the mutants that a test has to notice, in hundredths.
const LEAST_CAUGHT: u64 = 90;

/// Runs cargo-mutants as `.cargo/mutants.toml` says; gives the row's line and whether it holds. The survivors stand in
/// `target/mutants.out/missed.txt`.
///
/// # Errors
/// When the tool cannot be built, or does not say what it found.
pub(super) fn run(workspace: &Workspace) -> Result<(Value, Result<(), Failure>), Failure> {
    let program = CargoTool::cargo_mutants().ensure(workspace)?.join("cargo-mutants");
    // Fails if a mutant survives, which is judged here.
    let ended = Invocation::new(program)
        .words("mutants --package vault --no-shuffle --baseline skip --timeout 300 --output")
        .arg(workspace.target())
        .within(workspace.root())
        .run("cargo-mutants", "a test has to notice each broken place");
    let path = workspace.target().join("mutants.out/outcomes.json");
    let text = fs::read_to_string(&path).attempt(path.display())?;
    let outcomes: Value = serde_json::from_str(&text).attempt(path.display())?;
    let of = |member: &str| outcomes.get(member).and_then(Value::as_u64).unwrap_or(0);
    let (caught, missed) = (of("caught") + of("timeout"), of("missed"));
    let hundredths = (caught * 100).checked_div(caught + missed).unwrap_or(0);
    let line = json!({"figures": {
        "mutants": caught + missed, "killed": caught, "survivors": missed, "killed of a hundred": hundredths,
    }});
    let outcome = match ended {
        Err(failure) if caught + missed == 0 => Err(failure),
        _ if hundredths < LEAST_CAUGHT => Err(Failure::new(format!(
            "{hundredths} of a hundred mutants were noticed; {LEAST_CAUGHT} should be"
        ))),
        Ok(()) | Err(_) => Ok(()),
    };
    Ok((line, outcome))
}
