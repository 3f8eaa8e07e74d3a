//! Paydock's one-time tokens: issued by the vault, or by Paydock itself.
//!
//! `POST /v1/payment_sources/tokens` takes a card or bank account with a public key, in clear over TLS; it is
//! what Paydock's own widget and SDKs send (its API reference and .NET SDK). The answer is a bare UUID, good
//! for three hours and one use. No gateway is named: Paydock then takes the company's default when the token
//! is used.

use instrument::bank::HolderType;
use instrument::{BankAccount, Card, Instrument, Kind};

use super::tessera::{read_token, sealed_request};
use crate::{
    Clear, ClearPayload, Dialect, Endpoint, Facts, GatewayError, HttpRequest, HttpResponse, Lifetime,
    Payload, Secrets, Shown, Token, TokenFormat, TokenShape,
    json::{Json, Text, Writer},
    refusal::{Field, field_of, refused},
};

/// The dialect.
pub(super) static DIALECT: Paydock = Paydock;

/// What is known of it. `PowerBoard` is Paydock under another name.
pub(super) static FACTS: Facts = Facts {
    id: "paydock",
    name: "Paydock",
    token: TokenFormat { shape: TokenShape::Uuid, lifetime: Lifetime::Secs(3 * 60 * 60) },
    secrets: Secrets {
        headers: &[
            "authorization",
            "idempotency-key",
            "x-access-token",
            "x-user-public-key",
            "x-user-secret-key",
        ],
        members: &[
            "envelope",
            "token",
            "idempotency_key",
            "card_name",
            "card_number",
            "card_ccv",
            "account_name",
            "account_number",
            "account_routing",
            "data",
        ],
    },
    clear: Clear::At(&[
        "https://api.paydock.com",
        "https://api-sandbox.paydock.com",
        "https://api.powerboard.commbank.com.au",
        "https://api.preproduction.powerboard.commbank.com.au",
        "https://api.staging.powerboard.commbank.com.au",
    ]),
};

/// The dialect of Paydock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paydock;

impl Dialect for Paydock {
    fn id(&self) -> &'static str {
        "paydock"
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        let clear = match payload {
            Payload::Sealed(sealed) => return Ok(sealed_request(self.id(), endpoint, sealed)),
            Payload::Clear(clear) => clear,
        };
        let body = body(&clear).ok_or(GatewayError::Incomplete { field: "holder" })?;
        let key = ("x-user-public-key", endpoint.publishable_key.clone());
        Ok(endpoint.post("/v1/payment_sources/tokens", [key], body))
    }

    fn token(&self, response: &HttpResponse, sent: Option<Shown>) -> Result<Token, GatewayError> {
        let Some(shown) = sent else { return read_token(response) };
        let malformed = GatewayError::Malformed { status: response.status };
        let Some(answer) = Json::read(&response.body) else { return Err(malformed) };
        if matches!(response.status, 200 | 201) {
            let value = answer.member("resource").and_then(|resource| resource.text("data"));
            let value = value.ok_or(malformed)?.read();
            return Ok(Token { value, shown, expires_at: None });
        }
        Err(refused(response.status, shown.kind, field(answer, shown.kind)))
    }
}

/// The body; none if the holder's name is missing, which Paydock requires.
fn body(clear: &ClearPayload) -> Option<Writer> {
    let mut body = Writer::new();
    // EXPOSE: this request is the card's way to the gateway.
    match &clear.instrument {
        Instrument::Card(card) => write_card(&mut body, card)?,
        Instrument::BankAccount(account) => write_account(&mut body, account)?,
    }
    Some(body)
}

fn write_card(body: &mut Writer, card: &Card) -> Option<()> {
    body.text("type", "card");
    body.text("card_name", card.holder()?.as_str());
    body.text("card_number", card.number().expose());
    body.padded("expire_month", card.expiry().month().into());
    body.padded("expire_year", card.expiry().year());
    body.optional("card_ccv", card.code().map(|code| code.expose()));
    Some(())
}

fn write_account(body: &mut Writer, account: &BankAccount) -> Option<()> {
    body.text("type", "bank_account");
    body.text("account_name", account.holder()?.as_str());
    body.text("account_number", account.account().expose());
    body.text("account_routing", account.routing().expose());
    // Paydock documents no list of values for these two; the words are those of its SDK's samples.
    body.text("account_type", account.account_type().as_str());
    body.text(
        "account_holder_type",
        match account.holder_type() {
            HolderType::Personal => "personal",
            HolderType::Business => "business",
        },
    );
    Some(())
}

/// Members of the request, and the fields they are made of.
const FIELDS: &[Field] = &[
    ("card_name", "holder"),
    ("card_number", "number"),
    ("expire_month", "expiry"),
    ("expire_year", "expiry"),
    ("card_ccv", "code"),
    ("account_name", "holder"),
    ("account_number", "account_number"),
    ("account_routing", "routing_number"),
];

/// The field that an error answer is about: it names the member, or its code says.
fn field(answer: Json<'_>, kind: Kind) -> Option<&'static str> {
    let parts = [
        answer.member("error_summary").and_then(|summary| summary.member("details")),
        answer.member("error"),
        answer.member("error_summary"),
    ];
    let texts = |name| parts.into_iter().flatten().filter_map(move |part| part.text(name)).map(Text::read);
    let by_path = texts("path").find_map(|path| field_of(path.rsplit('.').next().unwrap_or(&path), FIELDS));
    by_path.or_else(|| {
        texts("code").find_map(|code| match (code.as_str(), kind) {
            ("credit_card_invalid_or_expired", _) => Some("number"),
            ("invalid_bank_account_details", _) => Some("account_number"),
            _ => None,
        })
    })
}
