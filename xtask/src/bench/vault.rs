//! Tokens issued and spent per second by a vault as it is released, on both of its stores.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde_json::Value;

use super::{Table, grouped, keep};
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::postgres;
use crate::workspace::Workspace;

/// What the vault shall do on two cores that it shares with whoever asks: per second, and at most so many milliseconds
/// for 99 of 100.
const TARGETS: [(&str, f64); 2] = [("tokenize", 2000.0), ("spend", 4000.0)];
const P99_TARGET_MS: f64 = 25.0;
const MEMORY_TARGET_MB: f64 = 100.0;

/// Measures and prints the table.
///
/// # Errors
/// When something cannot be built, or the vault refuses what it is asked.
pub(crate) fn vault(workspace: &Workspace, table: Table) -> Result<(), Failure> {
    package::build(workspace)?;
    postgres::ensure()?;
    Invocation::cargo()
        .words("bench --package vault --bench throughput --no-run")
        .within(workspace.root())
        .run("vault", "what is measured is built as it is released")?;
    eprintln!(
        "==> bench vault: five rounds on each store, about four minutes; leave the machine alone meanwhile"
    );
    let measured = Invocation::cargo()
        .words("bench --quiet --package vault --bench throughput")
        .within(workspace.root())
        .output()?;
    let lines = measured.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>();
    let text = describe(&lines.attempt("the figures of throughput.rs")?)?;
    io::stdout().write_all(text.as_bytes()).attempt("stdout")?;
    if table == Table::Kept {
        keep(workspace, "vault", &text)?;
    }
    Ok(())
}

fn describe(lines: &[Value]) -> Result<String, Failure> {
    let mut text = "| store | phase | per second | target | p50, ms | p99, ms | target | slowest, ms | per second of a core |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let (mut memory, mut rounds, mut done, mut connections) = (String::new(), 0, 0.0, 0.0);
    for (store, name) in [("sqlite", "SQLite"), ("postgres", "PostgreSQL")] {
        let mut peak: f64 = 0.0;
        for (phase, target) in TARGETS {
            let of = |line: &&Value| {
                [("store", store), ("phase", phase)]
                    .iter()
                    .all(|(member, value)| line.get(*member).and_then(Value::as_str) == Some(*value))
            };
            let of: Vec<&Value> = lines.iter().filter(of).collect();
            let figure = |member: &str| median(&of, member);
            writeln!(
                text,
                "| {name} | {phase} | {} | {} | {:.1} | {:.1} | {P99_TARGET_MS} | {:.1} | {} |",
                grouped(figure("per_second")?),
                grouped(target),
                figure("p50_ms")?,
                figure("p99_ms")?,
                figure("max_ms")?,
                grouped(figure("per_core_second")?),
            )
            .attempt("the table")?;
            (rounds, done, connections) = (of.len(), figure("done")?, figure("connections")?);
            peak = peak.max(figure("peak_memory_kib")? / 1024.0);
        }
        write!(memory, "{}{name} {peak:.0} MiB", if memory.is_empty() { "" } else { ", " })
            .attempt("the table")?;
    }
    writeln!(
        text,
        "\nPeak resident memory of the vault: {memory} (target: below {MEMORY_TARGET_MB} MB).\n\n\
         Medians of {rounds} rounds of {done} tokens over {connections} connections, on a fresh database each: {}.",
        machine(),
    )
    .attempt("the table")?;
    Ok(text)
}

fn median(lines: &[&Value], member: &str) -> Result<f64, Failure> {
    let mut values: Vec<f64> =
        lines.iter().filter_map(|line| line.get(member).and_then(Value::as_f64)).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.get(values.len() / 2).copied();
    middle.ok_or_else(|| Failure::new(format!("throughput.rs gave no `{member}`")))
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    format!("{cores} cores of {}", model.map_or("an unknown make", |(_, name)| name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_has_medians_of_both_stores() {
        let mut lines = Vec::new();
        for (store, add) in [("sqlite", 0.0), ("postgres", 1000.0)] {
            for phase in ["tokenize", "spend"] {
                for per_second in [9000.0, 2500.0, 2400.0] {
                    lines.push(json!({
                        "store": store, "phase": phase, "per_second": per_second + add, "p50_ms": 5.04, "p99_ms": 20.0,
                        "max_ms": 30.0, "per_core_second": 6000.0, "done": 20000, "connections": 32, "peak_memory_kib": 51200,
                    }));
                }
            }
        }
        let text = describe(&lines).unwrap();
        assert!(
            text.contains("| SQLite | tokenize | 2 500 | 2 000 | 5.0 | 20.0 | 25 | 30.0 | 6 000 |"),
            "{text}"
        );
        assert!(text.contains("| PostgreSQL | spend | 3 500 | 4 000 |"), "{text}");
        assert!(text.contains("SQLite 50 MiB, PostgreSQL 50 MiB"), "{text}");
        assert!(text.contains("Medians of 3 rounds of 20000 tokens over 32 connections"), "{text}");
        lines.retain(|line| line["phase"] == "spend");
        assert!(describe(&lines).unwrap_err().to_string().contains("per_second"));
    }
}
