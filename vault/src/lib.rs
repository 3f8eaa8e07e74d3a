//! The Tessera vault: exchanges sealed cards and bank accounts for one-time tokens, and keeps what the
//! tokens are spent on.
//!
//! Layers, from the inside: [`domain`] (types and rules), [`store`] and [`keyring`] (what is kept, and
//! under which keys), [`audit`] (what was done), [`vaulting`] (the services), [`api`] (the public faces), [`app`] (the routes).
#![forbid(unsafe_code)]

pub mod api;
pub mod app;
pub mod audit;
pub mod bank_directory;
pub mod clock;
pub mod config;
pub mod data_dir;
pub mod domain;
pub mod fonts;
pub mod housekeeping;
pub mod keyring;
pub mod limits;
pub mod loadgen;
pub mod locked_memory;
pub mod metrics;
pub mod no_dumps;
pub mod operator;
pub mod problem;
pub mod random;
pub mod readiness;
pub mod sandbox;
pub mod secret_file;
pub mod serve;
pub mod startup;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod trust;
pub mod vaulting;
