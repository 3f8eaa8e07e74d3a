//! Sixteen concurrent spenders on each of many tokens: exactly one wins each, on every back end.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/postgres.rs"]
mod private_postgres;
#[path = "support/vault.rs"]
mod support;

use std::{collections::HashSet, sync::Arc};

use support::{Vault, visa};
use tokio::sync::Barrier;
use vault::{
    config::StoreChoice,
    domain::{Holding, PaymentMethodId, TenantId},
    store::Page,
    vaulting::{NewPaymentMethod, Vaulting, VaultingError},
};

const TOKENS_ON_SQLITE: usize = 2_000;
const TOKENS_ON_POSTGRES: usize = 500;
const SPENDERS: usize = 16;

/// Tokens fought for at the same time: 800 writes, fewer than the store's queue holds.
const AT_ONCE: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_of_sixteen_spenders_wins_each_of_two_thousand_tokens() {
    race(&Vault::start().await, TOKENS_ON_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_of_sixteen_spenders_wins_each_of_five_hundred_tokens_on_postgres() {
    let server = private_postgres::server();
    let address = private_postgres::address(&server.url(&server.database().await));
    race(&Vault::start_in(StoreChoice::Postgres(address)).await, TOKENS_ON_POSTGRES).await;
}

async fn race(vault: &Vault, tokens: usize) {
    let tenant = vault.vaulting.store().merchants().await.unwrap().remove(0).id;
    let mut won = HashSet::new();
    for _ in 0..tokens / AT_ONCE {
        let mut races = Vec::new();
        for _ in 0..AT_ONCE {
            let token: Arc<str> = vault.token(visa()).await.into();
            let barrier = Arc::new(Barrier::new(SPENDERS));
            let spenders: Vec<_> = (0..SPENDERS)
                .map(|_| {
                    let (vaulting, tenant) = (vault.vaulting.clone(), tenant.clone());
                    let (token, barrier) = (Arc::clone(&token), Arc::clone(&barrier));
                    tokio::spawn(async move { spend(&vaulting, &tenant, &token, &barrier).await })
                })
                .collect();
            races.push(spenders);
        }
        for race in races {
            let mut winners = Vec::new();
            for spender in race {
                match spender.await.unwrap() {
                    Ok(id) => winners.push(id),
                    Err(error) => assert_eq!(error, VaultingError::TokenAlreadyUsed),
                }
            }
            assert_eq!(winners.len(), 1, "a token has exactly one winner");
            won.extend(winners);
        }
    }
    assert_eq!(won.len(), tokens);
    assert_eq!(stored(&vault.vaulting, &tenant).await, won);
}

/// Opens the token, waits for the others, and spends it.
async fn spend(
    vaulting: &Vaulting,
    tenant: &TenantId,
    token: &str,
    barrier: &Barrier,
) -> Result<PaymentMethodId, VaultingError> {
    let opened = vaulting.open_token(tenant, token).await;
    barrier.wait().await;
    let id = PaymentMethodId::generate(vaulting.random())?;
    let new = NewPaymentMethod::new(id.clone(), None);
    let (_, changes) = vaulting.spend(tenant, opened?, new)?;
    vaulting.store().apply(tenant, changes.into()).await?;
    Ok(id)
}

async fn stored(vaulting: &Vaulting, tenant: &TenantId) -> HashSet<PaymentMethodId> {
    let mut ids = HashSet::new();
    let mut after = None;
    loop {
        let page = Page { limit: 100, after: after.take() };
        let listed = vaulting.store().payment_methods(tenant, &Holding::Any, &page).await.unwrap();
        ids.extend(listed.items.into_iter().map(|method| method.id));
        after = listed.next;
        if after.is_none() {
            return ids;
        }
    }
}
