//! The audit log where several vaults write to it.

use std::sync::Arc;

use serde_json::{Value, json};
use vault::{
    audit::{self, Anchor},
    config::StoreChoice,
    domain::TenantId,
    keyring::{AuditKey, Kek, KekRing},
    store::{Change, Store},
};

use crate::{
    ledger::{payment_method, tenant},
    private_postgres::{address, audit_key, open, server},
    support::{Vault, visa},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn vaults_that_begin_with_the_same_chains_keep_out_of_each_others_way() {
    let url = server().url(&server().database().await);
    let stores: [Arc<dyn Store>; 3] =
        [Arc::new(open(&url).await), Arc::new(open(&url).await), Arc::new(open(&url).await)];
    let writers: Vec<_> = (0..300)
        .map(|index: usize| {
            let store = Arc::clone(&stores[index % 3]);
            tokio::spawn(async move {
                let new = vec![Change::InsertPaymentMethod(payment_method(&format!("p{index}")))];
                store.apply(&tenant(), new).await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = audit::verify(&*stores[0], audit_key(), Vec::new()).await.unwrap();
    assert_eq!((report.findings.len(), report.rows), (0, 300));
    assert!(report.heads.len() >= 3, "each has a chain of its own: {:?}", report.heads);

    // A vault that starts goes on with the chains there are.
    let again = open(&url).await;
    let new = vec![Change::InsertPaymentMethod(payment_method("again"))];
    again.apply(&tenant(), new).await.unwrap();
    let later = audit::verify(&again, audit_key(), report.heads.clone()).await.unwrap();
    assert_eq!((later.findings.len(), later.rows, later.heads.len()), (0, 301, report.heads.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_recorded_is_not_done() {
    let database = server().database().await;
    let vault = Vault::start_in(StoreChoice::Postgres(address(&server().url(&database)))).await;
    let unspent = vault.token(visa()).await;
    let client = server().client(&database).await;
    client
        .batch_execute(
            "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER broken BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION broken()",
        )
        .await
        .unwrap();
    for (path, body) in [
        ("/v1/customers", json!({"first_name": "Ada"})),
        ("/v1/customers", json!({"token": unspent})),
        ("/v1/payment-methods", json!({"token": unspent})),
    ] {
        vault.call("POST", path, body).await.expect_error(503, "unavailable");
    }
    let listed = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(listed["data"], json!([]));
    client.batch_execute("DROP TRIGGER broken ON audit").await.unwrap();
    vault.call("POST", "/v1/customers", json!({"token": unspent})).await.expect(201);
    assert_eq!(findings(&vault, &[]).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_in_the_log_is_noticed() {
    let database = server().database().await;
    let vault = Vault::start_in(StoreChoice::Postgres(address(&server().url(&database)))).await;
    // Enough for one of the chains, however they are shared out.
    for _ in 0..30 {
        vault.customer().await;
    }
    let keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
    let key = AuditKey::load(&keks, vault.vaulting.store()).await.unwrap().unwrap();
    let heads = audit::verify(vault.vaulting.store(), key, Vec::new()).await.unwrap().heads;
    let head =
        heads.iter().find(|head| head.place.tenant != TenantId::vault() && head.place.seq > 6).unwrap();
    let place = format!("tenant_id = '{}' AND chain = {}", head.place.tenant, head.place.chain);
    let client = server().client(&database).await;
    let hands = [
        format!("UPDATE audit SET actor = 'somebody' WHERE {place} AND seq = 5"),
        format!("DELETE FROM audit WHERE {place} AND seq = 5"),
        format!("DELETE FROM audit WHERE {place} AND seq >= 5"),
        format!(
            "UPDATE audit SET seq = CASE seq WHEN 5 THEN 1005 ELSE 5 END WHERE {place} AND seq IN (5, 6)"
        ),
        format!(
            "INSERT INTO audit SELECT tenant_id, chain, seq + 1, at_ms, actor, action, object, request, mac
             FROM audit WHERE {place} ORDER BY seq DESC LIMIT 1"
        ),
    ];
    for hand in hands {
        client.batch_execute(&format!("CREATE TABLE kept AS SELECT * FROM audit; {hand}")).await.unwrap();
        assert!(findings(&vault, &heads).await > 0, "{hand}");
        let back = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept";
        client.batch_execute(back).await.unwrap();
        assert_eq!(findings(&vault, &heads).await, 0);
    }
}

async fn findings(vault: &Vault, expected: &[Anchor]) -> usize {
    let keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
    let key = AuditKey::load(&keks, vault.vaulting.store()).await.unwrap().unwrap();
    audit::verify(vault.vaulting.store(), key, expected.to_vec()).await.unwrap().findings.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_before_works() {
    let database = server().database().await;
    let client = server().client(&database).await;
    let run = async move |_: &tempfile::TempDir, sql: String| {
        client.batch_execute(&sql).await.unwrap();
        client.batch_execute("DELETE FROM schema_version WHERE number >= 7").await.unwrap();
    };
    let store = StoreChoice::Postgres(address(&server().url(&database)));
    crate::before::a_database_of_before_works(store, |hex| format!("'\\x{hex}'::bytea"), run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_as_it_is_by_a_start() {
    let database = server().database().await;
    let client = server().client(&database).await;
    let run = async |_: &tempfile::TempDir, sql: String| client.batch_execute(&sql).await.unwrap();
    let store = StoreChoice::Postgres(address(&server().url(&database)));
    crate::before::nothing_is_taken_as_it_is_by_a_start(store, |hex| format!("'\\x{hex}'::bytea"), run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_one_lookup_key_works() {
    let database = server().database().await;
    let client = server().client(&database).await;
    let run = async move |_: &tempfile::TempDir, sql: String| {
        client.batch_execute(&sql).await.unwrap();
        client.batch_execute("DELETE FROM schema_version WHERE number >= 8").await.unwrap();
    };
    let store = StoreChoice::Postgres(address(&server().url(&database)));
    crate::before::a_database_with_one_lookup_key_works(store, run).await;
}
