//! What every request handler shares, and the one limit that all of them keep.

use std::sync::Arc;

use axum::http::request::Parts;
use gateway::{Clear, dialects};

use crate::{
    bank_directory::BankDirectory,
    domain::Origin,
    fonts::Fonts,
    limits::{Client, Limits, Peer, Proxies, Rules},
    readiness::Draining,
    vaulting::Vaulting,
};

/// The longest body, in bytes. An envelope is about a kilobyte; a customer with full metadata is far
/// below it.
pub const BODY_LIMIT_BYTES: usize = 16 * 1024;

/// What stands in the list of allowed endpoints when there shall be none, not even the documented ones.
pub const NO_ENDPOINT: &str = "none";

/// What every request handler shares.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    vaulting: Vaulting,
    public_origin: Origin,
    settings: Settings,
    limits: Arc<Limits>,
    draining: Draining,
}

/// What whoever runs the vault decides about browsers.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Base URLs of gateways, besides the documented ones, that a frame may send an instrument to in clear; or
    /// [`NO_ENDPOINT`].
    pub endpoints: Vec<String>,
    /// How often tokens may be asked for.
    pub rules: Rules,
    /// The names of banks that the form may show.
    pub banks: BankDirectory,
    /// The fonts that the form may be written in.
    pub fonts: Fonts,
    /// The proxies whose word on their clients is believed.
    pub proxies: Proxies,
}

impl AppState {
    /// Puts the state together; `public_origin` is where browsers reach the vault.
    #[must_use]
    pub fn new(vaulting: Vaulting, public_origin: Origin) -> Self {
        Self::with_settings(vaulting, public_origin, Settings::default())
    }

    /// The same, with settings.
    #[must_use]
    pub fn with_settings(vaulting: Vaulting, public_origin: Origin, settings: Settings) -> Self {
        let limits = Arc::new(Limits::new(settings.rules, vaulting.shared_clock()));
        Self(Arc::new(Shared { vaulting, public_origin, settings, limits, draining: Draining::default() }))
    }

    /// The fonts that the form may be written in.
    #[must_use]
    pub fn fonts(&self) -> &Fonts {
        &self.0.settings.fonts
    }

    /// The directory of banks; empty if there is none.
    #[must_use]
    pub fn banks(&self) -> &BankDirectory {
        &self.0.settings.banks
    }

    /// The services.
    #[must_use]
    pub fn vaulting(&self) -> &Vaulting {
        &self.0.vaulting
    }

    /// Whether a frame may send an instrument in clear to a gateway at this base URL: one that the gateway
    /// documents, one that whoever runs the vault allowed, or the vault's own face of that gateway. None, where whoever
    /// runs the vault forbade it.
    #[must_use]
    pub fn allows(&self, gateway: &str, base_url: &str) -> bool {
        let Some(facts) = dialects::facts(gateway) else { return false };
        let Clear::At(_) = facts.clear else { return false };
        if self.0.settings.endpoints.iter().any(|allowed| allowed == NO_ENDPOINT) {
            return false;
        }
        let own_face =
            || base_url.strip_prefix(self.public_origin().as_str()) == Some(&["/", facts.id].concat());
        facts.documents(base_url)
            || self.0.settings.endpoints.iter().any(|allowed| allowed == base_url)
            || own_face()
    }

    /// Whether the vault is about to end.
    #[must_use]
    pub fn draining(&self) -> &Draining {
        &self.0.draining
    }

    /// How often tokens may be asked for.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.0.limits
    }

    /// Who sent a request that came over a connection; unknown for one that came without.
    #[must_use]
    pub fn client(&self, parts: &Parts) -> Client {
        let peer = parts.extensions.get::<Peer>();
        peer.map_or(Client::Unknown, |Peer(peer)| self.0.settings.proxies.client(*peer, &parts.headers))
    }

    /// Where browsers reach the vault; the origin of its frames.
    #[must_use]
    pub fn public_origin(&self) -> &Origin {
        &self.0.public_origin
    }
}
