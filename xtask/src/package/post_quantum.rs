//! Makes `pkg/post-quantum`: the card frame's module with both suites, and its translation.

use std::fs;
use std::thread;

use super::{
    GLUE, MODULE, TRANSLATION, compile, fresh_directory, glue, inputs, javascript, make_module, tools,
};
use crate::failure::{Attempt, Failure};
use crate::stamp::Stamp;
use crate::tools::rust;
use crate::workspace::Workspace;

/// Where the module lies, from the top of the checkout.
pub(crate) const DIRECTORY: &str = "pkg/post-quantum";

/// The feature of the browser crate.
const FEATURE: &str = "--features post-quantum";

/// Builds it unless it is up to date.
pub(super) fn build(workspace: &Workspace) -> Result<(), Failure> {
    let output = workspace.path(DIRECTORY);
    if is_new(workspace)? {
        eprintln!("==> post-quantum module: {DIRECTORY} is up to date");
        return Ok(());
    }
    rust::ensure_wasm_target()?;
    let commands = tools(workspace)?;
    let trimmed = compile(workspace, FEATURE)?;
    let [staging, apart] =
        ["package-post-quantum", "package-post-quantum-js-only"].map(|name| workspace.target().join(name));
    for directory in [&staging, &apart] {
        fresh_directory(directory)?;
    }
    let (module, translation) = thread::scope(|scope| {
        let translation =
            scope.spawn(|| javascript::build(&commands, &trimmed, &apart, &apart.join(TRANSLATION)));
        let module = make_module(&commands, &trimmed, &staging, glue::slim_frame);
        (module, translation.join().unwrap_or_else(|_| Err(Failure::new("the translation broke down"))))
    });
    module.and(translation)?;
    fresh_directory(&output)?;
    for (from, file) in [(&staging, MODULE), (&staging, GLUE), (&apart, TRANSLATION)] {
        fs::copy(from.join(file), output.join(file)).attempt(output.display())?;
    }
    stamp(workspace)?.keep(&workspace.target().join(STAMP))
}

/// Takes away one that was made of other sources than the usual module beside it: a vault serves the one or the other.
pub(super) fn discard_old(workspace: &Workspace) -> Result<(), Failure> {
    let output = workspace.path(DIRECTORY);
    if !output.is_dir() || is_new(workspace)? {
        return Ok(());
    }
    eprintln!("==> post-quantum module: {DIRECTORY} is of other sources, and taken away");
    fs::remove_dir_all(&output).attempt(output.display())
}

const STAMP: &str = "package-post-quantum.stamp";

fn is_new(workspace: &Workspace) -> Result<bool, Failure> {
    let output = workspace.path(DIRECTORY);
    Ok(output.is_dir() && stamp(workspace)?.is_in(&workspace.target().join(STAMP)))
}

/// What it is made of, and the product: somebody may have made another by hand.
fn stamp(workspace: &Workspace) -> Result<Stamp, Failure> {
    inputs(workspace)?.text(FEATURE).path(&workspace.path(DIRECTORY))
}
