//! The flags of `loadgen`.

use std::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32},
};

use clap::Args;

use super::operator::origin;
use crate::domain::Origin;

/// What to measure. The keys come from the environment: TESSERA_PUBLISHABLE_KEY and TESSERA_SECRET_KEY.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// The vault's public address, as browsers know it.
    #[arg(long, value_name = "URL", value_parser = origin)]
    pub vault: Origin,
    /// Where the vault listens, if that is another address than the public one.
    #[arg(long, value_name = "ADDR")]
    pub connect: Option<SocketAddr>,
    /// The origin of a page that may use the publishable key; the vault's own unless told otherwise.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub page_origin: Option<Origin>,
    /// Connections, each with one request under way.
    #[arg(long, value_name = "NUMBER", default_value = "32")]
    pub connections: NonZeroU16,
    /// Tokens that are asked for and then spent.
    #[arg(long, value_name = "NUMBER", default_value = "20000")]
    pub tokens: NonZeroU32,
    /// Tokens before that, which are not counted.
    #[arg(long, value_name = "NUMBER", default_value_t = 2000)]
    pub warm_up: u32,
}
