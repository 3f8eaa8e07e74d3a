//! The Paydock face over HTTP: every operation and every rule, through the router on a temporary SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should stop"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of a test binary")]

#[path = "paydock/archiving.rs"]
mod archiving;
#[path = "paydock/charges.rs"]
mod charges;
#[path = "paydock/committed.rs"]
mod committed;
#[path = "paydock/concurrency.rs"]
mod concurrency;
#[path = "paydock/customer_table.rs"]
mod customer_table;
#[path = "paydock/customers.rs"]
mod customers;
#[path = "paydock/document.rs"]
mod document;
#[path = "fluidpay/failing_store.rs"]
mod failing_store;
#[path = "paydock/keys.rs"]
mod keys;
#[path = "paydock/lists.rs"]
mod lists;
#[path = "paydock/log.rs"]
mod log;
#[path = "paydock/refusals.rs"]
mod refusals;
#[path = "paydock/secrecy.rs"]
mod secrecy;
#[path = "paydock/shop.rs"]
mod shop;
#[path = "support/vault.rs"]
mod support;
#[path = "paydock/tokens.rs"]
mod tokens;
#[path = "paydock/updates.rs"]
mod updates;
#[path = "paydock/vaults.rs"]
mod vaults;
