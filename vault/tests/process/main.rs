//! The program itself: started, refused, killed at any moment, started again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod audit;
mod backup;
#[path = "../support/certificate.rs"]
mod certificate;
mod config;
mod drain;
mod dumps;
mod keys;
mod kill;
mod loadgen;
mod migrate;
mod operator_face;
mod pkcs11;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/proof.rs"]
mod proof;
mod rewrap;
mod sealing;
mod shares;
mod start;
mod telemetry;
mod transit;
mod unit;
