//! Chromium and Firefox from the distribution's packages, and their drivers.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::tools::cargo_tool::CargoTool;
use crate::tools::{apt, on_path};
use crate::workspace::Workspace;

/// A browser and the driver that fits it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser itself.
    pub(crate) chromium: PathBuf,
    /// The WebDriver server for it.
    pub(crate) driver: PathBuf,
}

/// Firefox in its extended-support release, and the driver that fits it.
#[derive(Debug)]
pub(crate) struct Firefox {
    /// The browser itself.
    pub(crate) firefox: PathBuf,
    /// The WebDriver server for it, which Debian does not package.
    pub(crate) geckodriver: PathBuf,
}

/// Makes sure that Chromium and ChromeDriver are there.
///
/// # Errors
/// When they are missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure() -> Result<Browser, Failure> {
    if let Some(found) = found() {
        return Ok(found);
    }
    apt::install("chromium chromium-driver", "Chromium or ChromeDriver", "the browser tests run in them")?;
    found().ok_or_else(|| {
        Failure::new("apt-get installed Chromium, but chromium or chromedriver is not on PATH")
            .mend("install `chromium` and `chromedriver` so that both are on PATH")
    })
}

/// Makes sure that Firefox and geckodriver are there.
///
/// # Errors
/// When they are missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure_firefox(workspace: &Workspace) -> Result<Firefox, Failure> {
    let package = "firefox-esr";
    if on_path(package).is_none() {
        apt::install(package, "Firefox", "what is typed is tested in a second browser")?;
    }
    let firefox = on_path(package).ok_or_else(|| {
        Failure::new("apt-get installed Firefox, but firefox-esr is not on PATH")
            .mend("install `firefox-esr` so that it is on PATH")
    })?;
    let geckodriver = CargoTool::geckodriver().ensure(workspace)?.join("geckodriver");
    Ok(Firefox { firefox, geckodriver })
}

fn found() -> Option<Browser> {
    Some(Browser { chromium: on_path("chromium")?, driver: on_path("chromedriver")? })
}
