//! What the vault does by itself: forgets what is over, and makes new sealing keys.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::TenantId,
    keyring::KeyringError,
    limits::Limits,
    metrics::metrics,
    store::{Change, StoreError},
    vaulting::Vaulting,
};

/// How often. Expiry does not wait for it: every use of a token checks the time itself.
const INTERVAL: Duration = Duration::from_secs(30);

/// Rows of each sort in one write, so that requests get their turn in between.
const SWEEP_ROWS: u32 = 500;

/// Works for ever; to be dropped when the vault ends.
pub async fn run(vaulting: Vaulting, limits: Arc<Limits>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&vaulting).await {
            tracing::warn!(%error, "the sweep failed and will be tried again");
        }
        if let Err(error) = refresh(&vaulting).await {
            tracing::warn!(%error, "the keys could not be renewed; it will be tried again");
        }
        limits.forget();
    }
}

/// Forgets ciphertexts of expired tokens, attempts that are over, and tokens that are long gone.
///
/// # Errors
///
/// Those of the store; what was swept until then stays swept.
pub async fn sweep(vaulting: &Vaulting) -> Result<(), StoreError> {
    loop {
        let change = Change::SweepExpired { now_ms: vaulting.now_ms(), limit: SWEEP_ROWS };
        if vaulting.store().apply(&TenantId::vault(), vec![change]).await? < u64::from(SWEEP_ROWS) {
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
    metrics().sealing_keys(keyring.sealing().published(vaulting.now_ms()).len());
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
