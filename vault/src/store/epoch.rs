//! The epoch of a store, as SQL that both engines understand.
//!
//! A restored backup holds tokens that were spent after it was made, as if they were not. So a restore begins a new epoch,
//! and whatever lives for a short time is only good in the epoch it was made in. The epoch is asked for in the statement
//! that makes, reads or spends: no vault can be mistaken about it, whenever it was started.

/// The epoch it is.
macro_rules! now {
    () => {
        "(SELECT coalesce(max(number), 0) FROM epoch)"
    };
}

/// What a read finds as the state of a token: one of an older epoch has expired.
macro_rules! state {
    () => {
        concat!(
            "CASE WHEN state = 'issued' AND coalesce(epoch, 0) < ",
            crate::store::epoch::now!(),
            " THEN 'expired' ELSE state END AS state_now"
        )
    };
}

/// Whether a row of a table is of this epoch.
macro_rules! is_now {
    ($table:literal) => {
        concat!("coalesce(", $table, ".epoch, 0) >= ", crate::store::epoch::now!())
    };
}

/// The row that says which epoch it is.
pub(super) const NEWEST: &str = "ORDER BY number DESC, tenant_id LIMIT 1";

/// Whether it matters to a change which epoch it is.
pub(super) const fn matters_to(change: &Change) -> bool {
    matches!(
        change,
        Change::InsertToken(_)
            | Change::SpendToken { .. }
            | Change::InsertAttempt(_)
            | Change::Remember { .. }
    )
}

/// The newest epoch that a vault has seen: none that is older comes after it, unless somebody took the newer away.
#[derive(Debug, Default)]
pub(super) struct Believed(Option<i64>);

impl Believed {
    /// Whether this is the newest one, which was seen and checked before.
    pub(super) fn was(&self, found: i64) -> bool {
        self.0 == Some(found)
    }

    /// Takes note of the epoch it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if there was a newer one.
    pub(super) fn is(&mut self, found: i64) -> Result<(), StoreError> {
        if self.0.is_some_and(|known| known > found) {
            tracing::error!(found, "the newest epoch is gone from the database: nothing is issued or spent");
            return Err(StoreError::Corrupt("an epoch that was over"));
        }
        self.0 = Some(found);
        Ok(())
    }
}

pub(super) use {is_now, now, state};

use super::{Change, StoreError};
