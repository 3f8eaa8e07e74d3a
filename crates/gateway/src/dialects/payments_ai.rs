//! payments.ai's tokens, issued by the vault.
//!
//! payments.ai documents two HTTP requests that make a token, and both want the merchant's secret API key,
//! which must never be in a page. Its browser path is a hosted frame (`FramePay`) whose own request is not
//! public. So a card is never sent in clear in this dialect: it is sealed for the vault. What comes back is
//! an id that is used once; payments.ai names no lifetime, and half an hour is what Rebilly, whose API it
//! resembles, documents. The vault's `/paymentsai` face takes it wherever a token is named.

use super::tessera::{SECRETS, read_token, sealed_only};
use crate::{
    Clear, Dialect, Endpoint, Facts, GatewayError, HttpRequest, HttpResponse, Lifetime, Payload, Shown,
    Token, TokenFormat, TokenShape,
};

/// The dialect.
pub(super) static DIALECT: PaymentsAi = PaymentsAi;

/// What is known of it.
pub(super) static FACTS: Facts = Facts {
    id: "payments_ai",
    name: "payments.ai",
    token: TokenFormat { shape: TokenShape::Uuid, lifetime: Lifetime::Secs(30 * 60) },
    secrets: SECRETS,
    clear: Clear::Unsupported(UNSUPPORTED),
};

const UNSUPPORTED: &str =
    "payments.ai takes cards only with its secret key, which must not be in a page; seal it for the vault";

/// The dialect of payments.ai.
#[derive(Clone, Copy, Debug)]
pub(super) struct PaymentsAi;

impl Dialect for PaymentsAi {
    fn id(&self) -> &'static str {
        "payments_ai"
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        sealed_only(self.id(), UNSUPPORTED, endpoint, payload)
    }

    fn token(&self, response: &HttpResponse, _sent: Option<Shown>) -> Result<Token, GatewayError> {
        read_token(response)
    }
}
