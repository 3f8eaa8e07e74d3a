//! What a browser does: it seals a card and asks for a token.

use std::io;

use instrument::{CardDraft, Draft, Kind, Secret, YearMonth};
use serde_json::{Value, json};

use super::{Client, PUBLIC_URL, SHOP_ORIGIN};

/// A sealed card that has not been sent: the same one can be sent again.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) idempotency_key: String,
    pub(crate) body: String,
}

/// An idempotency key that was not used before.
pub(crate) fn fresh_key() -> String {
    format!("attempt-{:032x}", rand::random::<u128>())
}

impl Client {
    /// The key that browsers seal to.
    pub(crate) fn sealing_key(&self) -> io::Result<seal::PublicKey> {
        let (_, keys) = self.call(&self.pk, "GET", "/v1/keys", "", "")?;
        let key = keys["keys"].get(0).ok_or_else(|| io::Error::other("no key"))?;
        let suite = seal::Suite::from_name(&text(&key["suite"])).unwrap();
        Ok(seal::PublicKey::from_text(suite, &text(&key["id"]), &text(&key["public_key"])).unwrap())
    }

    /// Seals a card as the frame does.
    pub(crate) fn seal(
        &self,
        key: &seal::PublicKey,
        number: &str,
        code: &str,
        idempotency_key: String,
    ) -> Sealed {
        let card = Draft::Card(CardDraft {
            number: Secret::new(number.to_owned()),
            expiry: Secret::new("12/30".to_owned()),
            code: Some(Secret::new(code.to_owned())),
            holder: None,
            preferred_scheme: None,
        });
        let card = card.finish(YearMonth::new(2026, 11).unwrap()).unwrap();
        let context = seal::Context {
            publishable_key: &self.pk,
            frame_origin: PUBLIC_URL,
            page_origin: SHOP_ORIGIN,
            kind: Kind::Card,
            idempotency_key: &idempotency_key,
        };
        let envelope = seal::seal(card, key, &context, &mut rand::rng()).unwrap().to_text();
        let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN}).to_string();
        Sealed { idempotency_key, body }
    }

    /// Sends a sealed card.
    pub(crate) fn post_token(&self, sealed: &Sealed) -> io::Result<(u16, Value)> {
        let more = format!("idempotency-key: {}\r\n", sealed.idempotency_key);
        self.call(&self.pk, "POST", "/v1/tokens", &more, &sealed.body)
    }

    /// Seals a test card and sends it.
    pub(crate) fn tokenize(&self) -> io::Result<(u16, Value)> {
        let key = self.sealing_key()?;
        self.post_token(&self.seal(&key, "4111111111111111", "123", fresh_key()))
    }

    /// Spends a token on a payment method.
    pub(crate) fn spend(&self, token: &str) -> io::Result<(u16, Value)> {
        self.server("POST", "/v1/payment-methods", &json!({"token": token}))
    }
}

/// The text of a JSON value.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
