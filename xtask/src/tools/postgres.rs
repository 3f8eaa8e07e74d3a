//! PostgreSQL, from the distribution's packages: the vault's tests start private servers of it.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::tools::{apt, on_path};

/// Where Debian and Ubuntu put the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Makes sure that PostgreSQL's server programs are there.
///
/// # Errors
/// When they are missing and cannot be installed; the failure names the command to run by hand.
pub(crate) fn ensure() -> Result<(), Failure> {
    if is_there() {
        return Ok(());
    }
    apt::install("postgresql", "PostgreSQL", "the vault's tests start private servers of it")?;
    if is_there() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "apt-get installed PostgreSQL, but initdb is neither below {DEBIAN} nor on PATH"
    ))
    .mend("install PostgreSQL's server so that `initdb` and `pg_ctl` are on PATH"))
}

fn is_there() -> bool {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    on_path("initdb").is_some() || versions.into_iter().any(|version| has_programs(&version.path()))
}

fn has_programs(version: &Path) -> bool {
    ["initdb", "pg_ctl", "pg_basebackup"].iter().all(|program| version.join("bin").join(program).is_file())
}
