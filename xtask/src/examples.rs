//! `cargo xtask examples`: packs the element as npm would publish it, and installs it in every example.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::stamp::Stamp;
use crate::tools::npm;
use crate::workspace::Workspace;

const DIRECTORY: &str = "examples";

/// Packs and installs; what is installed already stays as it is.
///
/// # Errors
/// When the package cannot be built, or npm fails.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Failure> {
    npm::ensure_node()?;
    package::build(workspace)?;
    let directory = workspace.path(DIRECTORY);
    let packed = Invocation::new("npm")
        .words("pack --silent --pack-destination")
        .arg(&directory)
        .within(&workspace.path("pkg"))
        .output()?;
    let packed = directory.join(packed.trim());
    for example in examples(workspace)? {
        let stamp = Stamp::new().path(&packed)?.path(&example.join("package-lock.json"))?;
        let kept = example.join("node_modules/.installed");
        if stamp.is_in(&kept) {
            eprintln!("==> {}: the packed element is installed", example.display());
            continue;
        }
        // The lock file names no hash for the packed element, which is another one after every change.
        Invocation::new("npm")
            .words("ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error")
            .within(&example)
            .run("example", "it uses the element as a merchant's project does")?;
        stamp.keep(&kept)?;
    }
    Ok(())
}

/// The directories of the examples.
fn examples(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let directory = workspace.path(DIRECTORY);
    let mut found = Vec::new();
    for entry in fs::read_dir(&directory).attempt(directory.display())? {
        let path = entry.attempt(directory.display())?.path();
        if path.join("package.json").is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
