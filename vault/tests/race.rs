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
#[path = "support/proof.rs"]
mod proof;
#[path = "support/vault.rs"]
mod support;

use std::sync::Arc;

use proof::{
    figure,
    history::{History, Spend, Story, Told},
    judge::judge,
    kept::Kept,
    row::Row,
};
use support::{Vault, visa};
use tokio::sync::Barrier;
use vault::{
    config::StoreChoice,
    domain::{PaymentMethodId, TenantId},
    vaulting::{NewPaymentMethod, OpenedToken, Vaulting, VaultingError},
};

const SPENDERS: usize = 16;

/// Tokens fought for at the same time: 800 writes, fewer than the store's queue holds.
const AT_ONCE: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_of_sixteen_spenders_wins_each_token() {
    race(Row::begin("16 spenders per token, SQLite"), &Vault::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_of_sixteen_spenders_wins_each_token_on_postgres() {
    let server = private_postgres::server();
    let address = private_postgres::address(&server.url(&server.database().await));
    let vault = Vault::start_in(StoreChoice::Postgres(address)).await;
    race(Row::begin("16 spenders per token, PostgreSQL"), &vault).await;
}

async fn race(mut row: Row, vault: &Vault) {
    let tokens = figure(5_000, 100_000);
    let tenant = vault.vaulting.store().merchants().await.unwrap().remove(0).id;
    let mut history = History::default();
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
            races.push((token, spenders));
        }
        for (token, spenders) in races {
            let mut spends = Vec::new();
            for spender in spenders {
                spends.push(spender.await.unwrap());
            }
            history.stories.push(Story { token: token.to_string(), issued: Told::Done, spends });
        }
    }
    let keys = vault.vaulting.keyring().merchant(&tenant).unwrap();
    let macs =
        history.stories.iter().map(|story| (story.token.clone(), keys.lookup().token_mac(&story.token)));
    let kept = Kept::in_store(vault.vaulting.store(), vault.audit_key().await, &tenant, macs, &[]).await;
    let verdict = judge(&history, &kept);
    row.count("tokens", tokens);
    row.count("spends", tokens * SPENDERS);
    row.end(&verdict);
    assert_eq!((verdict.won, verdict.unknown), (tokens, 0), "each token has a winner");
}

/// Opens the token, waits for the others, and spends it.
async fn spend(vaulting: &Vaulting, tenant: &TenantId, token: &str, barrier: &Barrier) -> Spend {
    let opened = vaulting.open_token(tenant, token).await;
    barrier.wait().await;
    let id = PaymentMethodId::generate(vaulting.random()).unwrap();
    let told = match spend_opened(vaulting, tenant, opened, &id).await {
        Ok(()) => Told::Done,
        Err(VaultingError::TokenAlreadyUsed) => Told::Spent,
        Err(other) => panic!("a spender was told: {other}"),
    };
    Spend { method: Some(id.as_str().to_owned()), told }
}

async fn spend_opened(
    vaulting: &Vaulting,
    tenant: &TenantId,
    opened: Result<OpenedToken, VaultingError>,
    id: &PaymentMethodId,
) -> Result<(), VaultingError> {
    let (_, changes) = vaulting.spend(tenant, opened?, NewPaymentMethod::new(id.clone(), None))?;
    vaulting.store().apply(tenant, changes.into()).await?;
    Ok(())
}
