//! The commands of whoever runs the vault, which work beside it.

mod audit;

use std::io;

use crate::{
    audit::{AnchorMalformed, Requester, asked_by},
    config::{AuditCommand, ConfigErrors, Place, PlaceArgs},
    keyring::KeyringError,
    startup::{self, StartError},
    store::StoreError,
};

/// How a command ended that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Good,
    /// What it printed is no good news.
    Bad,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The flags.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Store or key-encryption key.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The keys in the store.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file with heads.
    #[error(transparent)]
    Anchor(#[from] AnchorMalformed),
    /// No vault was started on the database since there is an audit log.
    #[error("there is no audit log: no vault that keeps one was started on this database")]
    NoAudit,
    /// Input or output.
    #[error("input or output failed: {0}")]
    Io(#[from] io::Error),
}

/// Checks or shows the audit log.
///
/// # Errors
///
/// [`OperatorError`] if it cannot be read.
pub async fn audit(command: &AuditCommand, out: &mut dyn io::Write) -> Result<Ending, OperatorError> {
    let work = async {
        match command {
            AuditCommand::Verify(args) => audit::verify(args, out).await,
            AuditCommand::List(args) => audit::list(args, out).await,
        }
    };
    asked_by(Requester::operator(), work).await
}

fn read(args: &PlaceArgs) -> Result<Place, OperatorError> {
    Ok(Place::read(args, &|name| std::env::var(name).ok())?)
}
