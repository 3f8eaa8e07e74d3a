//! The Flute face over HTTP: every operation and every rule, through the router on a temporary SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should stop"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of a test binary")]

#[path = "flute/customers.rs"]
mod customers;
#[path = "flute/oauth.rs"]
mod oauth;
#[path = "flute/payment_methods.rs"]
mod payment_methods;
#[path = "flute/refusals.rs"]
mod refusals;
#[path = "flute/repetitions.rs"]
mod repetitions;
#[path = "flute/secrecy.rs"]
mod secrecy;
#[path = "flute/sessions.rs"]
mod sessions;
#[path = "flute/shop.rs"]
mod shop;
#[path = "support/vault.rs"]
mod support;
#[path = "flute/transactions.rs"]
mod transactions;
#[path = "flute/v1.rs"]
mod v1;
