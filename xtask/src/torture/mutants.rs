//! The row of mutation testing: the code of a token's life, of the keys and of the limits is broken in one place at a time,
//! and a test has to notice.
//!
//! A mutant costs what it costs to build the vault and its tests again. So each is first shown to the tests that build
//! fastest, and only those that survive to the next ones.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::tools::cargo_tool::CargoTool;
use crate::workspace::Workspace;

/// The part of the mutants that a test has to notice, in hundredths.
const LEAST_CAUGHT: usize = 90;

/// Which tests are asked, one after the other, and after how many seconds one has noticed by hanging.
const STAGES: [(&str, &str); 3] =
    [("--lib", "120"), ("--test http", "400"), ("--test store_conformance --test process", "600")];

/// Names a part of all mutants, as `2/5`: every fifth, beginning with the third. What such a part says is said of a sample.
const SAMPLE: &str = "TESSERA_MUTANTS";

/// Runs cargo-mutants as `.cargo/mutants.toml` says; gives the row's line and whether it holds. The survivors stand in
/// `target/mutants/survivors.txt`.
///
/// # Errors
/// When the tool cannot be built, or does not say what it found.
pub(super) fn run(workspace: &Workspace) -> Result<(Value, Result<(), Failure>), Failure> {
    let program = CargoTool::cargo_mutants().ensure(workspace)?.join("cargo-mutants");
    let home = workspace.target().join("mutants");
    let of_all = Invocation::new(&program).words("mutants --package vault --list").within(workspace.root());
    let of_all = of_all.output()?.lines().count();
    let sample = std::env::var(SAMPLE).ok();
    let (mut tried, mut survivors) = (0, Vec::new());
    for (number, (tests, timeout)) in STAGES.into_iter().enumerate() {
        let output = home.join(format!("stage-{}", number + 1));
        fs::create_dir_all(&output).attempt(output.display())?;
        let mut mutants = Invocation::new(&program)
            // What is built and not kept in git would be there in part, and a vault with a part of its pages fails its tests.
            .words("mutants --package vault --no-shuffle --gitignore true --timeout")
            .arg(timeout)
            .arg("--output")
            .arg(&output)
            // Nobody looks into these programs, and without what a debugger wants they build faster.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TARGET_DIR", home.join("target"))
            .within(workspace.root());
        match (number, &sample) {
            (0, Some(sample)) => mutants = mutants.words("--sharding round-robin --shard").arg(sample),
            (0, None) => {}
            (_, _) if survivors.is_empty() => break,
            (_, _) => mutants = mutants.arg("--re").arg(exactly(&survivors)),
        }
        // For building, too: what is not asked need not be linked for each mutant.
        for word in tests.split(' ') {
            mutants = mutants.arg(format!("--cargo-arg={word}"));
        }
        // Fails if a mutant survives, which is judged here; and if the tests fail with nothing broken, which would kill all.
        let ended = mutants
            .run(&format!("cargo-mutants, stage {}", number + 1), "a test has to notice each broken place");
        let found = Found::read(&output.join("mutants.out"))?;
        if found.noticed + found.missed.len() == 0 {
            ended?;
        }
        if number == 0 {
            tried = found.noticed + found.missed.len();
        }
        survivors = found.missed;
    }
    let path = home.join("survivors.txt");
    fs::write(&path, survivors.join("\n") + "\n").attempt(path.display())?;
    let killed = tried - survivors.len().min(tried);
    let hundredths = (killed * 100).checked_div(tried).unwrap_or(0);
    let line = json!({"figures": {
        "mutants": tried, "of": of_all, "killed": killed, "survivors": survivors.len(),
        "killed of a hundred": hundredths,
    }});
    eprintln!("    survivors: {}", path.display());
    let outcome = if hundredths < LEAST_CAUGHT {
        Err(Failure::new(format!("{hundredths} of a hundred mutants were noticed; {LEAST_CAUGHT} should be")))
    } else {
        Ok(())
    };
    Ok((line, outcome))
}

/// What a stage found.
struct Found {
    /// How many mutants a test noticed, or hung on.
    noticed: usize,
    /// The names of the others; those that do not build are in neither.
    missed: Vec<String>,
}

impl Found {
    fn read(output: &Path) -> Result<Self, Failure> {
        let lines = |name: &str| -> Result<Vec<String>, Failure> {
            let path = output.join(name);
            let text = fs::read_to_string(&path).attempt(path.display())?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        let noticed = lines("caught.txt")?.len() + lines("timeout.txt")?.len();
        Ok(Self { noticed, missed: lines("missed.txt")? })
    }
}

/// A regular expression that matches these names and no others.
fn exactly(names: &[String]) -> String {
    let literal = |name: &String| {
        let special = |c: char| !(c.is_ascii_alphanumeric() || " _:/'\"<>,=".contains(c)) && c.is_ascii();
        name.chars().fold(String::new(), |mut text, c| {
            if special(c) {
                text.push('\\');
            }
            text.push(c);
            text
        })
    };
    format!("^(?:{})$", names.iter().map(literal).collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_are_named_exactly() {
        let names =
            ["vault/src/limits.rs:4:9: replace f -> Option<[u8; 32]> with None".to_owned(), "b+".to_owned()];
        let expected = r"^(?:vault/src/limits\.rs:4:9: replace f \-> Option<\[u8\; 32\]> with None|b\+)$";
        assert_eq!(exactly(&names), expected);
    }

    #[test]
    fn what_was_found_is_read_from_the_lists() {
        let dir = std::env::temp_dir().join(format!("tessera-mutants-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        for (name, text) in [("caught.txt", "a\nb\n"), ("timeout.txt", "c\n"), ("missed.txt", "d\n")] {
            fs::write(dir.join(name), text).unwrap();
        }
        let found = Found::read(&dir).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!((found.noticed, found.missed), (3, vec!["d".to_owned()]));
    }
}
