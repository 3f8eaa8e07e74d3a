//! The key of the audit log, which a store is given once the keyring is open.

use std::sync::{Arc, PoisonError, RwLock};

use super::StoreError;
use crate::keyring::AuditKey;

/// Has the key, or nothing is written.
#[derive(Default)]
pub(super) struct Recorder(RwLock<Option<Arc<AuditKey>>>);

impl Recorder {
    /// Records with this key from now on.
    pub(super) fn record_with(&self, key: AuditKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
    }

    /// The key.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] as long as there is none: what cannot be recorded is not done.
    pub(super) fn key(&self) -> Result<Arc<AuditKey>, StoreError> {
        let key = self.0.read().unwrap_or_else(PoisonError::into_inner);
        key.as_ref().map(Arc::clone).ok_or_else(|| {
            tracing::error!("a write came before the key of the audit log");
            StoreError::Unavailable
        })
    }
}
