//! What only PostgreSQL can do to a vault: servers that are killed, restarted and replaced, answers that are
//! lost, several vaults on one database. One checker judges all of it.
//!
//! With `TESSERA_TORTURE` set, the same with larger figures.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod audit;
#[path = "../support/before.rs"]
mod before;
#[path = "../support/certificate.rs"]
mod certificate;
mod cuts;
mod encrypted;
mod gathered;
mod guards;
mod kills;
mod ledger;
mod plans;
#[path = "../support/postgres.rs"]
mod private_postgres;
#[path = "../support/proof.rs"]
mod proof;
mod proxy;
mod replicas;
mod rotation;
#[path = "../support/rotation.rs"]
mod shared_rotation;
mod sharing;
mod start;
#[path = "../support/vault.rs"]
mod support;
