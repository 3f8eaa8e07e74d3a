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
mod config;
mod drain;
mod dumps;
mod keys;
mod kill;
mod loadgen;
mod migrate;
mod operator_face;
mod program;
mod sealing;
mod start;
mod telemetry;
mod unit;
