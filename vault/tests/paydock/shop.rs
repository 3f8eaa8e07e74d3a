//! A merchant with a vault of its own: a router on a temporary SQLite, and a clock moved by hand.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use vault::app::{self, AppState};
use vault::clock::ManualClock;
use vault::domain::Origin;
use vault::keyring::{Kek, Keyring, SealingSuites, Supply};
use vault::random::SystemRandom;
use vault::vaulting::Vaulting;

use crate::failing_store::FailingStore;
use crate::log;
use crate::support::{self, VAULT_ORIGIN, Vault};

/// Every code and reason that this face is seen to answer with; each has its heading in `docs/errors.md`.
pub const EXPLAINED: &[&str] = &[
    // Paydock's codes, and three for what its page has no code for.
    "validation_error",
    "required_error",
    "unfulfilled_condition",
    "permission_denied",
    "not_found",
    "request_refused",
    "system_error",
    "gateway_error",
    "insufficient_funds",
    "credit_card_invalid_or_expired",
    "transaction_declined",
    "transaction_declined_hard",
    // Reasons.
    "archived",
    "bad_characters",
    "bad_format",
    "bad_month",
    "body_too_large",
    "changed_meanwhile",
    "checksum",
    "contains_card_number",
    "expired",
    "header_repeated",
    "idempotency_conflict",
    "idempotency_key_invalid",
    "immutable",
    "invalid_currency",
    "invalid_id",
    "key_invalid",
    "key_missing",
    "luhn",
    "malformed_json",
    "media_type_unsupported",
    "method_not_allowed",
    "no_payment_source",
    "one_of",
    "origin_not_allowed",
    "out_of_range",
    "required",
    "token_already_used",
    "token_expired",
    "token_unknown",
    "too_long",
    "unavailable",
    "unknown_value",
    "wrong_key_kind",
    "wrong_payment_type",
    "wrong_type",
];

/// 2026-11-23T02:02:03.042Z
pub const NOW_MS: i64 = 1_795_399_323_042;

/// The same as answers write it.
pub const NOW: &str = "2026-11-23T02:02:03.042Z";

/// A merchant's server.
#[derive(Clone)]
pub struct Shop {
    pub vault: Arc<Vault>,
    pub publishable_key: String,
    pub secret_key: String,
}

/// What the vault answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Shop {
    pub async fn open() -> Self {
        log::keep();
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let vault = Vault::start_on(TempDir::new().unwrap(), clock).await;
        let (publishable_key, secret_key) = (vault.pk.clone(), vault.sk.clone());
        Self { vault: Arc::new(vault), publishable_key, secret_key }
    }

    /// On a store that can be made to fail.
    pub async fn on_failing_store() -> (Self, Arc<FailingStore>) {
        let shop = Self::open().await;
        let Ok(mut vault) = Arc::try_unwrap(shop.vault) else { panic!("nobody else has the new vault") };
        let store = Arc::new(FailingStore::new(vault.vaulting.clone()));
        let kek = Kek::from_file(&vault.dir.path().join("data").join("kek")).unwrap();
        let keyring =
            Keyring::load(kek, &*store, &*vault.clock, &SystemRandom, Supply::Daily, SealingSuites::X25519)
                .await
                .unwrap();
        let clock = Arc::clone(&vault.clock);
        vault.vaulting =
            Vaulting::new(Arc::clone(&store) as _, Arc::new(keyring), clock, Arc::new(SystemRandom));
        let origin = Origin::parse(VAULT_ORIGIN).unwrap();
        vault.router = app::router(AppState::new(vault.vaulting.clone(), origin));
        (Self { vault: Arc::new(vault), ..shop }, store)
    }

    /// Another merchant of the same vault.
    pub async fn other_merchant(&self) -> Self {
        let (publishable_key, secret_key) = self.vault.another_merchant().await;
        Self { publishable_key, secret_key, ..self.clone() }
    }

    pub fn advance_ms(&self, by_ms: i64) {
        self.vault.clock.advance_ms(by_ms);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("x-user-secret-key", &self.secret_key)], "").await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[("x-user-secret-key", &self.secret_key)], "").await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[("x-user-secret-key", &self.secret_key)], &body.to_string()).await
    }

    /// With an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: Value) -> Answer {
        let headers = [("x-user-secret-key", self.secret_key.as_str()), ("idempotency-key", key)];
        self.send("POST", path, &headers, &body.to_string()).await
    }

    /// With the headers given, and the media type unless one of them says another.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/paydock{path}"));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.vault.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{method} {path}: no JSON: {text}"))
        };
        Answer { status: answer.status.as_u16(), headers: answer.headers, body }
    }

    /// A one-time token made by this face with the public key, as a page makes it.
    pub async fn token(&self, body: Value) -> String {
        let headers = [("x-user-public-key", self.publishable_key.as_str())];
        let answer = self.send("POST", "/v1/payment_sources/tokens", &headers, &body.to_string()).await;
        answer.data(201, "token").as_str().unwrap().to_owned()
    }

    /// A one-time token in Paydock's form, sealed the way the frame does it.
    pub async fn sealed_token(&self, number: &str) -> String {
        let instrument = support::card(number, Some("123"));
        let attempt = support::fresh_key();
        let answer =
            self.vault.tokenize_as(&self.publishable_key, instrument, &attempt, "paydock").await.expect(201);
        answer["token"].as_str().unwrap().to_owned()
    }

    /// A vault token of a card.
    pub async fn vault_token(&self, number: &str) -> String {
        let made = self.post("/v1/vault/payment_sources", card(number)).await.data(201, "payment_source");
        made["vault_token"].as_str().unwrap().to_owned()
    }

    /// Creates a customer by one-time token and hands out the resource.
    pub async fn customer(&self) -> Value {
        let token = self.token(card("4111111111111111")).await;
        self.post("/v1/customers", json!({"token": token, "first_name": "Ada"})).await.data(201, "customer")
    }

    /// The id of the merchant's gateway.
    pub async fn gateway(&self) -> String {
        let answer = self.get("/v1/gateways").await;
        answer.list("gateway").0[0]["_id"].as_str().unwrap().to_owned()
    }

    /// Everything the database's files hold.
    pub fn database_bytes(&self) -> Vec<u8> {
        let files: Vec<PathBuf> = std::fs::read_dir(self.vault.dir.path().join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(files.iter().any(|file| file.ends_with("vault.sqlite")), "{files:?}");
        files.iter().filter(|file| file.is_file()).flat_map(|file| std::fs::read(file).unwrap()).collect()
    }
}

impl Answer {
    /// The `data` of a successful answer.
    #[track_caller]
    pub fn data(self, status: u16, resource: &str) -> Value {
        assert_eq!((self.status, &self.body["status"]), (status, &json!(status)), "{}", self.body);
        assert_eq!((&self.body["error"], &self.body["resource"]["type"]), (&Value::Null, &json!(resource)));
        assert_eq!(self.body.as_object().unwrap().len(), 3, "{}", self.body);
        self.body["resource"]["data"].clone()
    }

    /// The items of a list, and `count`, `limit` and `skip`.
    #[track_caller]
    pub fn list(&self, resource: &str) -> (Vec<Value>, [u64; 3]) {
        assert_eq!((self.status, &self.body["resource"]["type"]), (200, &json!(resource)), "{}", self.body);
        let numbers = ["count", "limit", "skip"].map(|name| self.body["resource"][name].as_u64().unwrap());
        (self.body["resource"]["data"].as_array().unwrap().clone(), numbers)
    }

    /// The answer is this refusal, in the documented form with our additions.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, reason: &str, path: Option<&str>) {
        let body = &self.body;
        assert_eq!((self.status, &body["status"]), (status, &json!(status)), "{body}");
        assert_eq!(body["error"]["reason"], reason, "{body}");
        assert_eq!((&body["error"]["code"], &body["error_summary"]["code"]), (&json!(code), &json!(code)));
        for found in [&body["error"]["path"], &body["error_summary"]["details"]["path"]] {
            assert_eq!(found.as_str(), path, "{body}");
        }
        let message = body["error"]["message"].as_str().unwrap();
        assert!(!message.is_empty());
        assert_eq!(body["error_summary"]["message"], message);
        assert_eq!(body["error_summary"]["details"]["messages"], json!([message]));
        let classification = body["error"]["classification"].as_str().unwrap();
        assert!(["merchant", "shopper", "gateway", "environment", "internal"].contains(&classification));
        assert!(body["resource"]["type"].is_string());
        assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
        for explained in [code, reason] {
            assert!(EXPLAINED.contains(&explained), "{explained} is not among the codes of this face");
        }
    }
}

/// A card, as requests send it.
pub fn card(number: &str) -> Value {
    json!({
        "type": "card", "card_name": "Ada Lovelace", "card_number": number, "expire_month": "12",
        "expire_year": "2030", "card_ccv": if number.len() == 15 { "1234" } else { "123" },
    })
}

/// A US account, as requests send it.
pub fn bank_account() -> Value {
    json!({
        "type": "bank_account", "account_name": "Ada Lovelace", "account_number": "998877665544",
        "account_routing": "021000021", "account_type": "savings", "account_holder_type": "company",
        "account_bank_name": "First Bank",
    })
}

/// An Australian account, as requests send it.
pub fn bsb() -> Value {
    json!({
        "type": "bsb", "account_name": "Ada Lovelace", "account_number": "87654321",
        "account_bsb": "062-000",
    })
}

/// An agreement kept elsewhere, as requests send it.
pub fn checkout() -> Value {
    json!({
        "type": "checkout", "checkout_token": "agreement-5566778899", "checkout_email": "ada@example.com",
        "checkout_holder": "Ada Lovelace",
    })
}

/// The address of the vendor's samples, in its own words.
pub fn address() -> Value {
    json!({
        "address_line1": "12 Bourke Street", "address_line2": "Level 3", "address_city": "Melbourne",
        "address_state": "VIC", "address_country": "AU", "address_postcode": "3000",
    })
}

/// Both objects in one; of a member that both have, the second's.
pub fn with(first: Value, second: Value) -> Value {
    let Value::Object(mut first) = first else { panic!("an object is needed") };
    let Value::Object(second) = second else { panic!("an object is needed") };
    first.extend(second);
    Value::Object(first)
}

/// The object without a member.
pub fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}

#[track_caller]
pub fn is_object_id(value: &Value) {
    let text = value.as_str().unwrap();
    assert!(text.len() == 24 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{text}");
}

#[track_caller]
pub fn is_uuid(value: &Value) {
    let text = value.as_str().unwrap();
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{text}");
    assert!(text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-')), "{text}");
}
