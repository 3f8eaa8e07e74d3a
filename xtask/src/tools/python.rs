//! Python, and packages of its index in virtual environments of the per-user cache.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::stamp::Stamp;
use crate::tools::{apt, on_path};
use crate::workspace::Workspace;

/// The oldest Python that schemathesis runs on.
const OLDEST_MINOR: u32 = 10;

/// What `python3 -m venv` needs on distributions that split Python into pieces.
const PACKAGES: &str = "python3 python3-venv";

/// Makes sure that exactly the packages of a requirements file are installed; gives the environment's own
/// Python.
///
/// # Errors
/// When there is no Python that is new enough, or a package cannot be installed.
pub(crate) fn ensure_packages(
    workspace: &Workspace,
    name: &str,
    requirements: &str,
    why: &str,
) -> Result<PathBuf, Failure> {
    let requirements = workspace.path(requirements);
    let home = workspace.tools().join(format!("python-{name}"));
    let python = home.join("bin/python");
    let stamp = Stamp::new().path(&requirements)?;
    let kept = home.join(".installed");
    if python.is_file() && stamp.is_in(&kept) {
        return Ok(python);
    }
    let system = ensure_python()?;
    if home.exists() {
        // A half or older environment: what is in it cannot be known.
        fs::remove_dir_all(&home).attempt(home.display())?;
    }
    environment(&system, &home)?;
    Invocation::new(&python)
        .words("-m pip install --disable-pip-version-check --no-input --progress-bar off --requirement")
        .arg(&requirements)
        .run(&format!("Python packages of {name}"), why)?;
    stamp.keep(&kept)?;
    Ok(python)
}

/// A Python of the system that is new enough and can make environments.
fn ensure_python() -> Result<PathBuf, Failure> {
    if let Some(python) = found() {
        return Ok(python);
    }
    apt::install(
        PACKAGES,
        "Python with its venv module",
        "the OpenAPI documents are tested by a Python program",
    )?;
    found().ok_or_else(|| {
        Failure::new(format!("there is no Python 3.{OLDEST_MINOR} or newer with its venv module"))
            .mend(format!("install it so that `python3 -c 'import venv, ensurepip'` succeeds ({PACKAGES})"))
    })
}

fn found() -> Option<PathBuf> {
    let python = on_path("python3")?;
    let version = Invocation::new(&python).arg("--version").output().ok()?;
    let is_new_enough = minor(&version).is_some_and(|minor| minor >= OLDEST_MINOR);
    // Debian's python3 has the module, but not what fills an environment with pip.
    let is_whole = Invocation::new(&python).arg("-c").arg("import venv, ensurepip").succeeds();
    (is_new_enough && is_whole).then_some(python)
}

fn environment(python: &Path, home: &Path) -> Result<(), Failure> {
    Invocation::new(python)
        .words("-m venv")
        .arg(home)
        .run("virtual environment", "packages are kept apart from the system's")
}

/// The second number of what Python 3 prints as its version.
fn minor(version: &str) -> Option<u32> {
    version.trim().strip_prefix("Python 3.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_is_read_from_what_python_prints() {
        assert_eq!(minor("Python 3.11.7\n"), Some(11));
        assert_eq!(minor("Python 2.7.18"), None);
        assert_eq!(minor("3.11"), None);
    }
}
