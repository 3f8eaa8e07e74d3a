//! The audit log: who did what stands in it, nothing happens that cannot stand in it, and a hand in it is noticed.

use axum::{body::Body, http::Request};
use rusqlite::Connection;
use serde_json::{Value, json};
use vault::{
    audit::{self, Anchor, AuditRow, Finding, Report, RowFinding},
    clock::{Clock as _, SystemClock},
    domain::TenantId,
    keyring::{AuditKey, Kek, KekRing, RowKey},
    random::SystemRandom,
    store::{DataKeyPurpose, sqlite::DATABASE_FILE},
};

use crate::support::{SHOP_ORIGIN, Vault, fresh_key, visa};

async fn rows(vault: &Vault) -> Vec<AuditRow> {
    vault.vaulting.store().audit_rows(None, 10_000).await.unwrap()
}

async fn key(vault: &Vault) -> AuditKey {
    let keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
    AuditKey::load(&keks, vault.vaulting.store()).await.unwrap().unwrap()
}

async fn verify(vault: &Vault, expected: &[Anchor]) -> Report {
    audit::verify(vault.vaulting.store(), key(vault).await, expected.to_vec()).await.unwrap()
}

/// Somebody with the database, and without any key.
fn intruder(vault: &Vault) -> Connection {
    Connection::open(vault.dir.path().join("data").join(DATABASE_FILE)).unwrap()
}

/// A vault whose merchant has a chain of some rows, their tenant, and the heads.
async fn used() -> (Vault, String, Vec<Anchor>) {
    let vault = Vault::start().await;
    for _ in 0..4 {
        vault.customer().await;
    }
    let report = verify(&vault, &[]).await;
    assert_eq!(report.findings, []);
    let merchant = report.heads.iter().find(|head| head.place.tenant != TenantId::vault()).unwrap();
    assert!(merchant.place.seq >= 8, "the merchant, its keys and four customers: {merchant}");
    let tenant = merchant.place.tenant.as_str().to_owned();
    (vault, tenant, report.heads)
}

fn codes(report: &Report) -> Vec<(&'static str, i64)> {
    report.findings.iter().map(|finding| (finding.code(), finding.place().seq)).collect()
}

#[tokio::test]
async fn a_row_names_the_key_the_action_and_the_object_and_nothing_secret() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let made = vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
    let rows = rows(&vault).await;
    let key_id = |key: &str| key.split('_').nth(2).unwrap().to_owned();
    let newest: Vec<_> = rows
        .iter()
        .filter(|row| row.place.tenant != TenantId::vault() && row.actor != "vault")
        .map(|row| (row.actor.clone(), row.action.clone(), row.object.clone()))
        .collect();
    let customer = made["id"].as_str().unwrap().to_owned();
    let method = made["default_payment_method"].as_str().unwrap().to_owned();
    let (pk, sk) = (key_id(&vault.pk), key_id(&vault.sk));
    let token_mac = newest[0].2.clone();
    let row =
        |actor: &str, action: &str, object: &str| (actor.to_owned(), action.to_owned(), object.to_owned());
    let expected = [
        row(&pk, "token.create", &token_mac),
        row(&sk, "token.spend", &token_mac),
        row(&sk, "customer.create", &customer),
        row(&sk, "payment_method.create", &method),
    ];
    assert_eq!(newest, expected);
    assert_eq!(token_mac.len(), 64);
    // One request, one id; and its changes are in one transaction.
    let requests: Vec<_> = rows.iter().filter(|row| row.actor == sk).map(|row| &row.request).collect();
    assert!(requests.iter().all(|request| **request == *requests[0] && request.len() == 14));
    let text = format!("{rows:?}");
    for secret in ["411111", "1111\"", token.as_str(), vault.sk.as_str(), vault.pk.as_str()] {
        assert!(!text.contains(secret), "a secret stands in the audit log");
    }
}

#[tokio::test]
async fn every_face_makes_known_whose_key_it_was() {
    let vault = Vault::start().await;
    let key_id = vault.sk.split('_').nth(2).unwrap().to_owned();
    let (bearer, api_key) = (format!("Bearer {}", vault.sk), format!("ApiKey {}", vault.sk));
    let form = format!("grant_type=client_credentials&client_id={key_id}&client_secret={}", vault.sk);
    let request =
        Request::post("/flute/oauth2/token").header("content-type", "application/x-www-form-urlencoded");
    let flute = vault.send(request.body(Body::from(form)).unwrap()).await.expect(200);
    let flute = format!("Bearer {}", flute["access_token"].as_str().unwrap());
    let tenant =
        rows(&vault).await.into_iter().map(|row| row.place.tenant).find(|id| *id != TenantId::vault());
    let organization = format!("/paymentsai/v1/public-api/organizations/{}/customers", tenant.unwrap());
    let paydock = json!({"token": vault.token_as(visa(), "paydock").await});
    let calls = [
        ("/v1/customers", "authorization", bearer.as_str(), json!({"first_name": "Ada"})),
        ("/fluidpay/api/vault/customer", "authorization", &vault.sk, json!({"description": "Ada"})),
        ("/paydock/v1/customers", "x-user-secret-key", &vault.sk, paydock),
        ("/flute/v2/customers", "authorization", &flute, json!({"firstName": "Ada", "lastName": "L"})),
        (&organization, "authorization", &api_key, json!({"firstName": "Ada", "lastName": "L"})),
    ];
    for (path, header, value, body) in calls {
        let before = rows(&vault).await.len();
        let request = Request::post(path).header(header, value).header("content-type", "application/json");
        let answer = vault.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert!(answer.status.is_success(), "{path}: {}", String::from_utf8_lossy(&answer.bytes));
        let rows = rows(&vault).await;
        assert!(rows.len() > before, "{path} changed nothing");
        let newest =
            rows.iter().filter(|row| row.action == "customer.create").max_by_key(|row| row.place.seq);
        assert_eq!(newest.unwrap().actor, key_id, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let (vault, ..) = used().await;
    let unspent = vault.token(visa()).await;
    let before = rows(&vault).await.len();
    // Behind a hash of a version of the key that is not there nothing can be written.
    let set = |mac: &str| {
        let last = "SELECT tenant_id, max(seq) FROM audit GROUP BY tenant_id";
        let sql = format!("UPDATE audit SET mac = CAST({mac} AS BLOB) WHERE (tenant_id, seq) IN ({last})");
        intruder(&vault).execute_batch(&sql).unwrap();
    };
    set("X'00000063' || mac");
    let listed = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    for (path, body) in [
        ("/v1/customers", json!({"first_name": "Ada"})),
        ("/v1/customers", json!({"token": unspent})),
        ("/v1/payment-methods", json!({"token": unspent})),
    ] {
        vault.call("POST", path, body).await.expect_error(503, "unavailable");
    }
    assert_eq!(vault.call("GET", "/v1/customers", Value::Null).await.expect(200), listed);
    assert_eq!(rows(&vault).await.len(), before);
    set("substr(mac, 5)");
    vault.call("POST", "/v1/customers", json!({"token": unspent})).await.expect(201);
    assert_eq!(verify(&vault, &[]).await.findings, []);
}

#[tokio::test]
async fn a_refused_request_leaves_no_row() {
    let (vault, ..) = used().await;
    let token = vault.token(visa()).await;
    vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
    let before = rows(&vault).await;
    vault
        .call("POST", "/v1/customers", json!({"token": token}))
        .await
        .expect_error(409, "token_already_used");
    vault.call("DELETE", "/v1/customers/cus_1", Value::Null).await.expect_error(404, "not_found");
    assert_eq!(rows(&vault).await, before);
}

#[tokio::test]
async fn an_edited_column_is_noticed() {
    let columns = ["at_ms = at_ms + 1", "actor = actor || 'x'", "action = 'customer.delete'"];
    let more = ["object = 'cus_other'", "request = ''", "mac = zeroblob(32)", "mac = x''"];
    for edit in columns.iter().chain(&more) {
        let (vault, tenant, _) = used().await;
        let sql = format!("UPDATE audit SET {edit} WHERE tenant_id = ?1 AND seq = 7");
        assert_eq!(intruder(&vault).execute(&sql, [&tenant]).unwrap(), 1);
        let report = verify(&vault, &[]).await;
        assert_eq!(codes(&report)[0], ("altered", 7), "{edit}");
    }
    // A row that is given to another merchant, or to another chain, is missing here and stands alone there.
    for edit in ["tenant_id = 'mer_other'", "chain = 7"] {
        let (vault, tenant, _) = used().await;
        let sql = format!("UPDATE audit SET {edit} WHERE tenant_id = ?1 AND seq = 7");
        assert_eq!(intruder(&vault).execute(&sql, [&tenant]).unwrap(), 1);
        let report = verify(&vault, &[]).await;
        assert_eq!(report.findings.len(), 2, "{edit}: {:?}", report.findings);
        assert!(codes(&report).contains(&("missing", 7)), "{edit}");
    }
}

#[tokio::test]
async fn a_row_that_was_removed_from_the_middle_is_noticed() {
    let (vault, tenant, _) = used().await;
    let intruder = intruder(&vault);
    assert_eq!(intruder.execute("DELETE FROM audit WHERE tenant_id = ?1 AND seq = 3", [&tenant]).unwrap(), 1);
    let report = verify(&vault, &[]).await;
    assert!(matches!(&report.findings[..], [Finding::Missing { from, until_seq: 4 }] if from.seq == 3));
    // Closing the gap does not help.
    let close = "UPDATE audit SET seq = seq - 1 WHERE tenant_id = ?1 AND seq = ?2";
    let last: i64 = intruder
        .query_row("SELECT max(seq) FROM audit WHERE tenant_id = ?1", [&tenant], |row| row.get(0))
        .unwrap();
    for seq in 4..=last {
        intruder.execute(close, rusqlite::params![tenant, seq]).unwrap();
    }
    let report = verify(&vault, &[]).await;
    assert_eq!(codes(&report).len(), usize::try_from(last - 3).unwrap(), "{:?}", report.findings);
    assert!(codes(&report).iter().all(|(code, _)| *code == "altered"));
}

#[tokio::test]
async fn a_removed_end_is_noticed_by_a_head_that_was_kept_and_by_what_follows() {
    let remove = "DELETE FROM audit WHERE tenant_id = ?1 AND seq > 4";
    // Nothing in the database tells that there was more.
    let (vault, tenant, heads) = used().await;
    assert!(intruder(&vault).execute(remove, [&tenant]).unwrap() > 0);
    assert_eq!(verify(&vault, &[]).await.findings, []);
    let report = verify(&vault, &heads).await;
    assert!(matches!(&report.findings[..], [Finding::NotExpected(lost)] if heads.contains(lost)));
    // A head that was kept earlier is still there.
    let kept: Vec<_> = heads.iter().map(|head| head.to_string().parse::<Anchor>().unwrap()).collect();
    assert_eq!(kept, heads);

    // A chain without any rows is a removed end, too.
    let (vault, tenant, heads) = used().await;
    intruder(&vault).execute("DELETE FROM audit WHERE tenant_id = ?1", [&tenant]).unwrap();
    assert_eq!(verify(&vault, &[]).await.findings, []);
    assert_eq!(verify(&vault, &heads).await.findings.len(), 1);

    // Written anew behind a removed end, the chain is another one.
    let (vault, tenant, heads) = used().await;
    intruder(&vault).execute(remove, [&tenant]).unwrap();
    for _ in 0..8 {
        vault.customer().await;
    }
    assert_eq!(codes(&verify(&vault, &heads).await).len(), 1);
    vault.customer().await;
    let now = verify(&vault, &[]).await.heads;
    vault.customer().await;
    assert_eq!(verify(&vault, &now).await.findings, [], "a chain may grow");
}

#[tokio::test]
async fn swapped_rows_are_noticed() {
    let (vault, tenant, _) = used().await;
    let swap = "UPDATE audit SET seq = CASE seq WHEN 5 THEN -6 WHEN 6 THEN -5 END
                WHERE tenant_id = ?1 AND seq IN (5, 6)";
    let intruder = intruder(&vault);
    intruder.execute(swap, [&tenant]).unwrap();
    intruder.execute("UPDATE audit SET seq = -seq WHERE tenant_id = ?1 AND seq < 0", [&tenant]).unwrap();
    let report = verify(&vault, &[]).await;
    assert_eq!(codes(&report), [("altered", 5), ("altered", 6), ("altered", 7)]);
}

#[tokio::test]
async fn a_row_by_somebody_without_the_key_is_noticed_and_the_log_goes_on() {
    let (vault, tenant, heads) = used().await;
    let last = heads.iter().find(|head| head.place.tenant.as_str() == tenant).unwrap().place.seq;
    let mut forged = rows(&vault).await.into_iter().find(|row| row.place.tenant.as_str() == tenant).unwrap();
    forged.place.seq = last + 1;
    // The best that can be done without the key: the right form, under a key of one's own.
    let head = rows(&vault).await.into_iter().rfind(|row| row.place.tenant.as_str() == tenant);
    let other = AuditKey::generate(&SystemRandom).unwrap();
    forged.mac = forged.mac_after(&head.unwrap().mac, &other).unwrap();
    intruder(&vault)
        .execute(
            "INSERT INTO audit (tenant_id, chain, seq, at_ms, actor, action, object, request, mac)
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            rusqlite::params![
                tenant,
                forged.place.seq,
                forged.at_ms,
                forged.actor,
                forged.action,
                forged.object,
                forged.request,
                forged.mac
            ],
        )
        .unwrap();
    // The vault had another end in its memory.
    vault.customer().await;
    let report = verify(&vault, &heads).await;
    assert_eq!(codes(&report), [("altered", last + 1)]);
}

#[tokio::test]
async fn another_key_verifies_nothing() {
    let (vault, ..) = used().await;
    let other = AuditKey::generate(&SystemRandom).unwrap();
    let report = audit::verify(vault.vaulting.store(), other, Vec::new()).await.unwrap();
    assert_eq!(u64::try_from(report.findings.len()).unwrap(), report.rows);
}

#[test]
fn heads_are_read_exactly() {
    let hash = "0123456789abcdef".repeat(4);
    for good in [format!("mer_1/0/7/{hash}"), format!(" vault/12/1/{hash}\n")] {
        assert_eq!(good.parse::<Anchor>().unwrap().to_string(), good.trim());
    }
    for bad in [
        String::new(),
        hash.clone(),
        format!("mer_1/0/{hash}"),
        format!("mer_1/0/0/{hash}"),
        format!("mer_1/x/1/{hash}"),
        format!("/0/1/{hash}"),
        format!("mer_1/0/7/{hash}0"),
        format!("mer_1/0/7/{}", hash.to_uppercase()),
    ] {
        assert!(bad.parse::<Anchor>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_vault_without_the_newest_key_writes_nothing_behind_it_and_none_that_has_it_forgets_it() {
    let (vault, ..) = used().await;
    let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
    let older = key(&vault).await;
    let (tenant, purpose) = (TenantId::vault(), DataKeyPurpose::Audit);
    let made = keyring.new_version(&tenant, purpose, SystemClock.now_ms(), store, &SystemRandom).await;
    store.apply(&tenant, made.unwrap().1).await.unwrap();
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    vault.customer().await;
    let newest = key(&vault).await;

    // As one that was not given the key-encryption key which wrapped the second version.
    store.record_with(older);
    let before = rows(&vault).await.len();
    vault.call("POST", "/v1/customers", json!({"first_name": "Ada"})).await.expect_error(503, "unavailable");
    assert_eq!(rows(&vault).await.len(), before);
    store.record_with(newest.clone());
    vault.customer().await;

    // Somebody deletes the row of the second version.
    intruder(&vault).execute("DELETE FROM data_key WHERE purpose = 'audit' AND version = 2", []).unwrap();
    assert!(!keyring.is_stale(vault.clock.now_ms()));
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap_err();
    assert!(keyring.is_stale(vault.clock.now_ms()));
    vault.customer().await;
    let report = audit::verify(store, newest, Vec::new()).await.unwrap();
    assert_eq!(report.findings, []);
    let last = rows(&vault).await.into_iter().rfind(|row| row.place.tenant != TenantId::vault());
    assert_eq!(last.unwrap().mac.len(), 36, "recorded under the first version");
}

#[tokio::test]
async fn an_edited_time_of_use_is_not_taken_up_and_who_uses_the_version_already_says_so() {
    for purpose in [DataKeyPurpose::Audit, DataKeyPurpose::Rows] {
        let vault = Vault::start().await;
        let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
        let keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
        let used_from_ms = vault.clock.now_ms() + 60_000;
        let made = keyring.new_version(&TenantId::vault(), purpose, used_from_ms, store, &SystemRandom).await;
        store.apply(&TenantId::vault(), made.unwrap().1).await.unwrap();
        let edit = |used_from_ms: i64| {
            let sql = "UPDATE data_key SET created_at_ms = ?1 WHERE purpose = ?2 AND version = 2";
            assert_eq!(intruder(&vault).execute(sql, (used_from_ms, purpose.as_str())).unwrap(), 1);
        };
        let is_ready = async || {
            let refreshed = keyring.refresh(store, &*vault.clock, &SystemRandom).await;
            assert_eq!(refreshed.is_err(), keyring.is_stale(vault.clock.now_ms()));
            refreshed.is_ok()
        };
        // Used long ago, the older version would be destroyed at once; used in a hundred years, it would stay.
        for edited in [1, used_from_ms - 1, i64::MAX] {
            edit(edited);
            assert!(!is_ready().await, "{edited}");
            assert_eq!(keyring.row_key().version().0, 1);
            let rows = RowKey::load(&keks, store, vault.clock.now_ms()).await.map(drop);
            let audit = AuditKey::load(&keks, store).await.map(drop);
            assert!(rows.and(audit).is_err(), "whoever starts would take it up");
        }
        edit(used_from_ms);
        assert!(is_ready().await);
        vault.clock.advance_ms(60_000);
        assert!(is_ready().await);
        for edited in [1, i64::MAX] {
            edit(edited);
            assert!(!is_ready().await, "{edited}");
            vault.customer().await;
            let is_rows = purpose == DataKeyPurpose::Rows;
            assert_eq!(keyring.row_key().version().0, if is_rows { 2 } else { 1 });
        }
    }
}

/// An attempt that is over has nothing random in its row: made anew, it is the same to the last bit.
#[tokio::test]
async fn a_row_that_was_removed_and_made_anew_stays_named() {
    let vault = Vault::start().await;
    let attempt = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &attempt).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
    let token = vault.post_token(&vault.pk, &attempt, body.clone()).await.expect(201)["token"].clone();
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    vault.post_token(&vault.pk, &attempt, body.clone()).await.expect_error(409, "attempt_over");
    assert_eq!(intruder(&vault).execute("DELETE FROM attempt", []).unwrap(), 1);
    let findings = async || {
        let report = verify(&vault, &[]).await;
        report.row_findings.iter().map(RowFinding::code).collect::<Vec<_>>()
    };
    assert_eq!(findings().await, ["row_gone"]);
    let again = vault.post_token(&vault.pk, &attempt, body).await.expect(201)["token"].clone();
    vault.call("POST", "/v1/payment-methods", json!({"token": again})).await.expect(201);
    assert_ne!(again, token);
    assert_eq!(findings().await, ["row_gone"]);
}
