//! Tables in the documentation that commands write anew, each between two marks.

use std::fs;

use crate::failure::{Attempt, Failure};
use crate::workspace::Workspace;

/// A document and the command whose marks are in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// From the top of the checkout.
    pub(crate) document: &'a str,
    /// The command, as it is called.
    pub(crate) command: &'a str,
}

impl Place<'_> {
    /// What stands between the marks.
    ///
    /// # Errors
    /// When the document cannot be read or has not both marks.
    pub(crate) fn read(self, workspace: &Workspace) -> Result<String, Failure> {
        let path = workspace.path(self.document);
        let document = fs::read_to_string(&path).attempt(path.display())?;
        let (_, kept, _) = self.split(&document)?;
        Ok(kept.trim().to_owned())
    }

    /// Puts a text between the marks.
    ///
    /// # Errors
    /// When the document cannot be read or written, or has not both marks.
    pub(crate) fn write(self, workspace: &Workspace, text: &str) -> Result<(), Failure> {
        let path = workspace.path(self.document);
        let document = fs::read_to_string(&path).attempt(path.display())?;
        let (head, _, tail) = self.split(&document)?;
        let (begin, end) = self.marks();
        fs::write(&path, format!("{head}{begin}\n\n{text}\n{end}{tail}")).attempt(path.display())
    }

    fn split(self, document: &str) -> Result<(&str, &str, &str), Failure> {
        let (begin, end) = self.marks();
        let parts = document.split_once(&begin).and_then(|(head, rest)| {
            let (kept, tail) = rest.split_once(&end)?;
            Some((head, kept, tail))
        });
        parts.ok_or_else(|| Failure::new(format!("{} has not both marks of this command", self.document)))
    }

    fn marks(self) -> (String, String) {
        let command = self.command;
        (format!("<!-- {command}: begin -->"), format!("<!-- {command}: end -->"))
    }
}
