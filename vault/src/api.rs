//! The public faces, one file each, and what they share.

pub mod auth;
pub mod body;
pub mod fluidpay;
pub mod flute;
pub mod frame;
mod free_text;
mod members;
pub mod native;
mod once;
pub mod openapi;
mod path;
mod patience;
pub mod paydock;
pub mod paymentsai;
pub mod scope;
