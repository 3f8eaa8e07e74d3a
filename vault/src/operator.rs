//! The commands of whoever runs the vault, which work beside it.

mod audit;
mod backup;
mod keys;
mod root;
mod sealing;

use std::{io, path::PathBuf};

use crate::{
    audit::{AnchorMalformed, Requester, asked_by},
    config::{
        ApiKeysCommand, AuditCommand, BackupArgs, ConfigErrors, KekCommand, KeysCommand, MigrateArgs, Place,
        PlaceArgs, RestoreArgs, RootCommand, SealingKeysCommand, file::setting,
    },
    data_dir::DataDirError,
    keyring::{KekError, KekFailure, KeyringError, RootFileError, ShareError},
    random::RandomFailed,
    startup::{self, StartError},
    store::StoreError,
    vaulting::VaultingError,
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
    /// No vault was started on the database since there are an audit log and hashes of rows.
    #[error(
        "there is no audit log, or rows have no hashes yet: start a vault of this version on this database first"
    )]
    NoAudit,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// Nobody has this id.
    #[error("there is no such merchant")]
    MerchantUnknown,
    /// There is no such key, or it is not good any more.
    #[error("there is no such key, or it was revoked or replaced already; `keys api list` shows all")]
    KeyUnknown,
    /// A publishable key with the scope of a secret one, or the other way round.
    #[error(
        "a publishable key can only have the scopes tokenize and session:required, and a secret key any but the last"
    )]
    ScopeOfKind,
    /// A secret key with origins.
    #[error("--allow-origin is for publishable keys: a secret key is never in a page")]
    OriginsOfSecret,
    /// A publishable key that no page may use.
    #[error(
        "a publishable key needs at least one --allow-origin: the page that may use it, such as https://shop.example"
    )]
    NoOrigins,
    /// An overlap of a century.
    #[error("--overlap is from 0s to 2160h")]
    Overlap,
    /// The data directory, or that of a backup.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// PostgreSQL has means of its own.
    #[error(
        "a PostgreSQL server is backed up and restored by its own means; after that, declare the tokens in it over \
         with `restore --new-epoch-only`"
    )]
    ServersOwnMeans,
    /// A backup would overwrite something.
    #[error("--to is not empty; each backup has a directory of its own")]
    NotEmpty,
    /// A restore would overwrite something.
    #[error(
        "{name} is in the data directory already, and nothing is overwritten: give an empty --data, or move it away"
    )]
    DatabaseThere {
        /// The file.
        name: &'static str,
    },
    /// There is no backup.
    #[error("{} cannot be read: {source}. Is --from the directory of a backup?", path.display())]
    NoManifest {
        /// Where its manifest would be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no backup, or none of this version.
    #[error("manifest.json is none that this program writes")]
    ManifestMalformed,
    /// The backup is not the one that was made.
    #[error("the backup is not the one that was made: its database or its manifest was changed")]
    BackupAltered,
    /// The backup was made before rows had hashes.
    #[error(
        "rows in the backup have no hashes: restore it with the version that made it, and upgrade then; see docs/SCALING.md"
    )]
    BackupWithoutHashes,
    /// The audit log in the backup is not the one that was written.
    #[error("the audit log in the backup is not the one that was written: {findings}")]
    AuditAltered {
        /// What was found.
        findings: String,
    },
    /// The private half of a root.
    #[error(transparent)]
    Root(#[from] RootFileError),
    /// Nothing came on stdin.
    #[error("there is nothing on stdin: give it what the step before printed")]
    NothingToRead,
    /// A line is not of the step before.
    #[error("line {line} of stdin is not what the step before prints")]
    NotARequest {
        /// Which, from 1.
        line: usize,
    },
    /// The root must not sign this.
    #[error("line {line} of stdin is not signed, and neither are the others: {what}")]
    NotToBeSigned {
        /// Which, from 1.
        line: usize,
        /// Why.
        what: &'static str,
    },
    /// The vault must not publish this.
    #[error("line {line} of stdin is not installed, and neither are the others: {what}")]
    NotToBeInstalled {
        /// Which, from 1.
        line: usize,
        /// Why.
        what: &'static str,
    },
    /// What is stored could not be encrypted anew.
    #[error(transparent)]
    Vaulting(#[from] VaultingError),
    /// The key-encryption key that is split.
    #[error(transparent)]
    Kek(#[from] KekError),
    /// What keeps it.
    #[error(transparent)]
    KekFailure(#[from] KekFailure),
    /// Its shares.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// A century.
    #[error("--in is from 0s to 24h")]
    UsedIn,
    /// The time before a new version of one of the vault's own keys is used is too short.
    #[error(
        "a new version of one of the vault's own keys is used in a minute at the earliest: until then every vault knows it"
    )]
    UsedInOfOwn,
    /// The vault's own keys are no merchant's.
    #[error(
        "the key of the audit log and that of the rows' hashes are the vault's own, and no merchant's: say --all"
    )]
    OwnKeyOfMerchant,
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

/// Makes, shows, replaces and revokes keys; what a command reads comes from `input`.
///
/// # Errors
///
/// [`OperatorError`]; nothing was changed then, unless the store says that it does not know.
pub async fn keys(
    command: &KeysCommand,
    input: &mut dyn io::BufRead,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let work = async {
        match command {
            KeysCommand::Api(ApiKeysCommand::Create(args)) => keys::create(args, out).await,
            KeysCommand::Api(ApiKeysCommand::List(args)) => keys::list(args, out).await,
            KeysCommand::Api(ApiKeysCommand::Rotate(args)) => keys::rotate(args, out).await,
            KeysCommand::Api(ApiKeysCommand::Revoke(args)) => keys::revoke(args, out).await,
            KeysCommand::Sealing(SealingKeysCommand::Request(args)) => sealing::request(args, out).await,
            KeysCommand::Sealing(SealingKeysCommand::Sign(args)) => {
                sealing::sign(args, input, out, &mut io::stderr())
            }
            KeysCommand::Sealing(SealingKeysCommand::Install(args)) => {
                sealing::install(args, input, out).await
            }
            KeysCommand::Sealing(SealingKeysCommand::List(args)) => sealing::list(args, out).await,
            KeysCommand::Root(RootCommand::New(args)) => root::new(args, out),
            KeysCommand::Status(args) => keys::status::status(args, out).await,
            KeysCommand::Rotate(args) => keys::rotate::rotate(args, out).await,
            KeysCommand::Reseal(args) => keys::rotate::reseal(args, out).await,
            KeysCommand::Rewrap(args) => keys::rewrap::rewrap(args, out).await,
            KeysCommand::Kek(KekCommand::Split(args)) => keys::split::split(args, out),
            KeysCommand::Kek(KekCommand::Create(args)) => keys::split::create(args, out).await,
        }
    };
    asked_by(Requester::operator(), work).await
}

/// Brings the schema up to date.
///
/// # Errors
///
/// [`OperatorError`]; what was brought up to date until then stays so.
pub async fn migrate(command: &MigrateArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    if command.take_rows_as_they_are {
        let place = read(&command.place)?;
        let taken = asked_by(Requester::operator(), startup::take_rows_as_they_are(&place)).await?;
        return Ok(writeln!(
            out,
            "{}",
            serde_json::json!({"migrated": true, "rows_taken_as_they_are": taken})
        )?);
    }
    let (data, store) = Place::read_without_key(&command.place, &setting)?;
    startup::migrate(&data, &store).await?;
    Ok(writeln!(out, "{}", serde_json::json!({"migrated": true}))?)
}

/// Copies the database beside a vault that may be running.
///
/// # Errors
///
/// [`OperatorError`]; what was written then is no backup.
pub async fn backup(command: &BackupArgs, out: &mut dyn io::Write) -> Result<Ending, OperatorError> {
    backup::backup(command, out).await
}

/// Restores a backup, or declares what is in a restored database over.
///
/// # Errors
///
/// [`OperatorError`]; the data directory has no database then that it had not before.
pub async fn restore(command: &RestoreArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    asked_by(Requester::operator(), backup::restore(command, out)).await
}

fn read(args: &PlaceArgs) -> Result<Place, OperatorError> {
    Ok(Place::read(args, &setting)?)
}
