//! The suite of a sealing key in a row. The first suite is null, as in the rows from before there was a second one: so their
//! hash is the same, also for a vault of that time beside this one.

use seal::Suite;

/// What the column of a suite holds.
pub(super) fn stored(number: u8) -> Option<i64> {
    (number != Suite::X25519.number()).then(|| i64::from(number))
}

/// The suite of a column. A number that is none is 0, which is that of no suite.
pub(super) fn read(stored: Option<i64>) -> u8 {
    stored.map_or(Suite::X25519.number(), |number| u8::try_from(number).unwrap_or(0))
}
