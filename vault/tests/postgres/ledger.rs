//! A load of tokens, each with several spenders, and a record of what was answered.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::{sync::watch, task::JoinSet};
use vault::{
    domain::{CardDisplay, Display, PaymentMethod, PaymentMethodId, TenantId, Token, TokenState},
    store::{Change, Store, StoreError},
};

use crate::{
    private_postgres::audit_key,
    proof::{
        history::{History, Spend, Story, Told},
        judge::{Verdict, judge},
        kept::Kept,
    },
};

/// Spenders of each token.
const RIVALS: usize = 3;

pub(crate) const NOW_MS: i64 = 1_795_399_323_000;

pub(crate) fn tenant() -> TenantId {
    TenantId::new("mer_one")
}

/// A token's story, and the keyed hash it is kept by.
struct Line {
    mac: [u8; 32],
    story: Story,
}

/// Everything that was asked and answered.
#[derive(Default)]
pub(crate) struct Ledger {
    lines: Mutex<Vec<Line>>,
    next: AtomicU64,
    is_over: AtomicBool,
    won: watch::Sender<usize>,
}

impl Ledger {
    /// Issues a token in one store and has rivals spend it at the same time in all given stores.
    pub(crate) async fn one_token(&self, issuer: &Arc<dyn Store>, spenders: &[Arc<dyn Store>]) {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let mut mac = [0; 32];
        mac[..8].copy_from_slice(&number.to_be_bytes());
        let issued = told(issuer.apply(&tenant(), vec![Change::InsertToken(token(mac))]).await, 1);
        let mut racing = JoinSet::new();
        for (rival, store) in spenders.iter().enumerate() {
            let store = Arc::clone(store);
            racing.spawn(async move {
                let id = PaymentMethodId::new(format!("pm_{number}_{rival}"));
                // The token and the payment method.
                let told = told(store.apply(&tenant(), spend(mac, &id)).await, 2);
                Spend { method: Some(id.as_str().to_owned()), told }
            });
        }
        let spends = racing.join_all().await;
        if spends.iter().any(|spend| spend.told == Told::Done) {
            self.won.send_modify(|won| *won += 1);
        }
        let story = Story { token: format!("token {number}"), issued, spends };
        self.lines.lock().unwrap().push(Line { mac, story });
    }

    /// Works until it is over.
    pub(crate) async fn work(&self, store: Arc<dyn Store>) {
        let rivals = vec![Arc::clone(&store); RIVALS];
        while !self.is_over.load(Ordering::SeqCst) {
            self.one_token(&store, &rivals).await;
        }
    }

    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Waits until so many more tokens were won.
    pub(crate) async fn progress(&self, more: usize) {
        let mut won = self.won.subscribe();
        let goal = *won.borrow_and_update() + more;
        won.wait_for(|won| *won >= goal).await.unwrap();
    }

    /// Compares what was answered with what is there.
    pub(crate) async fn judge(&self, store: &dyn Store) -> Verdict {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        let macs: Vec<_> = lines.iter().map(|line| (line.story.token.clone(), line.mac)).collect();
        let stories = lines.into_iter().map(|line| line.story).collect();
        let history = History { stories, ..History::default() };
        judge(&history, &Kept::in_store(store, audit_key(), &tenant(), macs, &[]).await)
    }
}

/// What an outcome tells; a write that is done has touched so many rows.
fn told(outcome: Result<u64, StoreError>, rows: u64) -> Told {
    match outcome {
        Ok(touched) => {
            assert_eq!(touched, rows);
            Told::Done
        }
        Err(StoreError::TokenSpent) => Told::Spent,
        // A token whose own outcome is unknown may not be there, and an overloaded store keeps nothing.
        Err(StoreError::TokenUnknown | StoreError::Overloaded) => Told::Refused,
        Err(StoreError::Unavailable) => Told::Unknown,
        Err(other) => panic!("somebody was told: {other}"),
    }
}

pub(crate) fn spend(mac: [u8; 32], id: &PaymentMethodId) -> Vec<Change> {
    let mut method = payment_method(id.as_str());
    method.from_token_mac = Some(mac);
    vec![Change::SpendToken { mac, now_ms: NOW_MS }, Change::InsertPaymentMethod(method)]
}

pub(crate) fn token(mac: [u8; 32]) -> Token {
    Token {
        mac,
        lookup_version: 1,
        attempt_mac: None,
        dialect: "tessera".to_owned(),
        sealed: Some(vec![9; 300]),
        display: Some(display()),
        mandate: None,
        state: TokenState::Issued,
        issued_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 1000,
    }
}

pub(crate) fn payment_method(id: &str) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId::new(id),
        customer_id: None,
        sealed: vec![7; 300],
        sealed_at_ms: NOW_MS,
        display: display(),
        name: None,
        flags: Vec::new(),
        extra: serde_json::Map::new(),
        mandate: None,
        fingerprint: "fingerprint".to_owned(),
        fingerprint_version: 1,
        from_token_mac: None,
        created_at_ms: NOW_MS,
        updated_at_ms: NOW_MS,
        archived_at_ms: None,
        version: 1,
    }
}

fn display() -> Display {
    Display::Card(CardDisplay {
        scheme: "visa".to_owned(),
        bin: "41111111".to_owned(),
        last4: "1111".to_owned(),
        exp_month: 12,
        exp_year: 2030,
        preferred_scheme: None,
        session: None,
    })
}
