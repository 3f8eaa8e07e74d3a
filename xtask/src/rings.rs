//! `cargo xtask test`: every ring of tests, from the quickest to the slowest, until one fails.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::examples;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::relay::Relay;
use crate::size;
use crate::tools::browser::{self, Browser, Firefox};
use crate::tools::cargo_tool::CargoTool;
use crate::tools::{npm, postgres, python, rust, softhsm, strace};
use crate::workspace::Workspace;

/// Everything outside the checkout that the rings need.
#[derive(Debug)]
struct Tools {
    browser: Browser,
    firefox: Firefox,
    /// The Python that has schemathesis.
    python: PathBuf,
    /// The search path with the cached tools in front.
    path: OsString,
}

/// A ring's name and work.
type Ring<'a> = (&'static str, &'a dyn Fn() -> Result<(), Failure>);

/// One line of the summary: a ring that was begun.
#[derive(Debug)]
struct Line {
    ring: &'static str,
    took: Duration,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Passed,
    Failed,
}

/// Runs all rings, or those that have the text `only` in their names.
///
/// # Errors
/// The first ring that fails, with the command that repeats it; or that there is no such ring.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> Result<(), Failure> {
    let mut lines = Vec::new();
    let mut result = run_each(workspace, only, &mut lines);
    if result.is_ok() && lines.len() == 1 {
        result = Err(Failure::new("no ring has that text in its name"));
    }
    eprintln!("\n{:<36} {:>8}  result", "ring", "seconds");
    for Line { ring, took, outcome } in &lines {
        let outcome = match outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED (later rings were not run)",
        };
        eprintln!("{ring:<36} {:>8.1}  {outcome}", took.as_secs_f64());
    }
    result
}

fn run_each(workspace: &Workspace, only: Option<&str>, lines: &mut Vec<Line>) -> Result<(), Failure> {
    let tools = &ring(lines, "tools", || prepare(workspace))?;
    let rings: [Ring<'_>; 10] = [
        ("format", &|| format(workspace)),
        ("build", &|| package::build(workspace)),
        ("clippy", &|| clippy(workspace)),
        ("1 cargo test (with 4, the race)", &|| cargo_test(workspace)),
        ("1 OpenAPI (schemathesis)", &|| openapi(workspace, tools)),
        ("2 in the browser (wasm-pack)", &|| wasm_pack(workspace, tools)),
        ("2 in Node.js", &|| node(workspace)),
        ("3 browser journeys (Playwright)", &|| journeys(workspace, tools)),
        ("3 the same without WebAssembly", &|| journeys_without_wasm(workspace, tools)),
        ("size budgets", &|| size::report(workspace)),
    ];
    for (name, work) in rings {
        if only.is_none_or(|text| name.contains(text)) {
            ring(lines, name, work)?;
        }
    }
    Ok(())
}

/// Does the work of one ring and writes its line.
fn ring<T>(
    lines: &mut Vec<Line>,
    ring: &'static str,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
    lines.push(Line { ring, took: started.elapsed(), outcome });
    result
}

/// Installs whatever is missing, before the first ring: a run should not fail for that after minutes.
fn prepare(workspace: &Workspace) -> Result<Tools, Failure> {
    rust::ensure_linters()?;
    rust::ensure_wasm_target()?;
    npm::ensure_packages(workspace, "tests/e2e", "Playwright and axe-core are npm packages")?;
    npm::ensure_packages(workspace, "tests/types", "the compiler that reads our types is an npm package")?;
    let browser = browser::ensure()?;
    let firefox = browser::ensure_firefox(workspace)?;
    postgres::ensure()?;
    softhsm::ensure()?;
    strace::ensure()?;
    let why = "schemathesis tests the faces against their OpenAPI documents";
    let python =
        python::ensure_packages(workspace, "schemathesis", "tests/schemathesis/requirements.txt", why)?;
    let bindgen = CargoTool::wasm_bindgen(workspace)?.ensure(workspace)?;
    let pack = CargoTool::wasm_pack().ensure(workspace)?;
    package::ensure_embedded(workspace)?;
    Ok(Tools { browser, firefox, python, path: path_with(&[bindgen, pack])? })
}

/// `cargo fmt --check`.
///
/// # Errors
/// When a file is not formatted.
pub(crate) fn format(workspace: &Workspace) -> Result<(), Failure> {
    let format = Invocation::cargo().words("fmt --all --check").within(workspace.root());
    format.run("format", "one layout, no discussion (`cargo fmt --all` mends it)")
}

/// Clippy with warnings denied: everything natively, and the browser crate for the browser.
///
/// # Errors
/// When there is a warning.
pub(crate) fn clippy(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo()
        .words("clippy --workspace --all-targets -- -D warnings")
        .within(workspace.root())
        .run("clippy", "warnings are denied")?;
    Invocation::cargo()
        .words("clippy --package tessera --all-targets --target wasm32-unknown-unknown -- -D warnings")
        .within(workspace.root())
        .run("clippy for wasm32", "warnings are denied in what only browsers compile, too")
}

fn cargo_test(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo().words("test --workspace").within(workspace.root()).run(
        "cargo test",
        "unit, property, vector, HTTP and tidy tests, and the proof of reliability with its small figures",
    )
}

/// Starts a vault for itself, so the command that repeats it is all there is to know.
fn openapi(workspace: &Workspace, tools: &Tools) -> Result<(), Failure> {
    Invocation::cargo()
        .words("build --package vault")
        .within(workspace.root())
        .run("vault", "its faces are what is tested")?;
    Invocation::new(&tools.python)
        .words("-B tests/schemathesis/run.py --vault")
        .arg(workspace.target().join("debug/tessera-vault"))
        .within(workspace.root())
        .run("schemathesis", "no face answers what its OpenAPI document does not say")
}

/// How long the runner of wasm-pack waits for a page of tests, in seconds: it is there for pages that hang, and a busy
/// machine is none. Its own 20 do not tell them apart.
const PAGE_OF_TESTS_SECS: &str = "600";

fn wasm_pack(workspace: &Workspace, tools: &Tools) -> Result<(), Failure> {
    let relay = Relay::start()?;
    let _configured = [relay.configure(workspace.root())?, relay.configure(&workspace.path("crates/seal"))?];
    Invocation::new("wasm-pack")
        .words("test --headless --chrome --mode no-install")
        .env("CHROMEDRIVER", &tools.browser.driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", PAGE_OF_TESTS_SECS)
        .env("PATH", &tools.path)
        .within(workspace.root())
        .run("wasm-pack test", "bindings, editing, sealing and the element in headless Chromium")?;
    Invocation::new("wasm-pack")
        .words("test --headless --chrome --mode no-install crates/seal --features x-wing")
        .env("CHROMEDRIVER", &tools.browser.driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", PAGE_OF_TESTS_SECS)
        .env("PATH", &tools.path)
        .within(workspace.root())
        .run(
            "wasm-pack test crates/seal",
            "the vectors of the RFC and of X-Wing and the frozen envelopes, compiled for browsers",
        )
}

fn node(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::new("node")
        .arg(Path::new("tests/node/exports.mjs"))
        .within(workspace.root())
        .run("Node.js", "the module works from bytes, without a window")?;
    Invocation::new("node")
        .words("--test --test-reporter=spec tests/node/package.test.mjs")
        .within(workspace.root())
        .run("package", "types, descriptions and contents of the npm package are what they should be")?;
    Invocation::new("node")
        .arg(Path::new("tests/node/translation.mjs"))
        .within(workspace.root())
        .run("translation", "the module and its translation to JavaScript give the same answers")?;
    Invocation::new("node")
        .arg(Path::new("tests/node/locales.mjs"))
        .within(workspace.root())
        .run("locales", "plural forms and directions are those of the languages")
}

fn journeys(workspace: &Workspace, tools: &Tools) -> Result<(), Failure> {
    // One of them has a vault with the other suite's keys.
    package::build_post_quantum(workspace)?;
    examples::install(workspace)?;
    playwright(workspace, tools)?
        .run("browser journeys", "what shoppers, merchants and attackers do, against a running demo")
}

/// The files of the ring that say nothing of a browser without WebAssembly: those of Firefox have a browser of their own,
/// `translation` starts both, `memory` is about what WebAssembly leaves in its memory, and `examples` about the pages around
/// the frame.
const OWN_BROWSERS: &[&str] = &[
    "examples.test.mjs",
    "firefox.test.mjs",
    "lifecycle-firefox.test.mjs",
    "memory.test.mjs",
    "translation.test.mjs",
];

/// The whole ring again, in a browser that has no WebAssembly and makes no machine code.
fn journeys_without_wasm(workspace: &Workspace, tools: &Tools) -> Result<(), Failure> {
    package::build_post_quantum(workspace)?;
    let directory = workspace.path("tests/e2e");
    let mut files = Vec::new();
    for entry in fs::read_dir(&directory).attempt(directory.display())? {
        let name = entry.attempt(directory.display())?.file_name();
        let is_test = name.to_str().is_some_and(|name| name.ends_with(".test.mjs"));
        if is_test && !OWN_BROWSERS.iter().any(|own| name == *own) {
            files.push(name);
        }
    }
    files.sort();
    let ring = playwright(workspace, tools)?.env("TESSERA_WEBASSEMBLY", "off");
    let ring = files.iter().fold(ring, Invocation::arg);
    ring.run(
        "without WebAssembly",
        "Lockdown Mode and its like: the same journeys with the translated module",
    )
}

fn playwright(workspace: &Workspace, tools: &Tools) -> Result<Invocation, Failure> {
    let this = std::env::current_exe().attempt("the path of this program")?;
    Ok(Invocation::new("node")
        .words("--test --test-concurrency=1 --test-reporter=spec")
        .env("TESSERA_XTASK", this)
        .env("TESSERA_CHROMIUM", &tools.browser.chromium)
        .env("TESSERA_FIREFOX", &tools.firefox.firefox)
        .env("TESSERA_GECKODRIVER", &tools.firefox.geckodriver)
        .within(&workspace.path("tests/e2e")))
}

fn path_with(front: &[PathBuf]) -> Result<OsString, Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(front.iter().cloned().chain(std::env::split_paths(&path))).attempt("PATH")
}
