//! What every request handler shares, and the one limit that all of them keep.

use std::sync::Arc;

use gateway::{Clear, dialects};

use crate::{bank_directory::BankDirectory, domain::Origin, vaulting::Vaulting};

/// The longest body, in bytes. An envelope is about a kilobyte; a customer with full metadata is far
/// below it.
pub const BODY_LIMIT_BYTES: usize = 16 * 1024;

/// What every request handler shares.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    vaulting: Vaulting,
    public_origin: Origin,
    endpoints: Vec<String>,
    banks: BankDirectory,
}

impl AppState {
    /// Puts the state together; `public_origin` is where browsers reach the vault.
    #[must_use]
    pub fn new(vaulting: Vaulting, public_origin: Origin) -> Self {
        Self::with_endpoints(vaulting, public_origin, Vec::new())
    }

    /// The same, with base URLs besides the documented ones that a frame may send an instrument to in clear.
    #[must_use]
    pub fn with_endpoints(vaulting: Vaulting, public_origin: Origin, endpoints: Vec<String>) -> Self {
        Self::with_banks(vaulting, public_origin, endpoints, BankDirectory::default())
    }

    /// The same, with a directory of banks.
    #[must_use]
    pub fn with_banks(
        vaulting: Vaulting,
        public_origin: Origin,
        endpoints: Vec<String>,
        banks: BankDirectory,
    ) -> Self {
        Self(Arc::new(Shared { vaulting, public_origin, endpoints, banks }))
    }

    /// The directory of banks; empty if there is none.
    #[must_use]
    pub fn banks(&self) -> &BankDirectory {
        &self.0.banks
    }

    /// The services.
    #[must_use]
    pub fn vaulting(&self) -> &Vaulting {
        &self.0.vaulting
    }

    /// Whether a frame may send an instrument in clear to a gateway at this base URL: one that the gateway
    /// documents, one that whoever runs the vault allowed, or the vault's own face of that gateway.
    #[must_use]
    pub fn allows(&self, gateway: &str, base_url: &str) -> bool {
        let Some(facts) = dialects::facts(gateway) else { return false };
        let Clear::At(_) = facts.clear else { return false };
        let own_face =
            || base_url.strip_prefix(self.public_origin().as_str()) == Some(&["/", facts.id].concat());
        facts.documents(base_url) || self.0.endpoints.iter().any(|allowed| allowed == base_url) || own_face()
    }

    /// Where browsers reach the vault; the origin of its frames.
    #[must_use]
    pub fn public_origin(&self) -> &Origin {
        &self.0.public_origin
    }
}
