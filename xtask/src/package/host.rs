//! Makes `pkg/index.js`: what a merchant's page loads, bundled from the modules in `www/host` and made small.

use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// Where the bundle lies, from the top of the checkout.
pub(crate) const BUNDLE: &str = "pkg/index.js";

/// The module that exports everything, and the folder with the others.
const ENTRY: &str = "www/host/index.js";

/// Everything that can change what is built.
const INPUTS: &[&str] = &["www/host", "xtask/npm/package-lock.json", "xtask/src/package/host.rs"];

/// Builds the bundle unless it is there and none of its inputs changed. `commands` is where esbuild is.
///
/// # Errors
/// When esbuild refuses the sources or a file cannot be read or written.
pub(super) fn build(workspace: &Workspace, commands: &Path) -> Result<(), Failure> {
    let bundle = workspace.path(BUNDLE);
    let kept = workspace.target().join("host.stamp");
    // The product is part of the stamp, as it is for the module.
    if bundle.is_file() && stamp(workspace)?.path(&bundle)?.is_in(&kept) {
        eprintln!("==> host file: {BUNDLE} is up to date");
        return Ok(());
    }
    Invocation::new(commands.join("esbuild"))
        .words("--bundle --minify --format=esm --target=es2022 --log-level=warning")
        .arg(format!("--outfile={}", bundle.display()))
        .arg(workspace.path(ENTRY))
        .run("host file", "merchants' pages load one small file")?;
    stamp(workspace)?.path(&bundle)?.keep(&kept)
}

fn stamp(workspace: &Workspace) -> Result<Stamp, Failure> {
    INPUTS.iter().try_fold(Stamp::new(), |stamp, input| stamp.path(&workspace.path(input)))
}
