//! FluidPay's tokens, issued by the vault.
//!
//! FluidPay documents no HTTP request by which a browser turns a card into a token: its Tokenizer is a
//! hosted frame whose own request is not public. So a card is never sent in clear in this dialect. It
//! is sealed for the vault, and what comes back has the form and the lifetime that FluidPay documents
//! for its tokens (32 letters and digits, two minutes, once), which the vault's `/fluidpay` face takes
//! wherever the Customer Vault document says `token`.

use super::tessera::{SECRETS, read_token, sealed_only};
use crate::{
    Clear, Dialect, Endpoint, Facts, GatewayError, HttpRequest, HttpResponse, Lifetime, Payload, Shown,
    Token, TokenFormat, TokenShape,
};

/// The dialect.
pub(super) static DIALECT: FluidPay = FluidPay;

/// What is known of it.
pub(super) static FACTS: Facts = Facts {
    id: "fluidpay",
    name: "FluidPay",
    token: TokenFormat {
        shape: TokenShape::Text { prefix: "", alphabet: ALPHANUMERIC, length: 32 },
        lifetime: Lifetime::Secs(2 * 60),
    },
    secrets: SECRETS,
    clear: Clear::Unsupported(UNSUPPORTED),
};

const UNSUPPORTED: &str =
    "FluidPay publishes no request by which a page sends it a card; seal it for the vault";

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The dialect of the FluidPay family of gateways.
#[derive(Clone, Copy, Debug)]
pub(super) struct FluidPay;

impl Dialect for FluidPay {
    fn id(&self) -> &'static str {
        "fluidpay"
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        sealed_only(self.id(), UNSUPPORTED, endpoint, payload)
    }

    fn token(&self, response: &HttpResponse, _sent: Option<Shown>) -> Result<Token, GatewayError> {
        read_token(response)
    }
}
