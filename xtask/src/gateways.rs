//! `cargo xtask gateways`: writes docs/GATEWAYS.md anew, from the faces' documents and a record of their tests.

use std::fs;
use std::io;

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// The test programs of the faces that stand in the page.
const FACES: [&str; 4] = ["fluidpay", "paydock", "flute", "paymentsai"];

/// Runs the faces' tests, keeps which of them asked what, and lets the page's own test write it.
///
/// # Errors
/// When a test fails, or an operation has none.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let record = workspace.target().join("gateways.tsv");
    match fs::remove_file(&record) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).attempt("the record of the run before");
        }
        Ok(()) | Err(_) => {}
    }
    let test = || Invocation::cargo().words("test --quiet --package vault").within(workspace.root());
    FACES
        .iter()
        .fold(test(), |test, face| test.words("--test").arg(face))
        .env("TESSERA_RECORD", &record)
        .run("faces", "which test asks what")?;
    test()
        .words("--test gateways")
        .env("TESSERA_GATEWAYS_FROM", &record)
        .run("page", "docs/GATEWAYS.md is made of the faces and their tests")
}
