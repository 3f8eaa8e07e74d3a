//! What lies in the files: nothing that is worth stealing, and nothing that can be moved about.

use std::fs;

use instrument::Kind;
use serde_json::{Value, json};
use vault::{
    audit::{self, RowFinding},
    config::StoreChoice,
    domain::MethodKind,
};

use crate::support::{Vault, account, card, fresh_key, visa};

/// Every byte in the data directory's database files.
fn bytes_at_rest(vault: &Vault) -> Vec<u8> {
    let data = vault.dir.path().join("data");
    ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"]
        .iter()
        .filter_map(|name| fs::read(data.join(name)).ok())
        .flatten()
        .collect()
}

#[track_caller]
fn assert_absent(bytes: &[u8], needle: &str) {
    let forms = [
        needle.as_bytes().to_vec(),
        needle.bytes().rev().collect(),
        needle.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for form in forms {
        assert!(!bytes.windows(form.len()).any(|window| window == form), "a secret lies in the clear");
    }
}

#[tokio::test]
async fn no_secret_lies_in_the_database_or_its_log() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let answer = vault
        .tokenize_as(&vault.pk, card("5555555555554444", Some("919")), &key, "tessera")
        .await
        .expect(201);
    let unspent = answer["token"].as_str().unwrap().to_owned();
    let spent = vault.token(visa()).await;
    vault.call("POST", "/v1/customers", json!({"token": spent, "first_name": "Marker"})).await.expect(201);
    let ach = vault.token_as(account(), "fluidpay").await;
    vault.call("POST", "/v1/payment-methods", json!({"token": ach})).await.expect(201);

    let bytes = bytes_at_rest(&vault);
    // The search would find something if it were there.
    assert!(bytes.windows(6).any(|window| window == b"Marker"));
    let secrets = [
        "4111111111111111",
        "5555555555554444",
        "000987654321",
        "021000021",
        "Lovelace",
        unspent.as_str(),
        spent.as_str(),
        ach.as_str(),
        key.as_str(),
        vault.pk.as_str(),
        vault.sk.as_str(),
        vault.pk.rsplit('_').next().unwrap(),
        vault.sk.rsplit('_').next().unwrap(),
    ];
    for secret in secrets {
        assert_absent(&bytes, secret);
    }
    let kek = fs::read_to_string(vault.dir.path().join("data/kek")).unwrap();
    assert_absent(&bytes, kek.trim());
}

#[tokio::test]
async fn no_unkeyed_hash_of_a_number_lies_in_the_database() {
    use sha2::{Digest as _, Sha256, Sha512};

    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    let bytes = bytes_at_rest(&vault);
    for text in [
        "4111111111111111",
        "\"4111111111111111\"",
        "card4111111111111111",
        token.as_str(),
        vault.sk.as_str(),
    ] {
        for digest in [Sha256::digest(text).to_vec(), Sha512::digest(text).to_vec()] {
            assert!(!bytes.windows(digest.len()).any(|window| window == digest));
            let base58 = bs58::encode(&digest).into_string();
            assert!(!bytes.windows(base58.len()).any(|window| window == base58.as_bytes()));
        }
    }
}

#[tokio::test]
async fn a_spent_or_swept_token_leaves_no_ciphertext() {
    let vault = Vault::start().await;
    let (spent, expired) = (vault.token(visa()).await, vault.token(visa()).await);
    let sealed = |table: &str| -> Vec<Option<Vec<u8>>> {
        let path = vault.dir.path().join("data/vault.sqlite");
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut statement = connection.prepare(&format!("SELECT sealed FROM {table}")).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    // The kept answer of an attempt holds a digest of the security code, and the token.
    for table in ["token", "attempt"] {
        assert_eq!(sealed(table).iter().filter(|sealed| sealed.is_some()).count(), 2, "{table}");
    }
    vault.call("POST", "/v1/payment-methods", json!({"token": spent})).await.expect(201);
    for table in ["token", "attempt"] {
        assert_eq!(sealed(table).iter().filter(|sealed| sealed.is_some()).count(), 1, "{table}");
    }
    vault.clock.advance_ms(900_000);
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    for table in ["token", "attempt"] {
        assert_eq!(sealed(table), [None, None], "{table}");
    }
    vault
        .call("POST", "/v1/payment-methods", json!({"token": expired}))
        .await
        .expect_error(410, "token_expired");
}

#[tokio::test]
async fn the_security_code_ends_with_the_token() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let (_, tenant) = owner(&vault).await;
    let opened = vault.vaulting.open_token(&tenant, &token).await.unwrap();
    let Some(instrument::Instrument::Card(before)) = opened.checked().instrument() else {
        panic!("a card was tokenized")
    };
    assert!(before.code().is_some());
    let body = json!({"token": token});
    let created = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let id = vault::domain::PaymentMethodId::new(created["id"].as_str().unwrap());
    let method = vault.vaulting.store().payment_method(&tenant, &id).await.unwrap().unwrap();
    let instrument::Instrument::Card(after) = vault.vaulting.instrument(&tenant, &method).unwrap() else {
        panic!("a card was kept")
    };
    assert!(after.code().is_none());
    assert_eq!(after.number().masked(), "411111******1111");
}

#[tokio::test]
async fn swapped_and_changed_rows_do_not_open() {
    let vault = Vault::start().await;
    let mut ids = Vec::new();
    for number in ["4111111111111111", "5555555555554444"] {
        let body = json!({"token": vault.token(card(number, None)).await});
        let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
        ids.push(method["id"].as_str().unwrap().to_owned());
    }
    let body = json!({"token": vault.token(account()).await});
    let bank = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    assert_eq!(bank["kind"], Kind::BankAccount.as_str());
    {
        // Somebody's hand in the database: each card gets the other's ciphertext.
        let connection = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
        let sealed = |id: &str| -> Vec<u8> {
            let sql = "SELECT sealed FROM payment_method WHERE id = ?1";
            connection.query_row(sql, [id], |row| row.get(0)).unwrap()
        };
        let (first, second) = (sealed(&ids[0]), sealed(&ids[1]));
        for (sealed, id) in [(second, &ids[0]), (first, &ids[1])] {
            let sql = "UPDATE payment_method SET sealed = ?1 WHERE id = ?2";
            assert_eq!(connection.execute(sql, rusqlite::params![sealed, id]).unwrap(), 1);
        }
    }
    for id in &ids {
        let answer = vault.call("GET", &format!("/v1/payment-methods/{id}"), Value::Null).await;
        let shown = answer.expect(200);
        assert_eq!(shown["unreadable"], true);
        assert_eq!(shown["card"].get("holder"), None);
    }
    // The damage ends there: everything else is shown, in lists too.
    let list = vault.call("GET", "/v1/payment-methods", Value::Null).await.expect(200);
    let (unreadable, readable): (Vec<_>, Vec<_>) = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .partition(|method| method.get("unreadable") == Some(&json!(true)));
    assert_eq!((unreadable.len(), readable.len()), (2, 1));
    assert_eq!(readable[0], &bank);
    assert_eq!(bank["ach"]["holder"], "Ada Lovelace");
    // And it cannot be used.
    let (_, tenant) = owner(&vault).await;
    let id = vault::domain::PaymentMethodId::new(ids[0].as_str());
    let method = vault.vaulting.store().payment_method(&tenant, &id).await.unwrap().unwrap();
    let opened = vault.vaulting.instrument(&tenant, &method);
    assert_eq!(opened.unwrap_err(), vault::vaulting::VaultingError::Unreadable);
}

#[tokio::test]
async fn database_and_key_together_do_not_open_an_unspent_token() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let (keys, tenant) = owner(&vault).await;
    let stored =
        vault.vaulting.store().token(&tenant, &keys.lookup().token_mac(&token)).await.unwrap().unwrap();
    let sealed = stored.sealed.unwrap();
    assert!(keys.open_token(&token, Some(MethodKind::Card), &sealed).is_ok());
    // With every key of the vault, but another text than the token's, nothing opens.
    for guess in ["", "tok_", "tok_1", &token[..token.len() - 1]] {
        assert!(keys.open_token(guess, Some(MethodKind::Card), &sealed).is_err());
    }
    for kind in [Some(MethodKind::BankAccount), None] {
        assert!(keys.open_token(&token, kind, &sealed).is_err());
    }
}

/// The one merchant's keys and id.
async fn owner(vault: &Vault) -> (std::sync::Arc<vault::keyring::MerchantKeys>, vault::domain::TenantId) {
    let tenant = vault.vaulting.store().merchants().await.unwrap().remove(0).id;
    (vault.vaulting.keyring().merchant(&tenant).unwrap(), tenant)
}

#[tokio::test]
async fn an_edited_key_is_nobodys_and_the_others_are_good() {
    let vault = Vault::start().await;
    let key_id = vault.sk.split('_').nth(2).unwrap().to_owned();
    let hand = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    let unknown = vault
        .call_with(
            "sk_test_111111111111_11111111111111111111111111111111",
            "GET",
            "/v1/customers",
            Value::Null,
        )
        .await;
    for edit in ["scopes = 'read'", "kind = 'publishable'", "created_at_ms = 1", "row_mac = NULL"] {
        hand.execute_batch(&format!("CREATE TEMP TABLE kept AS SELECT * FROM api_key WHERE id = '{key_id}'"))
            .unwrap();
        let sql = format!("UPDATE api_key SET {edit} WHERE id = ?1");
        assert_eq!(hand.execute(&sql, [&key_id]).unwrap(), 1);
        let refused = vault.call("GET", "/v1/customers", Value::Null).await;
        refused.expect_error(401, "key_invalid");
        assert_eq!(refused.json(), unknown.json(), "{edit}");
        vault.token(visa()).await;
        let sql = format!(
            "DELETE FROM api_key WHERE id = '{key_id}'; INSERT INTO api_key SELECT * FROM kept; DROP TABLE kept"
        );
        hand.execute_batch(&sql).unwrap();
        vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    }
}

/// Gives a table values that its columns do not hold, and puts its schema back, byte for byte and with its number.
fn force(vault: &Vault, table: &str, edit: &str) {
    let hand = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    let number = || -> i64 { hand.query_row("PRAGMA schema_version", [], |row| row.get(0)).unwrap() };
    let (before, sql) = (number(), "SELECT sql FROM sqlite_schema WHERE name = ?1");
    let strict: String = hand.query_row(sql, [table], |row| row.get(0)).unwrap();
    let lax = strict.replace("STRICT, ", "");
    assert_ne!(lax, strict);
    let set = |text: &str| {
        hand.pragma_update(None, "writable_schema", true).unwrap();
        hand.execute("UPDATE sqlite_schema SET sql = ?2 WHERE name = ?1", [table, text]).unwrap();
        hand.execute_batch("PRAGMA writable_schema = RESET").unwrap();
    };
    set(&lax);
    assert!(hand.execute(edit, []).unwrap() > 0, "{table}: {edit}");
    set(&strict);
    assert_eq!(number(), before);
}

/// The rows that are not as the vault wrote them, by their labels.
async fn altered(vault: &Vault, key: &vault::keyring::AuditKey) -> Vec<String> {
    let report = audit::verify(vault.vaulting.store(), key.clone(), Vec::new()).await.unwrap();
    assert_eq!(report.findings, []);
    let label = |finding: &RowFinding| match finding {
        RowFinding::Altered(row) => Some(row.clone()),
        RowFinding::RolledBack(_) | RowFinding::Gone(_) | RowFinding::Unrecorded(_) => None,
    };
    report.row_findings.iter().filter_map(label).collect()
}

async fn pay(vault: &Vault, method: &Value, key: &str) -> Value {
    let body = json!({"payment_method": method, "amount": 500, "currency": "USD"});
    let request = axum::http::Request::post("/v1/payments")
        .header("authorization", format!("Bearer {}", vault.sk))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(body.to_string().into())
        .unwrap();
    vault.send(request).await.expect(201)["id"].clone()
}

/// SQLite finds no text by the same bytes, so a row that were still believed would be one that nobody misses.
#[tokio::test]
async fn bytes_that_call_themselves_text_are_noticed_in_every_column() {
    let vault = Vault::start().await;
    let (key, answer) = (vault.audit_key().await, fresh_key());
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201)["id"].clone();
    vault.token(visa()).await;
    let paid = pay(&vault, &method, &answer).await;
    assert_eq!(pay(&vault, &method, &answer).await, paid);
    let columns: Vec<(String, String)> = {
        let hand = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
        let sql = "SELECT t.name, c.name FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
                   WHERE t.schema = 'main' AND t.name NOT IN ('audit', 'sqlite_schema') AND c.type = 'BLOB'";
        let mut statement = hand.prepare(sql).unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let mut noticed = 0;
    for (table, column) in &columns {
        let rows = {
            let hand = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
            let sql = format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL");
            usize::try_from(hand.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
        };
        if rows == 0 {
            continue;
        }
        assert_eq!(altered(&vault, &key).await, [""; 0], "before {table}.{column}");
        let cast = |of_type: &str| {
            format!("UPDATE {table} SET {column} = CAST({column} AS {of_type}) WHERE {column} IS NOT NULL")
        };
        force(&vault, table, &cast("TEXT"));
        let found = altered(&vault, &key).await;
        assert_eq!(found.len(), rows, "{table}.{column}: {found:?}");
        assert!(found.iter().all(|row| row.starts_with(&format!("{table} "))), "{found:?}");
        force(&vault, table, &cast("BLOB"));
        noticed += 1;
    }
    assert!(noticed > 20, "{noticed} columns held something");

    // As if the kept answer had been removed: what was asked is done again, and that is no secret.
    force(&vault, "remembered", "UPDATE remembered SET mac = CAST(mac AS TEXT)");
    assert_ne!(pay(&vault, &method, &answer).await, paid);
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    assert_eq!(altered(&vault, &key).await.len(), 1);
}

#[tokio::test]
async fn a_value_that_no_column_holds_harms_its_own_row_only() {
    let vault = Vault::start().await;
    let key = vault.audit_key().await;
    let (harmed, good) = (vault.customer().await, vault.customer().await);
    let mut methods = Vec::new();
    for _ in 0..2 {
        let body = json!({"token": vault.token(visa()).await});
        methods.push(vault.call("POST", "/v1/payment-methods", body).await.expect(201)["id"].clone());
    }
    vault.token(visa()).await;
    for (table, set, which) in [
        ("customer", "created_at_ms = created_at_ms + 0.5", format!("id = '{harmed}'")),
        ("payment_method", "sealed = CAST(sealed AS TEXT)", format!("id = {}", methods[0]).replace('"', "'")),
        ("token", "expires_at_ms = 0.5", "state = 'issued'".to_owned()),
        ("attempt", "epoch = 0.5", "sealed IS NOT NULL".to_owned()),
        ("merchant", "created_at_ms = 0.5", "TRUE".to_owned()),
    ] {
        force(&vault, table, &format!("UPDATE {table} SET {set} WHERE {which}"));
    }
    for (path, left) in [("customers", json!(good)), ("payment-methods", methods[1].clone())] {
        let list = vault.call("GET", &format!("/v1/{path}"), Value::Null).await.expect(200);
        let shown: Vec<_> = list["data"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(shown, [left], "{path}");
    }
    vault.call("GET", &format!("/v1/customers/{harmed}"), Value::Null).await.expect_error(500, "internal");
    vault.call("GET", &format!("/v1/customers/{good}"), Value::Null).await.expect(200);
    assert_eq!(vault.vaulting.store().merchants().await.unwrap(), []);
    vault.clock.advance_ms(900_000);
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    let found = altered(&vault, &key).await;
    let tables: Vec<_> = found.iter().filter_map(|row| row.split(' ').next()).collect();
    assert_eq!(tables, ["merchant", "token", "attempt", "customer", "payment_method"]);
}

#[tokio::test]
async fn nothing_is_taken_as_it_is_by_a_start() {
    let run = async |dir: &tempfile::TempDir, sql: String| {
        let database = rusqlite::Connection::open(dir.path().join("data/vault.sqlite")).unwrap();
        database.execute_batch(&sql).unwrap();
    };
    crate::before::nothing_is_taken_as_it_is_by_a_start(StoreChoice::Sqlite, |hex| format!("X'{hex}'"), run)
        .await;
}

#[tokio::test]
async fn a_database_of_before_works() {
    let run = async |dir: &tempfile::TempDir, sql: String| {
        let database = rusqlite::Connection::open(dir.path().join("data/vault.sqlite")).unwrap();
        database.execute_batch(&sql).unwrap();
        database.pragma_update(None, "user_version", 7).unwrap();
    };
    crate::before::a_database_of_before_works(StoreChoice::Sqlite, |hex| format!("X'{hex}'"), run).await;
}

#[tokio::test]
async fn a_database_with_one_lookup_key_works() {
    let run = async |dir: &tempfile::TempDir, sql: String| {
        let database = rusqlite::Connection::open(dir.path().join("data/vault.sqlite")).unwrap();
        database.execute_batch(&sql).unwrap();
        database.pragma_update(None, "user_version", 8).unwrap();
    };
    crate::before::a_database_with_one_lookup_key_works(StoreChoice::Sqlite, run).await;
}
