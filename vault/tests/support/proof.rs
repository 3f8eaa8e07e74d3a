//! The proof of reliability: what was asked and answered, what is there afterwards, and the one judge of both. Every
//! row of `docs/RELIABILITY.md` ends with it, and writes one line of JSON.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "proof/history.rs"]
pub(crate) mod history;
#[path = "proof/judge.rs"]
pub(crate) mod judge;
#[path = "proof/kept.rs"]
pub(crate) mod kept;
#[path = "proof/row.rs"]
pub(crate) mod row;

/// How often something is done: in `cargo xtask test`, or in `cargo xtask torture`.
pub(crate) fn figure(in_test: usize, in_torture: usize) -> usize {
    if std::env::var_os("TESSERA_TORTURE").is_some() { in_torture } else { in_test }
}
