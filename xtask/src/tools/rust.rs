//! Parts of the Rust toolchain itself, added with rustup.

use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::tools::on_path;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the compiler can build for the browser.
///
/// # Errors
/// When the target is missing and rustup cannot add it.
pub(crate) fn ensure_wasm_target() -> Result<(), Failure> {
    let query = format!("--print target-libdir --target {WASM_TARGET}");
    let directory = Invocation::new("rustc").words(&query).output()?;
    if Path::new(directory.trim()).is_dir() {
        return Ok(());
    }
    rustup(&format!("target add {WASM_TARGET}"), "wasm32 target", "the browser module is compiled for it")
}

/// Makes sure that `cargo fmt` and `cargo clippy` exist; rustup's minimal profile lacks them.
///
/// # Errors
/// When one is missing and rustup cannot add it.
pub(crate) fn ensure_linters() -> Result<(), Failure> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !Invocation::cargo().arg(command).arg("--version").succeeds() {
            rustup(&format!("component add {component}"), component, "the checks run it")?;
        }
    }
    Ok(())
}

/// Makes sure that the nightly toolchain is there, which libFuzzer's sanitizers need.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub(crate) fn ensure_nightly() -> Result<(), Failure> {
    if Invocation::new("rustup").words("run nightly rustc --version").succeeds() {
        return Ok(());
    }
    rustup("toolchain install nightly --profile minimal", "nightly toolchain", "fuzzing needs its sanitizers")
}

fn rustup(arguments: &str, what: &str, why: &str) -> Result<(), Failure> {
    if on_path("rustup").is_none() {
        return Err(Failure::new(format!("{what} is missing, and there is no rustup to add it"))
            .mend(format!("install rustup (https://rustup.rs), or add it by hand: rustup {arguments}")));
    }
    Invocation::new("rustup").words(arguments).run(what, why)
}
