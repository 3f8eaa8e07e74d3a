//! The payments.ai face over HTTP: every operation and every rule, through the router on a temporary SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should stop"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of a test binary")]

#[path = "paymentsai/concurrency.rs"]
mod concurrency;
#[path = "paymentsai/custom_fields.rs"]
mod custom_fields;
#[path = "paymentsai/customer_fields.rs"]
mod customer_fields;
#[path = "paymentsai/customers.rs"]
mod customers;
#[path = "paymentsai/deletion.rs"]
mod deletion;
#[path = "paymentsai/faces.rs"]
mod faces;
#[path = "paymentsai/idempotency.rs"]
mod idempotency;
#[path = "paymentsai/instruments.rs"]
mod instruments;
#[path = "paymentsai/refusals.rs"]
mod refusals;
#[path = "paymentsai/secrecy.rs"]
mod secrecy;
#[path = "paymentsai/shop.rs"]
mod shop;
#[path = "support/vault.rs"]
mod support;
#[path = "paymentsai/tokens.rs"]
mod tokens;
#[path = "paymentsai/transactions.rs"]
mod transactions;
