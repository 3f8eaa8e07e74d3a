//! The tools the commands need: each is looked for first and installed only if it is missing.

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod cargo_tool;
pub(crate) mod npm;
pub(crate) mod postgres;
pub(crate) mod python;
pub(crate) mod rust;
pub(crate) mod softhsm;
pub(crate) mod strace;

use std::path::PathBuf;

/// The program `name` on the search path, if it is there.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}
