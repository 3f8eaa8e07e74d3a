//! The module that parses themes and grids: small, of its own, and loaded only by frames that have one.

use std::fs;
use std::path::Path;

use super::trim;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// The file name of the module.
pub(crate) const MODULE: &str = "look.wasm";
/// The same for browsers without WebAssembly.
const SCRIPT: &str = "look.wasm.js";
/// The frame's script that loads it, from the top of the checkout.
pub(crate) const LOADER: &str = "www/frame/look.js";

/// Makes the module. It imports nothing, so that it needs no glue.
///
/// # Errors
/// When a step fails.
pub(super) fn build(workspace: &Workspace, commands: &Path, staging: &Path) -> Result<(), Failure> {
    Invocation::cargo()
        .words("build --package look --lib --target wasm32-unknown-unknown --profile wasm")
        .within(workspace.root())
        .run("module for looks", "what a page says about looks is parsed before it is applied")?;
    let compiled = workspace.target().join("wasm32-unknown-unknown/wasm/look.wasm");
    let compiled = fs::read(&compiled).attempt(compiled.display())?;
    let module = staging.join(MODULE);
    fs::write(&module, trim::silence_panics(&compiled).attempt(MODULE)?).attempt(module.display())?;
    Invocation::new(commands.join("wasm-opt"))
        .words("-Oz --converge --strip-debug --strip-target-features --strip-producers -o")
        .arg(&module)
        .arg(&module)
        .run("wasm-opt", "a smaller module arrives sooner")?;
    let script = staging.join(SCRIPT);
    let plain = workspace.target().join("look-plain.wasm");
    Invocation::new(commands.join("wasm-opt"))
        .words("--enable-bulk-memory --enable-bulk-memory-opt --enable-sign-ext --enable-mutable-globals")
        .words("--enable-nontrapping-float-to-int --signext-lowering --llvm-nontrapping-fptoint-lowering")
        .words("--llvm-memory-copy-fill-lowering -Oz -o")
        .arg(&plain)
        .arg(&module)
        .run("wasm-opt", "what wasm2js does not know becomes what it knows")?;
    Invocation::new(commands.join("wasm2js"))
        .words("--enable-mutable-globals -Oz -o")
        .arg(&script)
        .arg(&plain)
        .run("wasm2js", "some browsers have WebAssembly turned off")?;
    Invocation::new(commands.join("esbuild"))
        .words("--minify --format=esm --target=es2022 --log-level=warning --allow-overwrite")
        .arg(format!("--outfile={}", script.display()))
        .arg(&script)
        .run("script for looks", "what shoppers download is minified")
}
