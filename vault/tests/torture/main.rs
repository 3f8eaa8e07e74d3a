//! What a vault must survive besides being killed: power cuts, failing disks, repetitions, rolling restarts, and somebody
//! who looks for numbers everywhere. The checker of `support/proof` judges.
//!
//! With `TESSERA_TORTURE` set, the same with larger figures.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod canaries;
mod disk;
mod faults;
mod idempotency;
mod needles;
mod power;
#[path = "../support/postgres.rs"]
mod private_postgres;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/proof.rs"]
mod proof;
mod rolling;
#[path = "../support/vault.rs"]
mod support;
mod trace;
