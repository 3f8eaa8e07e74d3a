//! A month that ends in the middle of a request: what was good when it was checked is kept as good, and
//! can be read back.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use instrument::{CardDraft, Draft, Kind, Secret, YearMonth};
use support::{SHOP_ORIGIN, VAULT_ORIGIN, config, fresh_key, seal_to};
use tempfile::TempDir;
use vault::{
    clock::Clock,
    domain::{Origin, PaymentMethodId, TenantId},
    limits::{Client, Limits, Rules},
    random::SystemRandom,
    startup::{self, Started},
    vaulting::{NewPaymentMethod, TokenRequest, Vaulting, VaultingError},
};

/// The last millisecond of December 2026 anywhere on earth.
const LAST_MS: i64 = 1_798_804_799_999;

/// More readings than any operation makes.
const MOST_READINGS: u32 = 12;

/// A clock on which the year ends after so many readings.
struct NewYear {
    readings_left: AtomicU32,
}

impl Clock for NewYear {
    fn now_ms(&self) -> i64 {
        let left =
            self.readings_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { LAST_MS } else { LAST_MS + 1 }
    }
}

fn december() -> Draft {
    Draft::Card(CardDraft {
        number: Secret::new("4111111111111111".to_owned()),
        expiry: Secret::new("12/26".to_owned()),
        code: None,
        holder: None,
        preferred_scheme: None,
    })
}

struct Stage {
    vaulting: Vaulting,
    clock: Arc<NewYear>,
    started: Started,
    tenant: TenantId,
    _dir: TempDir,
}

async fn stage() -> Stage {
    let dir = TempDir::new().unwrap();
    let clock = Arc::new(NewYear { readings_left: AtomicU32::new(u32::MAX) });
    let started = startup::start(&config(dir.path()), Arc::clone(&clock) as _, Arc::new(SystemRandom)).await;
    let started = started.unwrap();
    let tenant = started.vaulting.store().merchants().await.unwrap().remove(0).id;
    Stage { vaulting: started.vaulting.clone(), clock, started, tenant, _dir: dir }
}

fn orphan(id: PaymentMethodId) -> NewPaymentMethod {
    NewPaymentMethod::new(id, None)
}

#[tokio::test]
async fn a_token_issued_as_the_month_ends_can_be_spent() {
    let Stage { vaulting, clock, started, tenant, _dir } = stage().await;
    let pair = started.dev_keys.unwrap();
    let (own, shop) = (Origin::parse(VAULT_ORIGIN).unwrap(), Origin::parse(SHOP_ORIGIN).unwrap());
    let published = vaulting.keyring().sealing().published(&own, LAST_MS).remove(0);
    let mut issued = 0;
    for readings in 0..MOST_READINGS {
        let idempotency_key = fresh_key();
        let card = december().finish(YearMonth::new(2026, 12).unwrap()).unwrap();
        let envelope = seal_to(&published.key, pair.publishable.expose(), card, &idempotency_key);
        clock.readings_left.store(readings, Ordering::SeqCst);
        let outcome = vaulting
            .issue_token(&TokenRequest {
                tenant: &tenant,
                key: &pair.publishable,
                frame_origin: &own,
                page_origin: &shop,
                kind: Kind::Card,
                envelope: &envelope,
                idempotency_key: &idempotency_key,
                dialect: "tessera",
                session: None,
                work: None,
                client: Client::Unknown,
                limits: &Limits::new(Rules::default(), vaulting.shared_clock()),
            })
            .await;
        match outcome {
            Ok(token) => {
                issued += 1;
                let opened = vaulting.open_token(&tenant, &token.token).await.unwrap();
                let new = orphan(PaymentMethodId::generate(vaulting.random()).unwrap());
                let (method, changes) = vaulting.spend(&tenant, opened, new).unwrap();
                vaulting.store().apply(&tenant, changes.into()).await.unwrap();
                vaulting.instrument(&tenant, &method).unwrap();
            }
            Err(error) => assert!(matches!(error, VaultingError::Rejected { .. }), "{error}"),
        }
    }
    assert!(
        (1..MOST_READINGS).contains(&issued),
        "the year must end both before and after the check: {issued}"
    );
}

#[tokio::test]
async fn a_clear_card_kept_as_the_month_ends_can_be_read_back() {
    let Stage { vaulting, clock, started: _, tenant, _dir } = stage().await;
    let mut kept = 0;
    for readings in 0..MOST_READINGS {
        clock.readings_left.store(readings, Ordering::SeqCst);
        let Ok(checked) = vaulting.check(december()) else { continue };
        let new = orphan(PaymentMethodId::generate(vaulting.random()).unwrap());
        let method = vaulting.payment_method(&tenant, checked, new).unwrap();
        vaulting.instrument(&tenant, &method).unwrap();
        // The same into a method that is there already.
        clock.readings_left.store(readings, Ordering::SeqCst);
        let checked = vaulting.check(december()).unwrap();
        let method = vaulting.with_instrument(&tenant, method, checked).unwrap();
        vaulting.instrument(&tenant, &method).unwrap();
        kept += 1;
    }
    assert!((1..MOST_READINGS).contains(&kept), "{kept}");
}
