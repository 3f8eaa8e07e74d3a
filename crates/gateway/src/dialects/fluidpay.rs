//! FluidPay's tokens, issued by the vault.
//!
//! FluidPay documents no HTTP request by which a browser turns a card into a token: its Tokenizer is a
//! hosted frame whose own request is not public. So a card is never sent in clear in this dialect. It
//! is sealed for the vault, and what comes back has the form and the lifetime that FluidPay documents
//! for its tokens (32 letters and digits, two minutes, once), which the vault's `/fluidpay` face takes
//! wherever the Customer Vault document says `token`.

use super::tessera::{SECRETS, read_token, sealed_request};
use crate::{
    Dialect, Endpoint, GatewayError, HttpRequest, HttpResponse, Payload, Secrets, Token, TokenFormat,
};

/// The dialect of the FluidPay family of gateways.
#[derive(Clone, Copy, Debug)]
pub(super) struct FluidPay;

impl Dialect for FluidPay {
    fn id(&self) -> &'static str {
        "fluidpay"
    }

    fn token_format(&self) -> TokenFormat {
        TokenFormat { prefix: "", alphabet: ALPHANUMERIC, length: 32, lifetime_secs: 2 * 60 }
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        sealed_request(self.id(), endpoint, payload)
    }

    fn token(&self, response: &HttpResponse) -> Result<Token, GatewayError> {
        read_token(response)
    }

    fn secrets(&self) -> &'static Secrets {
        &SECRETS
    }
}

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
