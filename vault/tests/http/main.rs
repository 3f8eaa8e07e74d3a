//! The vault over HTTP, through its router, on SQLite.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod at_rest;
mod audit;
mod bad_input;
mod bank_names;
#[path = "../support/before.rs"]
mod before;
mod checkout_sessions;
mod customers;
mod frame;
mod headers;
mod idempotency;
mod keys_and_origins;
mod limits;
mod mandates;
mod openapi;
mod overload;
mod payment_methods;
mod payments;
mod recollection;
mod rotation;
mod scopes;
mod sealing_keys;
mod security_codes;
#[path = "../support/rotation.rs"]
mod shared_rotation;
mod suites;
#[path = "../support/vault.rs"]
mod support;
mod tokens;
