//! Copying the database of a data directory, and putting a copy into another one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Ending, OperatorError, read, startup};
use crate::{
    audit::{Anchor, Finding, Report, RowFinding, verify},
    clock::{Clock as _, SystemClock, rfc3339},
    config::{BackupArgs, RestoreArgs, StoreChoice},
    data_dir::DataDir,
    domain::TenantId,
    keyring::{self, AuditKey, KekRing, Keyring, KeyringError, RowKey},
    random::SystemRandom,
    store::{
        Change, Store,
        sqlite::{self, DATABASE_FILE, SqliteStore},
    },
};

/// The file that says what a backup is.
const MANIFEST_FILE: &str = "manifest.json";

/// The only form of it that there is.
const FORMAT: u32 = 1;

/// Where a backup is unpacked and checked before it is a vault's.
const STAGING: &str = "restoring";

/// What a backup is, with a keyed hash, so that it cannot be exchanged by who can write to where backups are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    program: String,
    made_at: String,
    schema: u32,
    epoch: i64,
    bytes: u64,
    sha256: String,
    audit_heads: Vec<String>,
    /// Of all the others, with the key of the audit log.
    mac: String,
}

impl Manifest {
    fn read(from: &Path) -> Result<Self, OperatorError> {
        let path = from.join(MANIFEST_FILE);
        let text = fs::read_to_string(&path).map_err(|source| OperatorError::NoManifest { path, source })?;
        serde_json::from_str(&text)
            .ok()
            .filter(|manifest: &Self| manifest.format == FORMAT)
            .ok_or(OperatorError::ManifestMalformed)
    }

    fn expected_mac(&self, key: &AuditKey) -> Result<String, OperatorError> {
        let unsigned = Self { mac: String::new(), ..self.clone() };
        let bytes = serde_json::to_vec(&unsigned).map_err(io::Error::from)?;
        Ok(hex(&key.mac(&[b"tessera/backup/v1", &bytes])))
    }
}

/// Copies the database, and prints what is in the copy.
pub(super) async fn backup(args: &BackupArgs, out: &mut dyn io::Write) -> Result<Ending, OperatorError> {
    let place = read(&args.place)?;
    match place.store {
        StoreChoice::Sqlite => {}
        StoreChoice::Postgres(_) => return Err(OperatorError::ServersOwnMeans),
    }
    let keks = startup::keys_beside(&place).await?;
    let from = DataDir::beside(&place.data)?;
    if fs::read_dir(&args.to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(OperatorError::NotEmpty);
    }
    let to = Arc::new(DataDir::open(&args.to)?);
    to.make_private(DATABASE_FILE)?;
    let (source, target) = (from.file(DATABASE_FILE), to.file(DATABASE_FILE));
    let copied = tokio::task::spawn_blocking(move || sqlite::copy(&source, &target))
        .await
        .map_err(io::Error::other)?
        .map_err(startup::StartError::from)?;

    // Of the copy, not of the original, which goes on.
    let ((bytes, sha256), (key, report, epoch)) =
        while_unchanged(&to.file(DATABASE_FILE), checked(&to, &keks)).await?;
    let mut manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: rfc3339(SystemClock.now_ms()),
        schema: copied.schema,
        epoch,
        bytes,
        sha256,
        audit_heads: report.heads.iter().map(Anchor::to_string).collect(),
        mac: String::new(),
    };
    manifest.mac = manifest.expected_mac(&key)?;
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from)?;
    text.push(b'\n');
    // Last, and with it everything is durable: a directory without it is no backup.
    to.write(MANIFEST_FILE, &text)?;
    drop(to);
    // Of the time in which it was written.
    fs::remove_file(args.to.join("vault.lock"))?;
    let is_good = report.findings.is_empty() && report.row_findings.is_empty();
    let shown = json!({
        "backup": args.to.display().to_string(),
        "bytes": bytes,
        "schema": manifest.schema,
        "epoch": epoch,
        "audit_rows": report.rows,
        "audit_findings": codes(&report.findings),
        "row_findings": row_codes(&report),
    });
    writeln!(out, "{shown}")?;
    Ok(if is_good { Ending::Good } else { Ending::Bad })
}

/// Checks all of a copy; returns the key of its audit log, what was found, and its epoch.
async fn checked(to: &Arc<DataDir>, keks: &KekRing) -> Result<(AuditKey, Report, i64), OperatorError> {
    let store = SqliteStore::beside(to).map_err(startup::StartError::from)?;
    let key = AuditKey::load(keks, &store).await?.ok_or(OperatorError::NoAudit)?;
    store.guard_with(RowKey::load(keks, &store, SystemClock.now_ms()).await?.ok_or(OperatorError::NoAudit)?);
    let report = verify(&store, key.clone(), Vec::new()).await?;
    let epoch = store.epoch().await?;
    Ok((key, report, epoch))
}

/// Measures a file before and after it is looked at: what the manifest says of it is what was checked.
async fn while_unchanged<T>(
    path: &Path,
    look: impl Future<Output = Result<T, OperatorError>>,
) -> Result<((u64, String), T), OperatorError> {
    let before = measure(path)?;
    let seen = look.await?;
    if measure(path)? == before { Ok((before, seen)) } else { Err(OperatorError::BackupAltered) }
}

/// Puts a backup into a data directory that has no database, or only declares the tokens of one over.
pub(super) async fn restore(args: &RestoreArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let place = read(&args.place)?;
    let Some(from) = &args.from else {
        let (store, keks) = startup::beside(&place).await?;
        let epoch = begin_epoch(&*store, keks).await?;
        return Ok(writeln!(out, "{}", json!({ "epoch": epoch }))?);
    };
    match place.store {
        StoreChoice::Sqlite => {}
        StoreChoice::Postgres(_) => return Err(OperatorError::ServersOwnMeans),
    }
    let manifest = Manifest::read(from)?;
    let keks = startup::keys_beside(&place).await?;
    let data = DataDir::open(&place.data)?;
    for name in [DATABASE_FILE, "vault.sqlite-wal", "vault.sqlite-shm"] {
        if data.holds(name)? {
            return Err(OperatorError::DatabaseThere { name });
        }
    }
    let staging = data.file(STAGING);
    discard(&staging)?;
    let outcome = unpack(from, &staging, &manifest, keks).await;
    if let Ok((epoch, report)) = &outcome {
        data.take_in(&staging.join(DATABASE_FILE), DATABASE_FILE)?;
        startup::note_made(&data)?;
        let shown = json!({
            "restored": manifest.made_at,
            "epoch": epoch,
            "audit_rows": report.rows,
            "row_findings": row_codes(report),
        });
        writeln!(out, "{shown}")?;
    }
    discard(&staging)?;
    outcome.map(drop)
}

/// Copies a backup, brings it up to date, checks all of it, and begins its new epoch; returns that and what was
/// found.
async fn unpack(
    from: &Path,
    staging: &Path,
    manifest: &Manifest,
    keks: KekRing,
) -> Result<(i64, Report), OperatorError> {
    let staging = Arc::new(DataDir::open(staging)?);
    staging.make_private(DATABASE_FILE)?;
    take_copy(&from.join(DATABASE_FILE), &staging.file(DATABASE_FILE))?;
    // Of what only the vault can write to: where backups are kept, another file may have the name by now.
    if measure(&staging.file(DATABASE_FILE))? != (manifest.bytes, manifest.sha256.clone()) {
        return Err(OperatorError::BackupAltered);
    }
    let store = SqliteStore::open(&staging).map_err(startup::StartError::from)?;
    let key = AuditKey::load(&keks, &store).await?.ok_or(OperatorError::NoAudit)?;
    let mac = manifest.expected_mac(&key)?;
    if !bool::from(mac.as_bytes().ct_eq(manifest.mac.as_bytes())) {
        return Err(OperatorError::BackupAltered);
    }
    let heads = manifest.audit_heads.iter().map(|head| head.parse()).collect::<Result<Vec<Anchor>, _>>()?;
    match keyring::guard(&keks, &store, &SystemClock, &SystemRandom).await {
        Err(KeyringError::RowsUnproven) => return Err(OperatorError::BackupWithoutHashes),
        guarded => drop(guarded?),
    }
    let report = verify(&store, key, heads).await?;
    if !report.findings.is_empty() {
        return Err(OperatorError::AuditAltered { findings: codes(&report.findings).join(", ") });
    }
    let epoch = begin_epoch(&store, keks).await?;
    Ok((epoch, report))
}

/// Declares tokens, attempts and kept answers over, and with them the keys that envelopes were sealed to: what is only
/// remembered in what was lost cannot come a second time. Returns the epoch that begins.
async fn begin_epoch(store: &dyn Store, keks: KekRing) -> Result<i64, OperatorError> {
    AuditKey::load(&keks, store).await?.ok_or(OperatorError::NoAudit)?;
    keyring::guard(&keks, store, &SystemClock, &SystemRandom).await?;
    let keyring = Keyring::beside(keks, store).await?.ok_or(OperatorError::NoAudit)?;
    let changes = vec![
        Change::BeginEpoch { now_ms: SystemClock.now_ms() },
        Change::DeleteSealingKeys { expired_before_ms: i64::MAX },
    ];
    store.apply(&TenantId::vault(), changes).await?;
    keyring.rotate_sealing_keys(store, &SystemClock, &SystemRandom).await?;
    Ok(store.epoch().await?)
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(Finding::code).collect()
}

/// What is wrong with rows of other tables, of which `audit verify` tells which they are.
fn row_codes(report: &Report) -> Vec<&'static str> {
    report.row_findings.iter().map(RowFinding::code).collect()
}

/// Fills a file that is there already with what another one holds.
fn take_copy(from: &Path, to: &Path) -> Result<(), io::Error> {
    let mut to = OpenOptions::new().write(true).truncate(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut to).map(drop)
}

/// Length and SHA-256 of a file.
fn measure(path: &Path) -> Result<(u64, String), OperatorError> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut part) = (Sha256::new(), 0, vec![0_u8; 1 << 16]);
    loop {
        let read = file.read(&mut part)?;
        let Some(read @ [_, ..]) = part.get(..read) else {
            return Ok((bytes, hex(&hash.finalize())));
        };
        hash.update(read);
        bytes += u64::try_from(read.len()).unwrap_or(u64::MAX);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what an earlier try left.
fn discard(staging: &Path) -> Result<(), io::Error> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_that_changes_while_it_is_checked_is_no_backup() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(DATABASE_FILE);
        fs::write(&path, "as it was").unwrap();
        let kept = while_unchanged(&path, async { Ok(7) }).await.unwrap();
        assert_eq!(kept, (measure(&path).unwrap(), 7));
        let changed = while_unchanged(&path, async { Ok(fs::write(&path, "as it is")?) }).await;
        assert!(matches!(changed, Err(OperatorError::BackupAltered)), "{changed:?}");
    }
}
