//! From navigation to usable inputs, and to `tessera-ready`, beside the same form in plain HTML.

use std::io::{self, Write as _};

use serde_json::Value;

use super::{Table, keep};
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::tools::{browser, npm};
use crate::workspace::Workspace;

/// Measures and prints the table.
///
/// # Errors
/// When something cannot be built, or the pages do not come.
pub(crate) fn load(workspace: &Workspace, table: Table) -> Result<(), Failure> {
    package::build(workspace)?;
    npm::ensure_packages(workspace, "tests/e2e", "Playwright opens the pages")?;
    let browser = browser::ensure()?;
    Invocation::cargo()
        .words("build --release --package vault")
        .within(workspace.root())
        .run("vault", "it serves the frame as shoppers get it")?;
    eprintln!("==> bench load: twenty loads of each page in Chromium, about a minute");
    let measured = Invocation::new("node")
        .arg(workspace.path("xtask/node/bench-load.mjs"))
        .arg(&browser.chromium)
        .arg(workspace.target().join("release/tessera-vault"))
        .output()?;
    let text = describe(&serde_json::from_str(&measured).attempt("bench-load.mjs")?)?;
    io::stdout().write_all(text.as_bytes()).attempt("stdout")?;
    if table == Table::Kept {
        keep(workspace, "load", &text)?;
    }
    Ok(())
}

fn describe(measured: &Value) -> Result<String, Failure> {
    let millis = |name: &str| {
        let value = measured.get(name).and_then(Value::as_f64);
        value.ok_or_else(|| Failure::new(format!("bench-load.mjs gave no `{name}`")))
    };
    let fact =
        |name: &str| measured.get(name).map_or_else(String::new, |value| value.to_string().replace('"', ""));
    let (plain, usable, ready) = (millis("plain")?, millis("usable")?, millis("ready")?);
    Ok(format!(
        "| from navigation, in milliseconds | inputs can be used | ready |\n|---|---:|---:|\n\
         | the same form in plain HTML | {plain:.0} | {plain:.0} |\n\
         | `<tessera-checkout>` | {usable:.0} | {ready:.0} |\n\
         | difference | {:.0} | {:.0} |\n\n\
         Medians of {} loads of each page, in turns and with an empty cache: Chromium {}, {}.\n",
        usable - plain,
        ready - plain,
        fact("runs"),
        fact("chromium"),
        fact("machine"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_says_what_the_element_adds() {
        let measured = json!({"plain": 50.4, "usable": 120.2, "ready": 150.0, "runs": 20, "chromium": "1"});
        let text = describe(&measured).unwrap();
        assert!(text.contains("| `<tessera-checkout>` | 120 | 150 |\n| difference | 70 | 100 |"), "{text}");
        assert!(describe(&json!({"plain": 1.0})).unwrap_err().to_string().contains("usable"));
    }
}
