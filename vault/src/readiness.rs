//! Whether requests should come here: what a balancer asks, and what it is told when the vault ends.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde::Serialize;

use crate::{domain::TenantId, vaulting::Vaulting};

/// How long the store may take for a write of nothing. A balancer that asks every few seconds should not wait longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this vault is about to end.
#[derive(Debug, Default)]
pub struct Draining(AtomicBool);

impl Draining {
    /// From now on the vault says that it is not ready; requests that come all the same are served.
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it began.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Whether the vault is ready, and what is not if it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether requests should come here.
    pub ready: bool,
    /// What is in the way; nothing if it is ready.
    pub not_ready: Vec<Obstacle>,
}

/// What can be in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The vault is ending.
    Draining,
    /// The store takes no writes, or not in time.
    Store,
    /// What the vault knows of the store's keys is old: it could not be renewed for minutes; or a version of the audit log's
    /// key does not open, or is gone from the store.
    Keyring,
    /// There is no key that browsers may seal to.
    SealingKey,
}

impl Report {
    /// Looks.
    pub async fn of(vaulting: &Vaulting, draining: &Draining) -> Self {
        let mut not_ready = Vec::new();
        if draining.has_begun() {
            not_ready.push(Obstacle::Draining);
        }
        if !takes_writes(vaulting).await {
            not_ready.push(Obstacle::Store);
        }
        if vaulting.keyring().is_stale(vaulting.now_ms()) {
            not_ready.push(Obstacle::Keyring);
        }
        if vaulting.keyring().sealing().good(vaulting.now_ms()) == 0 {
            not_ready.push(Obstacle::SealingKey);
        }
        Self { ready: not_ready.is_empty(), not_ready }
    }
}

async fn takes_writes(vaulting: &Vaulting) -> bool {
    let work = async {
        vaulting.store().check().await?;
        // SQLite's writer takes its turn and its lock for it, and leaves nothing behind.
        vaulting.store().apply(&TenantId::vault(), Vec::new()).await
    };
    matches!(tokio::time::timeout(PATIENCE, work).await, Ok(Ok(_)))
}
