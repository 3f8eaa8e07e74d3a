//! The file of settings. It stands behind the environment of the process, which stands behind the flags.

use std::{collections::BTreeMap, env, fs, path::Path, sync::OnceLock};

use toml::{Table, Value};
use zeroize::Zeroizing;

use super::settings::{SETTINGS, Setting, Shape};

/// How alike two names are, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.7;

/// What a file says, by the names that the settings have in the environment.
#[derive(Default)]
pub struct ConfigFile(BTreeMap<&'static str, Zeroizing<String>>);

/// The one of this process, as its environment is one.
static FILE: OnceLock<ConfigFile> = OnceLock::new();

/// A setting from the environment, or else from the file that was read.
#[must_use]
pub fn setting(variable: &str) -> Option<String> {
    let given = env::var(variable).ok().filter(|value| !value.is_empty());
    given.or_else(|| FILE.get().and_then(|file| file.value(variable)))
}

/// Reads the file that stands behind the environment from now on; returns what is wrong with it. To be called once.
#[must_use]
pub fn load(path: Option<&Path>) -> Vec<String> {
    let variable = env::var_os("TESSERA_CONFIG").filter(|value| !value.is_empty());
    let Some(path) = path.map(Path::to_owned).or_else(|| variable.map(Into::into)) else { return Vec::new() };
    let text = match fs::read_to_string(&path).map(Zeroizing::new) {
        Ok(text) => text,
        Err(error) => return vec![format!("--config {} cannot be read: {error}", path.display())],
    };
    let (file, errors) = ConfigFile::parse(&text);
    if FILE.set(file).is_err() {
        return vec!["the configuration file was read already".to_owned()];
    }
    errors.into_iter().map(|error| format!("--config {}: {error}", path.display())).collect()
}

impl ConfigFile {
    /// Reads a text; what is wrong with it comes with what is right.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let table: Table = match text.parse() {
            Ok(table) => table,
            // The message of the parser quotes the text, and a password may stand in it.
            Err(error) => return (Self::default(), vec![place(text, &error)]),
        };
        let (mut found, mut errors) = (BTreeMap::new(), Vec::new());
        for (key, value) in &table {
            match SETTINGS.iter().find(|setting| setting.key == key) {
                None => errors.push(unknown(key)),
                Some(setting) => match as_text(setting, value) {
                    Ok(text) => drop(found.insert(setting.variable, Zeroizing::new(text))),
                    Err(expected) => errors.push(format!("{key} is not {expected}")),
                },
            }
        }
        (Self(found), errors)
    }

    /// What it says of a setting.
    #[must_use]
    pub fn value(&self, variable: &str) -> Option<String> {
        self.0.get(variable).map(|value| value.to_string()).filter(|value| !value.is_empty())
    }
}

/// What is written in the file, as it would be written in the environment.
fn as_text(setting: &Setting, value: &Value) -> Result<String, String> {
    match (setting.shape, value) {
        (Shape::One, Value::String(text)) => Ok(text.clone()),
        (Shape::One, Value::Integer(number)) => Ok(number.to_string()),
        (Shape::Switch, Value::Boolean(on)) => Ok(on.to_string()),
        (Shape::Many(between), Value::Array(values)) => {
            let one =
                |value: &Value| value.as_str().filter(|text| !text.contains(between)).map(str::to_owned);
            let texts: Option<Vec<String>> = values.iter().map(one).collect();
            texts.map(|texts| texts.join(&between.to_string())).ok_or_else(|| {
                if between == ' ' {
                    "a list of strings without spaces"
                } else {
                    "a list of strings without semicolons"
                }
                .to_owned()
            })
        }
        (Shape::One, _) => Err("a string".to_owned()),
        (Shape::Switch, _) => Err("true or false".to_owned()),
        (Shape::Many(_), _) => Err("a list of strings".to_owned()),
    }
}

fn unknown(key: &str) -> String {
    let likeness = |setting: &&Setting| strsim::jaro_winkler(setting.key, key);
    let nearest = SETTINGS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|setting| likeness(setting) >= ALIKE) {
        Some(setting) => format!("{key} is no setting; is {} meant?", setting.key),
        None => format!("{key} is no setting; docs/operations.md lists all"),
    }
}

/// Where a text stops being TOML.
fn place(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line} is not TOML")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_the_environment_would() {
        let (file, errors) = ConfigFile::parse(
            "data = \"/var/lib/tessera\"\nmax_connections = 12\nno_migrate = true\n\
             allow_origin = [\"https://a.example\", \"https://b.example\"]\nfont = [\"Inter 600=i.woff2\", \"B=b\"]\n\
             public_url = \"\"\n",
        );
        assert_eq!(errors, Vec::<String>::new());
        for (variable, expected) in [
            ("TESSERA_DATA", Some("/var/lib/tessera")),
            ("TESSERA_MAX_CONNECTIONS", Some("12")),
            ("TESSERA_NO_MIGRATE", Some("true")),
            ("TESSERA_ALLOW_ORIGINS", Some("https://a.example https://b.example")),
            ("TESSERA_FONTS", Some("Inter 600=i.woff2;B=b")),
            ("TESSERA_PUBLIC_URL", None),
            ("TESSERA_LISTEN", None),
        ] {
            assert_eq!(file.value(variable).as_deref(), expected, "{variable}");
        }
    }

    #[test]
    fn every_mistake_is_said_at_once_and_no_value_is_quoted() {
        let (_, errors) = ConfigFile::parse(
            "dat = \"x\"\nkeks_file = \"pa55word\"\nzzz = 1\nlisten = [\"pa55word\"]\nno_migrate = \"pa55word\"\n\
             limit = \"pa55word\"\nallow_origin = [\"pa55 word\"]\n",
        );
        assert_eq!(
            errors,
            [
                "allow_origin is not a list of strings without spaces",
                "dat is no setting; is data meant?",
                "keks_file is no setting; is kek_file meant?",
                "limit is not a list of strings",
                "listen is not a string",
                "no_migrate is not true or false",
                "zzz is no setting; docs/operations.md lists all",
            ]
        );
        let (_, errors) = ConfigFile::parse("data = \"d\"\nstore = pa55word\n");
        assert_eq!(errors, ["line 2 is not TOML"]);
    }
}
