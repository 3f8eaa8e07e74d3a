//! Which bank a routing number belongs to, from a file that whoever runs the vault gives. None comes with it: the
//! published directories may not be passed on.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use instrument::bank::RoutingNumber;

/// The longest name that is shown, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Names of banks by routing number; empty unless a file was given.
#[derive(Clone, Debug, Default)]
pub struct BankDirectory(HashMap<[u8; 9], Box<str>>);

/// Why a directory cannot be used; whoever runs the vault can mend it.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The file cannot be read.
    #[error("the bank directory {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A line is none.
    #[error(
        "the bank directory has no routing number of nine digits, comma and name (at most {MAX_NAME_CHARS} characters) \
         in line {line}"
    )]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// The file holds nothing.
    #[error("the bank directory is empty: leave --bank-directory out to do without one")]
    Empty,
}

impl BankDirectory {
    /// Reads a file: in each line a routing number, a comma and the bank's name. Empty lines and those that begin
    /// with `#` are skipped; of two lines with the same number the last counts.
    ///
    /// # Errors
    ///
    /// [`DirectoryError`]
    pub fn load(path: &Path) -> Result<Self, DirectoryError> {
        let text = fs::read_to_string(path)
            .map_err(|source| DirectoryError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    ///
    /// [`DirectoryError::Line`] with the first line that is wrong, or [`DirectoryError::Empty`].
    pub fn parse(text: &str) -> Result<Self, DirectoryError> {
        let mut names = HashMap::new();
        for (at, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = line.split_once(',').and_then(|(number, name)| {
                let number: [u8; 9] = number.trim().as_bytes().try_into().ok()?;
                let name = name.trim().trim_matches('"').trim();
                let shown = !name.is_empty()
                    && name.chars().count() <= MAX_NAME_CHARS
                    && !name.chars().any(char::is_control);
                (shown && number.iter().all(u8::is_ascii_digit)).then(|| (number, Box::from(name)))
            });
            let (number, name) = entry.ok_or(DirectoryError::Line { line: at + 1 })?;
            names.insert(number, name);
        }
        if names.is_empty() { Err(DirectoryError::Empty) } else { Ok(Self(names)) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the bank.
    #[must_use]
    pub fn name(&self, number: &RoutingNumber) -> Option<&str> {
        // EXPOSE: it is looked up and goes no further.
        let number: &[u8; 9] = number.expose().as_bytes().try_into().ok()?;
        self.0.get(number).map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_names() {
        let text = "\u{FEFF}# routing,name\r\n\r\n021000021, Old Name\n 011000015 ,\"Bank, of Ä\"\r\n021000021,Bank & Co";
        let directory = BankDirectory::parse(text).unwrap();
        let name = |number| directory.name(&RoutingNumber::parse(number).unwrap());
        assert_eq!(name("021000021"), Some("Bank & Co"));
        assert_eq!(name("0110-0001-5"), Some("Bank, of Ä"));
        assert_eq!(name("091000019"), None);
        assert!(!directory.is_empty() && BankDirectory::default().is_empty());
    }

    #[test]
    fn the_first_wrong_line_is_named() {
        for (text, expected) in [
            ("021000021,A\n21000021,B", 2),
            ("021000021", 1),
            ("021000021,", 1),
            ("02100002A,B", 1),
            ("# x\n\n021000021,a\tb", 3),
        ] {
            let Err(DirectoryError::Line { line }) = BankDirectory::parse(text) else { panic!("{text}") };
            assert_eq!(line, expected, "{text}");
        }
        assert!(matches!(BankDirectory::parse("# nothing\n"), Err(DirectoryError::Empty)));
        let missing = BankDirectory::load(Path::new("/nonexistent/banks.csv")).unwrap_err().to_string();
        assert!(missing.contains("/nonexistent/banks.csv"), "{missing}");
    }
}
