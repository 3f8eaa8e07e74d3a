//! Keeps what is in memory out of files: no core dumps, and no reading of the process by others of the same user.

use std::io;

/// Forbids both, for this process and what it starts, for good.
///
/// # Errors
///
/// What the operating system says if it does not obey.
#[cfg(target_os = "linux")]
pub fn forbid() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Does nothing where there is no such thing.
///
/// # Errors
///
/// None.
#[cfg(not(target_os = "linux"))]
pub fn forbid() -> io::Result<()> {
    Ok(())
}
