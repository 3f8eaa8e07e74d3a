//! The keys of the audit log and of the rows' hashes, which a store is given once the keyring is open.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

use super::StoreError;
use crate::keyring::{AuditKey, RowKey};

/// Has the keys, or nothing is written.
#[derive(Default)]
pub(super) struct Recorder {
    audit: RwLock<Option<Arc<AuditKey>>>,
    rows: RwLock<Option<Arc<RowKey>>>,
    /// Whether somebody else has changed what the database is.
    is_distrusted: AtomicBool,
}

impl Recorder {
    /// Records with this key from now on.
    pub(super) fn record_with(&self, key: AuditKey) {
        *self.audit.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
    }

    /// Writes and believes only rows with a hash of this key from now on.
    pub(super) fn guard_with(&self, key: RowKey) {
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
    }

    /// The key of the audit log.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] as long as there is none: what cannot be recorded is not done.
    pub(super) fn key(&self) -> Result<Arc<AuditKey>, StoreError> {
        let key = self.audit.read().unwrap_or_else(PoisonError::into_inner);
        key.as_ref().map(Arc::clone).ok_or_else(|| {
            tracing::error!("a write came before the key of the audit log");
            StoreError::Unavailable
        })
    }

    /// The key of the rows' hashes, if it is there already.
    pub(super) fn known_row_key(&self) -> Option<Arc<RowKey>> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(Arc::clone)
    }

    /// Has nothing read and nothing written, or does so again.
    pub(super) fn distrust(&self, is_distrusted: bool) {
        self.is_distrusted.store(is_distrusted, Ordering::Relaxed);
    }

    /// Whether anything may be read or written.
    ///
    /// # Errors
    ///
    /// [`StoreError::OtherSchema`] if nothing may.
    pub(super) fn trusted(&self) -> Result<(), StoreError> {
        if self.is_distrusted.load(Ordering::Relaxed) { Err(StoreError::OtherSchema) } else { Ok(()) }
    }

    /// The key of the rows' hashes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] as long as there is none: what cannot be checked is not believed; and as
    /// [`trusted`](Self::trusted).
    pub(super) fn row_key(&self) -> Result<Arc<RowKey>, StoreError> {
        self.trusted()?;
        self.known_row_key().ok_or_else(|| {
            tracing::error!("a read or write came before the key of the rows' hashes");
            StoreError::Unavailable
        })
    }
}
