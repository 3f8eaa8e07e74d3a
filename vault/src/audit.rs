//! What was done to whose records, by whom: rows that follow each other in chains.
//!
//! A row is written in the transaction of the change it tells of, and its hash, keyed with what the database does not
//! have, covers the row before it. Whoever can write to the database but has no key-encryption key can neither
//! change a row nor take one out of the middle without [`Verifier`] seeing it.

mod action;
mod author;
mod chain;
mod rows;
mod verify;

pub(crate) use action::hex;
pub use action::{Action, Record, Records};
pub use author::{Author, Requester, asked_by, identify};
pub use chain::{AuditRow, Head, Place, follow};
pub use rows::{RowFinding, Rows};
pub use verify::{Anchor, AnchorMalformed, Finding, Log, Report, Verifier, verify, verify_log};
