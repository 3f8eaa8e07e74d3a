//! Makes what `pkg` has of plain scripts: of the modules in `www/host` `index.js`, which a merchant's page loads, and
//! `server.js`, for servers that render pages; `custom-elements.json`, which tools read; and the frame's first script.

use std::fs;
use std::path::Path;

use super::minify;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// What a merchant's page loads, from the top of the checkout.
pub(crate) const BUNDLE: &str = "pkg/index.js";

/// The frame's first script, made small.
pub(crate) const FRAME_SCRIPT: &str = "pkg/frame/frame.js";

/// The modules that export everything, and what is bundled of each.
const BUNDLES: &[(&str, &str)] = &[
    ("www/host/index.js", BUNDLE),
    ("www/host/server.js", "pkg/server.js"),
    ("www/frame/frame.js", FRAME_SCRIPT),
    // After the first, which it takes in: a page that names the vault's script makes one request for it.
    ("pkg/auto.js", "pkg/frame/auto.js"),
];
/// Describes the element to editors and documentation tools, and the script that writes it.
const MANIFEST: &str = "pkg/custom-elements.json";
const MANIFEST_SCRIPT: &str = "xtask/node/manifest.mjs";

/// Everything that can change what is built.
const INPUTS: &[&str] = &[
    "pkg/auto.js",
    "pkg/index.d.ts",
    "www/frame/frame.js",
    "www/host",
    "xtask/npm/package-lock.json",
    "xtask/src/package/host.rs",
    MANIFEST_SCRIPT,
];

/// Builds all of them unless they are there and none of their inputs changed. `commands` is where esbuild is.
///
/// # Errors
/// When a tool refuses the sources or a file cannot be read or written.
pub(super) fn build(workspace: &Workspace, commands: &Path) -> Result<(), Failure> {
    let kept = workspace.target().join("host.stamp");
    let is_there = products().all(|product| workspace.path(product).is_file());
    if is_there && stamp(workspace)?.is_in(&kept) {
        eprintln!("==> host file: {BUNDLE} is up to date");
        return Ok(());
    }
    for (entry, bundle) in BUNDLES {
        Invocation::new(commands.join("esbuild"))
            .words("--bundle --format=esm --target=es2022 --log-level=warning")
            .arg(format!("--outfile={}", workspace.path(bundle).display()))
            .arg(workspace.path(entry))
            .run("host file", "what pages load is one file each")?;
        minify(commands, &workspace.path(bundle))?;
    }
    let manifest = Invocation::new("node").arg(workspace.path(MANIFEST_SCRIPT)).output()?;
    let path = workspace.path(MANIFEST);
    fs::write(&path, manifest).attempt(path.display())?;
    stamp(workspace)?.keep(&kept)
}

fn products() -> impl Iterator<Item = &'static str> {
    BUNDLES.iter().map(|(_, bundle)| *bundle).chain([MANIFEST])
}

/// What was made from what. The products are part of it, as they are for the module.
fn stamp(workspace: &Workspace) -> Result<Stamp, Failure> {
    let inputs = INPUTS.iter().copied().chain(products());
    inputs.map(|input| workspace.path(input)).try_fold(Stamp::new(), |stamp, input| stamp.path(&input))
}
