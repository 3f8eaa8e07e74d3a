//! The FluidPay face over HTTP: every operation and every rule, through the router on a temporary SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should stop"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of a test binary")]

#[path = "fluidpay/addresses.rs"]
mod addresses;
#[path = "fluidpay/apple_token.rs"]
mod apple_token;
#[path = "fluidpay/committed.rs"]
mod committed;
#[path = "fluidpay/concurrency.rs"]
mod concurrency;
#[path = "fluidpay/customers.rs"]
mod customers;
#[path = "fluidpay/damaged.rs"]
mod damaged;
#[path = "fluidpay/failing_store.rs"]
mod failing_store;
#[path = "fluidpay/google_token.rs"]
mod google_token;
#[path = "fluidpay/methods.rs"]
mod methods;
#[path = "fluidpay/refusals.rs"]
mod refusals;
#[path = "fluidpay/search.rs"]
mod search;
#[path = "fluidpay/secrecy.rs"]
mod secrecy;
#[path = "fluidpay/shop.rs"]
mod shop;
#[path = "support/vault.rs"]
mod support;
#[path = "fluidpay/tokens.rs"]
mod tokens;
#[path = "fluidpay/transactions.rs"]
mod transactions;
#[path = "fluidpay/wallets.rs"]
mod wallets;
