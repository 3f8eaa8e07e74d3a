//! `cargo xtask torture`: the proof of reliability with its large figures, and the table of `docs/RELIABILITY.md`.

mod mutants;
mod table;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use crate::document::Place;
use crate::failure::{Attempt, Failure};
use crate::fuzz::{self, Fuzzed};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::{postgres, strace};
use crate::workspace::Workspace;

/// Where the table is kept.
const PLACE: Place<'_> = Place { document: "docs/RELIABILITY.md", command: "cargo xtask torture" };

/// How long each decoder is fuzzed.
const FUZZ_SECS: u32 = 600;

/// What becomes of the table besides being printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Table {
    Printed,
    /// The lines of the rows that were run replace their older ones in the document.
    Kept,
}

/// What a row does.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// A test of a test program of the vault, which writes the row's line itself.
    Test { program: &'static str, test: &'static str },
    /// cargo-fuzz on every decoder.
    Fuzz,
    /// cargo-mutants.
    Mutants,
}

/// The rows in the order of the table. The names are those that the tests give to their rows.
const ROWS: &[(&str, Work)] = &[
    ("16 spenders per token, SQLite", test("race", "one_of_sixteen_spenders_wins_each_token")),
    (
        "16 spenders per token, PostgreSQL",
        test("race", "one_of_sixteen_spenders_wins_each_token_on_postgres"),
    ),
    ("kill -9 of the server under load", test("process", "kill::what_was_acknowledged_survives_every_kill")),
    ("PostgreSQL: backends killed", test("postgres", "kills::killed_connections_lose_nothing")),
    ("PostgreSQL: server killed", test("postgres", "kills::a_server_that_is_killed_loses_nothing")),
    (
        "PostgreSQL: standby promoted",
        test("postgres", "kills::a_promoted_standby_has_everything_that_was_acknowledged"),
    ),
    (
        "PostgreSQL: cut between COMMIT and its answer",
        test("postgres", "cuts::the_outcome_of_a_lost_commit_is_found_out"),
    ),
    (
        "power lost at sync boundaries, SQLite",
        test("torture", "power::what_was_acknowledged_survives_every_power_cut"),
    ),
    (
        "disk full, I/O error, failing fsync",
        test("torture", "faults::what_was_acknowledged_survives_a_failing_disk"),
    ),
    ("same idempotency key 32 times at once", test("torture", "idempotency::one_key_has_one_answer")),
    (
        "three replicas, rolling restart under load",
        test("torture", "rolling::no_request_fails_while_three_vaults_are_restarted_in_turns"),
    ),
    ("canary numbers in everything that is kept or said", test("torture", "canaries::no_number_is_anywhere")),
    ("fuzzing of every decoder", Work::Fuzz),
    ("mutation testing", Work::Mutants),
];

const fn test(program: &'static str, test: &'static str) -> Work {
    Work::Test { program, test }
}

/// Runs the rows, or those that have the text `only` in their names, all to the end, and prints their table.
///
/// # Errors
/// When a row failed, or there is none of that name.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>, table: Table) -> Result<(), Failure> {
    let chosen: Vec<_> =
        ROWS.iter().filter(|(name, _)| only.is_none_or(|text| name.contains(text))).collect();
    if chosen.is_empty() {
        let names: Vec<_> = ROWS.iter().map(|(name, _)| *name).collect();
        return Err(Failure::new("no row has that text in its name").mend(names.join("\n    ")));
    }
    postgres::ensure()?;
    strace::ensure()?;
    package::ensure_embedded(workspace)?;
    if chosen.iter().any(|(_, work)| matches!(work, Work::Test { .. })) {
        Invocation::cargo()
            .words("test --release --package vault --tests --no-run")
            .within(workspace.root())
            .run("build", "the vault and its tests, as they are released")?;
    }
    let stamp = table::Stamp::now(workspace)?;
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for (number, (name, work)) in chosen.iter().enumerate() {
        eprintln!("\n==> row {} of {}: {name}", number + 1, chosen.len());
        let (line, outcome) = row(workspace, name, *work)?;
        if let Err(failure) = outcome {
            eprintln!("xtask: {failure}");
            failed.push(*name);
        }
        lines.push((*name, stamp.line(name, &line)));
    }
    let printed = table::whole(lines.iter().map(|(_, line)| line.as_str()));
    io::stdout().write_all(printed.as_bytes()).attempt("stdout")?;
    if table == Table::Kept {
        let order: Vec<_> = ROWS.iter().map(|(name, _)| *name).collect();
        PLACE.write(workspace, &table::merged(&order, &PLACE.read(workspace)?, &lines))?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(Failure::new(format!("rows that failed: {}", failed.join("; ")))
            .mend("the seed stands in the row's line: TESSERA_SEED=… cargo xtask torture --only …")),
    }
}

/// Runs one row; gives its line and whether it holds.
fn row(workspace: &Workspace, name: &str, work: Work) -> Result<(Value, Result<(), Failure>), Failure> {
    let begun = Instant::now();
    let (line, outcome) = match work {
        Work::Test { program, test } => {
            let rows = rows_file(workspace)?;
            let outcome = Invocation::cargo()
                .words("test --release --package vault --test")
                .words(program)
                .words("-- --nocapture --exact")
                .arg(test)
                .env("TESSERA_TORTURE", "1")
                .env("TESSERA_ROWS", &rows)
                .within(workspace.root())
                .run(name, "with the large figure");
            let line = line_of(&rows, name);
            let outcome = match (&line, outcome) {
                (None, Ok(())) => Err(Failure::new(format!("{test} has not written the line of its row"))),
                (_, outcome) => outcome,
            };
            (line.unwrap_or_else(|| json!({})), outcome)
        }
        Work::Fuzz => match fuzz::run(workspace, FUZZ_SECS) {
            Ok(Fuzzed { targets, inputs }) => (
                json!({"figures": {"decoders": targets, "seconds each": FUZZ_SECS, "inputs": inputs}}),
                Ok(()),
            ),
            Err(failure) => (json!({}), Err(failure)),
        },
        Work::Mutants => mutants::run(workspace)?,
    };
    let mut line = line;
    if let Some(members) = line.as_object_mut() {
        members.entry("seconds").or_insert_with(|| json!(begun.elapsed().as_secs()));
        if outcome.is_err() {
            members.insert("failed".to_owned(), json!(true));
        }
    }
    Ok((line, outcome))
}

/// An empty file for the lines of rows.
fn rows_file(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let directory = workspace.target().join("torture");
    fs::create_dir_all(&directory).attempt(directory.display())?;
    let rows = directory.join("rows.jsonl");
    fs::write(&rows, "").attempt(rows.display())?;
    Ok(rows)
}

/// The line that a row has written.
fn line_of(rows: &Path, name: &str) -> Option<Value> {
    let text = fs::read_to_string(rows).ok()?;
    let mut lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.rfind(|line| line.get("row").and_then(Value::as_str) == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_of_a_row_is_there_and_has_its_name() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/tests");
        let mut found = 0;
        for (name, work) in ROWS {
            let Work::Test { program, test } = work else { continue };
            let (module, function) = test.rsplit_once("::").unwrap_or(("", test));
            let file = match module {
                "" => tests.join(format!("{program}.rs")),
                module => tests.join(program).join(format!("{}.rs", module.replace("::", "/"))),
            };
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(text.contains(&format!("fn {function}()")), "{function} in {}", file.display());
            assert!(text.contains(&format!("\"{name}\"")), "{name} in {}", file.display());
            found += 1;
        }
        assert!(found > 5);
    }
}
