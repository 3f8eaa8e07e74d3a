//! What the vault and the documentation know of each dialect. The browser loads none of it.

use crate::{Secrets, TokenFormat};

/// What is known of a dialect besides what it says on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The dialect's id.
    pub id: &'static str,
    /// The gateway's name, for people.
    pub name: &'static str,
    /// What its tokens look like.
    pub token: TokenFormat,
    /// What must not be logged of its requests and answers.
    ///
    /// There is no default: each dialect knows its own secrets, and its fixtures prove it.
    pub secrets: Secrets,
    /// Whether a browser may send it an instrument that is not sealed.
    pub clear: Clear,
}

/// Whether a gateway takes an instrument straight from a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// At these base URLs, which its public documentation names for browsers.
    At(&'static [&'static str]),
    /// Not, and why.
    Unsupported(&'static str),
}

impl Facts {
    /// Whether a base URL is one that the gateway documents for browsers.
    #[must_use]
    pub fn documents(&self, base_url: &str) -> bool {
        match self.clear {
            Clear::At(base_urls) => base_urls.contains(&base_url),
            Clear::Unsupported(_) => false,
        }
    }
}
