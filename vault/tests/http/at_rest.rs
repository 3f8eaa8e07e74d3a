//! What lies in the files: nothing that is worth stealing, and nothing that can be moved about.

use std::fs;

use instrument::Kind;
use serde_json::{Value, json};
use vault::{config::StoreChoice, domain::MethodKind};

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
