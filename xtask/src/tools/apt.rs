//! Packages of a Debian or Ubuntu machine, installed when somebody may.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::tools::on_path;

/// Who may install packages on this machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Administrator {
    Root,
    PasswordlessSudo,
}

/// Installs packages, after fetching the lists of what there is.
///
/// # Errors
/// When there is no `apt-get`, when installing needs a password, or when it fails; the failure names the
/// command to run by hand.
pub(crate) fn install(packages: &str, what: &str, why: &str) -> Result<(), Failure> {
    let command = format!("apt-get install --yes --no-install-recommends {packages}");
    if on_path("apt-get").is_none() {
        return Err(Failure::new(format!("{what} is missing, and there is no apt-get here"))
            .mend(format!("install it by the means of your system (on Debian: {packages})")));
    }
    let Some(administrator) = administrator() else {
        let by_hand = format!("run this, then repeat the command: sudo apt-get update && sudo {command}");
        return Err(Failure::new(format!("{what} is missing, and installing it needs root")).mend(by_hand));
    };
    apt(administrator, "apt-get update", "package lists", "to know which version there is")?;
    apt(administrator, &command, what, why)
}

fn administrator() -> Option<Administrator> {
    if rustix::process::geteuid().is_root() {
        return Some(Administrator::Root);
    }
    Invocation::new("sudo").words("-n true").succeeds().then_some(Administrator::PasswordlessSudo)
}

fn apt(administrator: Administrator, command: &str, what: &str, why: &str) -> Result<(), Failure> {
    let invocation = match administrator {
        Administrator::Root => Invocation::new("env"),
        Administrator::PasswordlessSudo => Invocation::new("sudo").words("-n env"),
    };
    invocation.arg("DEBIAN_FRONTEND=noninteractive").words(command).run(what, why)
}
