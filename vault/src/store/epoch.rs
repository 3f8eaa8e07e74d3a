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
            " THEN 'expired' ELSE state END AS state"
        )
    };
}

/// Whether a row of a table is of this epoch.
macro_rules! is_now {
    ($table:literal) => {
        concat!("coalesce(", $table, ".epoch, 0) >= ", crate::store::epoch::now!())
    };
}

/// Asks for the epoch.
pub(super) const EPOCH: &str = concat!("SELECT ", crate::store::epoch::now!());

pub(super) use {is_now, now, state};
