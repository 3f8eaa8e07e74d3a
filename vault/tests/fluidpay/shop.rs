//! A merchant with a vault of its own: a router on a temporary SQLite, and a clock moved by hand.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use instrument::{Instrument, YearMonth};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use vault::api::fluidpay::router_with;
use vault::api::fluidpay::wallet::Wallets;
use vault::app::{self, AppState};
use vault::clock::{Clock as _, ManualClock};
use vault::domain::{Origin, PaymentMethodId, TenantId};
use vault::keyring::{Kek, Keyring, SealingSuites, Supply};
use vault::random::SystemRandom;
use vault::store::{Change, DataKeyPurpose};
use vault::vaulting::Vaulting;

use crate::failing_store::FailingStore;
use crate::support::{self, VAULT_ORIGIN, Vault};

/// What explains every code.
const ERRORS: &str = include_str!("../../../docs/errors.md");

/// 2026-11-23T02:02:03.042Z
pub const NOW_MS: i64 = 1_795_399_323_042;

/// A merchant's server.
#[derive(Clone)]
pub struct Shop {
    vault: Arc<Vault>,
    /// The same face with wallets configured.
    configured: Router,
    publishable_key: String,
    secret_key: String,
}

/// What the vault answered.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Shop {
    pub async fn open() -> Self {
        Self::with_wallets(Wallets::unconfigured()).await
    }

    /// With wallets, which the operations of [`Shop::post_configured`] know.
    pub async fn with_wallets(wallets: Wallets) -> Self {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let vault = Vault::start_on(TempDir::new().unwrap(), clock).await;
        let state = AppState::new(vault.vaulting.clone(), Origin::parse(VAULT_ORIGIN).unwrap());
        let configured = support::record::around(router_with(wallets).with_state(state));
        let (publishable_key, secret_key) = (vault.pk.clone(), vault.sk.clone());
        Self { vault: Arc::new(vault), configured, publishable_key, secret_key }
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
        let state = AppState::new(vault.vaulting.clone(), Origin::parse(VAULT_ORIGIN).unwrap());
        vault.router = app::router(state.clone());
        let configured = router_with(Wallets::unconfigured()).with_state(state);
        (Self { vault: Arc::new(vault), configured, ..shop }, store)
    }

    /// Another merchant of the same vault.
    pub async fn other_merchant(&self) -> Self {
        let (publishable_key, secret_key) = self.vault.another_merchant().await;
        Self { publishable_key, secret_key, ..self.clone() }
    }

    /// Makes a second version of the merchant's look-up key, which is in use when this ends; the first is there, too.
    pub async fn begin_new_lookup_key(&self) {
        const NOTICE_MS: i64 = 2 * 60_000;
        self.add_lookup_key(NOTICE_MS).await;
    }

    /// The same with the notice that other vaults are given.
    async fn add_lookup_key(&self, notice_ms: i64) {
        let Vault { vaulting, clock, .. } = &*self.vault;
        let (store, keyring) = (vaulting.store(), vaulting.keyring());
        let tenant = self.tenant().await;
        let from_ms = clock.now_ms() + notice_ms;
        let made = keyring.new_version(&tenant, DataKeyPurpose::Lookup, from_ms, store, &SystemRandom);
        let (_, changes) = made.await.unwrap();
        store.apply(&tenant, changes).await.unwrap();
        clock.advance_ms(notice_ms);
        keyring.refresh(store, &**clock, &SystemRandom).await.unwrap();
    }

    /// One attempt to have a card be a token.
    pub(crate) async fn attempt(&self, idempotency_key: &str) -> support::Answer {
        self.vault.tokenize_as(&self.publishable_key, support::visa(), idempotency_key, "fluidpay").await
    }

    /// Changes the merchant's look-up key, and destroys the version that there was.
    pub async fn change_lookup_key(&self) {
        let Vault { vaulting, clock, pk, .. } = &*self.vault;
        let (store, keyring) = (vaulting.store(), vaulting.keyring());
        let tenant = keyring.merchants().first().unwrap().tenant().clone();
        self.add_lookup_key(0).await;
        // Each key is hashed anew when it is used.
        for key in [pk, &self.secret_key] {
            self.vault.call_with(key, "GET", "/v1/keys", Value::Null).await;
        }
        vaulting.refingerprint(&tenant).await.unwrap();
        let destroy = Change::DestroyLookupKey { version: 1, now_ms: clock.now_ms() };
        store.apply(&tenant, vec![destroy]).await.unwrap();
        keyring.refresh(store, &**clock, &SystemRandom).await.unwrap();
        assert!(keyring.merchant(&tenant).unwrap().older_lookup_versions().is_empty());
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

    pub async fn get(&self, path: &str) -> Answer {
        self.with_authorization("GET", path, Some(self.secret_key()), "").await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.with_authorization("DELETE", path, Some(self.secret_key()), "").await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.with_authorization("POST", path, Some(self.secret_key()), &body.to_string()).await
    }

    /// To the face with the wallets of this shop, and without the deadline around all faces.
    pub async fn post_configured(&self, path: &str, body: Value) -> Answer {
        call(&self.configured, "POST", path, Some(self.secret_key()), &body.to_string()).await
    }

    pub async fn search(&self, body: Value) -> Answer {
        self.post("/api/vault/customer/search", body).await
    }

    /// Creates a customer and hands out its record.
    pub async fn create(&self, body: Value) -> Value {
        self.post("/api/vault/customer", body).await.record()
    }

    /// Creates a customer and hands out its id.
    pub async fn customer(&self, body: Value) -> String {
        self.create(body).await["id"].as_str().unwrap().to_owned()
    }

    pub async fn with_authorization(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
        body: &str,
    ) -> Answer {
        call(&self.vault.router, method, &format!("/fluidpay{path}"), authorization, body).await
    }

    /// With another media type than JSON, or none.
    pub async fn post_as(&self, media_type: Option<&str>, path: &str, body: &str) -> Answer {
        let mut request =
            Request::post(format!("/fluidpay{path}")).header(header::AUTHORIZATION, self.secret_key());
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        send(&self.vault.router, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A one-time token in FluidPay's form, made the way a browser makes it.
    pub async fn card_token(&self, number: &str) -> String {
        self.token("fluidpay", card_with_code(number)).await
    }

    /// A one-time token in Tessera's own form.
    pub async fn native_card_token(&self, number: &str) -> String {
        self.token("tessera", card_with_code(number)).await
    }

    /// A one-time token for a bank account.
    pub async fn ach_token(&self) -> String {
        let account = instrument::BankDraft {
            routing_number: instrument::Secret::new("021000021".to_owned()),
            account_number: instrument::Secret::new("123456789".to_owned()),
            account_type: "checking".to_owned(),
            account_holder_type: None,
            holder: None,
            sec_code: None,
            mandate: None,
        };
        let account = instrument::Draft::BankAccount(account).finish(YearMonth::new(2026, 11).unwrap());
        self.token("fluidpay", account.unwrap()).await
    }

    async fn token(&self, dialect: &str, instrument: Instrument) -> String {
        let attempt = support::fresh_key();
        let answer =
            self.vault.tokenize_as(self.publishable_key(), instrument, &attempt, dialect).await.expect(201);
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The merchant whose keys these are.
    pub async fn tenant(&self) -> TenantId {
        let id = self.secret_key.split('_').nth(2).unwrap();
        self.vault.vaulting.store().api_key(id).await.unwrap().unwrap().tenant
    }

    /// The services of the vault, past its routes.
    pub fn vaulting(&self) -> &Vaulting {
        &self.vault.vaulting
    }

    /// Makes the stored data of a payment method unreadable, as a fault of the disk would.
    pub async fn damage(&self, method_id: &str) {
        let (store, tenant) = (self.vaulting().store(), self.tenant().await);
        let id = PaymentMethodId::new(method_id);
        let mut method = store.payment_method(&tenant, &id).await.unwrap().unwrap();
        *method.sealed.last_mut().unwrap() ^= 1;
        store.apply(&tenant, vec![Change::UpdatePaymentMethod(method)]).await.unwrap();
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

async fn call(router: &Router, method: &str, path: &str, authorization: Option<&str>, body: &str) -> Answer {
    let mut request =
        Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    send(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let name = format!("{} {}", request.method(), request.uri().path());
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| panic!("{name}: no JSON: {}", String::from_utf8_lossy(&bytes)));
    Answer { status, body }
}

impl Answer {
    /// The record in a successful answer.
    #[track_caller]
    pub fn record(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!((&self.body["status"], &self.body["msg"]), (&json!("success"), &json!("success")));
        self.body["data"].clone()
    }

    /// The answer is this refusal, in the documented form with our additions.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, field: Option<&str>) {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}", self.body);
        assert_eq!(self.body["status"], "failed");
        assert_eq!(self.body["field"], json!(field), "{}", self.body);
        assert!(self.body["msg"].as_str().is_some_and(|msg| !msg.is_empty()));
        let classification = self.body["classification"].as_str().unwrap();
        assert!(["merchant", "shopper", "environment", "internal"].contains(&classification));
        assert_eq!(self.body.as_object().unwrap().len(), 5, "{}", self.body);
        let heading = format!("\n### `{code}`\n");
        assert!(ERRORS.contains(&heading), "docs/errors.md does not explain {code}");
    }
}

fn card_with_code(number: &str) -> Instrument {
    support::card(number, Some(if number.len() == 15 { "1234" } else { "123" }))
}

/// A card, as requests send it.
pub fn card() -> Value {
    json!({"number": "4111111111111111", "expiration_date": "12/30"})
}

/// A bank account, as requests send it.
pub fn ach() -> Value {
    json!({
        "account_number": "123456789", "routing_number": "021000021", "account_type": "checking",
        "sec_code": "web",
    })
}

/// The document's sample address, in another city.
pub fn address(city: &str) -> Value {
    json!({
        "city": city, "company": "Some Business", "country": "US", "email": "user@somesite.com",
        "fax": "555555555", "first_name": "John", "last_name": "Smith", "line_1": "", "line_2": "",
        "phone": "5555555555", "postal_code": "60187", "state": "IL",
    })
}
