//! `cargo xtask errors`: writes docs/errors.md anew, from the table of all error codes. The vault makes its page of
//! errors, to which the `help` of an error leads, of the same table.

use std::fs;

use serde_json::Value;

use crate::failure::{Attempt, Failure};
use crate::workspace::Workspace;

/// The table: groups of codes, each with who can mend it, what it means and what to do.
const TABLE: &str = "docs/errors.json";
/// The page.
const PAGE: &str = "docs/errors.md";

/// Writes the page.
///
/// # Errors
/// When the table is not as it should be or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let page = workspace.path(PAGE);
    fs::write(&page, render(&read(workspace)?)).attempt(page.display())
}

fn read(workspace: &Workspace) -> Result<Value, Failure> {
    let table = workspace.path(TABLE);
    serde_json::from_str(&fs::read_to_string(&table).attempt(table.display())?).attempt(table.display())
}

fn render(table: &Value) -> String {
    let mut parts = vec![
        "# Errors".to_owned(),
        "<!-- Made of docs/errors.json by `cargo xtask errors`; change that file. -->".to_owned(),
    ];
    parts.extend(texts(table, "intro"));
    for group in list(table, "groups") {
        parts.push(format!("## {}", text(group, "title")));
        parts.extend(texts(group, "text"));
        for error in list(group, "errors") {
            parts.push(format!("### `{}`", text(error, "code")));
            let mend = match text(error, "mend") {
                "" => String::new(),
                mend => format!(" **{mend}**"),
            };
            parts.push(format!("*{}* · {}{mend}", text(error, "classification"), text(error, "text")));
        }
    }
    parts.join("\n\n") + "\n"
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn texts(of: &Value, name: &str) -> Vec<String> {
    list(of, name).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_page_is_what_the_table_says() {
        let workspace = Workspace::find().unwrap();
        let page = fs::read_to_string(workspace.path(PAGE)).unwrap();
        assert!(page == render(&read(&workspace).unwrap()), "run `cargo xtask errors`");
    }

    #[test]
    fn every_code_stands_once_with_everything_that_is_known_of_it() {
        let table = read(&Workspace::find().unwrap()).unwrap();
        let mut codes = BTreeSet::new();
        for error in list(&table, "groups").flat_map(|group| list(group, "errors")) {
            let code = text(error, "code");
            assert!(codes.insert(code), "{code} stands twice");
            let who = text(error, "classification");
            assert!(
                ["shopper", "merchant", "gateway", "environment", "internal"].contains(&who),
                "{code}: {who}"
            );
            assert!(text(error, "text").ends_with('.'), "{code} is explained in sentences");
            let known = ["code", "classification", "text", "mend"];
            assert!(error.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{code}");
        }
        assert!(codes.len() > 100);
    }
}
