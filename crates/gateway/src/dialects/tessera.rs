//! The vault's own dialect: `POST /v1/tokens` with a sealed envelope.

use instrument::Kind;

use crate::{
    Classification, Clear, Dialect, Endpoint, Facts, GatewayError, HttpRequest, HttpResponse, Lifetime,
    Payload, Sealed, Secrets, Shown, Token, TokenFormat, TokenShape,
    json::{Json, Text, Writer},
};

/// The default dialect.
pub(super) static DIALECT: Tessera = Tessera;

/// `tok_` and 44 characters of base58, which hold 257 bits; 15 minutes, the time a shopper may need between
/// typing and paying.
pub(super) static FACTS: Facts = Facts {
    id: "tessera",
    name: "Tessera",
    token: TokenFormat {
        shape: TokenShape::Text { prefix: "tok_", alphabet: BASE58, length: 44 },
        lifetime: Lifetime::Secs(15 * 60),
    },
    secrets: SECRETS,
    clear: Clear::Unsupported(SEALED_ONLY),
};

/// Why nothing is sent to the vault in clear.
const SEALED_ONLY: &str = "seal the instrument for the vault";

/// The alphabet of base58 (no 0, O, I, l, which people confuse).
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The vault's own dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tessera;

impl Dialect for Tessera {
    fn id(&self) -> &'static str {
        "tessera"
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        sealed_only(self.id(), SEALED_ONLY, endpoint, payload)
    }

    fn token(&self, response: &HttpResponse, _sent: Option<Shown>) -> Result<Token, GatewayError> {
        read_token(response)
    }
}

/// The request of a dialect that takes nothing in clear, with the reason why it does not.
pub(super) fn sealed_only(
    dialect: &'static str,
    instead: &'static str,
    endpoint: &Endpoint,
    payload: Payload,
) -> Result<HttpRequest, GatewayError> {
    match payload {
        Payload::Sealed(sealed) => Ok(sealed_request(dialect, endpoint, sealed)),
        Payload::Clear(_) => Err(GatewayError::Unsupported { dialect, instead }),
    }
}

/// The sealed request of every dialect, whose tokens the vault itself issues: only the name differs.
pub(super) fn sealed_request(dialect: &'static str, endpoint: &Endpoint, sealed: Sealed) -> HttpRequest {
    let mut body = Writer::new();
    body.text("envelope", &sealed.envelope.to_text());
    body.text("kind", sealed.kind.as_str());
    body.text("page_origin", &sealed.page_origin);
    body.text("dialect", dialect);
    body.optional("session", sealed.session.as_deref());
    endpoint.post("/v1/tokens", [endpoint.authorization(), ("idempotency-key", sealed.idempotency_key)], body)
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
    let (value, expires_at) = (answer.text("token")?, answer.optional_text("expires_at")?);
    let details = answer.member(kind.as_str());
    let (scheme, bin, expiry) = match (kind, details) {
        (Kind::Card, Some(details)) => (
            Some(details.text("scheme")?),
            details.optional_text("bin")?,
            Some((details.number("exp_month")?.try_into().ok()?, details.number("exp_year")?)),
        ),
        (Kind::Card, None) => return None,
        (Kind::BankAccount | Kind::Code, _) => (None, None, None),
    };
    let last4 = if kind == Kind::Code { String::new() } else { details?.text("last4")?.read() };
    let shown = Shown { kind, scheme: scheme.map(Text::read), bin: bin.map(Text::read), last4, expiry };
    Some(Token { value: value.read(), shown, expires_at: expires_at.map(Text::read) })
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
