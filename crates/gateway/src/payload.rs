//! What a dialect is asked to tokenize, and where.

use instrument::{Instrument, Kind};
use seal::Envelope;

/// Where the request goes and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and port, without a slash at the end: `https://vault.example`.
    pub base_url: String,
    /// The merchant's publishable key.
    pub publishable_key: String,
}

impl Endpoint {
    /// The URL of a path there.
    pub(crate) fn url(&self, path: &str) -> String {
        joined(&self.base_url, path)
    }

    /// The header by which the publishable key is shown.
    pub(crate) fn authorization(&self) -> (&'static str, String) {
        ("authorization", joined("Bearer ", &self.publishable_key))
    }
}

fn joined(front: &str, back: &str) -> String {
    let mut text = String::with_capacity(front.len() + back.len());
    text.push_str(front);
    text.push_str(back);
    text
}

/// An instrument on its way to a gateway.
#[derive(Debug)]
pub enum Payload {
    /// Sealed for a Tessera vault.
    Sealed(Sealed),
    /// In clear, for a gateway whose documented interface is JSON over TLS.
    Clear(Instrument),
}

/// An envelope with what its receiver must know before opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The envelope.
    pub envelope: Envelope,
    /// What is inside.
    pub kind: Kind,
    /// The origin of the merchant's page; see [`seal::Context`].
    pub page_origin: String,
    /// One per state of the fields, reused for each retry.
    pub idempotency_key: String,
}
