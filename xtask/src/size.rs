//! `cargo xtask size`: what a shopper downloads, against the budgets.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::npm;
use crate::workspace::Workspace;

/// The module and its glue. 6,500 bytes of it are what typing and validation take beyond a first table of schemes:
/// twice the schemes, policies, undo, cheque hints, and a field that answers each key with one call. 3,400 are three
/// more gateways, two of which take what is typed in clear.
const FRAME_BUDGET_BYTES: u64 = 55_000;
/// The same two where the vault's sealing keys are of X-Wing: ML-KEM-768 and SHA-3 more.
const POST_QUANTUM_BUDGET_BYTES: u64 = 65_000;
/// What the frame runs before the module is there.
const FIRST_SCRIPT_BUDGET_BYTES: u64 = 700;
/// What is loaded instead of module and glue where there is no WebAssembly, with the frame's own scripts. Few shoppers
/// load it; the limit says when somebody should look why it grew.
const TRANSLATION_BUDGET_BYTES: u64 = 85_000;
/// And with X-Wing.
const POST_QUANTUM_TRANSLATION_BUDGET_BYTES: u64 = 100_000;
/// What a merchant's page loads.
const HOST_BUDGET_BYTES: u64 = 6_000;

/// What a frame loads besides where the merchant has a theme or a grid of their own.
const LOOK_BUDGET_BYTES: u64 = 11_000;

/// Files that are downloaded together, and how large they may be.
#[derive(Debug)]
struct Budget {
    name: &'static str,
    limit_bytes: u64,
    files: Vec<PathBuf>,
}

/// The size of one file, or of several together, in bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the table and compares it with the budgets.
///
/// # Errors
/// When a file is missing or a budget is exceeded.
pub(crate) fn report(workspace: &Workspace) -> Result<(), Failure> {
    package::build_post_quantum(workspace)?;
    npm::ensure_node()?;
    let mut lines =
        vec![format!("{:<34} {:>9} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip", "brotli", "budget")];
    let mut exceeded = Vec::new();
    for budget in budgets(workspace)? {
        let mut total = Size::default();
        for (path, size) in measure(workspace, &budget.files)? {
            lines.push(format!("{path:<34} {size}"));
            total = total.plus(size);
        }
        lines.push(format!("{:<34} {total} {:>9}", format!("= {}", budget.name), budget.limit_bytes));
        if total.brotli > budget.limit_bytes {
            exceeded.push(format!("{} takes {} of {} bytes", budget.name, total.brotli, budget.limit_bytes));
        }
    }
    writeln!(io::stdout(), "{}", lines.join("\n")).attempt("stdout")?;
    if exceeded.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("over the size budget (brotli): {}", exceeded.join("; ")))
        .mend("`twiggy top` on target/wasm32-unknown-unknown/wasm/tessera.wasm shows what takes the space"))
}

fn budgets(workspace: &Workspace) -> Result<Vec<Budget>, Failure> {
    let output = workspace.path(package::DIRECTORY);
    let own = workspace.path(package::FRAME_DIRECTORY);
    let frame = vec![own.join(package::MODULE), own.join(package::GLUE)];
    let second = workspace.path(package::POST_QUANTUM_DIRECTORY);
    let post_quantum = vec![second.join(package::MODULE), second.join(package::GLUE)];
    let post_quantum_translation =
        vec![second.join(package::TRANSLATION), workspace.path(package::FRAME_SCRIPT)];
    let translation = vec![output.join(package::TRANSLATION), workspace.path(package::FRAME_SCRIPT)];
    Ok(vec![
        Budget { name: "card frame", limit_bytes: FRAME_BUDGET_BYTES, files: frame },
        Budget {
            name: "card frame, post-quantum",
            limit_bytes: POST_QUANTUM_BUDGET_BYTES,
            files: post_quantum,
        },
        Budget {
            name: "card frame's first script",
            limit_bytes: FIRST_SCRIPT_BUDGET_BYTES,
            files: vec![workspace.path(package::FRAME_SCRIPT)],
        },
        Budget {
            name: "card frame without WebAssembly",
            limit_bytes: TRANSLATION_BUDGET_BYTES,
            files: translation,
        },
        Budget {
            name: "... and post-quantum",
            limit_bytes: POST_QUANTUM_TRANSLATION_BUDGET_BYTES,
            files: post_quantum_translation,
        },
        Budget {
            name: "a theme or a grid, on demand",
            limit_bytes: LOOK_BUDGET_BYTES,
            files: vec![output.join(package::look::MODULE), workspace.path(package::look::LOADER)],
        },
        Budget {
            name: "merchant's page",
            limit_bytes: HOST_BUDGET_BYTES,
            files: vec![workspace.path(package::HOST)],
        },
    ])
}

fn measure(workspace: &Workspace, files: &[PathBuf]) -> Result<Vec<(String, Size)>, Failure> {
    let mut sizes = Invocation::new("node").arg(workspace.path("xtask/node/sizes.mjs"));
    for file in files {
        sizes = sizes.arg(file);
    }
    let sizes: Vec<Value> = serde_json::from_str(&sizes.output()?).attempt("sizes.mjs")?;
    let rows = files.iter().zip(&sizes).map(|(file, size)| {
        let relative = file.strip_prefix(workspace.root()).unwrap_or(file);
        let bytes = |name: &str| size.get(name).and_then(Value::as_u64).unwrap_or(u64::MAX);
        let size = Size { raw: bytes("raw"), gzip: bytes("gzip"), brotli: bytes("brotli") };
        (relative.display().to_string(), size)
    });
    Ok(rows.collect())
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw.saturating_add(other.raw),
            gzip: self.gzip.saturating_add(other.gzip),
            brotli: self.brotli.saturating_add(other.brotli),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:>9} {:>9} {:>9}", self.raw, self.gzip, self.brotli)
    }
}
