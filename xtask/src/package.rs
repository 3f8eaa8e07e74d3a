//! Makes what is generated in `pkg`: in `pkg/wasm` the browser module, compiled, bound to JavaScript and made
//! small; and the host file, `pkg/index.js`. On request also, in `pkg/post-quantum`, the module that can seal to keys of
//! X-Wing as well.
//!
//! The files have the names and the `web` form that wasm-pack would write (`wasm-pack build --target web
//! --no-pack --out-dir pkg/wasm --profile wasm`), but wasm-bindgen runs as a library of the pinned version:
//! nobody has to build its command-line tools first.

mod glue;
mod host;
mod javascript;
pub(crate) mod look;
mod names;
mod post_quantum;
mod trim;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Attempt, Failure};
use crate::invocation::{Invocation, timed};
use crate::locales;
use crate::stamp::Stamp;
use crate::tools::{npm, rust};
use crate::workspace::Workspace;

pub(crate) use host::{BUNDLE as HOST, FRAME_SCRIPT};
pub(crate) use post_quantum::DIRECTORY as POST_QUANTUM_DIRECTORY;

/// Where the module lies, from the top of the checkout.
pub(crate) const DIRECTORY: &str = "pkg/wasm";
/// Where the part of it lies that the card frame needs.
pub(crate) const FRAME_DIRECTORY: &str = "pkg/frame";
/// The file name of the module's JavaScript side.
pub(crate) const GLUE: &str = "tessera.js";
/// The file name of the module.
pub(crate) const MODULE: &str = "tessera_bg.wasm";
/// The file name of module and JavaScript side together, for browsers without WebAssembly.
pub(crate) const TRANSLATION: &str = "tessera.js-only.js";

/// The types of the module's JavaScript side.
const TYPES: &str = "tessera.d.ts";
/// The types of the module's own exports.
const RAW_TYPES: &str = "tessera_bg.wasm.d.ts";

/// Everything that can change what is built.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "crates",
    "src",
    "xtask/npm/package-lock.json",
    "xtask/src/package",
    "xtask/src/package.rs",
];

/// Builds whatever of the package is not there or has changed inputs.
///
/// # Errors
/// When a tool is missing and cannot be installed, or a step fails.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    locales::build(workspace)?;
    build_host(workspace)?;
    build_module(workspace)?;
    post_quantum::discard_old(workspace)
}

/// The same, and the module with both suites.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_post_quantum(workspace: &Workspace) -> Result<(), Failure> {
    build(workspace)?;
    post_quantum::build(workspace)
}

/// Builds the host file alone, which takes no compiler.
///
/// # Errors
/// When Node.js is missing or esbuild cannot be installed or fails.
pub(crate) fn build_host(workspace: &Workspace) -> Result<(), Failure> {
    host::build(workspace, &tools(workspace)?)
}

fn tools(workspace: &Workspace) -> Result<PathBuf, Failure> {
    npm::ensure_packages(workspace, "xtask/npm", "wasm-opt and the minifier are npm packages")
}

fn build_module(workspace: &Workspace) -> Result<(), Failure> {
    let output = workspace.path(DIRECTORY);
    let kept = workspace.target().join("package.stamp");
    // The product is part of the stamp: somebody may have removed it or made another by hand.
    let frame = workspace.path(FRAME_DIRECTORY).join(MODULE);
    if output.is_dir() && frame.is_file() && inputs(workspace)?.path(&output)?.path(&frame)?.is_in(&kept) {
        eprintln!("==> browser module: {DIRECTORY} is up to date");
        return Ok(());
    }
    rust::ensure_wasm_target()?;
    let commands = tools(workspace)?;

    let trimmed = compile(workspace, "")?;
    let [staging, apart, part] =
        ["package", "package-js-only", "package-frame"].map(|name| workspace.target().join(name));
    for directory in [&staging, &apart, &part] {
        fresh_directory(directory)?;
    }
    // Each takes half a minute of one core.
    let (module, translation) = thread::scope(|scope| {
        let translation =
            scope.spawn(|| javascript::build(&commands, &trimmed, &apart, &apart.join(TRANSLATION)));
        let module = make_module(&commands, &trimmed, &staging, glue::slim)
            .and_then(|()| make_module(&commands, &trimmed, &part, glue::slim_frame));
        (module, translation.join().unwrap_or_else(|_| Err(Failure::new("the translation broke down"))))
    });
    module.and(translation)?;
    let translation = apart.join(TRANSLATION);
    fs::copy(&translation, staging.join(TRANSLATION)).attempt(translation.display())?;
    look::build(workspace, &commands, &staging)?;

    let frame = workspace.path(FRAME_DIRECTORY);
    fs::create_dir_all(&frame).attempt(frame.display())?;
    for file in [MODULE, GLUE] {
        fs::copy(part.join(file), frame.join(file)).attempt(frame.display())?;
    }
    fresh_directory(&output)?;
    for entry in fs::read_dir(&staging).attempt(staging.display())? {
        let entry = entry.attempt(staging.display())?;
        // Snippets are inside the minified glue.
        if entry.path().is_file() {
            fs::copy(entry.path(), output.join(entry.file_name())).attempt(output.display())?;
        }
    }
    inputs(workspace)?.path(&output)?.path(&frame.join(MODULE))?.keep(&kept)
}

/// Makes the module and its JavaScript side, of which `cut` leaves what is needed.
fn make_module(
    commands: &Path,
    trimmed: &[u8],
    staging: &Path,
    cut: fn(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    timed("bindings", || bind(trimmed.to_vec(), staging)).attempt("wasm-bindgen")?;
    slim(staging, cut)?;
    shorten(staging)?;
    optimise(commands, staging)?;
    bundle(commands, staging)
}

/// Makes what compilers want to embed exist: the output directory, the messages and the host file.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn ensure_embedded(workspace: &Workspace) -> Result<(), Failure> {
    let output = workspace.path(DIRECTORY);
    fs::create_dir_all(&output).attempt(output.display())?;
    locales::build(workspace)?;
    build_host(workspace)
}

fn inputs(workspace: &Workspace) -> Result<Stamp, Failure> {
    let compiler = Invocation::new("rustc").arg("--version").output()?;
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    // The root that the module pins; see crates/seal/src/root.rs.
    let root = std::env::var("TESSERA_ROOT").unwrap_or_default();
    INPUTS.iter().try_fold(Stamp::new().text(&compiler).text(&flags).text(&root), |stamp, input| {
        stamp.path(&workspace.path(input))
    })
}

/// The module as it comes from the compiler, without what no call needs.
fn compile(workspace: &Workspace, features: &str) -> Result<Vec<u8>, Failure> {
    Invocation::cargo()
        .words("build --package tessera --lib --target wasm32-unknown-unknown --profile wasm")
        .words(features)
        .within(workspace.root())
        .run("browser module", "everything that touches a card number in the browser is Rust")?;
    let compiled = workspace.target().join("wasm32-unknown-unknown/wasm/tessera.wasm");
    let compiled = fs::read(&compiled).attempt(compiled.display())?;
    timed("trimming", || trim::trim(&compiled)).attempt("the compiled module")
}

/// What `wasm-bindgen --target web` does, with a module that has been trimmed before.
fn bind(trimmed: Vec<u8>, staging: &Path) -> Result<(), String> {
    eprintln!("==> bindings: wasm-bindgen writes the JavaScript side of the module");
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("tessera", trimmed).out_name("tessera").typescript(true);
    // wasm-opt needs the names of functions, and takes them out in the end.
    bindgen.remove_name_section(false).remove_producers_section(true);
    let web = bindgen.web(true).map_err(|error| format!("{error:#}"))?;
    web.generate(staging).map_err(|error| format!("{error:#}"))
}

/// Takes out of the JavaScript side what no browser of ours needs.
fn slim(staging: &Path, cut: fn(&str) -> Result<String, String>) -> Result<(), Failure> {
    for (file, cut) in [(GLUE, cut), (TYPES, glue::types)] {
        let path = staging.join(file);
        let slim = cut(&fs::read_to_string(&path).attempt(path.display())?).attempt(path.display())?;
        fs::write(&path, slim).attempt(path.display())?;
    }
    // It names the exports of the module itself, which nobody may rely on.
    let raw = staging.join(RAW_TYPES);
    fs::remove_file(&raw).attempt(raw.display())
}

/// Takes the length out of the names by which the module and its JavaScript side know each other.
fn shorten(staging: &Path) -> Result<(), Failure> {
    let (module, glue) = (staging.join(MODULE), staging.join(GLUE));
    let read =
        (fs::read(&module).attempt(module.display())?, fs::read_to_string(&glue).attempt(glue.display())?);
    let short = names::shorten(&read.0, &read.1);
    let short = short.ok_or("imports or exports are not written as expected").attempt(module.display())?;
    fs::write(&module, short.0).attempt(module.display())?;
    fs::write(&glue, short.1).attempt(glue.display())
}

fn optimise(commands: &Path, staging: &Path) -> Result<(), Failure> {
    let module = staging.join(MODULE);
    Invocation::new(commands.join("wasm-opt"))
        .words("-Oz --converge --one-caller-inline-max-function-size=40")
        // Functions of one crate are alike: side by side they compress better.
        .words("--reorder-functions-by-name --strip-debug --strip-target-features -o")
        .arg(&module)
        .arg(&module)
        .run("wasm-opt", "a smaller module arrives sooner")
}

/// Takes the snippets of crates into the glue, so that the frame loads one file, and minifies it.
fn bundle(commands: &Path, staging: &Path) -> Result<(), Failure> {
    Invocation::new(commands.join("esbuild"))
        .words("--bundle --minify --drop:console --format=esm --target=es2022 --log-level=warning --allow-overwrite")
        // What wasm-bindgen's classes call by these names, nobody else does.
        .words("--mangle-props=^__(wbg_ptr|destroy_into_raw|wrap)$")
        // What is loaded on demand lies beside the glue.
        .words("--external:/assets/*")
        .arg(format!("--outfile={}", staging.join(GLUE).display()))
        .arg(staging.join(GLUE))
        .run("glue", "what shoppers download is one file; stack traces keep the wasm's function numbers")?;
    minify(commands, &staging.join(GLUE))
}

/// Makes a script of ours smaller, in its place: after esbuild, Terser still finds 2 %.
fn minify(commands: &Path, script: &Path) -> Result<(), Failure> {
    Invocation::new(commands.join("terser"))
        .arg(script)
        .words(
            "--module --ecma 2022 --mangle --compress passes=3,unsafe_arrows,keep_fargs=false,pure_getters",
        )
        .arg("--output")
        .arg(script)
        .run("smaller script", "what shoppers download is minified")
}

fn fresh_directory(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        fs::remove_dir_all(path).attempt(path.display())?;
    }
    fs::create_dir_all(path).attempt(path.display())
}
