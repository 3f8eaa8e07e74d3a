//! A database as a vault left it that had no hashes of rows yet, or one version of each look-up key, and what becomes of it.

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;
use vault::{
    audit::{self, AuditRow, Head},
    clock::{Clock as _, ManualClock, SystemClock},
    config::{Config, Place, StoreChoice},
    domain::TenantId,
    keyring::{AuditKey, Kek, KeyEncryption as _, KeyringError},
    random::SystemRandom,
    startup::{self, StartError},
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
    works_after(store, Hashes::There, async |_| WITHOUT_LATER_COLUMNS.to_owned(), run).await;
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
    works_after(store, Hashes::None, make_older, run).await;
}

/// Whether the rows of a database have hashes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hashes {
    There,
    None,
}

/// Starts a vault, makes its database one of before, and starts it again: all that was there works as ever.
async fn works_after(
    store: StoreChoice,
    hashes: Hashes,
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
    if hashes == Hashes::None {
        take_rows_as_they_are(&config(&dir)).await;
    }

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

/// What whoever runs a vault does with a database whose rows have no hashes: no start takes them as they are.
async fn take_rows_as_they_are(config: &Config) {
    let said = refusal(config).await;
    assert!(said.contains("`tessera-vault migrate --take-rows-as-they-are`"), "{said}");
    let taken = startup::take_rows_as_they_are(&place(config)).await;
    assert!(
        matches!(taken, Err(StartError::Keyring(KeyringError::RowsInForce))),
        "the directory knows of hashes"
    );
    forget_hashes(config);
    assert!(refusal(config).await.contains("--take-rows-as-they-are"));
    assert!(startup::take_rows_as_they_are(&place(config)).await.unwrap() > 10);
    let again = startup::take_rows_as_they_are(&place(config)).await;
    assert!(matches!(again, Err(StartError::Keyring(KeyringError::RowsInForce))));
    forget_hashes(config);
    let again = startup::take_rows_as_they_are(&place(config)).await;
    assert!(matches!(again, Err(StartError::Keyring(KeyringError::RowsInForce))));
}

async fn refusal(config: &Config) -> String {
    let started = startup::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await;
    started.err().expect("a vault does not start on this").to_string()
}

fn place(config: &Config) -> Place {
    Place {
        data: config.data.clone(),
        store: config.store.clone(),
        kek: config.kek.clone(),
        also_keks: Vec::new(),
    }
}

/// Makes the data directory one of a vault that knew of no hashes; returns what it had noted.
fn forget_hashes(config: &Config) -> String {
    let path = config.data.join("database-made");
    let noted = fs::read_to_string(&path).unwrap();
    fs::write(&path, noted.split_inclusive('\n').next().unwrap()).unwrap();
    noted
}

/// Whatever somebody takes out of a database, keys and log with it, a row that he edited does not become one from before
/// there were hashes.
pub(crate) async fn nothing_is_taken_as_it_is_by_a_start(
    store: StoreChoice,
    blob: fn(&str) -> String,
    run: impl AsyncFn(&TempDir, String),
) {
    let dir = TempDir::new().unwrap();
    let config = || Config { store: store.clone(), ..support::config(dir.path()) };
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    let (first, config) = (config(), config());
    let Vault { dir, sk, .. } = Vault::start_with(first, dir, Arc::clone(&clock)).await;
    let key_id = sk.split('_').nth(2).unwrap();
    let start = || startup::start(&config, Arc::clone(&clock) as _, Arc::new(SystemRandom));
    run(&dir, "UPDATE api_key SET scopes = 'read', row_mac = NULL WHERE kind = 'secret'".to_owned()).await;
    let started = start().await.unwrap();
    assert_eq!(started.vaulting.store().api_key(key_id).await.unwrap(), None);
    drop(started);

    // The form of the key that older vaults kept from before it was in force: it is not kept beside the other.
    let kek = Kek::from_file(&config.data.join("kek")).unwrap();
    let wrapped = kek.wrap("data-key/vault/rows/0", &[7; 32], &SystemRandom).await.unwrap();
    let hex: String = wrapped.iter().map(|byte| format!("{byte:02x}")).collect();
    let old_version = format!(
        "INSERT INTO data_key (tenant_id, purpose, version, wrapped, created_at_ms)
         VALUES ('vault', 'rows', 0, {}, 1)",
        blob(&hex)
    );
    run(&dir, old_version.clone()).await;
    let started = start().await.unwrap();
    let stored = started.vaulting.store().data_keys(&TenantId::vault()).await.unwrap();
    assert!(stored.iter().all(|key| key.version == 1), "{stored:?}");
    assert_eq!(started.vaulting.store().api_key(key_id).await.unwrap(), None);
    drop(started);

    let in_force = "SELECT min(seq) FROM audit WHERE tenant_id = 'vault' AND object = 'rows 1'";
    for (what, sql) in [
        ("the key", "DELETE FROM data_key WHERE purpose = 'rows'".to_owned()),
        ("the key but its old form", old_version),
        (
            "the end of the log",
            format!("DELETE FROM audit WHERE tenant_id = 'vault' AND seq >= ({in_force})"),
        ),
        ("the vault's chain", "DELETE FROM audit WHERE tenant_id = 'vault'".to_owned()),
        ("the log", "DELETE FROM audit".to_owned()),
        ("the old form of the key", "DELETE FROM data_key WHERE purpose = 'rows'".to_owned()),
        ("the key of the log", "DELETE FROM data_key WHERE purpose = 'audit'".to_owned()),
        ("the hashes", TABLES.map(|table| format!("UPDATE {table} SET row_mac = NULL")).join("; ")),
        ("the sealing keys and the epoch", "DELETE FROM sealing_key; DELETE FROM epoch".to_owned()),
    ] {
        run(&dir, sql).await;
        let said = refusal(&config).await;
        let is_told = said.contains("restore a backup")
            || said.contains("restore the right one")
            || said.contains("name or restore the right one");
        assert!(is_told, "without {what}: {said}");
        let is_refused = async || {
            let taken = startup::take_rows_as_they_are(&place(&config)).await;
            matches!(taken, Err(StartError::Keyring(KeyringError::RowsInForce)))
        };
        assert!(is_refused().await, "without {what}");
        if what == "the key" {
            let noted = forget_hashes(&config);
            assert!(is_refused().await, "the log alone tells of it");
            fs::write(config.data.join("database-made"), noted).unwrap();
        }
    }
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
