//! Flute's payment methods: kept by the vault, or by Flute itself.
//!
//! Flute has no one-time token. What stands for a card is the id of a stored payment method, and without a
//! customer it is an *orphan*, which is good for ever. `POST /v2/payment-methods/cards` and `.../ach` make
//! one, in clear over TLS, with a bearer token that lives for a quarter of an hour and that Flute calls safe
//! in a page (its V2 description and its page on authentication). Members that it does not know are refused,
//! so exactly the documented ones are sent.

use instrument::bank::{AccountType, HolderType};
use instrument::{BankAccount, Card, Instrument, Kind};

use super::tessera::{read_token, sealed_request};
use crate::{
    Clear, Dialect, Endpoint, Facts, GatewayError, HttpRequest, HttpResponse, Lifetime, Payload, Secrets,
    Shown, Token, TokenFormat, TokenShape,
    json::{Json, Writer},
    refusal::{Field, field_of, refused},
};

/// The dialect.
pub(super) static DIALECT: Flute = Flute;

/// What is known of it.
pub(super) static FACTS: Facts = Facts {
    id: "flute",
    name: "Flute",
    token: TokenFormat { shape: TokenShape::Uuid, lifetime: Lifetime::Permanent },
    secrets: Secrets {
        headers: &["authorization", "idempotency-key"],
        members: &[
            "envelope",
            "token",
            "idempotency_key",
            "cardNumber",
            "securityCode",
            "routingNumber",
            "accountNumber",
            "taxId",
            "access_token",
            "refresh_token",
            "paymentMethodId",
        ],
    },
    clear: Clear::At(&["https://api.flute.com", "https://sandbox.api.flute.com"]),
};

/// The dialect of Flute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flute;

impl Dialect for Flute {
    fn id(&self) -> &'static str {
        "flute"
    }

    fn takes(&self, kind: Kind) -> bool {
        kind != Kind::Code
    }

    fn request(&self, endpoint: &Endpoint, payload: Payload) -> Result<HttpRequest, GatewayError> {
        let clear = match payload {
            Payload::Sealed(sealed) => return Ok(sealed_request(self.id(), endpoint, sealed)),
            Payload::Clear(clear) => clear,
        };
        let mut body = Writer::new();
        // EXPOSE: this request is the card's way to the gateway.
        let path = match &clear.instrument {
            Instrument::Card(card) => {
                write_card(&mut body, card);
                "/v2/payment-methods/cards"
            }
            Instrument::BankAccount(account) => {
                write_account(&mut body, account);
                "/v2/payment-methods/ach"
            }
        };
        let headers = [endpoint.authorization(), ("idempotency-key", clear.idempotency_key)];
        Ok(endpoint.post(path, headers, body))
    }

    fn token(&self, response: &HttpResponse, sent: Option<Shown>) -> Result<Token, GatewayError> {
        let Some(shown) = sent else { return read_token(response) };
        let answer = Json::read(&response.body);
        if matches!(response.status, 200 | 201) {
            let value = answer.and_then(|answer| answer.text("paymentMethodId"));
            let value = value.ok_or(GatewayError::Malformed { status: response.status })?.read();
            return Ok(Token { value, shown, expires_at: None });
        }
        // A refused bearer token is answered with an empty body, and by its status all the same.
        let field = answer.and_then(|answer| answer.member("errors").or_else(|| answer.member("Errors")));
        let field = field.and_then(|errors| {
            FIELDS.iter().map(|(theirs, _)| *theirs).find(|theirs| {
                // Members arrive in camel or in Pascal case.
                errors.member(theirs).is_some() || errors.member(&pascal(theirs)).is_some()
            })
        });
        let field = field.and_then(|theirs| field_of(theirs, FIELDS));
        if response.status < 400 || (answer.is_none() && !matches!(response.status, 401 | 403 | 429 | 500..))
        {
            return Err(GatewayError::Malformed { status: response.status });
        }
        Err(refused(response.status, shown.kind, field))
    }
}

fn write_card(body: &mut Writer, card: &Card) {
    body.text("cardNumber", card.number().expose());
    body.number("expirationMonth", card.expiry().month().into());
    body.number("expirationYear", card.expiry().year());
    body.optional("securityCode", card.code().map(|code| code.expose()));
}

fn write_account(body: &mut Writer, account: &BankAccount) {
    body.text("routingNumber", account.routing().expose());
    body.text("accountNumber", account.account().expose());
    body.text(
        "accountType",
        match account.account_type() {
            AccountType::Checking => "Checking",
            AccountType::Savings => "Savings",
        },
    );
    let holder = account.holder().map(|holder| holder.as_str());
    let (holder_type, name) = match account.holder_type() {
        HolderType::Personal => ("Personal", "name"),
        // Required of a business account that belongs to no customer.
        HolderType::Business => ("Business", "companyName"),
    };
    body.text("accountHolderType", holder_type);
    body.optional(name, holder);
}

/// Members of the requests, and the fields they are made of.
const FIELDS: &[Field] = &[
    ("cardNumber", "number"),
    ("expirationMonth", "expiry"),
    ("expirationYear", "expiry"),
    ("securityCode", "code"),
    ("routingNumber", "routing_number"),
    ("accountNumber", "account_number"),
    ("accountHolderType", "account_holder_type"),
    ("accountType", "account_type"),
    ("companyName", "holder"),
    ("name", "holder"),
];

/// The same word with its first letter in upper case.
fn pascal(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().map(|first| first.to_ascii_uppercase()).chain(letters).collect()
}
