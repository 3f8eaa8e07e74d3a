//! Chromium and its driver, from the distribution's packages.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::tools::on_path;

const INSTALL: &str = "apt-get install --yes --no-install-recommends chromium chromium-driver";

/// A browser and the driver that fits it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser itself.
    pub(crate) chromium: PathBuf,
    /// The WebDriver server for it.
    pub(crate) driver: PathBuf,
}

/// Who may install packages on this machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Administrator {
    Root,
    PasswordlessSudo,
}

/// Makes sure that Chromium and ChromeDriver are there.
///
/// # Errors
/// When they are missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure() -> Result<Browser, Failure> {
    if let Some(found) = found() {
        return Ok(found);
    }
    let by_hand = format!("run this, then repeat the command: sudo apt-get update && sudo {INSTALL}");
    if on_path("apt-get").is_none() {
        return Err(Failure::new("Chromium or ChromeDriver is missing, and there is no apt-get here")
            .mend("install `chromium` and `chromedriver` so that both are on PATH"));
    }
    let Some(administrator) = administrator() else {
        return Err(
            Failure::new("Chromium or ChromeDriver is missing, and installing them needs root").mend(by_hand)
        );
    };
    apt(administrator, "apt-get update", "package lists", "to know which Chromium there is")?;
    apt(administrator, INSTALL, "Chromium and ChromeDriver", "the browser tests run in them")?;
    found().ok_or_else(|| {
        Failure::new("apt-get installed Chromium, but chromium or chromedriver is not on PATH").mend(by_hand)
    })
}

fn found() -> Option<Browser> {
    Some(Browser { chromium: on_path("chromium")?, driver: on_path("chromedriver")? })
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
