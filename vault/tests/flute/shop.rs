//! A merchant's server that speaks Flute's API, with a vault of its own and a clock moved by hand.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use base64ct::{Base64, Encoding as _};
use instrument::Instrument;
use serde_json::{Value, json};
use tempfile::TempDir;
use vault::clock::ManualClock;

use crate::support::{self, SHOP_ORIGIN, Vault};

/// What explains every code.
const ERRORS: &str = include_str!("../../../docs/errors.md");

/// 2026-11-23T02:02:03.042Z
pub const NOW_MS: i64 = 1_795_399_323_042;

/// A merchant's server with an access token.
#[derive(Clone)]
pub struct Shop {
    pub vault: Arc<Vault>,
    pub publishable_key: String,
    pub secret_key: String,
    pub access_token: String,
}

/// What the vault answered; an empty body is null.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Shop {
    pub async fn open() -> Self {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let vault = Vault::start_on(TempDir::new().unwrap(), clock).await;
        let (publishable_key, secret_key) = (vault.pk.clone(), vault.sk.clone());
        Self::with_keys(Arc::new(vault), publishable_key, secret_key).await
    }

    /// Another merchant of the same vault.
    pub async fn other_merchant(&self) -> Self {
        let (publishable_key, secret_key) = self.vault.another_merchant().await;
        Self::with_keys(Arc::clone(&self.vault), publishable_key, secret_key).await
    }

    async fn with_keys(vault: Arc<Vault>, publishable_key: String, secret_key: String) -> Self {
        let mut shop = Self { vault, publishable_key, secret_key, access_token: String::new() };
        shop.renew().await;
        shop
    }

    /// Gets a new access token.
    pub async fn renew(&mut self) {
        let answer = self.token(&[("grant_type", "client_credentials"), ("scope", "offline_access")]).await;
        self.access_token = answer.ok()["access_token"].as_str().unwrap().to_owned();
    }

    pub fn client_id(&self) -> &str {
        self.secret_key.split('_').nth(2).unwrap()
    }

    pub fn advance_ms(&self, by_ms: i64) {
        self.vault.clock.advance_ms(by_ms);
    }

    /// Asks for tokens, with the client by HTTP Basic.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        let credentials =
            Base64::encode_string(format!("{}:{}", self.client_id(), self.secret_key).as_bytes());
        self.token_with(Some(&format!("Basic {credentials}")), form).await
    }

    pub async fn token_with(&self, authorization: Option<&str>, form: &[(&str, &str)]) -> Answer {
        let form: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::post("/flute/oauth2/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.send(request.body(Body::from(form.join("&"))).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, &body, &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, &body, &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, &body, &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &Value::Null, &[]).await
    }

    /// Sends JSON, or nothing if it is null, with the access token and more headers.
    pub async fn call(&self, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/flute{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.access_token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into()),
        };
        self.send(request.unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.vault.send(request).await;
        let body = if answer.bytes.is_empty() { Value::Null } else { answer.json() };
        Answer { status: answer.status.as_u16(), headers: answer.headers, body }
    }

    /// Creates a customer and hands out its id.
    pub async fn customer(&self) -> String {
        let body = json!({"firstName": "Ada", "lastName": "Lovelace"});
        self.post("/v2/customers", body).await.id("customerId")
    }

    /// Keeps a card and hands out its id.
    pub async fn card(&self, number: &str, customer: Option<&str>) -> String {
        let mut body = card(number);
        body["customerId"] = json!(customer);
        self.post("/v2/payment-methods/cards", body).await.id("paymentMethodId")
    }

    /// Seals an instrument as the page does, and hands out what the vault answered.
    pub async fn seal(
        &self,
        instrument: Instrument,
        attempt: &str,
        session: Option<&str>,
    ) -> support::Answer {
        let kind = instrument.kind().as_str();
        let envelope = self.vault.seal(&self.publishable_key, instrument, attempt).await;
        let mut body =
            json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN, "dialect": "flute"});
        if let Some(session) = session {
            body["session"] = session.into();
        }
        self.vault.post_token(&self.publishable_key, attempt, body).await
    }

    /// Everything the database's files hold; the file of the development keys is none of them.
    pub fn database_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.vault.dir.path().join("data")).unwrap();
        let files = files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("vault.sqlite"));
        let files: Vec<_> = files.collect();
        assert!(!files.is_empty());
        files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect()
    }
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.body);
        let id = self.headers["x-correlation-id"].to_str().unwrap();
        assert_eq!(id.len(), 36, "{id}");
        &self.body
    }

    /// The success has no body.
    #[track_caller]
    pub fn empty(&self) {
        assert_eq!(self.ok(), &Value::Null);
    }

    /// A text in the body of a success.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        let body = self.ok();
        body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
    }

    /// The answer is this failure, in Flute's envelope; the field is spelt as under `errors`.
    #[track_caller]
    pub fn refused(&self, status: u16, error_code: &str, code: &str, field: Option<&str>) {
        let body = &self.body;
        assert_eq!((self.status, &body["errorCode"]), (status, &json!(error_code)), "{body}");
        assert_eq!(body["statusCode"], status);
        assert_eq!(body["documentationUrl"], format!("/docs/errors#{code}"), "{body}");
        assert_eq!(body["correlationId"], self.headers["x-correlation-id"].to_str().unwrap());
        for member in ["details", "source", "exceptionType", "title", "cause", "resolution"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {body}");
        }
        match field {
            Some(field) => assert!(body["errors"][field][0].is_string(), "{field} in {body}"),
            None => assert!(body.get("errors").is_none(), "{body}"),
        }
        assert!(ERRORS.contains(&format!("\n### `{code}`\n")), "docs/errors.md does not explain {code}");
    }

    /// The answer is a refused member.
    #[track_caller]
    pub fn invalid(&self, code: &str, field: &str) {
        self.refused(400, "V0000", code, Some(field));
    }

    /// There is no such thing.
    #[track_caller]
    pub fn missing(&self) {
        self.refused(404, "N0000", "not_found", None);
    }
}

/// A card, as V2 spells it.
pub fn card(number: &str) -> Value {
    json!({"cardNumber": number, "securityCode": "123", "expirationMonth": 12, "expirationYear": 2030})
}

/// A person's bank account, as V2 spells it.
pub fn ach() -> Value {
    json!({
        "routingNumber": "021000021", "accountNumber": "1234567890",
        "accountHolderType": "Personal", "accountType": "Checking",
    })
}

/// The same value with other members.
pub fn with(mut value: Value, change: Value) -> Value {
    let changes = change.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(changes);
    value
}

/// The same value without a member.
pub fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap();
    value
}
