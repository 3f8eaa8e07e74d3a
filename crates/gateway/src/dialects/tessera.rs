//! The vault's own dialect: `POST /v1/tokens` with a sealed envelope.

use instrument::Kind;

use crate::{
    Classification, Dialect, Endpoint, GatewayError, HttpRequest, HttpResponse, Method, Payload, Secrets,
    Token, TokenFormat,
    json::{self, Json, Text},
};

/// The default dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tessera;

impl Dialect for Tessera {
    fn id(&self) -> &'static str {
        "tessera"
    }

    /// `tok_` and 44 characters of base58, which hold 257 bits; 15 minutes, the time a shopper may need
    /// between typing and paying.
    fn token_format(&self) -> TokenFormat {
        TokenFormat { prefix: "tok_", alphabet: BASE58, length: 44, lifetime_secs: 15 * 60 }
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

/// The alphabet of base58 (no 0, O, I, l, which people confuse).
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The request of every dialect whose tokens the vault itself issues: only the dialect's name differs.
pub(super) fn sealed_request(
    dialect: &'static str,
    endpoint: &Endpoint,
    payload: Payload,
) -> Result<HttpRequest, GatewayError> {
    let sealed = match payload {
        Payload::Sealed(sealed) => sealed,
        Payload::Clear(_) => {
            return Err(GatewayError::Unsupported { dialect, instead: "seal the instrument for the vault" });
        }
    };
    let body = json::object(&[
        ("envelope", &sealed.envelope.to_text()),
        ("kind", sealed.kind.as_str()),
        ("page_origin", &sealed.page_origin),
        ("dialect", dialect),
    ]);
    Ok(HttpRequest {
        method: Method::Post,
        url: endpoint.url("/v1/tokens"),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            endpoint.authorization(),
            ("idempotency-key", sealed.idempotency_key),
        ],
        body,
    })
}

/// Reads the vault's answer to a sealed request.
pub(super) fn read_token(response: &HttpResponse) -> Result<Token, GatewayError> {
    let malformed = GatewayError::Malformed { status: response.status };
    let Some(answer) = Json::read(&response.body) else { return Err(malformed) };
    if matches!(response.status, 200 | 201) {
        token(answer).ok_or(malformed)
    } else {
        Err(refusal(response.status, answer).unwrap_or(malformed))
    }
}

fn token(answer: Json<'_>) -> Option<Token> {
    let kind = Kind::parse(&answer.text("kind")?.read())?;
    let details = answer.member(kind.as_str())?;
    let (value, expires_at) = (answer.text("token")?, answer.text("expires_at")?);
    let last4 = details.text("last4")?;
    let (scheme, bin, expiry) = match kind {
        Kind::Card => (
            Some(details.text("scheme")?),
            details.optional_text("bin")?,
            Some((details.number("exp_month")?.try_into().ok()?, details.number("exp_year")?)),
        ),
        Kind::BankAccount => (None, None, None),
    };
    Some(Token {
        value: value.read(),
        kind,
        scheme: scheme.map(Text::read),
        bin: bin.map(Text::read),
        last4: last4.read(),
        expiry,
        expires_at: expires_at.read(),
    })
}

fn refusal(status: u16, answer: Json<'_>) -> Option<GatewayError> {
    let error = answer.member("error")?;
    let (code, classification) = (error.text("code")?, error.text("classification")?);
    let (field, reason) = (error.optional_text("field")?, error.optional_text("reason")?);
    Some(GatewayError::Refused {
        status,
        code: code.read(),
        classification: Classification::parse(&classification.read()).unwrap_or(Classification::Gateway),
        field: field.map(Text::read),
        reason: reason.map(Text::read),
    })
}

/// What must not be logged of a sealed request and its answer.
pub(super) const SECRETS: Secrets = Secrets {
    headers: &["authorization", "idempotency-key"],
    members: &["envelope", "token", "idempotency_key"],
};
