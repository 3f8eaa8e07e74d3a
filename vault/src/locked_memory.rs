//! Keeps what is in memory off the swap space: keys, and numbers while a request runs.

/// Whether the memory of this process may be swapped out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapping {
    /// It may not.
    Forbidden,
    /// The operating system does not let this process forbid it.
    Possible,
}

/// Locks all pages that this process uses, and those that it will, where it may lock as much as it likes: with the right to
/// (`CAP_IPC_LOCK`), or without a limit (`RLIMIT_MEMLOCK`). With a limit that could be reached nothing is locked: beyond it there
/// would be no memory any more.
#[cfg(target_os = "linux")]
#[must_use]
pub fn lock() -> Swapping {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{Resource, Rlimit, setrlimit};
    use rustix::thread::{CapabilitySet, capabilities};

    let everything = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let has_right = capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK));
    let may = has_right || setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None }).is_ok();
    if may && mlockall(everything).is_ok() { Swapping::Forbidden } else { Swapping::Possible }
}

/// Does nothing where there is no such thing.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn lock() -> Swapping {
    Swapping::Possible
}
