//! Somebody with the database and without a key: whatever is edited, swapped, rolled back, removed or brought back, in
//! any column of any table, is noticed, and fails closed by itself.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;
use serde_json::json;
use vault::{
    audit::{self, RowFinding},
    domain::{
        AddressId, ApiKey, CustomerId, Document, KeyKind, Merchant, PaymentId, PaymentMethodId, Scope,
        TenantId, TokenState,
    },
    keyring::AuditKey,
    random::SystemRandom,
    store::{
        Attempt, Change, DataKey, DataKeyPurpose, Intact, LiveRow, Page, Remembered, SealingKey, Store,
        StoreError,
    },
};

use crate::samples::{
    NOW_MS, address, full_address, full_customer, mandate, payment, payment_method, tenant, token,
};

/// The database, as whoever has got hold of it.
pub(crate) enum Hand {
    Sqlite(PathBuf),
    Postgres(tokio_postgres::Client),
}

/// A database aside, in which copies are kept, and with it the vault's: that one has nothing in it that the vault did not make.
fn beside(path: &Path) -> Connection {
    let connection = Connection::open(path.with_extension("aside")).unwrap();
    connection.execute("ATTACH ?1 AS vault", [path.to_str().unwrap()]).unwrap();
    connection
}

impl Hand {
    /// Runs statements, one after the other; what was refused is an error.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(path) => beside(path).execute_batch(sql).map_err(|error| error.to_string()),
            Self::Postgres(client) => client.batch_execute(sql).await.map_err(|error| error.to_string()),
        }
    }

    /// The first column of what a question finds.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(path) => {
                let connection = beside(path);
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres(client) => {
                client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// The tables whose rows have hashes.
    pub(crate) async fn tables(&self) -> Vec<String> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM pragma_table_list
                 WHERE schema = 'vault' AND name NOT LIKE 'sqlite_%' AND name <> 'audit'"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'
                 AND table_name NOT IN ('audit', 'claim', 'schema_version', 'schema_lock')
                 AND table_name NOT LIKE 'kept_%'"
            }
        };
        self.texts(sql).await
    }

    /// The columns of a table, each with its type.
    async fn columns(&self, table: &str) -> Vec<(String, String)> {
        let sql = match self {
            Self::Sqlite(_) => {
                format!("SELECT name || ' ' || lower(type) FROM pragma_table_info('{table}') ORDER BY cid")
            }
            Self::Postgres(_) => format!(
                "SELECT column_name || ' ' || data_type FROM information_schema.columns
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let columns = self.texts(&sql).await;
        columns
            .iter()
            .map(|column| column.split_once(' ').unwrap())
            .map(|(a, b)| (a.into(), b.into()))
            .collect()
    }

    /// The columns of a table's primary key.
    async fn keys(&self, table: &str) -> Vec<String> {
        let sql = match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0"),
            Self::Postgres(_) => format!(
                "SELECT a.attname::text FROM pg_index AS i JOIN pg_attribute AS a
                    ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = '{table}'::regclass AND i.indisprimary"
            ),
        };
        self.texts(&sql).await
    }

    /// Keeps a copy of a table.
    pub(crate) async fn keep(&self, table: &str) {
        self.run(&format!(
            "DROP TABLE IF EXISTS kept_{table}; CREATE TABLE kept_{table} AS SELECT * FROM {table}"
        ))
        .await
        .unwrap();
    }

    /// Makes a table what it was when it was kept.
    pub(crate) async fn put_back(&self, table: &str) {
        self.run(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}"))
            .await
            .unwrap();
    }
}

fn key(id: &str) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        tenant: tenant(),
        kind: KeyKind::Secret,
        mac: [4; 32],
        lookup_version: if id == "b" { 2 } else { 1 },
        origins: Vec::new(),
        created_at_ms: NOW_MS,
        scopes: vec![Scope::Read],
        expires_at_ms: (id == "b").then_some(NOW_MS + 1),
        revoked_at_ms: (id == "b").then_some(NOW_MS + 2),
    }
}

pub(crate) fn document(id: &str) -> Document {
    let body = json!({"of": id}).as_object().unwrap().clone();
    Document {
        collection: "things".to_owned(),
        id: id.to_owned(),
        body,
        created_at_ms: NOW_MS,
        updated_at_ms: NOW_MS + i64::from(id == "b"),
        version: 1,
    }
}

/// Two rows in every table, called `a` and `b` or 1 and 2, that differ in nearly everything.
pub(crate) async fn fill(store: &dyn Store) {
    let other = |at: u8| i64::from(at);
    let mut vaults = Vec::new();
    let mut changes = Vec::new();
    for (name, at) in [("a", 1_u8), ("b", 2)] {
        let merchant = TenantId::new(format!("mer_{name}"));
        changes.push(Change::InsertMerchant(Merchant { id: merchant, created_at_ms: other(at) }));
        changes.push(Change::InsertKey(key(name)));
        changes.push(Change::InsertDataKey(DataKey {
            purpose: DataKeyPurpose::Lookup,
            version: at.into(),
            wrapped: vec![at],
            created_at_ms: other(at),
        }));
        vaults.push(Change::InsertSealingKey(SealingKey {
            id: [at; 8],
            suite: at + 1,
            wrapped: vec![at],
            created_at_ms: other(at),
            starts_at_ms: other(at),
            expires_at_ms: other(at),
            statement: Some(name.to_owned()),
        }));
        vaults.push(Change::BeginEpoch { now_ms: other(at) });
        let mut customer = full_customer(name);
        (customer.created_at_ms, customer.updated_at_ms) = (other(at), other(at));
        changes.push(Change::InsertCustomer(customer));
        let mut address = full_address(name, name);
        (address.created_at_ms, address.updated_at_ms) = (other(at), other(at));
        changes.push(Change::InsertAddress(address));
        let mut method = payment_method(name, Some(name));
        method.sealed = vec![at; 9];
        method.sealed_at_ms = other(at);
        method.name = Some(name.to_owned());
        method.mandate = (at == 1).then(|| Box::new(mandate()));
        method.from_token_mac = Some([at; 32]);
        method.fingerprint = format!("fingerprint of {name}");
        method.fingerprint_version = at.into();
        changes.push(Change::InsertPaymentMethod(method));
        let mut pays = payment(name, Some(name));
        pays.payment_method_id = Some(PaymentMethodId::new(name));
        pays.amount.minor = other(at);
        pays.reference = Some(name.to_owned());
        changes.push(Change::InsertPayment(pays));
        changes.push(Change::InsertDocument(document(name)));
        let mut held = token(at);
        held.attempt_mac = Some([at; 32]);
        held.lookup_version = at.into();
        held.sealed = Some(vec![at; 40]);
        held.expires_at_ms += other(at);
        changes.push(Change::InsertToken(held));
        changes.push(Change::InsertAttempt(Attempt {
            mac: [at; 32],
            lookup_version: at.into(),
            sealed: Some(vec![at]),
            expires_at_ms: NOW_MS + other(at),
        }));
        let answer = Remembered {
            mac: [at; 32],
            lookup_version: at.into(),
            digest: [at; 32],
            sealed: vec![at],
            expires_at_ms: NOW_MS + other(at),
        };
        changes.push(Change::Remember { answer, now_ms: NOW_MS });
    }
    store.apply(&TenantId::vault(), vaults).await.unwrap();
    store.apply(&tenant(), changes).await.unwrap();
}

/// Whether the first row of a table is believed; what is asked for is what a face would ask for.
pub(crate) async fn is_believed(store: &dyn Store, table: &str) -> bool {
    fn good<T>(found: Result<Option<T>, StoreError>) -> bool {
        match found {
            Ok(found) => found.is_some(),
            Err(error) => {
                assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
                false
            }
        }
    }
    let of = tenant();
    let page = Page { limit: 9, after: None };
    match table {
        "merchant" => store.merchants().await.unwrap().iter().any(|merchant| merchant.id.as_str() == "mer_a"),
        "api_key" => {
            let listed = store.api_keys(&of).await.unwrap().iter().any(|key| key.id == "a");
            let alone = store.api_key("a").await.unwrap().is_some();
            assert!(!listed || alone);
            alone
        }
        "data_key" => store.data_keys(&of).await.unwrap().iter().any(|key| key.version == 1),
        "sealing_key" => store.sealing_keys().await.unwrap().iter().any(|key| key.id == [1; 8]),
        "token" => good(store.token(&of, &[1; 32]).await),
        "attempt" => good(store.attempt(&of, &[1; 32]).await),
        "remembered" => good(store.remembered(&of, &[1; 32]).await),
        "customer" => {
            let listed = store.customers(&of, &page).await.unwrap().items;
            let alone = good(store.any_customer(&of, &CustomerId::new("a")).await);
            assert!(alone || !listed.iter().any(|customer| customer.id.as_str() == "a"));
            alone
        }
        "address" => {
            let listed = store.addresses(&of, &CustomerId::new("a")).await.unwrap().len() == 1;
            assert_eq!(listed, good(store.address(&of, &CustomerId::new("a"), &AddressId::new("a")).await));
            listed
        }
        "payment_method" => match store.any_payment_method(&of, &PaymentMethodId::new("a")).await {
            // It is shown, and good for nothing.
            Ok(found) => found.is_some_and(|method| !method.sealed.is_empty()),
            Err(error) => {
                assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
                false
            }
        },
        "epoch" => match store.epoch().await {
            Ok(number) => number == 2,
            Err(error) => {
                assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
                false
            }
        },
        "payment" => good(store.payment(&of, &PaymentId::new("a")).await),
        "document" => good(store.document(&of, "things", "a").await),
        other => panic!("nobody has said how a row of {other} is read"),
    }
}

/// All rows that are there.
pub(crate) async fn live(store: &dyn Store) -> Vec<LiveRow> {
    let (mut live, mut after) = (Vec::new(), None);
    loop {
        let rows = store.live_rows(after.as_ref(), 3).await.unwrap();
        let Some(last) = rows.last() else { return live };
        after = Some(last.place.clone());
        live.extend(rows);
    }
}

/// The rows that are not as the vault wrote them.
pub(crate) async fn altered(store: &dyn Store) -> Vec<LiveRow> {
    live(store).await.into_iter().filter(|row| row.intact == Intact::No).collect()
}

/// Whatever was done to a store, its rows are those that its log says are there, and each is believed.
pub(crate) async fn nothing_is_found(store: &dyn Store) {
    assert_eq!(altered(store).await, []);
    // The log itself is looked at elsewhere, with its key.
    let key = AuditKey::generate(&SystemRandom).unwrap();
    assert_eq!(audit::verify(store, key, Vec::new()).await.unwrap().row_findings, []);
}

/// The condition that a row is the first or the second of its table.
fn which(table: &str, at: usize) -> String {
    let (name, byte, id) = ([("a"), ("b")][at], [1, 2][at], ["mer_a", "mer_b"][at]);
    match table {
        "merchant" => format!("tenant_id = '{id}'"),
        "data_key" => format!("version = {byte}"),
        // The newest is the one that counts.
        "epoch" => format!("number = {}", 2 - at),
        // A hash or an id is made of one byte only.
        "sealing_key" | "token" | "attempt" | "remembered" => format!("wrapped_or_mac_is({byte})"),
        _ => format!("id = '{name}'"),
    }
}

pub(crate) fn condition(hand: &Hand, table: &str, at: usize) -> String {
    let sql = which(table, at);
    let Some(byte) = sql.strip_prefix("wrapped_or_mac_is(").and_then(|rest| rest.strip_suffix(')')) else {
        return sql;
    };
    let (column, len) = if table == "sealing_key" { ("id", 8) } else { ("mac", 32) };
    let hex = format!("0{byte}").repeat(len);
    match hand {
        Hand::Sqlite(_) => format!("{column} = X'{hex}'"),
        Hand::Postgres(_) => format!("{column} = '\\x{hex}'::bytea"),
    }
}

fn another(hand: &Hand, column: &str, of_type: &str) -> String {
    match (hand, of_type) {
        (_, "integer" | "bigint") => format!("coalesce({column}, 0) + 7"),
        (_, "text") => format!("coalesce({column}, '') || 'x'"),
        (Hand::Sqlite(_), "blob") => format!("CAST(coalesce({column}, X'') || X'00' AS BLOB)"),
        (Hand::Postgres(_), "bytea") => format!("coalesce({column}, ''::bytea) || '\\x00'::bytea"),
        (_, other) => panic!("a column of type {other}"),
    }
}

pub(crate) async fn every_edited_column_fails_closed(store: Arc<dyn Store>, hand: Hand) {
    fill(&*store).await;
    let tables = hand.tables().await;
    assert_eq!(tables.len(), 13, "{tables:?}");
    for table in &tables {
        hand.keep(table).await;
        assert!(is_believed(&*store, table).await, "{table}");
        let first = condition(&hand, table, 0);
        for (column, of_type) in hand.columns(table).await {
            let new = another(&hand, &column, &of_type);
            hand.run(&format!("UPDATE {table} SET {column} = {new} WHERE {first}")).await.unwrap();
            assert!(!is_believed(&*store, table).await, "{table}.{column}");
            let found = altered(&*store).await;
            assert_eq!(found.len(), 1, "{table}.{column}: {found:?}");
            assert!(found[0].label.starts_with(&format!("{table} ")), "{found:?}");
            hand.put_back(table).await;
            assert!(is_believed(&*store, table).await, "{table}.{column} was put back");
        }
        hand.run(&format!("UPDATE {table} SET row_mac = NULL WHERE {first}")).await.unwrap();
        assert!(!is_believed(&*store, table).await, "{table} without a hash");
        hand.put_back(table).await;
    }
}

pub(crate) async fn every_swapped_column_fails_closed(store: Arc<dyn Store>, hand: Hand) {
    fill(&*store).await;
    let mut swapped = 0;
    for table in &hand.tables().await {
        hand.keep(table).await;
        let (first, second) = (condition(&hand, table, 0), condition(&hand, table, 1));
        for (column, _) in hand.columns(table).await {
            let of = |which: &str| format!("(SELECT {column} FROM kept_{table} WHERE {which})");
            let swap =
                |which: &str, with: &str| format!("UPDATE {table} SET {column} = {} WHERE {which}", of(with));
            let differ = format!("SELECT 'yes' WHERE {} IS DISTINCT FROM {}", of(&first), of(&second));
            if hand.texts(&differ).await.is_empty() {
                continue;
            }
            // A key can be had by one row only: the other goes out of its way first.
            let away = format!("DELETE FROM {table} WHERE {second}; ");
            let both = format!("{}; {}", swap(&first, &second), swap(&second, &first));
            let is_swapped = hand.run(&both).await.is_ok();
            if !is_swapped {
                hand.put_back(table).await;
                hand.run(&[&away, swap(&first, &second).as_str()].concat()).await.unwrap();
            }
            assert!(!is_believed(&*store, table).await, "{table}.{column}");
            assert!(!altered(&*store).await.is_empty(), "{table}.{column}");
            hand.put_back(table).await;
            assert!(is_believed(&*store, table).await, "{table}.{column} was put back");
            swapped += 1;
        }
        // All that the rows say, their hashes with it, under each other's keys.
        let keys = hand.keys(table).await;
        let columns = hand.columns(table).await;
        let said: Vec<_> = columns.iter().filter(|(column, _)| !keys.contains(column)).collect();
        let sets: Vec<_> = said
            .iter()
            .map(|(column, _)| format!("{column} = (SELECT {column} FROM kept_{table} WHERE {second})"))
            .collect();
        hand.run(&format!(
            "DELETE FROM {table} WHERE {second}; UPDATE {table} SET {} WHERE {first}",
            sets.join(", ")
        ))
        .await
        .unwrap();
        assert!(!is_believed(&*store, table).await, "{table} with what another row says");
        hand.put_back(table).await;
    }
    assert!(swapped > 50, "{swapped} columns were swapped");
}

pub(crate) async fn findings(store: &dyn Store, key: &AuditKey) -> Vec<(&'static str, String)> {
    let report = audit::verify(store, key.clone(), Vec::new()).await.unwrap();
    assert_eq!(report.findings, []);
    let mut found: Vec<_> = report
        .row_findings
        .iter()
        .map(|finding| {
            let what = match finding {
                RowFinding::Altered(row) | RowFinding::RolledBack(row) => row.clone(),
                RowFinding::Gone(_) | RowFinding::Unrecorded(_) => String::new(),
            };
            (finding.code(), what)
        })
        .collect();
    found.sort();
    found
}

pub(crate) async fn a_row_that_is_rolled_back_removed_or_brought_back_is_named(
    store: Arc<dyn Store>,
    hand: Hand,
) {
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    fill(&*store).await;
    assert_eq!(findings(&*store, &key).await, []);
    let of = tenant();

    let mut customer = store.customer(&of, &CustomerId::new("a")).await.unwrap().unwrap();
    customer.notes = Some("later".to_owned());
    let mut method = store.payment_method(&of, &PaymentMethodId::new("a")).await.unwrap().unwrap();
    method.name = Some("later".to_owned());
    let mut moved = address("a", "a");
    moved.city = Some("Later".to_owned());
    let later = [
        ("api_key", Change::RevokeKey { key_id: "a".to_owned(), now_ms: NOW_MS }, Some("api_key a")),
        ("token", Change::SpendToken { mac: [1; 32], now_ms: NOW_MS }, None),
        ("customer", Change::UpdateCustomer(customer), Some("customer mer_one a")),
        ("payment_method", Change::UpdatePaymentMethod(method), Some("payment_method mer_one a")),
        ("address", Change::UpdateAddress(moved), Some("address mer_one a")),
        ("document", Change::ReplaceDocument(document("a")), Some("document mer_one things a")),
    ];
    for (table, change, label) in later {
        hand.keep(table).await;
        store.apply(&of, vec![change]).await.unwrap();
        assert_eq!(findings(&*store, &key).await, [], "{table}");
        // Its own older self, with the hash it had.
        hand.run(&format!("CREATE TABLE kept_new AS SELECT * FROM {table}")).await.unwrap();
        hand.put_back(table).await;
        assert_eq!(altered(&*store).await, [], "{table}: its hash is good");
        let found = findings(&*store, &key).await;
        assert_eq!(
            found.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
            ["row_gone", "row_rolled_back"],
            "{table}"
        );
        if let Some(label) = label {
            assert_eq!(found[1].1, label);
        }
        hand.run(&format!(
            "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_new; DROP TABLE kept_new"
        ))
        .await
        .unwrap();
        assert_eq!(findings(&*store, &key).await, [], "{table}");
    }
    let spent = store.token(&of, &[1; 32]).await.unwrap().unwrap();
    assert_eq!((spent.state, spent.sealed), (TokenState::Spent, None));

    // Each table has a row less.
    for table in hand.tables().await {
        hand.keep(&table).await;
        let second = condition(&hand, &table, 1);
        hand.run(&format!("DELETE FROM {table} WHERE {second}")).await.unwrap();
        let found = findings(&*store, &key).await;
        assert_eq!(found, [("row_gone", String::new())], "{table}");
        hand.put_back(&table).await;
    }

    // What the vault deleted comes back.
    hand.keep("customer").await;
    store.apply(&of, vec![Change::DeleteCustomer(CustomerId::new("b"))]).await.unwrap();
    assert_eq!(findings(&*store, &key).await, []);
    hand.run("INSERT INTO customer SELECT * FROM kept_customer WHERE id = 'b'").await.unwrap();
    let found = findings(&*store, &key).await;
    assert_eq!(found, [("row_rolled_back", "customer mer_one b".to_owned())]);
}

pub(crate) async fn what_was_edited_is_not_made_good_by_a_change(store: Arc<dyn Store>, hand: Hand) {
    fill(&*store).await;
    for (table, edit, change) in [
        ("api_key", "origins = '[]x'", Change::SetOrigins { key_id: "a".to_owned(), origins: Vec::new() }),
        ("token", "expires_at_ms = expires_at_ms + 9", Change::SpendToken { mac: [1; 32], now_ms: NOW_MS }),
        ("attempt", "expires_at_ms = 9", Change::SpendToken { mac: [1; 32], now_ms: NOW_MS }),
        ("epoch", "number = 0", Change::SpendToken { mac: [1; 32], now_ms: NOW_MS }),
        (
            "payment_method",
            "customer_id = 'b'",
            Change::ArchivePaymentMethod { id: PaymentMethodId::new("a"), now_ms: NOW_MS },
        ),
        ("customer", "notes = 'x'", Change::ArchiveCustomer { id: CustomerId::new("a"), now_ms: NOW_MS }),
        ("address", "city = 'x'", Change::UpdateAddress(address("a", "a"))),
        ("document", "body = '{}'", Change::ReplaceDocument(document("a"))),
    ] {
        hand.keep(table).await;
        let first = condition(&hand, table, 0);
        // As a face does, which looks at a token before it spends it.
        assert!(is_believed(&*store, table).await && is_believed(&*store, "token").await, "{table}");
        hand.run(&format!("UPDATE {table} SET {edit} WHERE {first}")).await.unwrap();
        if table == "attempt" {
            // What its token becomes was known already: it is no more.
            assert!(is_believed(&*store, "token").await);
        }
        let refused = store.apply(&tenant(), vec![change]).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{table}: {refused:?}");
        assert!(!is_believed(&*store, table).await, "{table}");
        hand.put_back(table).await;
    }
}

pub(crate) async fn rows_from_before_get_their_hash_once(store: Arc<dyn Store>, hand: Hand) {
    fill(&*store).await;
    for table in hand.tables().await {
        hand.run(&format!("UPDATE {table} SET row_mac = NULL")).await.unwrap();
    }
    assert_eq!(altered(&*store).await.len(), 26);
    let bare = altered(&*store).await;
    assert!(bare.iter().all(|row| row.mark.is_none()), "{bare:?}");
    let places: Vec<_> = bare.into_iter().map(|row| row.place).collect();
    let hash = || vec![Change::HashRows(places.clone())];
    assert_eq!(store.apply(&TenantId::vault(), hash()).await, Ok(26));
    assert_eq!(store.apply(&TenantId::vault(), hash()).await, Ok(0));
    assert_eq!(altered(&*store).await, []);
}

/// Tokens of before a restore would be good again in a vault that took no epoch for the first.
pub(crate) async fn an_edited_epoch_is_not_taken_for_none(store: Arc<dyn Store>, hand: Hand) {
    let begin = vec![Change::BeginEpoch { now_ms: NOW_MS }];
    store.apply(&TenantId::vault(), begin).await.unwrap();
    assert_eq!(store.epoch().await, Ok(1));
    hand.run("UPDATE epoch SET begun_at_ms = begun_at_ms + 1").await.unwrap();
    assert!(matches!(store.epoch().await, Err(StoreError::Corrupt(_))));
}
