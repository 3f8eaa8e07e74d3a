//! What every request handler shares, and the one limit that all of them keep.

use std::sync::Arc;

use crate::{domain::Origin, vaulting::Vaulting};

/// The longest body, in bytes. An envelope is about a kilobyte; a customer with full metadata is far
/// below it.
pub const BODY_LIMIT_BYTES: usize = 16 * 1024;

/// What every request handler shares.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    vaulting: Vaulting,
    public_origin: Origin,
}

impl AppState {
    /// Puts the state together; `public_origin` is where browsers reach the vault.
    #[must_use]
    pub fn new(vaulting: Vaulting, public_origin: Origin) -> Self {
        Self(Arc::new(Shared { vaulting, public_origin }))
    }

    /// The services.
    #[must_use]
    pub fn vaulting(&self) -> &Vaulting {
        &self.0.vaulting
    }

    /// Where browsers reach the vault; the origin of its frames.
    #[must_use]
    pub fn public_origin(&self) -> &Origin {
        &self.0.public_origin
    }
}
