//! What a dialect is asked to tokenize, and where.

use instrument::{Instrument, Kind};
use seal::Envelope;

use crate::json::Writer;
use crate::{HttpRequest, Method};

/// Where the request goes and on whose behalf: the vault, or a gateway of the merchant's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host, port and possibly a path, without a slash at the end: `https://vault.example`.
    pub base_url: String,
    /// The merchant's publishable key; at a gateway, whatever it takes for one.
    pub publishable_key: String,
}

impl Endpoint {
    /// The URL of a path there.
    pub(crate) fn url(&self, path: &str) -> String {
        joined(&self.base_url, path)
    }

    /// A request with a JSON body.
    pub(crate) fn post<const COUNT: usize>(
        &self,
        path: &str,
        headers: [(&'static str, String); COUNT],
        body: Writer,
    ) -> HttpRequest {
        let mut all = vec![("content-type", "application/json".to_owned())];
        all.extend(headers);
        HttpRequest { method: Method::Post, url: self.url(path), headers: all, body: body.finish() }
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
    Clear(ClearPayload),
}

/// An instrument that is not sealed.
#[derive(Debug)]
pub struct ClearPayload {
    /// The instrument.
    pub instrument: Instrument,
    /// One per state of the fields, reused for each retry; for gateways that take one.
    pub idempotency_key: String,
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
    /// The payment session that the vault shall complete with the instrument, for gateways that have them.
    pub session: Option<String>,
}
