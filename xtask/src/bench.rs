//! `cargo xtask bench`: the cost of one keystroke, as a ratio; `bench core`: beside other libraries, in Chromium;
//! `bench load`: how long a shopper waits for the form; `bench seal`: what
//! an envelope costs with each suite; `bench vault`: how many tokens a vault issues and spends.

mod core;
mod load;
mod seal;
mod vault;

use std::io::{self, Write};

pub(crate) use self::core::core;
pub(crate) use self::load::load;
pub(crate) use self::seal::seal;
pub(crate) use self::vault::vault;

use crate::document::Place;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::npm;
use crate::workspace::Workspace;

/// Where the tables are kept, each between two marks.
const DOCUMENT: &str = "docs/BENCHMARKS.md";

/// What becomes of a table besides being printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Table {
    Printed,
    /// It goes into the documentation as well.
    Kept,
}

/// Puts a table between its marks in the document.
fn keep(workspace: &Workspace, of: &str, text: &str) -> Result<(), Failure> {
    Place { document: DOCUMENT, command: &format!("cargo xtask bench {of}") }.write(workspace, text)
}

/// Measures the built module in Node.js against a plain JavaScript loop of the same run.
///
/// Machines differ and are shared, so only the ratio means something.
///
/// # Errors
/// When the module cannot be built or does not answer as it should.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    package::build(workspace)?;
    npm::ensure_node()?;
    let bench = Invocation::new("node").arg("xtask/node/bench.mjs").within(workspace.root());
    write!(io::stdout(), "{}", bench.output()?).attempt("stdout")
}

/// A rate with a space behind each three digits.
fn grouped(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
