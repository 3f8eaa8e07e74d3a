//! What was asked and what was answered, and the judge of it: per token at most one winner, every acknowledged
//! write readable, every acknowledged spend for ever, and nothing there that was said not to be.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::{sync::watch, task::JoinSet};
use vault::{
    audit,
    domain::{CardDisplay, Display, Holding, PaymentMethod, PaymentMethodId, TenantId, Token, TokenState},
    store::{Change, Page, Store, StoreError},
};

use crate::private_postgres::audit_key;

/// Spenders of each token.
const RIVALS: usize = 3;

pub(crate) const NOW_MS: i64 = 1_795_399_323_000;

pub(crate) fn tenant() -> TenantId {
    TenantId::new("mer_one")
}

/// One token's story.
struct Story {
    mac: [u8; 32],
    issued: Result<u64, StoreError>,
    spends: Vec<(PaymentMethodId, Result<u64, StoreError>)>,
}

/// Everything that was asked and answered.
#[derive(Default)]
pub(crate) struct Ledger {
    stories: Mutex<Vec<Story>>,
    next: AtomicU64,
    is_over: AtomicBool,
    won: watch::Sender<usize>,
}

/// What the judge counted.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) won: usize,
    pub(crate) unknown: usize,
}

impl Ledger {
    /// Issues a token in one store and has rivals spend it at the same time in all given stores.
    pub(crate) async fn one_token(&self, issuer: &Arc<dyn Store>, spenders: &[Arc<dyn Store>]) {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let mut mac = [0; 32];
        mac[..8].copy_from_slice(&number.to_be_bytes());
        let issued = issuer.apply(&tenant(), vec![Change::InsertToken(token(mac))]).await;
        let mut racing = JoinSet::new();
        for (rival, store) in spenders.iter().enumerate() {
            let store = Arc::clone(store);
            racing.spawn(async move {
                let id = PaymentMethodId::new(format!("pm_{number}_{rival}"));
                let outcome = store.apply(&tenant(), spend(mac, &id)).await;
                (id, outcome)
            });
        }
        let spends = racing.join_all().await;
        if spends.iter().any(|(_, outcome)| outcome.is_ok()) {
            self.won.send_modify(|won| *won += 1);
        }
        self.stories.lock().unwrap().push(Story { mac, issued, spends });
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
        let mut verdict = Verdict { won: 0, unknown: 0 };
        let stories = std::mem::take(&mut *self.stories.lock().unwrap());
        let mut kept_in_all = 0;
        for Story { mac, issued, spends } in &stories {
            let token = store.token(&tenant(), mac).await.unwrap();
            match issued {
                Ok(_) => assert!(token.is_some(), "an acknowledged token is gone"),
                Err(StoreError::Unavailable | StoreError::Overloaded) => {}
                Err(other) => panic!("a new token was refused: {other}"),
            }
            let state = token.map(|token| (token.state, token.sealed.is_some()));
            let mut kept = 0;
            let mut winners = 0;
            for (id, outcome) in spends {
                let method = store.payment_method(&tenant(), id).await.unwrap();
                kept += usize::from(method.is_some());
                match outcome {
                    Ok(rows) => {
                        assert_eq!(*rows, 2, "the token and the payment method");
                        assert!(method.is_some(), "an acknowledged payment method is gone");
                        assert_eq!(state, Some((TokenState::Spent, false)), "an acknowledged spend is gone");
                        winners += 1;
                    }
                    // Who is told that another one won has not won.
                    Err(StoreError::TokenSpent | StoreError::TokenUnknown) => assert_eq!(method, None),
                    Err(StoreError::Overloaded) => assert_eq!(method, None, "said not to be kept"),
                    Err(StoreError::Unavailable) => verdict.unknown += 1,
                    Err(other) => panic!("a spender was told: {other}"),
                }
            }
            assert!(winners <= 1 && kept <= 1, "a token was spent twice");
            assert_eq!(kept == 1, matches!(state, Some((TokenState::Spent, _))), "half of a write");
            verdict.won += winners;
            kept_in_all += kept;
        }
        assert_eq!(methods(store).await, kept_in_all, "payment methods that nobody asked for");
        assert_eq!(recorded_spends(store).await, kept_in_all, "spends that are not in the audit log once");
        verdict
    }
}

/// How many spends the audit log has, whose chains must hold.
async fn recorded_spends(store: &dyn Store) -> usize {
    let report = audit::verify(store, audit_key(), Vec::new()).await.unwrap();
    assert_eq!(report.findings, [], "the audit log does not hold");
    let rows = store.audit_rows(None, u32::MAX).await.unwrap();
    rows.iter().filter(|row| row.action == "token.spend").count()
}

async fn methods(store: &dyn Store) -> usize {
    let mut count = 0;
    let mut after = None;
    loop {
        let page = Page { limit: 1000, after };
        let listed = store.payment_methods(&tenant(), &Holding::Any, &page).await.unwrap();
        count += listed.items.len();
        after = listed.next;
        if after.is_none() {
            return count;
        }
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
    })
}
