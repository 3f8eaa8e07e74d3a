//! Keystrokes per second in Chromium beside other libraries, and card numbers per second natively.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use serde_json::Value;

use super::{Table, grouped, keep};
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::{browser, npm};
use crate::workspace::Workspace;

/// Our rows, as `bench-core-page.mjs` names them.
const OURS: &str = "tessera";
const CONTROL: &str = "JavaScript port of the same algorithm";

/// How often our rate must be another's: (row, at least).
const TARGETS: &[(&str, f64)] = &[
    ("cleave-zen + card-validator", 60.0),
    ("cleave-zen: format + detect", 6.0),
    ("payform: parse + format", 1.0),
    (CONTROL, 0.7),
];

/// Card numbers that one core must check in a second.
const NATIVE_PER_SECOND: f64 = 20e6;

/// Measures, prints the table and compares it with the targets.
///
/// # Errors
/// When something cannot be built, when the contenders do not agree on what typing does, or when a target is
/// missed.
pub(crate) fn core(workspace: &Workspace, table: Table) -> Result<(), Failure> {
    package::build(workspace)?;
    for (home, why) in [
        ("xtask/npm", "the page is bundled with esbuild"),
        ("tests/e2e", "Playwright opens the page"),
        ("tests/conformance", "the other libraries are npm packages in pinned versions"),
    ] {
        npm::ensure_packages(workspace, home, why)?;
    }
    let browser = browser::ensure()?;
    eprintln!("==> bench core: five runs in Chromium, about twenty seconds");
    let measured = Invocation::new("node")
        .arg(workspace.path("xtask/node/bench-core.mjs"))
        .arg(&browser.chromium)
        .arg(workspace.path(package::DIRECTORY))
        .output()?;
    let measured: Value = serde_json::from_str(&measured).attempt("bench-core.mjs")?;
    Invocation::cargo()
        .words("bench --package instrument --bench detect -- --noplot")
        .within(workspace.root())
        .run("criterion", "Luhn and detection natively, on one core")?;
    let native = per_second(workspace)?;

    let (text, missed) = describe(&measured, &native)?;
    io::stdout().write_all(text.as_bytes()).attempt("stdout")?;
    if table == Table::Kept {
        keep(workspace, "core", &text)?;
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("targets missed: {}", missed.join("; ")))
        .mend("a busy machine moves all rates alike, ratios hardly: repeat it before you believe it"))
}

/// The rates of criterion's benches, by name, in numbers per second.
fn per_second(workspace: &Workspace) -> Result<Vec<(String, f64)>, Failure> {
    let home = workspace.target().join("criterion");
    let mut rates = Vec::new();
    for bench in ["Luhn and detection", "Luhn", "detection in a text", "whole parse"] {
        let folder = home.join(bench).join("numbers/new");
        let read = |file: &str| -> Result<Value, Failure> {
            let path = folder.join(file);
            serde_json::from_str(&fs::read_to_string(&path).attempt(path.display())?).attempt(path.display())
        };
        let (estimates, bench_facts) = (read("estimates.json")?, read("benchmark.json")?);
        let nanos = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
        let numbers = bench_facts.pointer("/throughput/Elements").and_then(Value::as_f64);
        let (Some(nanos), Some(numbers)) = (nanos, numbers) else {
            return Err(Failure::new(format!("criterion left no median for `{bench}`")));
        };
        rates.push((bench.to_owned(), numbers * 1e9 / nanos));
    }
    Ok(rates)
}

/// The table, and which targets were missed.
fn describe(measured: &Value, native: &[(String, f64)]) -> Result<(String, Vec<String>), Failure> {
    let rows: Vec<(&str, f64)> = measured
        .get("rates")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row.get("name")?.as_str()?, row.get("perSecond")?.as_f64()?)))
        .collect();
    let rate = |name: &str| rows.iter().find(|(row, _)| *row == name).map(|(_, rate)| *rate);
    let ours =
        rate(OURS).ok_or_else(|| Failure::new("the module exports no `Typing`, or it was not measured"))?;
    let fact = |name: &str| {
        measured.pointer(name).map_or_else(String::new, |value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };

    let mut text = String::new();
    let mut missed = Vec::new();
    writeln!(
        text,
        "| typing whole card numbers | keystrokes per second | ours is | target |\n|---|---:|---:|---:|"
    )
    .attempt("the table")?;
    for (name, rate) in &rows {
        let times = ours / rate;
        let target = TARGETS.iter().find(|(target, _)| target == name).map(|(_, least)| *least);
        let shown = target.map_or_else(String::new, |least| format!("{least}x"));
        writeln!(text, "| {name} | {} | {times:.1}x | {shown} |", grouped(*rate)).attempt("the table")?;
        if let Some(least) = target.filter(|least| times < *least) {
            missed.push(format!("{times:.1} times {name} instead of {least}"));
        }
    }
    writeln!(text, "\n| natively, one core | card numbers per second | target |\n|---|---:|---:|")
        .attempt("the table")?;
    for (name, rate) in native {
        let target = if name == "Luhn and detection" { grouped(NATIVE_PER_SECOND) } else { String::new() };
        writeln!(text, "| {name} | {} | {target} |", grouped(*rate)).attempt("the table")?;
        if !target.is_empty() && *rate < NATIVE_PER_SECOND {
            missed.push(format!("{} card numbers per second natively", grouped(*rate)));
        }
    }
    writeln!(
        text,
        "\nMedians of {} runs of one page: Chromium {}, {}; cleave-zen {}, card-validator {}, payform {}.",
        fact("/runs"),
        fact("/chromium"),
        fact("/machine"),
        fact("/versions/cleave-zen"),
        fact("/versions/card-validator"),
        fact("/versions/payform"),
    )
    .attempt("the table")?;
    Ok((text, missed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rates_are_grouped_by_thousands() {
        assert_eq!(grouped(1_234_567.4), "1 234 567");
        assert_eq!(grouped(12.0), "12");
    }

    #[test]
    fn a_missed_target_is_named() {
        let rates = |peer: f64| {
            json!({"runs": 5, "rates": [
                {"name": OURS, "perSecond": 600.0},
                {"name": "cleave-zen: format + detect", "perSecond": peer},
            ]})
        };
        let native = [("Luhn and detection".to_owned(), 30e6)];
        let (text, missed) = describe(&rates(100.0), &native).unwrap();
        assert!(missed.is_empty() && text.contains("| 6.0x | 6x |"), "{text}");
        let (_, missed) = describe(&rates(101.0), &native).unwrap();
        assert_eq!(missed.len(), 1);
    }
}
