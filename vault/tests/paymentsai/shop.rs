//! A merchant's server that speaks payments.ai, with a vault of its own and a clock moved by hand.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use vault::clock::ManualClock;
use vault::domain::TenantId;
use vault::vaulting::Vaulting;

use crate::support::{self, Vault};

/// 2026-11-23T02:02:03.042Z
pub const NOW_MS: i64 = 1_795_399_323_042;

/// A card that the sandbox approves.
pub const APPROVED: &str = "4111111111111111";

/// A card that the sandbox declines.
pub const DECLINED: &str = "4000000000000002";

/// A merchant's server.
#[derive(Clone)]
pub struct Shop {
    vault: Arc<Vault>,
    publishable_key: String,
    secret_key: String,
    organization: String,
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
        let vault = Vault::start_on(TempDir::new().unwrap(), Arc::new(ManualClock::new(NOW_MS))).await;
        let (publishable_key, secret_key) = (vault.pk.clone(), vault.sk.clone());
        Self::of(Arc::new(vault), publishable_key, secret_key).await
    }

    /// Another merchant of the same vault.
    pub async fn other_merchant(&self) -> Self {
        let (publishable_key, secret_key) = self.vault.another_merchant().await;
        Self::of(Arc::clone(&self.vault), publishable_key, secret_key).await
    }

    async fn of(vault: Arc<Vault>, publishable_key: String, secret_key: String) -> Self {
        let id = secret_key.split('_').nth(2).unwrap();
        let key = vault.vaulting.store().api_key(id).await.unwrap().unwrap();
        let organization = key.tenant.as_str().to_owned();
        Self { vault, publishable_key, secret_key, organization }
    }

    pub fn advance_ms(&self, by_ms: i64) {
        self.vault.clock.advance_ms(by_ms);
    }

    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    pub fn publishable_key(&self) -> &str {
        &self.publishable_key
    }

    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// The whole path of an operation in this merchant's organization.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/public-api/organizations/{}{rest}", self.organization)
    }

    pub async fn get(&self, rest: &str) -> Answer {
        self.call("GET", &self.path(rest), Value::Null).await
    }

    pub async fn post(&self, rest: &str, body: Value) -> Answer {
        self.call("POST", &self.path(rest), body).await
    }

    pub async fn put(&self, rest: &str, body: Value) -> Answer {
        self.call("PUT", &self.path(rest), body).await
    }

    pub async fn delete(&self, rest: &str) -> Answer {
        self.call("DELETE", &self.path(rest), Value::Null).await
    }

    /// The production's tokenization, which names the organization in a header.
    pub async fn tokenization(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("x-organization-id", self.organization());
        self.send(request.body(body_of(&body)).unwrap()).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(self.request(method, path).body(body_of(&body)).unwrap()).await
    }

    /// Another face of the same vault, as the same merchant.
    pub async fn other_face(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, self.secret_key())
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body_of(&body)).unwrap()).await
    }

    /// The services of the vault, past its routes.
    pub fn vaulting(&self) -> &Vaulting {
        &self.vault.vaulting
    }

    /// The merchant whose keys these are.
    pub fn tenant(&self) -> TenantId {
        TenantId::new(&*self.organization)
    }

    /// With whatever stands in `Authorization`, and a body byte by byte.
    pub async fn raw(&self, method: &str, path: &str, authorization: Option<&str>, body: &str) -> Answer {
        let mut request =
            Request::builder().method(method).uri(uri(path)).header("content-type", "application/json");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let name = format!("{} {}", request.method(), request.uri().path());
        let response = self.vault.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| panic!("{name}: no JSON: {}", String::from_utf8_lossy(&bytes)))
        };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(uri(path))
            .header(header::AUTHORIZATION, format!("ApiKey {}", self.secret_key))
            .header(header::CONTENT_TYPE, "application/json")
    }

    /// Creates a customer and hands out its id.
    pub async fn customer(&self, body: Value) -> String {
        self.post("/customers", body).await.ok(201)["id"].as_str().unwrap().to_owned()
    }

    /// A one-time token in the gateway's form, made the way a browser makes it.
    pub async fn card_token(&self, number: &str) -> String {
        let code = if number.len() == 15 { "7371" } else { "737" };
        self.token_as("payments_ai", support::card(number, Some(code))).await
    }

    /// A one-time token of a bank account.
    pub async fn bank_token(&self) -> String {
        self.token_as("payments_ai", support::account()).await
    }

    /// A one-time token in any dialect's form.
    pub async fn token_as(&self, dialect: &str, instrument: instrument::Instrument) -> String {
        let attempt = support::fresh_key();
        let answer = self.vault.tokenize_as(&self.publishable_key, instrument, &attempt, dialect).await;
        answer.expect(201)["token"].as_str().unwrap().to_owned()
    }

    /// Attaches a card to a customer and hands out the payment instrument's id.
    pub async fn attached(&self, customer: &str, number: &str) -> String {
        let token = self.card_token(number).await;
        let path = format!("/customers/{customer}/payment-instruments");
        self.post(&path, json!({"token": token})).await.ok(201)["id"].as_str().unwrap().to_owned()
    }

    /// Charges what an instruction names; `null` leaves the instruction out.
    pub async fn charge(&self, customer: &str, instruction: Value) -> Answer {
        self.post("/transactions", sale(customer, instruction)).await
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
    /// The body of a successful answer.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Checks a failed answer whole.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, field: Option<&str>) {
        assert_eq!((self.status, &self.body["errorCode"]), (status, &json!(code)), "{}", self.body);
        assert_eq!(self.body["statusCode"], status, "{}", self.body);
        assert_eq!(self.body.get("field").and_then(Value::as_str), field, "{}", self.body);
        assert_eq!(self.body["message"], message(status), "{}", self.body);
        assert!(self.body["details"].as_str().is_some_and(|details| !details.is_empty()), "{}", self.body);
        let classification = self.body["classification"].as_str().unwrap();
        assert!(["merchant", "shopper", "environment", "internal"].contains(&classification));
        let members = self.body.as_object().unwrap().len();
        assert_eq!(members, 5 + usize::from(field.is_some()), "{}", self.body);
    }

    /// How many items a list has in all.
    #[track_caller]
    pub fn total(&self) -> u64 {
        self.headers["pagination-total"].to_str().unwrap().parse().unwrap()
    }

    /// The ids in a list.
    #[track_caller]
    pub fn ids(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
    }
}

/// What the gateway's page of errors says of a status.
fn message(status: u16) -> &'static str {
    match status {
        400 => "Bad request",
        401 => "Missing auth token",
        403 => "Forbidden access",
        404 => "Not found",
        405 => "Method not allowed",
        409 => "Conflict",
        413 => "Request entity too large",
        415 => "Unsupported media type",
        422 => "Unprocessable entity",
        other => panic!("{other} is no status of this face"),
    }
}

fn uri(path: &str) -> String {
    format!("/paymentsai{path}")
}

fn body_of(body: &Value) -> Body {
    if body.is_null() { Body::empty() } else { Body::from(body.to_string()) }
}

/// A sale of 47.77 dollars.
pub fn sale(customer: &str, instruction: Value) -> Value {
    let mut body = json!({"type": "sale", "customerId": customer, "currency": "USD", "amount": 47.77});
    if !instruction.is_null() {
        body["paymentInstruction"] = instruction;
    }
    body
}

/// The customer of the gateway's customer document.
pub fn jane() -> Value {
    json!({
        "firstName": "Jane",
        "lastName": "Doe",
        "email": "jane@example.com",
        "phoneNumber": "+1-555-0100",
        "language": "en",
        "address": {
            "country": "US",
            "address1": "123 Main St",
            "city": "Springfield",
            "region": "IL",
            "zip": "62701",
        },
    })
}
