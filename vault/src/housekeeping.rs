//! What the vault does by itself: forgets what is over, and makes new sealing keys.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::TenantId,
    keyring::{KeyringError, SHORT_MS},
    limits::Limits,
    metrics::metrics,
    store::{Change, StoreError},
    vaulting::Vaulting,
};

/// How often. Expiry does not wait for it: every use of a token checks the time itself.
const INTERVAL: Duration = Duration::from_secs(30);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Rows of each sort in one write, so that requests get their turn in between.
const SWEEP_ROWS: u32 = 500;

/// Works for ever; to be dropped when the vault ends.
pub async fn run(vaulting: Vaulting, limits: Arc<Limits>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut warnings = Warnings::default();
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&vaulting).await {
            tracing::warn!(%error, "the sweep failed and will be tried again");
        }
        if let Err(error) = refresh(&vaulting).await {
            tracing::warn!(%error, "the keys could not be renewed; it will be tried again");
        }
        warnings.give(&vaulting);
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
    metrics().sealing_keys(keyring.sealing().good(vaulting.now_ms()));
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
