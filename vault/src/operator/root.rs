//! Making a root.

use std::{fs::OpenOptions, io, io::Write as _};

use serde_json::json;

use super::OperatorError;
use crate::{config::NewRootArgs, keyring::RootSigner, random::SystemRandom};

/// Writes a new private half into a file that must not be there yet, and prints the public half.
pub(super) fn new(args: &NewRootArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let root = RootSigner::generate(&SystemRandom)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&args.root_file)?;
    // EXPOSE: into the private file of whoever keeps the root; the command ends with it.
    file.write_all(root.expose().as_bytes())?;
    file.sync_all()?;
    Ok(writeln!(out, "{}", json!({"root": root.public().to_text()}))?)
}
