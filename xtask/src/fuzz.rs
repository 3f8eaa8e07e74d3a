//! cargo-fuzz on every target of `fuzz/`, as many at once as there are cores.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::failure::{Attempt, Failure};
use crate::invocation::{Invocation, timed};
use crate::tools::{cargo_tool::CargoTool, rust};
use crate::workspace::Workspace;

/// What was fuzzed, without a finding.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Fuzzed {
    /// How many targets there are.
    pub(crate) targets: usize,
    /// How many inputs they were given, together.
    pub(crate) inputs: u64,
}

/// Each target for so many seconds. What a run finds is kept in `fuzz/corpus` for the next one, and what it says in
/// `target/fuzz/*.log`.
///
/// # Errors
/// When a target does not build, or an input makes one panic; all others are run to their end.
pub(crate) fn run(workspace: &Workspace, secs: u32) -> Result<Fuzzed, Failure> {
    let targets = Targets::build(workspace)?;
    let waiting = Mutex::new(targets.names()?.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let outcomes = Mutex::new(Vec::new());
    let lane = || {
        while let Some(name) = next() {
            let outcome = timed(&format!("fuzz {name}"), || targets.run(&name, secs));
            match &outcome {
                Ok(inputs) => eprintln!("    fuzz {name}: {inputs} inputs, nothing found"),
                Err(failure) => eprintln!("xtask: {failure}"),
            }
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(lane);
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.into_iter().try_fold(Fuzzed::default(), |sum, outcome| {
        outcome.map(|inputs| Fuzzed { targets: sum.targets + 1, inputs: sum.inputs + inputs })
    })
}

/// The targets, built.
struct Targets {
    program: PathBuf,
    /// Where they stand.
    home: PathBuf,
    /// Where they are built.
    target: PathBuf,
}

impl Targets {
    fn build(workspace: &Workspace) -> Result<Self, Failure> {
        let program = CargoTool::cargo_fuzz().ensure(workspace)?.join("cargo-fuzz");
        rust::ensure_nightly()?;
        let targets = Self { program, home: workspace.path("fuzz"), target: workspace.target().join("fuzz") };
        let build = targets.cargo_fuzz("build --target-dir").arg(&targets.target);
        build.run("fuzz targets", "parsers and edits, with sanitizers")?;
        Ok(targets)
    }

    /// The program is cargo's own subcommand, so it is told that it was called as one; cargo must be the nightly one,
    /// whatever cargo runs us.
    fn cargo_fuzz(&self, arguments: &str) -> Invocation {
        Invocation::new("rustup")
            .words("run nightly")
            .arg(&self.program)
            .arg("fuzz")
            .words(arguments)
            .within(&self.home)
    }

    /// The files of their folder.
    fn names(&self) -> Result<Vec<String>, Failure> {
        let folder = self.home.join("fuzz_targets");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).attempt(folder.display())? {
            let path = entry.attempt(folder.display())?.path();
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
        names.sort();
        Ok(names)
    }

    /// Runs one; gives how many inputs it was given.
    fn run(&self, name: &str, secs: u32) -> Result<u64, Failure> {
        let dictionary = if ["json", "token"].contains(&name) { "json" } else { "card" };
        let invocation = self
            .cargo_fuzz("run --target-dir")
            .arg(&self.target)
            .arg(name)
            .words(&format!("-- -max_total_time={secs} -max_len=2048 -verbosity=0 -print_final_stats=1"))
            .arg(format!("-dict={}", self.home.join(format!("dictionaries/{dictionary}.dict")).display()));
        let shown = invocation.to_string();
        eprintln!("==> fuzz {name}: no input may cause a panic\n    {shown}");
        let log = self.target.join(format!("{name}.log"));
        let said = File::create(&log).attempt(log.display())?;
        let mut command = invocation.into_command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let status = command.status().attempt(format!("cannot start `{shown}`"))?;
        if !status.success() {
            let failure = Failure::new(format!("fuzz {name} failed ({status}): {}", log.display()));
            return Err(failure.mend(format!("to repeat it: {shown}")));
        }
        inputs(&log)
    }
}

/// How many inputs a target was given, as it said at its end.
fn inputs(log: &Path) -> Result<u64, Failure> {
    let text = fs::read_to_string(log).attempt(log.display())?;
    let said = text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs = said.and_then(|number| number.trim().parse().ok()).filter(|number| *number > 0);
    inputs.ok_or_else(|| Failure::new(format!("{} does not say how many inputs there were", log.display())))
}
