//! Makes `pkg/locale`: the messages of `www/locales`, one small JSON file for each locale.
//!
//! The messages are written in Fluent, where translators know what to do; the browser gets texts by name, so that no
//! reader of Fluent has to be downloaded. English says which messages there are.

mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::failure::{Attempt, Failure};
use crate::workspace::Workspace;

use messages::{Messages, Said};

/// Where the files for the browser lie, from the top of the checkout.
pub(crate) const DIRECTORY: &str = "pkg/locale";

/// What translators write.
const SOURCES: &str = "www/locales";

/// The locale that every other one is compared with.
const REFERENCE: &str = "en";

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 7] = ["ar", "ckb", "dv", "fa", "he", "ps", "ur"];

/// Writes every locale's file anew if it differs, and removes what belongs to none.
///
/// # Errors
/// Every message that is missing, superfluous, empty or differs in its variables from the English one.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    let compiled = compile(&workspace.path(SOURCES))?;
    let output = workspace.path(DIRECTORY);
    fs::create_dir_all(&output).attempt(output.display())?;
    for entry in fs::read_dir(&output).attempt(output.display())? {
        let path = entry.attempt(output.display())?.path();
        let known = path.file_name().is_some_and(|name| compiled.contains_key(&*name.to_string_lossy()));
        if !known {
            fs::remove_file(&path).attempt(path.display())?;
        }
    }
    for (name, text) in &compiled {
        let path = output.join(name);
        // The vault is compiled again when a file that it carries is newer.
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text).attempt(path.display())?;
        }
    }
    eprintln!("==> messages: {} locales in {DIRECTORY}", compiled.len());
    Ok(())
}

/// The files by name.
fn compile(sources: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut locales = BTreeMap::new();
    for entry in fs::read_dir(sources).attempt(sources.display())? {
        let path = entry.attempt(sources.display())?.path();
        let (Some(locale), Some("ftl")) =
            (path.file_stem().and_then(|stem| stem.to_str()), path.extension().and_then(|end| end.to_str()))
        else {
            return Err(Failure::new(format!("{}: only locales (.ftl) lie here", path.display())));
        };
        let text = fs::read_to_string(&path).attempt(path.display())?;
        locales.insert(locale.to_owned(), Messages::parse(&text).attempt(path.display())?);
    }
    let reference = locales.get(REFERENCE).ok_or("there is no English").attempt(sources.display())?;
    let mut offences = Vec::new();
    let mut files = BTreeMap::new();
    for (locale, messages) in &locales {
        let said = messages.completed(reference);
        offences
            .extend(compare(&said, &reference.completed(reference)).map(|what| format!("{locale}: {what}")));
        files.insert(format!("{locale}.json"), file(locale, &said));
    }
    if offences.is_empty() { Ok(files) } else { Err(Failure::new(offences.join("\n"))) }
}

/// What is wrong with a locale's messages.
fn compare<'a>(
    said: &'a BTreeMap<String, Result<Said, String>>,
    reference: &'a BTreeMap<String, Result<Said, String>>,
) -> impl Iterator<Item = String> + 'a {
    let names: BTreeSet<&String> = said.keys().chain(reference.keys()).collect();
    names.into_iter().filter_map(|name| match (said.get(name), reference.get(name)) {
        (None, _) => Some(format!("`{name}` is missing")),
        (_, None) => Some(format!("`{name}` is not among the English messages")),
        (Some(Err(error)), _) => Some(format!("`{name}` {error}")),
        (Some(Ok(said)), _) if said.is_empty() => Some(format!("`{name}` is empty")),
        (Some(Ok(said)), Some(Ok(english))) if said.variables() != english.variables() => {
            Some(format!("`{name}` holds {:?}, the English {:?}", said.variables(), english.variables()))
        }
        (Some(Ok(_)), Some(_)) => None,
    })
}

/// What the browser loads.
fn file(locale: &str, said: &BTreeMap<String, Result<Said, String>>) -> String {
    let messages: Map<String, Value> =
        said.iter().filter_map(|(name, said)| Some((name.clone(), said.as_ref().ok()?.to_json()))).collect();
    let language = locale.split('-').next().unwrap_or(locale);
    let dir = if RIGHT_TO_LEFT.contains(&language) { "rtl" } else { "ltr" };
    json!({ "dir": dir, "locale": locale, "messages": messages }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offences(english: &str, other: &str) -> Vec<String> {
        let (english, other) = (Messages::parse(english).unwrap(), Messages::parse(other).unwrap());
        compare(&other.completed(&english), &english.completed(&english)).collect()
    }

    #[test]
    fn every_locale_of_the_house_has_every_message() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(SOURCES);
        let files = compile(&sources).unwrap_or_else(|failure| panic!("{failure}"));
        for (name, text) in files {
            let file: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(format!("{}.json", file["locale"].as_str().unwrap()), name);
            assert_eq!(
                file["dir"] == "rtl",
                ["ar.json", "fa.json", "he.json"].contains(&name.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_missing_superfluous_empty_or_different_is_named() {
        let english = "a = A\n    .b = B { $x }\nc =\n    .d = D\n";
        assert_eq!(offences(english, "a = 1\n    .b = 2 { $x }\nc =\n    .d = 3\n"), [""; 0]);
        assert_eq!(offences(english, "a = 1\nc =\n    .d = 3\n"), ["`a.b` is missing"]);
        assert_eq!(
            offences(english, "a = 1\n    .b = 2 { $y }\nc =\n    .d = { \"\" }\n    .e = 4\n"),
            [
                "`a.b` holds {\"y\"}, the English {\"x\"}",
                "`c.d` is empty",
                "`c.e` is not among the English messages"
            ]
        );
    }

    #[test]
    fn an_alias_follows_each_locales_own_sentence() {
        let english = Messages::parse("a = A\n    .b = { a }\n").unwrap();
        let german = Messages::parse("a = Ä\n").unwrap();
        assert_eq!(german.completed(&english)["a.b"], Ok(Said::Text("Ä".to_owned())));
        let own = Messages::parse("a = Ä\n    .b = Anders\n").unwrap();
        assert_eq!(own.completed(&english)["a.b"], Ok(Said::Text("Anders".to_owned())));
    }

    #[test]
    fn a_file_names_its_locale_its_direction_and_its_messages() {
        let arabic = Messages::parse("a = { $n ->\n    [one] x\n   *[other] { $n } y\n}\n").unwrap();
        assert_eq!(
            file("ar", &arabic.completed(&arabic)),
            r#"{"dir":"rtl","locale":"ar","messages":{"a":["n",{"one":"x","other":"{n} y"}]}}"#
        );
    }
}
