//! strace, from the distribution's packages: two rows of the proof of reliability watch the vault's calls with it.

use crate::failure::Failure;
use crate::tools::{apt, on_path};

/// Makes sure that strace is there. Only Linux has it; elsewhere its rows are skipped, and say so.
///
/// # Errors
/// When it is missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure() -> Result<(), Failure> {
    if !cfg!(target_os = "linux") || on_path("strace").is_some() {
        return Ok(());
    }
    apt::install("strace", "strace", "power cuts and failing disks are made from the vault's own calls")
}
