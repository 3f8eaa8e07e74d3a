//! A consistent copy of a database that is in use.

use std::{path::Path, thread, time::Duration};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{OpenError, connect_reader, schema};

/// All pages in one step: one reading transaction, which a writer does not disturb and which does not disturb a writer.
const ALL_PAGES: i32 = -1;

/// How long to wait for a vault that is just being opened or closed.
const BREATH: Duration = Duration::from_millis(50);

/// What is in a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The number of its schema.
    pub schema: u32,
}

/// Copies a database to a file that is empty, through SQLite's own means for it, and checks the copy.
///
/// # Errors
///
/// [`OpenError`] if one of the two cannot be used, or the copy is not sound.
pub fn copy(from: &Path, to: &Path) -> Result<Copied, OpenError> {
    let source = connect_reader(from)?;
    let mut target = Connection::open(to)?;
    schema::defend(&target)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            match backup.step(ALL_PAGES)? {
                StepResult::Done => break,
                // The enum of another crate may grow; whatever it says, the copy is not done.
                _ => thread::sleep(BREATH),
            }
        }
    }
    let check: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(OpenError::Damaged);
    }
    let schema = target.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(Copied { schema })
}
