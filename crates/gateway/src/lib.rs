//! What each gateway says on the wire: values in, values out, no socket.
//!
//! A [`Dialect`] turns a [`Payload`] into an [`HttpRequest`] and an [`HttpResponse`] into a [`Token`].
//! Something else owns the connection: `gloo-net` in the browser, a table of fixtures in the tests.
//! The vault uses the same dialects to know what its tokens must look like in each of them.
//!
//! ```
//! use gateway::{Dialect, HttpResponse, dialects};
//!
//! let dialect = dialects::by_id("fluidpay").unwrap();
//! assert_eq!(dialect.token_format().lifetime_secs, 120);
//!
//! let refused = HttpResponse {
//!     status: 401,
//!     body: r#"{"error":{"code":"key_invalid","classification":"merchant","field":null}}"#.to_owned(),
//! };
//! assert_eq!(dialect.token(&refused).unwrap_err().code(), "key_invalid");
//! ```
#![forbid(unsafe_code)]

pub mod dialects;
mod error;
mod http;
mod json;
pub mod keys;
mod payload;
mod scrub;
mod token;

pub use error::{Classification, GatewayError};
pub use http::{HttpRequest, HttpResponse, Method};
pub use payload::{Endpoint, Payload, Sealed};
pub use scrub::Secrets;
pub use token::{Token, TokenFormat};

/// One gateway's way of turning an instrument into a token.
///
/// A dialect holds no state and does no I/O, so it can be used from any thread, in the browser and in
/// the vault. A new one is a file in `dialects/`, a line in [`dialects::ALL`] and a folder of fixtures.
pub trait Dialect: Sync {
    /// The stable name, as written in the element's `dialect` attribute.
    fn id(&self) -> &'static str;

    /// What this dialect's one-time tokens look like and how long they live.
    fn token_format(&self) -> TokenFormat;

    /// Writes the request that asks for a token; consumes the payload.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Unsupported`] if the gateway documents no way to take this kind of payload.
    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError>;

    /// Reads the token out of the answer.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Refused`] if the gateway answered with an error, [`GatewayError::Malformed`] if
    /// the answer is not of the documented form.
    fn token(&self, response: &HttpResponse) -> Result<Token, GatewayError>;

    /// What must not be logged of this dialect's requests and answers.
    ///
    /// There is no default: each dialect knows its own secrets, and its fixtures prove it.
    fn secrets(&self) -> &'static Secrets;
}
