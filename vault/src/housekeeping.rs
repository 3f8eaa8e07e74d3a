//! What the vault does by itself: forgets what is over, and makes new sealing keys.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    domain::TenantId,
    keyring::{KeyringError, SHORT_MS},
    limits::Limits,
    metrics::metrics,
    store::{Change, StoreError},
    vaulting::{Vaulting, VaultingError},
};

/// How often. Expiry does not wait for it: every use of a token checks the time itself.
const INTERVAL: Duration = Duration::from_secs(30);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Rows of each sort in one write, so that requests get their turn in between.
const SWEEP_ROWS: u32 = 500;

/// How long a new version of a data key is written with before older ones are destroyed: a vault that has not taken it up
/// by then could not have read its own store for as long.
const DESTROY_AFTER_MS: i64 = 60 * 60 * 1000;

/// How long a new version of a look-up key is written with before older ones are destroyed: longer than what is signed and
/// not stored is good for, which are the refresh tokens of Flute's face with their thirty days.
const DESTROY_LOOKUP_AFTER_MS: i64 = 31 * DAY_MS;

/// How long nothing may have been under an older version before it is destroyed: longer than any request takes that read
/// a record before and writes it after.
const REST_MS: i64 = 2 * 60 * 1000;

/// How often it is asked whether older versions can be destroyed, which reads much.
const TRY_AGAIN_AFTER_MS: i64 = 10 * 60 * 1000;

/// How often everything is looked through again while something stored still needs an older version.
const LOOK_AGAIN_AFTER_MS: i64 = 60 * 60 * 1000;

/// Which merchants' records were found to be under the newest version of their key, and when.
#[derive(Default)]
pub struct Renewals(HashMap<(TenantId, Renewing), Settled>);

/// Which key: a merchant's, or the vault's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Renewing {
    Encryption,
    Lookup,
    Rows,
}

struct Settled {
    version: u32,
    since_ms: i64,
    /// Before this there is nothing to do.
    next_ms: i64,
}

/// Works for ever; to be dropped when the vault ends.
pub async fn run(vaulting: Vaulting, limits: Arc<Limits>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut warnings = Warnings::default();
    let mut renewals = Renewals::default();
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&vaulting).await {
            tracing::warn!(%error, "the sweep failed and will be tried again");
        }
        if let Err(error) = refresh(&vaulting).await {
            tracing::warn!(%error, "the keys could not be renewed; it will be tried again");
        }
        if let Err(error) = renew(&vaulting, &mut renewals).await {
            tracing::warn!(%error, "not everything could be brought to the newest data keys; it will be tried again");
        }
        warnings.give(&vaulting);
        vaulting.forget_codes();
        limits.forget();
    }
}

/// Tells whoever runs the vault once a day that signed sealing keys run out.
#[derive(Debug, Default)]
pub struct Warnings {
    last_at_ms: Option<i64>,
}

impl Warnings {
    /// Writes into the log if that is due; tells whether it did.
    pub fn give(&mut self, vaulting: &Vaulting) -> bool {
        let now_ms = vaulting.now_ms();
        let Some(last_for_ms) = vaulting.keyring().sealing().last_for_ms(now_ms) else { return false };
        let is_due = self.last_at_ms.is_none_or(|last_at_ms| now_ms - last_at_ms >= DAY_MS);
        if last_for_ms >= SHORT_MS || !is_due {
            return false;
        }
        self.last_at_ms = Some(now_ms);
        let days = last_for_ms / DAY_MS;
        if last_for_ms == 0 {
            tracing::error!(
                "there is no signed sealing key: no form can be paid with; see docs/operations.md"
            );
        } else {
            tracing::warn!(days, "signed sealing keys run out; see docs/operations.md");
        }
        true
    }
}

/// Forgets ciphertexts of expired tokens, attempts that are over, and tokens that are long gone. A vault that lacks a version of
/// the key of the rows' hashes leaves that to others.
///
/// # Errors
///
/// Those of the store; what was swept until then stays swept.
pub async fn sweep(vaulting: &Vaulting) -> Result<(), StoreError> {
    if vaulting.keyring().lacks_row_key() {
        return Ok(());
    }
    loop {
        let change = Change::SweepExpired { now_ms: vaulting.now_ms(), limit: SWEEP_ROWS };
        if vaulting.apply(&TenantId::vault(), vec![change]).await? < u64::from(SWEEP_ROWS) {
            return Ok(());
        }
    }
}

/// Takes up what other vaults have made, and does what [`rotate`] does.
///
/// # Errors
///
/// Those of the store and the random source.
pub async fn refresh(vaulting: &Vaulting) -> Result<(), KeyringError> {
    let keyring = vaulting.keyring();
    keyring.refresh(vaulting.store(), vaulting.clock(), vaulting.random()).await?;
    metrics().sealing_keys(keyring.sealing().good(vaulting.now_ms()));
    Ok(())
}

/// Brings what is stored to the newest versions of merchants' data keys and of the key of the rows' hashes, and destroys
/// older ones that nothing needs any more.
///
/// # Errors
///
/// Those of the store and the random source.
pub async fn renew(vaulting: &Vaulting, renewals: &mut Renewals) -> Result<(), VaultingError> {
    for keys in vaulting.keyring().merchants() {
        let (tenant, encryption, lookup) = (keys.tenant(), keys.encryption_version(), keys.lookup_version());
        let older = keys.older_encryption_versions();
        renew_one(vaulting, renewals, (tenant, Renewing::Encryption), &older, encryption.0).await?;
        let older = keys.older_lookup_versions();
        renew_one(vaulting, renewals, (tenant, Renewing::Lookup), &older, lookup.0).await?;
    }
    let rows = vaulting.keyring().row_key();
    let place = (&TenantId::vault(), Renewing::Rows);
    renew_one(vaulting, renewals, place, &rows.older_versions(), rows.version().0).await
}

async fn renew_one(
    vaulting: &Vaulting,
    renewals: &mut Renewals,
    (tenant, of): (&TenantId, Renewing),
    older: &[u32],
    version: u32,
) -> Result<(), VaultingError> {
    let place = (tenant.clone(), of);
    if older.is_empty() {
        renewals.0.remove(&place);
        return Ok(());
    }
    let now_ms = vaulting.now_ms();
    match renewals.0.get_mut(&place).filter(|settled| settled.version == version) {
        Some(settled) if now_ms < settled.next_ms => {}
        Some(settled) if now_ms < settled.since_ms.saturating_add(LOOK_AGAIN_AFTER_MS) => {
            settled.next_ms = now_ms.saturating_add(TRY_AGAIN_AFTER_MS);
            let done = match of {
                Renewing::Encryption => vaulting.destroy_older_keys(tenant, DESTROY_AFTER_MS).await?,
                Renewing::Lookup => {
                    vaulting.destroy_older_lookup_keys(tenant, DESTROY_LOOKUP_AFTER_MS).await?
                }
                Renewing::Rows => vaulting.destroy_older_row_keys(DESTROY_AFTER_MS).await?,
            };
            if !done.destroyed.is_empty() {
                let (merchant, versions) = (tenant.as_str(), done.destroyed);
                tracing::info!(merchant, ?of, ?versions, "old data keys were destroyed");
            }
        }
        Some(_) | None => {
            let done = match of {
                Renewing::Encryption => vaulting.reseal(tenant).await?,
                Renewing::Lookup => vaulting.refingerprint(tenant).await?,
                Renewing::Rows => vaulting.rehash_rows().await?,
            };
            // A row that somebody has altered is not looked at again and again: finding it reads all rows.
            if done.renewed == 0 && (done.unreadable == 0 || of == Renewing::Rows) {
                let settled = Settled { version, since_ms: now_ms, next_ms: now_ms.saturating_add(REST_MS) };
                renewals.0.insert(place, settled);
            } else {
                renewals.0.remove(&place);
            }
        }
    }
    Ok(())
}

/// Makes a new sealing key if one is due, and destroys those that are over.
///
/// # Errors
///
/// Those of the store and the random source.
pub async fn rotate(vaulting: &Vaulting) -> Result<(), KeyringError> {
    vaulting.keyring().rotate_sealing_keys(vaulting.store(), vaulting.clock(), vaulting.random()).await
}
