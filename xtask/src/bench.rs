//! `cargo xtask bench`: the cost of one keystroke, as a ratio; `bench core`: beside other libraries, in Chromium.

mod core;

use std::io::{self, Write};

pub(crate) use self::core::{Table, core};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::npm;
use crate::workspace::Workspace;

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
