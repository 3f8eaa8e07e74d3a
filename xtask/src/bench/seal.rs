//! What an envelope costs with each suite: sealing it in Chromium, and opening it natively.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use serde_json::Value;

use super::{Table, keep};
use crate::demo;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::{browser, npm};
use crate::workspace::Workspace;

/// The suites, by the names of `bench-seal.mjs` and of criterion's groups.
const SUITES: [(&str, &str); 2] = [
    ("x25519", "hpke-x25519-hkdf-sha256-chacha20poly1305"),
    ("x-wing", "hpke-x-wing-hkdf-sha256-chacha20poly1305"),
];

/// Measures and prints the table.
///
/// # Errors
/// When something cannot be built, or nothing is sealed.
pub(crate) fn seal(workspace: &Workspace, table: Table) -> Result<(), Failure> {
    package::build_post_quantum(workspace)?;
    npm::ensure_packages(workspace, "tests/e2e", "Playwright opens the pages")?;
    let browser = browser::ensure()?;
    let vault = demo::build_vault(workspace)?;
    Invocation::cargo()
        .words("bench --package seal --features x-wing --bench suites -- --noplot")
        .within(workspace.root())
        .run("criterion", "opening and making pairs natively, on one core")?;
    eprintln!("==> bench seal: a hundred cards with each suite in Chromium, about a minute");
    let measured = Invocation::new("node")
        .arg(workspace.path("xtask/node/bench-seal.mjs"))
        .arg(&browser.chromium)
        .arg(vault)
        .output()?;
    let measured: Value = serde_json::from_str(&measured).attempt("bench-seal.mjs")?;
    let text = describe(&measured, &|group, bench| median_ms(workspace, group, bench))?;
    io::stdout().write_all(text.as_bytes()).attempt("stdout")?;
    if table == Table::Kept {
        keep(workspace, "seal", &text)?;
    }
    Ok(())
}

/// The median that criterion left, in milliseconds.
fn median_ms(workspace: &Workspace, group: &str, bench: &str) -> Result<f64, Failure> {
    let path = workspace.target().join("criterion").join(group).join(bench).join("new/estimates.json");
    let estimates: Value =
        serde_json::from_str(&fs::read_to_string(&path).attempt(path.display())?).attempt(path.display())?;
    let nanos = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
    nanos
        .map(|nanos| nanos / 1e6)
        .ok_or_else(|| Failure::new(format!("criterion left no median for `{bench}`")))
}

fn describe(
    measured: &Value,
    native_ms: &dyn Fn(&str, &str) -> Result<f64, Failure>,
) -> Result<String, Failure> {
    let in_browser = |name: &str| {
        let value = measured.get(name).and_then(Value::as_f64);
        value.ok_or_else(|| Failure::new(format!("bench-seal.mjs gave no `{name}`")))
    };
    let fact =
        |name: &str| measured.get(name).map_or_else(String::new, |value| value.to_string().replace('"', ""));
    let mut text = "| in milliseconds | X25519 | X-Wing | times |\n|---|---:|---:|---:|\n".to_owned();
    let mut row = |name: &str, digits: usize, [first, second]: [f64; 2]| {
        let times = second / first;
        writeln!(text, "| {name} | {first:.digits$} | {second:.digits$} | {times:.1} |").attempt("the table")
    };
    for (name, of) in [("sealing in the frame", "wasm"), ("... without WebAssembly", "js_only")] {
        let [first, second] = SUITES.map(|(suite, _)| in_browser(&format!("{of} {suite}")));
        row(name, 1, [first?, second?])?;
    }
    for (name, bench) in
        [("opening in the vault", "open"), ("sealing natively", "seal"), ("making a pair", "pair")]
    {
        let [first, second] = SUITES.map(|(_, group)| native_ms(group, bench));
        row(name, 3, [first?, second?])?;
    }
    write!(
        text,
        "\nMedians of {} envelopes in a warm frame: Chromium {}, {}; natively, of one core's processor time.\n",
        fact("runs"),
        fact("chromium"),
        fact("machine"),
    )
    .attempt("the table")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_row_has_both_suites_and_their_ratio() {
        let measured = json!({
            "runs": 3, "chromium": "1", "machine": "m",
            "wasm x25519": 0.5, "wasm x-wing": 1.5, "js_only x25519": 10.0, "js_only x-wing": 30.0,
        });
        let native = |group: &str, _: &str| Ok(if group.contains("x-wing") { 0.3 } else { 0.1 });
        let text = describe(&measured, &native).unwrap();
        assert!(text.contains("| sealing in the frame | 0.5 | 1.5 | 3.0 |"), "{text}");
        assert!(text.contains("| opening in the vault | 0.100 | 0.300 | 3.0 |"), "{text}");
        assert!(describe(&json!({}), &native).is_err());
    }
}
