//! The public faces, one file each, and what they share.

pub mod auth;
pub mod body;
pub mod fluidpay;
pub mod frame;
pub mod native;
mod path;
mod patience;
