//! `cargo xtask conformance`: what the test suites of other libraries know, and how well each library tells good
//! card numbers from bad ones.

mod corpus;
mod suite;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::npm;
use crate::workspace::Workspace;

use corpus::Corpus;
use suite::{Judged, Ledger, Suite};

/// Where fixtures, the other libraries and the list of disagreements lie.
const HOME: &str = "tests/conformance";

/// Prints both tables.
///
/// # Errors
/// When something cannot be built or read, when we are wrong about a fact, when a listed disagreement is none any
/// more, or when we refuse a good number or take a bad one.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    npm::ensure_packages(workspace, HOME, "the other libraries are npm packages in pinned versions")?;
    package::build(workspace)?;
    Invocation::cargo()
        .words("build --package instrument --example judge")
        .within(workspace.root())
        .run("judge", "the same crate as in the browser and in the vault, natively")?;
    let judge = |questions: &[Value]| -> Result<Vec<Value>, Failure> {
        let program = workspace.target().join("debug/examples/judge");
        let answers = Invocation::new(program).answer(&Value::from(questions).to_string())?;
        let answers: Vec<Value> = serde_json::from_str(&answers).attempt("the judge's answers")?;
        if answers.len() == questions.len() {
            return Ok(answers);
        }
        Err(Failure::new(format!("{} answers to {} questions", answers.len(), questions.len())))
    };

    let mut out = String::new();
    let wrong = suites(workspace, &judge, &mut out)?;
    let misjudged = peers(workspace, &judge, &mut out)?;
    io::stdout().write_all(out.as_bytes()).attempt("stdout")?;
    if wrong + misjudged == 0 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{wrong} facts of the suites and {misjudged} numbers of the corpora are against us"
    ))
    .mend(format!("mend the rule, or say in {HOME}/disagreements.json why it is as it is")))
}

/// How the judge is asked.
type Judge<'a> = dyn Fn(&[Value]) -> Result<Vec<Value>, Failure> + 'a;

fn suites(workspace: &Workspace, judge: &Judge<'_>, out: &mut String) -> Result<usize, Failure> {
    let ledger = workspace.path(&format!("{HOME}/disagreements.json"));
    let mut ledger = Ledger::read(&fs::read_to_string(&ledger).attempt(ledger.display())?)?;
    let home = workspace.path(&format!("{HOME}/fixtures"));
    let mut files: Vec<_> = fs::read_dir(&home)
        .attempt(home.display())?
        .map(|entry| entry.map(|entry| entry.path()).attempt(home.display()))
        .collect::<Result<_, _>>()?;
    files.sort();

    let mut wrong = Vec::new();
    let line = |out: &mut String, name: &str, cells: [&str; 4]| {
        let [facts, agreed, purpose, wrong] = cells;
        writeln!(out, "{name:<28} {facts:>7} {agreed:>8} {purpose:>22} {wrong:>7}").attempt("the table")
    };
    line(out, "test suite", ["facts", "agreed", "disagreed on purpose", "wrong"])?;
    for file in files {
        let text = fs::read_to_string(&file).attempt(file.display())?;
        let suite = Suite::read(&text).attempt(file.display())?;
        let answers = judge(&suite.questions())?;
        let mut counts = [0_usize; 3];
        for (fact, answer) in suite.facts.iter().zip(&answers) {
            match fact.judge(answer) {
                Judged::Agrees => counts[0] += 1,
                Judged::Differs(_) if ledger.explains(&suite.name, fact) => counts[1] += 1,
                Judged::Differs(ours) => {
                    counts[2] += 1;
                    wrong.push(format!("  {}: {fact}; ours: {ours}", suite.name));
                }
            }
        }
        let [agreed, purpose, against] = counts.map(|count| count.to_string());
        line(out, &suite.name, [&suite.facts.len().to_string(), &agreed, &purpose, &against])?;
    }
    out.push_str("\ndisagreed on purpose\n");
    for (reason, count) in ledger.reasons() {
        writeln!(out, "{count:>5}  {reason}").attempt("the table")?;
    }
    let stale = ledger.stale();
    for (title, lines) in [("wrong", &wrong), ("listed as disagreements, but none any more", &stale)] {
        if !lines.is_empty() {
            writeln!(out, "\n{title}\n{}", lines.join("\n")).attempt("the table")?;
        }
    }
    Ok(wrong.len() + stale.len())
}

fn peers(workspace: &Workspace, judge: &Judge<'_>, out: &mut String) -> Result<usize, Failure> {
    let read = |name: &str| -> Result<Value, Failure> {
        let path = workspace.path(name);
        serde_json::from_str(&fs::read_to_string(&path).attempt(path.display())?).attempt(path.display())
    };
    let corpus = Corpus::new(
        &read("crates/instrument/tests/fixtures/schemes.json")?,
        &read("crates/instrument/tests/fixtures/numbers.json")?,
        &read(&format!("{HOME}/corpus.json"))?,
    )?;
    let script = workspace.path(&format!("{HOME}/peers.mjs"));
    let answers = Invocation::new("node")
        .arg(script)
        .arg(workspace.path(package::DIRECTORY))
        .answer(&corpus.to_json().to_string())?;
    let mut rows: Vec<Value> = serde_json::from_str(&answers).attempt("peers.mjs")?;
    rows.insert(0, native(&corpus, judge)?);

    writeln!(out, "\nvalid: {} numbers: {}", corpus.valid.len(), corpus.valid_note).attempt("the table")?;
    for class in &corpus.invalid {
        writeln!(out, "invalid, {}: {} texts: {}", class.name, class.texts.len(), class.note)
            .attempt("the table")?;
    }
    let total: usize = corpus.invalid.iter().map(|class| class.texts.len()).sum();
    writeln!(
        out,
        "\n{:<30} {:>16} {:>17}  {}",
        "",
        "valid refused",
        "invalid accepted",
        corpus.invalid.iter().map(|class| format!("{:>14}", class.name)).collect::<String>()
    )
    .attempt("the table")?;
    let mut misjudged = 0;
    for row in &rows {
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
        let version = row.get("version").and_then(Value::as_str).unwrap_or_default();
        let refused: Vec<&str> = row
            .get("refused")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let accepted = |class: &str| {
            row.get("accepted").and_then(|accepted| accepted.get(class)).and_then(Value::as_u64).unwrap_or(0)
        };
        let sum: u64 = corpus.invalid.iter().map(|class| accepted(&class.name)).sum();
        writeln!(
            out,
            "{:<30} {:>16} {:>17}  {}",
            format!("{name} {version}"),
            format!("{} of {}", refused.len(), corpus.valid.len()),
            format!("{sum} of {total}"),
            corpus.invalid.iter().map(|class| format!("{:>14}", accepted(&class.name))).collect::<String>()
        )
        .attempt("the table")?;
        if name.starts_with("ours") {
            misjudged += refused.len() + usize::try_from(sum).unwrap_or(usize::MAX);
            for number in refused {
                writeln!(out, "    refused: {number}").attempt("the table")?;
            }
        }
    }
    Ok(misjudged)
}

/// Our own row, from the judge.
fn native(corpus: &Corpus, judge: &Judge<'_>) -> Result<Value, Failure> {
    let takes = |texts: &[String]| -> Result<Vec<bool>, Failure> {
        let questions: Vec<Value> =
            texts.iter().map(|text| json!({"kind": "number", "text": text})).collect();
        let complete = |answer: &Value| answer.get("verdict").and_then(Value::as_str) == Some("complete");
        Ok(judge(&questions)?.iter().map(complete).collect())
    };
    let valid = takes(&corpus.valid)?;
    let refused: Vec<&String> =
        corpus.valid.iter().zip(&valid).filter(|(_, taken)| !**taken).map(|(text, _)| text).collect();
    let mut accepted = BTreeMap::new();
    for class in &corpus.invalid {
        accepted.insert(&class.name, takes(&class.texts)?.into_iter().filter(|taken| *taken).count());
    }
    Ok(json!({"name": "ours, native", "version": "", "refused": refused, "accepted": accepted}))
}
