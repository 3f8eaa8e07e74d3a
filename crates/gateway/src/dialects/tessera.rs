//! The vault's own dialect: `POST /v1/tokens` with a sealed envelope.

use instrument::Kind;
use serde::{Deserialize, Serialize};

use crate::{
    Classification, Dialect, Endpoint, GatewayError, HttpRequest, HttpResponse, Method, Payload, Token,
    TokenFormat,
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

    fn scrub(&self, transcript: &str) -> String {
        scrub_sealed(transcript)
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
    let body = Body {
        envelope: &sealed.envelope.to_text(),
        kind: sealed.kind.as_str(),
        page_origin: &sealed.page_origin,
        dialect,
    };
    Ok(HttpRequest {
        method: Method::Post,
        url: format!("{}/v1/tokens", endpoint.base_url),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", endpoint.publishable_key)),
            ("idempotency-key".to_owned(), sealed.idempotency_key.clone()),
        ],
        // A struct of four strings cannot fail to serialise.
        body: serde_json::to_string(&body).unwrap_or_default(),
    })
}

/// Reads the vault's answer to a sealed request.
pub(super) fn read_token(response: &HttpResponse) -> Result<Token, GatewayError> {
    let malformed = GatewayError::Malformed { status: response.status };
    if !matches!(response.status, 200 | 201) {
        return Err(match serde_json::from_str::<Refusal>(&response.body) {
            Ok(Refusal { error }) => GatewayError::Refused {
                status: response.status,
                classification: Classification::parse(&error.classification)
                    .unwrap_or(Classification::Gateway),
                code: error.code,
                field: error.field,
                reason: error.reason,
            },
            Err(_) => malformed,
        });
    }
    let answer: Answer = serde_json::from_str(&response.body).map_err(|_| malformed.clone())?;
    match (Kind::parse(&answer.kind), answer.card, answer.ach) {
        (Some(Kind::Card), Some(card), None) => Ok(Token {
            value: answer.token,
            kind: Kind::Card,
            scheme: Some(card.scheme),
            bin: card.bin,
            last4: card.last4,
            expiry: Some((card.exp_month, card.exp_year)),
            expires_at: answer.expires_at,
        }),
        (Some(Kind::BankAccount), None, Some(ach)) => Ok(Token {
            value: answer.token,
            kind: Kind::BankAccount,
            scheme: None,
            bin: None,
            last4: ach.last4,
            expiry: None,
            expires_at: answer.expires_at,
        }),
        _ => Err(malformed),
    }
}

/// Takes the values of the members that must not be logged out of a transcript of JSON texts and
/// header lines: envelope, token, authorization, idempotency key.
pub(super) fn scrub_sealed(transcript: &str) -> String {
    let mut scrubbed = String::with_capacity(transcript.len());
    for line in transcript.split_inclusive('\n') {
        let name = line.split_once(':').map(|(name, _)| name);
        match name.filter(|name| is_secret_header(name)) {
            Some(name) => {
                scrubbed.push_str(name);
                scrubbed.push_str(": [REDACTED]\n");
            }
            None => scrub_members(line, &mut scrubbed),
        }
    }
    scrubbed
}

/// A header's name, possibly behind the mark of a transcript line (`> `).
fn is_secret_header(name: &str) -> bool {
    let name = name.trim_start_matches(['>', '<', ' ']).trim_end();
    ["authorization", "idempotency-key"].iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

fn scrub_members(line: &str, scrubbed: &mut String) {
    let mut rest = line;
    while let Some((at, name)) =
        SECRET_MEMBERS.iter().filter_map(|name| rest.find(&format!("\"{name}\"")).map(|at| (at, *name))).min()
    {
        let (before, member) = rest.split_at(at);
        scrubbed.push_str(before);
        let after_name = member.get(name.len() + 2..).unwrap_or_default();
        let value = after_name.trim_start_matches([' ', ':']);
        scrubbed.push_str(&format!("\"{name}\":\"[REDACTED]\""));
        // A value that is no string ends where the next member or the object ends.
        rest = match value.strip_prefix('"') {
            Some(text) => text.split_once('"').map_or("", |(_, rest)| rest),
            None => value.find([',', '}', '\n']).and_then(|end| value.get(end..)).unwrap_or_default(),
        };
    }
    scrubbed.push_str(rest);
}

const SECRET_MEMBERS: [&str; 3] = ["envelope", "token", "idempotency_key"];

#[derive(Serialize)]
struct Body<'a> {
    envelope: &'a str,
    kind: &'a str,
    page_origin: &'a str,
    dialect: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
    kind: String,
    card: Option<CardAnswer>,
    ach: Option<AchAnswer>,
    expires_at: String,
}

#[derive(Deserialize)]
struct CardAnswer {
    scheme: String,
    bin: Option<String>,
    last4: String,
    exp_month: u8,
    exp_year: u16,
}

#[derive(Deserialize)]
struct AchAnswer {
    last4: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalError,
}

#[derive(Deserialize)]
struct RefusalError {
    code: String,
    classification: String,
    field: Option<String>,
    reason: Option<String>,
}
