//! SoftHSM, from the distribution's packages: a hardware security module that is none, for the vault's tests.

use std::path::Path;

use crate::failure::Failure;
use crate::tools::{apt, on_path};

/// Where Debian and Ubuntu put the module.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Makes sure that the module and the program that makes tokens are there.
///
/// # Errors
/// When they are missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure() -> Result<(), Failure> {
    if is_there() {
        return Ok(());
    }
    apt::install("softhsm2", "SoftHSM", "the vault is tested with a key in it")?;
    if is_there() {
        return Ok(());
    }
    Err(Failure::new(format!("apt-get installed SoftHSM, but {MODULE} or softhsm2-util is missing"))
        .mend("install SoftHSM 2 so that `softhsm2-util` is on PATH"))
}

fn is_there() -> bool {
    on_path("softhsm2-util").is_some() && Path::new(MODULE).is_file()
}
