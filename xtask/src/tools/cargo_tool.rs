//! Command-line tools built by cargo into the per-user cache.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// Whether a tool is built with the dependency versions its authors tested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dependencies {
    /// As the tool's own lock file says.
    Locked,
    /// The newest compatible ones. For wasm-bindgen-cli, whose lock file names a `webpki-roots` that
    /// registries may lack.
    Newest,
}

/// One tool in one version.
#[derive(Clone, Debug)]
pub(crate) struct CargoTool {
    package: &'static str,
    version: String,
    executable: &'static str,
    dependencies: Dependencies,
    why: &'static str,
}

impl CargoTool {
    /// wasm-pack, which runs the tests inside a browser.
    pub(crate) fn wasm_pack() -> Self {
        Self {
            package: "wasm-pack",
            version: "0.15.1".to_owned(),
            executable: "wasm-pack",
            dependencies: Dependencies::Locked,
            why: "it runs the browser crate's tests in headless Chromium",
        }
    }

    /// wasm-bindgen's command-line tools in the version that the workspace pins for the library.
    ///
    /// # Errors
    /// When the root `Cargo.toml` has no pin.
    pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Result<Self, Failure> {
        Ok(Self {
            package: "wasm-bindgen-cli",
            version: workspace.pinned("wasm-bindgen")?,
            executable: "wasm-bindgen-test-runner",
            dependencies: Dependencies::Newest,
            why: "wasm-pack drives the browser with its test runner",
        })
    }

    /// geckodriver, which drives Firefox.
    pub(crate) fn geckodriver() -> Self {
        Self {
            package: "geckodriver",
            version: "0.37.1".to_owned(),
            executable: "geckodriver",
            dependencies: Dependencies::Locked,
            why: "it drives Firefox in the browser tests",
        }
    }

    /// cargo-deny, which checks licences, sources and advisories of dependencies.
    pub(crate) fn cargo_deny() -> Self {
        Self {
            package: "cargo-deny",
            version: "0.20.2".to_owned(),
            executable: "cargo-deny",
            dependencies: Dependencies::Locked,
            why: "it checks licences, sources and advisories of all dependencies",
        }
    }

    /// cargo-fuzz, which builds and runs the targets of `fuzz/`.
    pub(crate) fn cargo_fuzz() -> Self {
        Self {
            package: "cargo-fuzz",
            version: "0.13.2".to_owned(),
            executable: "cargo-fuzz",
            dependencies: Dependencies::Locked,
            why: "it runs every parser on inputs that nobody thought of",
        }
    }

    /// cargo-mutants, which breaks the code in one place at a time.
    pub(crate) fn cargo_mutants() -> Self {
        Self {
            package: "cargo-mutants",
            version: "27.1.0".to_owned(),
            executable: "cargo-mutants",
            dependencies: Dependencies::Locked,
            why: "it breaks the code in one place at a time and looks whether a test notices",
        }
    }

    /// Builds the tool unless it is in the cache; gives the directory of its executables.
    ///
    /// # Errors
    /// When it cannot be built.
    pub(crate) fn ensure(&self, workspace: &Workspace) -> Result<PathBuf, Failure> {
        let home = workspace.tools().join(format!("{}-{}", self.package, self.version));
        let bin = home.join("bin");
        if bin.join(self.executable).is_file() {
            return Ok(bin);
        }
        let mut install = Invocation::cargo().words("install --root").arg(&home);
        if self.dependencies == Dependencies::Locked {
            install = install.arg("--locked");
        }
        install
            .words(&format!("--version {} {}", self.version, self.package))
            .env("CARGO_TARGET_DIR", workspace.target().join("tools"))
            .within(workspace.root())
            .run(&format!("{} {}", self.package, self.version), self.why)?;
        Ok(bin)
    }
}
