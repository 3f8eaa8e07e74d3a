//! Tokens, attempts, and that changes are all or nothing.

use std::sync::Arc;

use vault::{
    domain::{CustomerId, PaymentMethodId, TenantId, Token, TokenState},
    store::{Attempt, Change, Remembered, Store, StoreError},
};

use crate::samples::{NOW_MS, customer, mandate, other_tenant, payment_method, tenant, token};

const fn spend(mac: u8, now_ms: i64) -> Change {
    Change::SpendToken { mac: [mac; 32], now_ms }
}

pub(crate) async fn a_token_is_spent_once(store: Arc<dyn Store>) {
    let kept = Token { mandate: Some(Box::new(mandate())), ..token(1) };
    store.apply(&tenant(), vec![Change::InsertToken(kept.clone())]).await.unwrap();
    assert_eq!(store.token(&tenant(), &kept.mac).await.unwrap(), Some(kept));
    // That of a security code alone shows nothing.
    let code = Token { display: None, ..token(2) };
    store.apply(&tenant(), vec![Change::InsertToken(code.clone())]).await.unwrap();
    assert_eq!(store.token(&tenant(), &code.mac).await.unwrap(), Some(code));
    let again = store.apply(&tenant(), vec![Change::InsertToken(token(1))]).await;
    assert_eq!(again, Err(StoreError::TokenExists));
    let foreign = store.apply(&other_tenant(), vec![spend(1, NOW_MS)]).await;
    assert_eq!(foreign, Err(StoreError::TokenUnknown));
    assert_eq!(store.apply(&tenant(), vec![spend(1, NOW_MS)]).await, Ok(1));
    assert_eq!(store.apply(&tenant(), vec![spend(1, NOW_MS)]).await, Err(StoreError::TokenSpent));
    let spent = store.token(&tenant(), &[1; 32]).await.unwrap().unwrap();
    assert_eq!((spent.state, spent.sealed, spent.mandate), (TokenState::Spent, None, None));
}

pub(crate) async fn an_expired_token_is_not_spent(store: Arc<dyn Store>) {
    let changes = vec![Change::InsertToken(token(1)), Change::InsertToken(token(2))];
    store.apply(&tenant(), changes).await.unwrap();
    let late = store.apply(&tenant(), vec![spend(1, NOW_MS + 1000)]).await;
    assert_eq!(late, Err(StoreError::TokenExpired));
    assert_eq!(store.apply(&tenant(), vec![spend(2, NOW_MS + 999)]).await, Ok(1));
}

pub(crate) async fn a_new_epoch_ends_what_lives_for_a_short_time(store: Arc<dyn Store>) {
    let attempt =
        Attempt { mac: [8; 32], lookup_version: 1, sealed: Some(vec![1]), expires_at_ms: NOW_MS + 1000 };
    let answer = Remembered {
        mac: [9; 32],
        lookup_version: 1,
        digest: [1; 32],
        sealed: vec![1],
        expires_at_ms: NOW_MS + 1000,
    };
    let remember = |answer: &Remembered| Change::Remember { answer: answer.clone(), now_ms: NOW_MS };
    let changes = vec![
        Change::InsertToken(token(1)),
        Change::InsertToken(token(2)),
        spend(2, NOW_MS),
        Change::InsertAttempt(attempt.clone()),
        remember(&answer),
        Change::InsertPaymentMethod(payment_method("p1", None)),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    assert_eq!(store.epoch().await.unwrap(), 0);
    store.apply(&TenantId::vault(), vec![Change::BeginEpoch { now_ms: NOW_MS }]).await.unwrap();
    assert_eq!(store.epoch().await.unwrap(), 1);

    // As if its time were over, for who reads it and for who spends it.
    assert_eq!(store.token(&tenant(), &[1; 32]).await.unwrap().unwrap().state, TokenState::Expired);
    assert_eq!(store.apply(&tenant(), vec![spend(1, NOW_MS)]).await, Err(StoreError::TokenExpired));
    assert_eq!(store.apply(&tenant(), vec![spend(2, NOW_MS)]).await, Err(StoreError::TokenSpent));
    assert_eq!(store.attempt(&tenant(), &[8; 32]).await.unwrap(), None);
    assert_eq!(store.remembered(&tenant(), &[9; 32]).await.unwrap(), None);
    assert!(store.payment_method(&tenant(), &PaymentMethodId::new("p1")).await.unwrap().is_some());

    // They make room for new ones, once.
    let new_attempt = Attempt { sealed: Some(vec![2]), ..attempt };
    let new_answer = Remembered { sealed: vec![2], ..answer };
    let changes = vec![Change::InsertAttempt(new_attempt.clone()), remember(&new_answer)];
    store.apply(&tenant(), changes).await.unwrap();
    assert_eq!(store.attempt(&tenant(), &[8; 32]).await.unwrap(), Some(new_attempt.clone()));
    assert_eq!(store.remembered(&tenant(), &[9; 32]).await.unwrap(), Some(new_answer.clone()));
    let again = store.apply(&tenant(), vec![Change::InsertAttempt(new_attempt)]).await;
    assert_eq!(again, Err(StoreError::AttemptExists));
    let again = store.apply(&tenant(), vec![remember(&new_answer)]).await;
    assert_eq!(again, Err(StoreError::AnswerExists));
    store.apply(&tenant(), vec![Change::InsertToken(token(3)), spend(3, NOW_MS)]).await.unwrap();
}

pub(crate) async fn one_token_makes_one_payment_method_even_without_its_guard(store: Arc<dyn Store>) {
    let insert = |id: &str| {
        let mut method = payment_method(id, None);
        method.from_token_mac = Some([1; 32]);
        vec![Change::InsertPaymentMethod(method)]
    };
    store.apply(&tenant(), insert("p1")).await.unwrap();
    assert_eq!(store.apply(&tenant(), insert("p2")).await, Err(StoreError::TokenSpent));
    store.apply(&other_tenant(), insert("p2")).await.unwrap();
}

pub(crate) async fn all_or_nothing(store: Arc<dyn Store>) {
    store.apply(&tenant(), vec![Change::InsertToken(token(1))]).await.unwrap();
    let changes = vec![
        spend(1, NOW_MS),
        Change::InsertCustomer(customer("c1")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        Change::InsertPaymentMethod(payment_method("p2", Some("nobody"))),
    ];
    assert_eq!(store.apply(&tenant(), changes).await, Err(StoreError::CustomerMissing));
    assert_eq!(store.customer(&tenant(), &CustomerId::new("c1")).await.unwrap(), None);
    assert_eq!(store.payment_method(&tenant(), &PaymentMethodId::new("p1")).await.unwrap(), None);
    let kept = store.token(&tenant(), &[1; 32]).await.unwrap().unwrap();
    assert_eq!(kept, token(1));
    assert_eq!(store.apply(&tenant(), Vec::new()).await, Ok(0));

    // A refused list among many that are under way at the same time takes none of them with it.
    let jobs: Vec<_> = (0..100)
        .map(|index| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut changes = vec![Change::InsertCustomer(customer(&format!("n{index}")))];
                if index % 3 == 0 {
                    changes.push(spend(99, NOW_MS));
                }
                store.apply(&tenant(), changes).await
            })
        })
        .collect();
    for (index, job) in jobs.into_iter().enumerate() {
        let expected = if index % 3 == 0 { Err(StoreError::TokenUnknown) } else { Ok(1) };
        assert_eq!(job.await.unwrap(), expected);
        let kept = store.customer(&tenant(), &CustomerId::new(format!("n{index}"))).await.unwrap();
        assert_eq!(kept.is_some(), expected.is_ok());
    }
}

pub(crate) async fn the_sweep_forgets_in_steps(store: Arc<dyn Store>) {
    let mut changes: Vec<_> = (0..5)
        .map(|mac| Change::InsertToken(Token { mandate: Some(Box::new(mandate())), ..token(mac) }))
        .collect();
    changes.push(Change::InsertAttempt(Attempt {
        mac: [1; 32],
        lookup_version: 1,
        sealed: Some(vec![1]),
        expires_at_ms: NOW_MS + 1000,
    }));
    store.apply(&tenant(), changes).await.unwrap();
    store.apply(&tenant(), vec![spend(4, NOW_MS)]).await.unwrap();
    let sweep = async |now_ms| {
        let change = Change::SweepExpired { now_ms, limit: 3 };
        store.apply(&TenantId::vault(), vec![change]).await.unwrap()
    };
    assert_eq!(sweep(NOW_MS + 999).await, 0);
    assert_eq!(sweep(NOW_MS + 1000).await, 4, "three tokens and the attempt");
    assert_eq!(sweep(NOW_MS + 1000).await, 1);
    assert_eq!(sweep(NOW_MS + 1000).await, 0);
    assert_eq!(store.attempt(&tenant(), &[1; 32]).await.unwrap(), None);
    for mac in 0..5 {
        let token = store.token(&tenant(), &[mac; 32]).await.unwrap().unwrap();
        assert_eq!((token.sealed, token.mandate), (None, None));
        let outcome = store.apply(&tenant(), vec![spend(mac, NOW_MS)]).await;
        let expected = if mac == 4 { StoreError::TokenSpent } else { StoreError::TokenExpired };
        assert_eq!(outcome, Err(expected));
    }
    // A month later even the memory is gone, and not a moment before.
    assert_eq!(sweep(NOW_MS + 999 + 30 * 24 * 60 * 60 * 1000).await, 0);
    assert_eq!(sweep(NOW_MS + 1000 + 30 * 24 * 60 * 60 * 1000).await, 3);
    assert_eq!(sweep(NOW_MS + 1000 + 30 * 24 * 60 * 60 * 1000).await, 2);
    assert_eq!(store.token(&tenant(), &[4; 32]).await.unwrap(), None);
}

pub(crate) async fn attempts_are_kept_once(store: Arc<dyn Store>) {
    let attempt = |sealed: u8| Attempt {
        mac: [7; 32],
        lookup_version: 2,
        sealed: Some(vec![sealed]),
        expires_at_ms: NOW_MS,
    };
    store.apply(&tenant(), vec![Change::InsertAttempt(attempt(1))]).await.unwrap();
    let changes = vec![Change::InsertToken(token(1)), Change::InsertAttempt(attempt(2))];
    assert_eq!(store.apply(&tenant(), changes).await, Err(StoreError::AttemptExists));
    assert_eq!(store.attempt(&tenant(), &[7; 32]).await.unwrap(), Some(attempt(1)));
    assert_eq!(store.token(&tenant(), &[1; 32]).await.unwrap(), None);
    assert_eq!(store.attempt(&other_tenant(), &[7; 32]).await.unwrap(), None);
}

pub(crate) async fn simultaneous_spenders_have_one_winner(store: Arc<dyn Store>) {
    for mac in 0..50 {
        store.apply(&tenant(), vec![Change::InsertToken(token(mac))]).await.unwrap();
        let spenders: Vec<_> = (0..16)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.apply(&tenant(), vec![spend(mac, NOW_MS)]).await })
            })
            .collect();
        let mut winners = 0;
        for spender in spenders {
            match spender.await.unwrap() {
                Ok(rows) => winners += rows,
                Err(error) => assert_eq!(error, StoreError::TokenSpent),
            }
        }
        assert_eq!(winners, 1);
    }
}

pub(crate) async fn an_attempts_answer_goes_with_its_token(store: Arc<dyn Store>) {
    let pair = |mac: u8| {
        let attempt = Attempt {
            mac: [mac; 32],
            lookup_version: 1,
            sealed: Some(vec![mac; 9]),
            expires_at_ms: NOW_MS + 1_000_000,
        };
        let token = Token { attempt_mac: Some(attempt.mac), ..token(mac + 100) };
        [Change::InsertAttempt(attempt), Change::InsertToken(token)]
    };
    let changes: Vec<_> = (1..=3).flat_map(pair).collect();
    store.apply(&tenant(), changes).await.unwrap();
    store.apply(&other_tenant(), pair(1).into()).await.unwrap();
    let kept = async |tenant: TenantId, mac: u8| {
        store.attempt(&tenant, &[mac; 32]).await.unwrap().unwrap().sealed.is_some()
    };
    // A write that is refused as a whole forgets nothing.
    let refused = vec![spend(101, NOW_MS), spend(99, NOW_MS)];
    assert_eq!(store.apply(&tenant(), refused).await, Err(StoreError::TokenUnknown));
    assert!(kept(tenant(), 1).await);
    assert_eq!(store.apply(&tenant(), vec![spend(101, NOW_MS)]).await, Ok(1));
    assert!(!kept(tenant(), 1).await);
    assert!(kept(tenant(), 2).await && kept(other_tenant(), 1).await);
    let sweep = Change::SweepExpired { now_ms: NOW_MS + 1000, limit: 10 };
    store.apply(&TenantId::vault(), vec![sweep]).await.unwrap();
    for (tenant, mac) in [(tenant(), 2), (tenant(), 3), (other_tenant(), 1)] {
        assert!(!kept(tenant, mac).await);
    }
}
