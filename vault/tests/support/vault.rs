//! A vault on a temporary SQLite, called through its router, with a clock that tests move; and the
//! browser's half: sealing real envelopes.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

pub(crate) mod record;

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use instrument::card::SecurityCode;
use instrument::{BankDraft, CardDraft, Draft, Entry, Instrument, Kind, Secret, YearMonth};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use vault::{
    app::{self, AppState},
    clock::{Clock, ManualClock, SystemClock},
    config::{Config, ConnectionLimits, DevelopmentRoot, KekSource, Mode, StoreChoice},
    domain::{KeyUse, Origin},
    keyring::{AuditKey, Kek, KekRing, SealingSuites},
    random::SystemRandom,
    startup::{self, MerchantKeyPair, Started},
    state::Settings,
    store::Migration,
    vaulting::{SecurityCodes, Vaulting},
};

/// Where the vault believes to be reached.
pub(crate) const VAULT_ORIGIN: &str = "http://127.0.0.1:8700";

/// The page that may use the key.
pub(crate) const SHOP_ORIGIN: &str = "http://localhost:8800";

/// A running vault with one merchant.
pub(crate) struct Vault {
    pub(crate) router: Router,
    pub(crate) vaulting: Vaulting,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) pk: String,
    pub(crate) sk: String,
    pub(crate) dir: TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The JSON of the body.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Checks status and code of an error on the native face.
    #[track_caller]
    pub(crate) fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["error"]["code"], code, "{body}");
        for member in ["classification", "message", "help"] {
            assert!(body["error"][member].is_string(), "{member} in {body}");
        }
        body["error"].clone()
    }
}

impl Vault {
    /// Starts a vault on a fresh directory.
    pub(crate) async fn start() -> Self {
        Self::start_on(TempDir::new().unwrap(), Arc::new(ManualClock::new(SystemClock.now_ms()))).await
    }

    /// Starts a vault on a directory that may have been used before.
    pub(crate) async fn start_on(dir: TempDir, clock: Arc<ManualClock>) -> Self {
        Self::start_with(config(dir.path()), dir, clock).await
    }

    /// Starts a vault on another store.
    pub(crate) async fn start_in(store: StoreChoice) -> Self {
        let dir = TempDir::new().unwrap();
        let config = Config { store, ..config(dir.path()) };
        Self::start_with(config, dir, Arc::new(ManualClock::new(SystemClock.now_ms()))).await
    }

    /// Starts a vault as it is configured.
    pub(crate) async fn start_with(config: Config, dir: TempDir, clock: Arc<ManualClock>) -> Self {
        let Started { vaulting, dev_keys, .. } =
            startup::start(&config, Arc::clone(&clock) as _, Arc::new(SystemRandom)).await.unwrap();
        let keys = dev_keys.unwrap();
        let origin = Origin::parse(VAULT_ORIGIN).unwrap();
        Self {
            router: record::around(app::router(AppState::new(vaulting.clone(), origin))),
            vaulting,
            clock,
            pk: keys.publishable.expose().to_owned(),
            sk: keys.secret.expose().to_owned(),
            dir,
        }
    }

    /// Another merchant of the same vault: publishable and secret key.
    pub(crate) async fn another_merchant(&self) -> (String, String) {
        let origins = [Origin::parse(SHOP_ORIGIN).unwrap()];
        let MerchantKeyPair { publishable, secret, .. } =
            startup::add_merchant(&self.vaulting, &origins, KeyUse::Live).await.unwrap();
        (publishable.expose().to_owned(), secret.expose().to_owned())
    }

    /// The key of its audit log.
    pub(crate) async fn audit_key(&self) -> AuditKey {
        let keks = KekRing::from(Kek::from_file(&self.dir.path().join("data/kek")).unwrap());
        AuditKey::load(&keks, self.vaulting.store()).await.unwrap().unwrap()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_to(&self.router, request).await
    }

    /// Sends a request to another vault.
    pub(crate) async fn send_to(&self, router: &Router, request: Request<Body>) -> Answer {
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Sends JSON (or nothing, if it is null) with a key.
    pub(crate) async fn call_with(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        self.send(match body {
            Value::Null => request.body(Body::empty()).unwrap(),
            body => request.header("content-type", "application/json").body(body.to_string().into()).unwrap(),
        })
        .await
    }

    /// Sends JSON (or nothing, if it is null) with the secret key.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(&self.sk, method, path, body).await
    }

    /// The key that browsers seal to.
    pub(crate) async fn sealing_key(&self) -> seal::PublicKey {
        let keys = self.call_with(&self.pk, "GET", "/v1/keys", Value::Null).await.expect(200);
        let key = &keys["keys"][0];
        let text = |name: &str| key[name].as_str().unwrap();
        let suite = seal::Suite::from_name(text("suite")).unwrap();
        seal::PublicKey::from_text(suite, text("id"), text("public_key")).unwrap()
    }

    /// Seals an instrument or a code as the frame does.
    pub(crate) async fn seal(&self, pk: &str, entry: impl Into<Entry>, idempotency_key: &str) -> String {
        seal_to(&self.sealing_key().await, pk, entry, idempotency_key)
    }

    /// Posts an envelope to `/v1/tokens`.
    pub(crate) async fn post_token(&self, pk: &str, idempotency_key: &str, body: Value) -> Answer {
        self.send(
            Request::post("/v1/tokens")
                .header("authorization", format!("Bearer {pk}"))
                .header("content-type", "application/json")
                .header("origin", VAULT_ORIGIN)
                .header("idempotency-key", idempotency_key)
                .body(body.to_string().into())
                .unwrap(),
        )
        .await
    }

    /// Tokenizes in a dialect and returns the whole answer.
    pub(crate) async fn tokenize_as(
        &self,
        pk: &str,
        entry: impl Into<Entry>,
        key: &str,
        dialect: &str,
    ) -> Answer {
        let entry = entry.into();
        let kind = entry.kind().as_str();
        let envelope = self.seal(pk, entry, key).await;
        let body =
            json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN, "dialect": dialect});
        self.post_token(pk, key, body).await
    }

    /// Tokenizes with a fresh idempotency key, in the native dialect, and returns the token.
    pub(crate) async fn token(&self, entry: impl Into<Entry>) -> String {
        self.token_as(entry, "tessera").await
    }

    /// Tokenizes with a fresh idempotency key, in the given dialect, and returns the token.
    pub(crate) async fn token_as(&self, entry: impl Into<Entry>, dialect: &str) -> String {
        let answer = self.tokenize_as(&self.pk, entry, &fresh_key(), dialect).await.expect(201);
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Creates a customer without a token and returns its id.
    pub(crate) async fn customer(&self) -> String {
        let answer = self.call("POST", "/v1/customers", json!({"first_name": "Ada"})).await.expect(201);
        answer["id"].as_str().unwrap().to_owned()
    }
}

/// Seals an instrument or a code as the frame does, to a certain key.
pub(crate) fn seal_to(
    key: &seal::PublicKey,
    pk: &str,
    entry: impl Into<Entry>,
    idempotency_key: &str,
) -> String {
    let entry = entry.into();
    let context = seal::Context {
        publishable_key: pk,
        frame_origin: VAULT_ORIGIN,
        page_origin: SHOP_ORIGIN,
        kind: entry.kind(),
        idempotency_key,
    };
    seal::seal(entry, key, &context, &mut rand::rng()).unwrap().to_text()
}

/// How a vault in the folder `data` of a directory starts.
pub(crate) fn config(dir: &Path) -> Config {
    Config {
        mode: Mode::Development,
        data: dir.join("data"),
        store: StoreChoice::Sqlite,
        listen: ([127, 0, 0, 1], 0).into(),
        public_origin: None,
        kek: KekSource::DataDir,
        also_keks: Vec::new(),
        allowed_origins: vec![Origin::parse(SHOP_ORIGIN).unwrap()],
        bank_directory: None,
        fonts: Vec::new(),
        settings: Settings::default(),
        connections: ConnectionLimits::default(),
        drain_delay: Duration::ZERO,
        metrics_listen: None,
        migration: Migration::Run,
        development_root: DevelopmentRoot::Refused,
        security_codes: SecurityCodes::default(),
        sealing_suites: SealingSuites::default(),
    }
}

/// An idempotency key that was not used before.
pub(crate) fn fresh_key() -> String {
    format!("attempt-{:032x}", rand::random::<u128>())
}

/// A Visa card with a holder and a security code.
pub(crate) fn visa() -> Instrument {
    card("4111111111111111", Some("737"))
}

/// A card that expires in December 2030.
pub(crate) fn card(number: &str, code: Option<&str>) -> Instrument {
    Draft::Card(CardDraft {
        number: Secret::new(number.to_owned()),
        expiry: Secret::new("12/30".to_owned()),
        code: code.map(|code| Secret::new(code.to_owned())),
        holder: Some(Secret::new("Ada Lovelace".to_owned())),
        preferred_scheme: None,
    })
    .finish(YearMonth::new(2026, 11).unwrap())
    .unwrap()
}

/// The security code alone of a stored card.
pub(crate) fn code(digits: &str) -> SecurityCode {
    SecurityCode::parse(digits, None).unwrap()
}

/// A personal checking account.
pub(crate) fn account() -> Instrument {
    Draft::BankAccount(BankDraft {
        routing_number: Secret::new("021000021".to_owned()),
        account_number: Secret::new("000987654321".to_owned()),
        account_type: "checking".to_owned(),
        account_holder_type: None,
        holder: Some(Secret::new("Ada Lovelace".to_owned())),
        sec_code: None,
        mandate: None,
    })
    .finish(YearMonth::new(2026, 11).unwrap())
    .unwrap()
}

/// Both kinds.
pub(crate) fn both_kinds() -> [(Kind, Instrument); 2] {
    [(Kind::Card, visa()), (Kind::BankAccount, account())]
}
