//! Node.js, and npm packages exactly as a committed lock file names them.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// The oldest Node.js whose test runner, `fetch` and WebAssembly features are relied on.
const OLDEST_NODE: u32 = 20;

/// Makes sure that a Node.js is there that is new enough.
///
/// # Errors
/// When there is none, or it is older than [`OLDEST_NODE`].
pub(crate) fn ensure_node() -> Result<(), Failure> {
    let mend = format!("install Node.js {OLDEST_NODE} or newer, with npm (https://nodejs.org)");
    let version = Invocation::new("node")
        .arg("--version")
        .output()
        .map_err(|_| Failure::new("Node.js is missing").mend(&mend))?;
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        Some(_) | None => Err(Failure::new(format!("Node.js {} is too old", version.trim())).mend(&mend)),
    }
}

/// Installs the packages of `directory`'s lock file unless exactly these are installed; gives the directory
/// of their commands.
///
/// # Errors
/// When Node.js is missing or npm fails.
pub(crate) fn ensure_packages(workspace: &Workspace, directory: &str, why: &str) -> Result<PathBuf, Failure> {
    ensure_node()?;
    let home = workspace.path(directory);
    let modules = home.join("node_modules");
    let stamp = Stamp::new().path(&home.join("package-lock.json"))?;
    let kept = modules.join(".installed");
    if !stamp.is_in(&kept) {
        install(&home, why)?;
        stamp.keep(&kept)?;
    }
    Ok(modules.join(".bin"))
}

fn install(home: &Path, why: &str) -> Result<(), Failure> {
    // Install scripts of packages are other people's code that nothing here needs.
    Invocation::new("npm")
        .words("ci --ignore-scripts --no-audit --no-fund --loglevel=error")
        .within(home)
        .run("npm packages", why)
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }
}
