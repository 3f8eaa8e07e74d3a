//! What went wrong in a command, and what the developer can do about it.

use std::fmt;

/// Why a command stopped: what happened and how to mend it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    mend: Option<String>,
}

impl Failure {
    /// A failure whose text already says all that is known.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), mend: None }
    }

    /// The same failure with what the developer can do about it.
    pub(crate) fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        match &self.mend {
            Some(mend) => write!(out, "\n    {mend}"),
            None => Ok(()),
        }
    }
}

/// Adds what was being attempted to an error of the standard library or of a tool.
pub(crate) trait Attempt<T> {
    /// Turns the error into a [`Failure`] that begins with the attempt.
    fn attempt(self, attempt: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> Attempt<T> for Result<T, E> {
    fn attempt(self, attempt: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(format!("{attempt}: {error}")))
    }
}
