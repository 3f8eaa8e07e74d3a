//! What each gateway says on the wire: values in, values out, no socket.
//!
//! A [`Dialect`] turns a [`Payload`] into an [`HttpRequest`] and an [`HttpResponse`] into a [`Token`].
//! Something else owns the connection: `gloo-net` in the browser, a table of fixtures in the tests.
//! The vault uses the same dialects to know what its tokens must look like in each of them.
//!
//! ```
//! use gateway::{Dialect, HttpResponse, Lifetime, dialects};
//!
//! assert_eq!(dialects::facts("fluidpay").unwrap().token.lifetime, Lifetime::Secs(120));
//!
//! let dialect = dialects::by_id("fluidpay").unwrap();
//! let refused = HttpResponse {
//!     status: 401,
//!     body: r#"{"error":{"code":"key_invalid","classification":"merchant","field":null}}"#.to_owned(),
//! };
//! assert_eq!(dialect.token(&refused, None).unwrap_err().code(), "key_invalid");
//! ```
#![forbid(unsafe_code)]

pub mod dialects;
mod error;
mod facts;
mod http;
mod json;
pub mod keys;
mod payload;
mod refusal;
mod scrub;
mod token;

pub use error::{Classification, GatewayError};
pub use facts::{Clear, Facts};
pub use http::{HttpRequest, HttpResponse, Method};
pub use payload::{ClearPayload, Endpoint, Payload, Sealed};
pub use scrub::Secrets;
pub use token::{Lifetime, Shown, Token, TokenFormat, TokenShape};

/// One gateway's way of turning an instrument into a token.
///
/// A dialect holds no state and does no I/O, so it can be used from any thread, in the browser and in
/// the vault. A new one is a file in `dialects/`, a line in its `registry!` and a folder of fixtures.
pub trait Dialect: Sync {
    /// The stable name, as written in the element's `dialect` attribute.
    fn id(&self) -> &'static str;

    /// Whether there are tokens of this kind: not of a code alone where a token is a payment method.
    fn takes(&self, _kind: instrument::Kind) -> bool {
        true
    }

    /// Writes the request that asks for a token; consumes the payload.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Unsupported`] if the gateway documents no way to take this kind of payload,
    /// [`GatewayError::Incomplete`] if it requires a field that is empty.
    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError>;

    /// Reads the token out of the answer. `sent` says what was sent in clear; gateways do not repeat it.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Refused`] if the gateway answered with an error, [`GatewayError::Malformed`] if
    /// the answer is not of the documented form.
    fn token(&self, response: &HttpResponse, sent: Option<Shown>) -> Result<Token, GatewayError>;
}
