//! A database as a vault left it that had no hashes of rows yet, or one version of each look-up key, and what becomes of it.

use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use vault::{
    audit::{self, AuditRow, Head},
    clock::{Clock as _, ManualClock, SystemClock},
    config::{Config, StoreChoice},
    keyring::AuditKey,
    store::{Marks, Store},
};

use crate::support::{self, Vault, visa};

/// The tables whose rows have hashes now.
const TABLES: [&str; 13] = [
    "merchant",
    "api_key",
    "data_key",
    "sealing_key",
    "token",
    "attempt",
    "customer",
    "address",
    "payment_method",
    "payment",
    "document",
    "remembered",
    "epoch",
];

/// What takes the versions of look-up keys and the suites of sealing keys out of a database: what was written with the first
/// ones does not name them.
const WITHOUT_LATER_COLUMNS: &str = "
    ALTER TABLE token DROP COLUMN lookup_version;
    ALTER TABLE attempt DROP COLUMN lookup_version;
    ALTER TABLE remembered DROP COLUMN lookup_version;
    ALTER TABLE api_key DROP COLUMN lookup_version;
    ALTER TABLE payment_method DROP COLUMN fingerprint_version;
    ALTER TABLE sealing_key DROP COLUMN suite;
";

/// A vault goes on with a database whose rows have hashes, and name no version of a look-up key.
pub(crate) async fn a_database_with_one_lookup_key_works(
    store: StoreChoice,
    run: impl AsyncFnOnce(&TempDir, String),
) {
    works_after(store, async |_| WITHOUT_LATER_COLUMNS.to_owned(), run).await;
}

/// A vault goes on with a database whose rows have no hashes.
pub(crate) async fn a_database_of_before_works(
    store: StoreChoice,
    blob: fn(&str) -> String,
    run: impl AsyncFnOnce(&TempDir, String),
) {
    let make_older = async |vault: &Vault| {
        let statements = statements(vault.vaulting.store(), &vault.audit_key().await, blob).await;
        [WITHOUT_LATER_COLUMNS, &statements].concat()
    };
    works_after(store, make_older, run).await;
}

/// Starts a vault, makes its database one of before, and starts it again: all that was there works as ever.
async fn works_after(
    store: StoreChoice,
    make_older: impl AsyncFnOnce(&Vault) -> String,
    run: impl AsyncFnOnce(&TempDir, String),
) {
    let config = |dir: &TempDir| Config { store: store.clone(), ..support::config(dir.path()) };
    let dir = TempDir::new().unwrap();
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    let vault = Vault::start_with(config(&dir), dir, clock).await;
    let [unspent, spent] = [vault.token(visa()).await, vault.token(visa()).await];
    let body = json!({"token": spent, "first_name": "Ada"});
    let customer = vault.call("POST", "/v1/customers", body).await.expect(201);
    let path = format!("/v1/customers/{}", customer["id"].as_str().unwrap());
    let customer = vault.call("GET", &path, Value::Null).await.expect(200);

    let sql = make_older(&vault).await;
    let Vault { dir, clock, router, vaulting, .. } = vault;
    drop((router, vaulting));
    run(&dir, sql).await;

    let vault = Vault::start_with(config(&dir), dir, clock).await;
    assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), customer);
    vault
        .call("POST", "/v1/customers", json!({"token": spent}))
        .await
        .expect_error(409, "token_already_used");
    vault.call("POST", "/v1/customers", json!({"token": unspent})).await.expect(201);
    vault.token(visa()).await;
    let key = vault.audit_key().await;
    let report = audit::verify(vault.vaulting.store(), key, Vec::new()).await.unwrap();
    assert_eq!((report.findings, report.row_findings), (Vec::new(), Vec::new()));
}

/// What takes the hashes out of a database, and whatever tells of them.
async fn statements(store: &dyn Store, key: &AuditKey, blob: fn(&str) -> String) -> String {
    let mut sql = vec!["DELETE FROM data_key WHERE purpose = 'rows'; DELETE FROM audit".to_owned()];
    sql.extend(TABLES.map(|table| format!("ALTER TABLE {table} DROP COLUMN row_mac")));
    sql.push("ALTER TABLE audit DROP COLUMN marks".to_owned());
    let mut heads: Vec<(AuditRow, Head)> = Vec::new();
    for row in store.audit_rows(None, u32::MAX).await.unwrap() {
        if row.action.starts_with("rows.") || row.object.starts_with("rows ") {
            continue;
        }
        let same =
            |last: &AuditRow| last.place.tenant == row.place.tenant && last.place.chain == row.place.chain;
        let head = heads.last().filter(|(last, _)| same(last)).map_or(Head::START, |(_, head)| head.clone());
        let mut row = AuditRow { marks: Marks::default(), ..row };
        row.place.seq = head.seq + 1;
        row.mac = row.mac_after(&head.mac, key).unwrap();
        let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let hex: String = row.mac.iter().map(|byte| format!("{byte:02x}")).collect();
        sql.push(format!(
            "INSERT INTO audit (tenant_id, chain, seq, at_ms, actor, action, object, request, mac)
             VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})",
            text(row.place.tenant.as_str()),
            row.place.chain,
            row.place.seq,
            row.at_ms,
            text(&row.actor),
            text(&row.action),
            text(&row.object),
            text(&row.request),
            blob(&hex)
        ));
        let head = row.head();
        heads.push((row, head));
    }
    sql.join(";\n") + ";\n"
}
