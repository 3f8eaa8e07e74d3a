//! Writing: each change is one guarded statement, or a few.
//!
//! Every guard holds at READ COMMITTED, PostgreSQL's default, and at anything stronger: it is either a
//! condition of the very statement that writes, or a look at what belongs to a customer whose row this
//! transaction has written. Customers are written before what they own, so that two changes of the same
//! customer wait for each other in one order.

mod addresses;
mod answers;
mod customers;
mod documents;
mod keys;
mod payment_methods;
mod payments;
mod sweep;
mod tokens;

use std::sync::{Mutex, PoisonError};

use deadpool_postgres::ClientWrapper;
use tokio_postgres::{Row, types::ToSql};

use super::{
    failure::Failure,
    hashes::{self, Kept, Rehashed, Value},
    row,
    spending::Noted,
    text::stored,
};
use crate::{
    domain::{ApiKey, CustomerId, PaymentMethodId, TenantId},
    keyring::{HashIs, RowKey},
    store::{
        Change, DataKey, LivePlace, Marks, SealingKey, StoreError,
        believed::{ALTERED, DELETED_UNNOTED},
        lookups, suite,
        tables::{self, Table},
    },
};

/// What all changes of a transaction are made with.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub(super) client: &'a ClientWrapper,
    pub(super) tenant: &'a TenantId,
    pub(super) key: &'a RowKey,
    /// What is known of tokens that were read to be spent.
    pub(super) noted: &'a Noted,
    /// The epoch it is.
    pub(super) epoch: i64,
}

/// Makes one change inside an open transaction; returns the rows touched, and the marks of the rows it made and took
/// away.
pub(super) async fn change(making: &Making<'_>, change: &Change) -> Result<(u64, Marks), Failure> {
    let Making { client, tenant, key, noted, epoch } = *making;
    let db = Rows { client, tenant: tenant.as_str(), key, noted, epoch, marks: Mutex::default() };
    let touched = make(&db, change).await?;
    Ok((touched, db.marks.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

async fn make(db: &Rows<'_>, change: &Change) -> Result<u64, Failure> {
    match change {
        Change::InsertToken(token) => db.insert_token(token).await,
        Change::SpendToken { mac, now_ms } => db.spend_token(mac, *now_ms).await,
        Change::InsertAttempt(attempt) => db.insert_attempt(attempt).await,
        Change::InsertCustomer(customer) => db.insert_customer(customer).await,
        Change::UpdateCustomer(customer) => db.update_customer(customer).await,
        Change::DeleteCustomer(id) => db.delete_customer(id).await,
        Change::ArchiveCustomer { id, now_ms } => db.archive_customer(id, *now_ms).await,
        Change::DefaultPaymentMethod { customer, id, now_ms } => db.make_default(customer, id, *now_ms).await,
        Change::DefaultPaymentMethodIfNone { customer, id, now_ms } => {
            db.default_if_none(customer, id, *now_ms).await
        }
        Change::InsertAddress(address) => db.insert_address(address).await,
        Change::UpdateAddress(address) => db.update_address(address).await,
        Change::DeleteAddress { customer, id, now_ms } => db.delete_address(customer, id, *now_ms).await,
        Change::InsertPaymentMethod(method) => db.insert_payment_method(method).await,
        Change::UpdatePaymentMethod(method) => db.update_payment_method(method).await,
        Change::AttachPaymentMethod { id, customer, now_ms } => db.attach(id, customer, *now_ms).await,
        Change::ArchivePaymentMethod { id, now_ms } => db.archive_payment_method(id, *now_ms).await,
        Change::DeletePaymentMethod { id, now_ms } => db.delete_payment_method(id, *now_ms).await,
        Change::InsertPayment(payment) => db.insert_payment(payment).await,
        Change::InsertDocument(document) => db.insert_document(document).await,
        Change::ReplaceDocument(document) => db.replace_document(document).await,
        Change::DeleteDocument { collection, id } => {
            let sql = "DELETE FROM document WHERE tenant_id = $1 AND collection = $2 AND id = $3";
            match db.delete(&tables::DOCUMENT, sql, &[&db.tenant, &stored(collection), &stored(id)]).await? {
                0 => Err(Failure::Guard(StoreError::DocumentMissing)),
                rows => Ok(rows),
            }
        }
        Change::Remember { answer, now_ms } => db.remember(answer, *now_ms).await,
        Change::SweepExpired { now_ms, limit } => db.sweep(*now_ms, *limit).await,
        Change::InsertMerchant(merchant) => {
            let values = [Value::plain(merchant.id.as_str()), Value::Integer(merchant.created_at_ms)];
            db.must_insert(&tables::MERCHANT, &values, StoreError::MerchantExists).await
        }
        Change::InsertKey(key) => db.insert_key(key).await,
        Change::SetOrigins { key_id, origins } => {
            let origins: Vec<_> = origins.iter().map(|origin| origin.as_str()).collect();
            let origins = row::to_json(&origins)?;
            db.change_key(key_id, "TRUE", |key| key.set("origins", Value::plain(origins.as_str()))).await
        }
        Change::ExpireKey { key_id, expires_at_ms } => {
            let good = "revoked_at_ms IS NULL AND expires_at_ms IS NULL";
            db.change_key(key_id, good, |key| key.set("expires_at_ms", Value::Integer(*expires_at_ms))).await
        }
        Change::RevokeKey { key_id, now_ms } => {
            let good = "revoked_at_ms IS NULL";
            db.change_key(key_id, good, |key| key.set("revoked_at_ms", Value::Integer(*now_ms))).await
        }
        Change::InsertSealingKey(key) => db.insert_sealing_key(key).await,
        Change::SignSealingKey { id, statement } => db.sign_sealing_key(id, statement).await,
        Change::DeleteSealingKeys { expired_before_ms } => {
            db.delete(
                &tables::SEALING_KEY,
                "DELETE FROM sealing_key WHERE tenant_id = $1 AND expires_at_ms < $2",
                &[&TenantId::vault().as_str(), expired_before_ms],
            )
            .await
        }
        Change::InsertDataKey(key) => db.insert_data_key(key).await,
        Change::BeginEpoch { now_ms } => db.begin_epoch(*now_ms).await,
        Change::RewrapDataKey { purpose, version, was, wrapped } => {
            db.rewrap_data_key(*purpose, *version, was, wrapped).await
        }
        Change::RewrapSealingKey { id, was, wrapped } => db.rewrap_sealing_key(id, was, wrapped).await,
        Change::ResealPaymentMethod { id, was, sealed } => db.reseal_payment_method(id, was, sealed).await,
        Change::DestroyEncryptionKey { version } => db.destroy_encryption_key(*version).await,
        Change::RehashKey { key_id, was, mac, lookup_version } => {
            db.rehash_key(key_id, was, mac, *lookup_version).await
        }
        Change::RefingerprintPaymentMethod { id, was, fingerprint, fingerprint_version } => {
            db.refingerprint_payment_method(id, was, fingerprint, *fingerprint_version).await
        }
        Change::DestroyLookupKey { version, now_ms } => db.destroy_lookup_key(*version, *now_ms).await,
        Change::HashRows(places) => db.hash_rows(places, "row_mac IS NULL").await,
        Change::RehashRows(places) => db.hash_rows(places, "row_mac IS NOT NULL").await,
        Change::DestroyRowKey { version } => db.destroy_row_key(*version).await,
    }
}

/// The rows of one tenant, inside a transaction.
struct Rows<'a> {
    client: &'a ClientWrapper,
    tenant: &'a str,
    key: &'a RowKey,
    noted: &'a Noted,
    epoch: i64,
    marks: Mutex<Marks>,
}

/// The condition of a change, besides that the row is the one that was read. Its parameters come after those of the key.
struct Guard<'a> {
    sql: &'a str,
    params: &'a [&'a (dyn ToSql + Sync)],
}

/// How often a change is begun anew because somebody else was faster.
const TRIES: u32 = 8;

impl Rows<'_> {
    async fn insert_key(&self, key: &ApiKey) -> Result<u64, Failure> {
        let origins: Vec<_> = key.origins.iter().map(|origin| origin.as_str()).collect();
        let values = [
            Value::text(&key.id),
            Value::plain(self.tenant),
            Value::plain(key.kind.as_str()),
            Value::bytes(&key.mac),
            Value::plain(row::to_json(&origins)?),
            Value::Integer(key.created_at_ms),
            Value::plain(key.scope_names()),
            Value::optional_integer(key.expires_at_ms),
            Value::optional_integer(key.revoked_at_ms),
            version(key.lookup_version),
        ];
        self.must_insert(&tables::API_KEY, &values, StoreError::KeyExists).await
    }

    /// Changes a key of this merchant.
    async fn change_key(
        &self,
        key_id: &str,
        condition: &str,
        edit: impl Fn(&mut Kept),
    ) -> Result<u64, Failure> {
        let sql = format!("{condition} AND tenant_id = $2");
        let guard = Guard { sql: &sql, params: &[&self.tenant] };
        match self.update(&tables::API_KEY, &[Value::text(key_id)], guard, edit).await? {
            0 => Err(Failure::Guard(StoreError::KeyMissing)),
            rows => Ok(rows),
        }
    }

    async fn insert_sealing_key(&self, key: &SealingKey) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let values = [
            Value::plain(vault.as_str()),
            Value::bytes(&key.id),
            Value::bytes(&key.wrapped),
            Value::Integer(key.created_at_ms),
            Value::Integer(key.starts_at_ms),
            Value::Integer(key.expires_at_ms),
            Value::optional(key.statement.as_deref()),
            suite::stored(key.suite).map_or(Value::Null, Value::Integer),
        ];
        self.must_insert(&tables::SEALING_KEY, &values, StoreError::KeyExists).await
    }

    async fn insert_data_key(&self, key: &DataKey) -> Result<u64, Failure> {
        let values = [
            Value::plain(self.tenant),
            Value::plain(key.purpose.as_str()),
            Value::Integer(i64::from(key.version)),
            Value::bytes(&key.wrapped),
            Value::Integer(key.created_at_ms),
        ];
        self.must_insert(&tables::DATA_KEY, &values, StoreError::KeyExists).await
    }

    /// Gives rows that have no hash, or one of an older version of its key, the hash that they would be written with.
    async fn hash_rows(&self, places: &[LivePlace], condition: &str) -> Result<u64, Failure> {
        let mut touched = 0;
        for of_table in places.chunk_by(|a, b| a.table == b.table) {
            if let Some(table) = of_table.first().and_then(|place| hashes::ALL.get(place.table)) {
                touched += self.hash_rows_of(table, of_table, condition).await?;
            }
        }
        Ok(touched)
    }

    async fn hash_rows_of(
        &self,
        table: &'static Table,
        places: &[LivePlace],
        condition: &str,
    ) -> Result<u64, Failure> {
        let keys: Vec<_> = places.iter().map(|place| hashes::key_values(&place.key)).collect();
        let mut params: Vec<&(dyn ToSql + Sync)> = Vec::new();
        let rows: Vec<_> = keys.iter().map(|key| hashes::list(&mut params, key)).collect();
        let names = table.keys().collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {} FROM {} WHERE ({names}) IN (VALUES {}) AND {condition}",
            table.select(),
            table.name,
            rows.join(", ")
        );
        let mut hashed = Vec::new();
        for row in &self.client.query(&sql, &params).await? {
            if let Some(Rehashed { mut key, was, will_be }) = Rehashed::read(self.key, table, row)? {
                key.push(was.map_or(Value::Null, |was| Value::Bytes(was.into())));
                key.push(Value::Bytes(will_be.into()));
                hashed.push(key);
            }
        }
        if hashed.is_empty() {
            return Ok(0);
        }
        let mut params: Vec<&(dyn ToSql + Sync)> = Vec::new();
        let rows: Vec<_> = hashed.iter().map(|values| hashes::list(&mut params, values)).collect();
        let is_it: Vec<_> = table.keys().map(|key| format!("t.{key} = v.{key}")).collect();
        // Only where the hash is still the one that was read: whoever changed the row meanwhile has made it a new one.
        let sql = format!(
            "UPDATE {} AS t SET row_mac = v.will_be FROM (VALUES {}) AS v ({names}, was, will_be)
             WHERE {} AND coalesce(t.row_mac, ''::bytea) = coalesce(v.was, ''::bytea) RETURNING v.was, v.will_be",
            table.name,
            rows.join(", "),
            is_it.join(" AND ")
        );
        let hashed = self.client.query(&sql, &params).await?;
        for row in &hashed {
            if let Some(was) = row::column::<Option<Vec<u8>>>(row, "was")? {
                self.taken(&was);
            }
            self.made(&row::column::<Vec<u8>>(row, "will_be")?);
        }
        Ok(u64::try_from(hashed.len()).unwrap_or(u64::MAX))
    }

    /// Inserts a row whose key is free; returns how many rows that are.
    async fn insert(&self, table: &Table, values: &[Value<'_>]) -> Result<u64, Failure> {
        let hash = hashes::hash(self.key, table, values);
        let sql = format!("{} ON CONFLICT DO NOTHING", insert_sql(table));
        let hash_param = hash.as_slice();
        let inserted = self.run(&sql, &with_hash(values, &hash_param)).await?;
        if inserted == 1 {
            self.made(&hash);
        }
        Ok(inserted)
    }

    /// Inserts a row; `otherwise` says what it means if its key is taken.
    async fn must_insert(
        &self,
        table: &Table,
        values: &[Value<'_>],
        otherwise: StoreError,
    ) -> Result<u64, Failure> {
        match self.insert(table, values).await? {
            0 => Err(Failure::Guard(otherwise)),
            rows => Ok(rows),
        }
    }

    /// Inserts a row, also in the place of one that is over; `otherwise` says what it means if there is one that is not.
    /// The parameters of `is_over` come after those of the row and its hash.
    async fn must_replace(
        &self,
        table: &'static Table,
        values: &[Value<'_>],
        (is_over, over): (&str, &[&(dyn ToSql + Sync)]),
        otherwise: StoreError,
    ) -> Result<u64, Failure> {
        let hash = hashes::hash(self.key, table, values);
        let keys: Vec<_> = table.keys().collect();
        let columns = || table.columns.iter().copied().chain(["row_mac"]);
        let sets: Vec<_> = columns()
            .filter(|column| !keys.contains(column))
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let of_old: Vec<_> = columns().map(|column| format!("(SELECT {column} FROM old)")).collect();
        // What stood there is looked at in the same statement, as it was before; and it must be what makes room.
        let name = table.name;
        let sql = format!(
            "WITH old AS (SELECT {}, row_mac FROM {} WHERE {})
             {} ON CONFLICT ({}) DO UPDATE SET {} WHERE ({is_over})
                AND coalesce({name}.row_mac, ''::bytea) = coalesce((SELECT row_mac FROM old), ''::bytea)
             RETURNING {}",
            table.columns.join(", "),
            name,
            is_it(table),
            insert_sql(table),
            keys.join(", "),
            sets.join(", "),
            of_old.join(", ")
        );
        let hash_param = hash.as_slice();
        let mut params = with_hash(values, &hash_param);
        params.extend(over);
        let mut replaced = self.row(&sql, &params).await?;
        if replaced.is_none() {
            // It may have got another hash between the look and the write: a second look sees that.
            replaced = self.row(&sql, &params).await?;
        }
        let old = replaced.ok_or(Failure::Guard(otherwise))?;
        if let Some(old) = Kept::read_joined(self.key, table, &old, 0)? {
            let old = old.found_by(values.get(..table.key).unwrap_or_default())?;
            self.taken(&old.hash);
        }
        self.made(&hash);
        Ok(1)
    }

    /// Changes a row, if the guard holds; returns how many rows that are.
    ///
    /// The row is read and checked, and written under the condition that it is still that one: whatever the isolation,
    /// it is as with one guarded statement.
    async fn update(
        &self,
        table: &'static Table,
        key: &[Value<'_>],
        guard: Guard<'_>,
        edit: impl Fn(&mut Kept),
    ) -> Result<u64, Failure> {
        let is_it = is_it(table);
        let find = format!("SELECT {} FROM {} WHERE {is_it}", table.select(), table.name);
        let keys: Vec<&(dyn ToSql + Sync)> = key.iter().map(|value| value as _).collect();
        for _ in 0..TRIES {
            let Some(found) = self.row(&find, &keys).await? else { return Ok(0) };
            let old = Kept::read(self.key, table, &found, 0)?.found_by(key)?;
            if self.update_kept(&old, &guard, &edit).await? == 1 {
                return Ok(1);
            }
            let name = table.name;
            let same = format!("SELECT 1 FROM {name} WHERE {is_it} AND row_mac = ${}", keys.len() + 1);
            let mut params = keys.clone();
            params.push(&old.hash);
            if self.exists(&same, &params).await? {
                return Ok(0);
            }
        }
        Err(Failure::Conflict)
    }

    /// Changes a row that was read, if it is still that one and the guard holds; returns how many rows that are.
    async fn update_kept(
        &self,
        old: &Kept,
        guard: &Guard<'_>,
        edit: impl Fn(&mut Kept),
    ) -> Result<u64, Failure> {
        let table = old.table;
        let mut new = old.clone();
        edit(&mut new);
        let hash = hashes::hash(self.key, table, &new.values);
        let hash_param = hash.as_slice();
        let mut params: Vec<&(dyn ToSql + Sync)> =
            old.values.iter().take(table.key).map(|value| value as _).collect();
        params.extend(guard.params);
        let mut sets = Vec::new();
        for (column, (before, after)) in table.columns.iter().zip(old.values.iter().zip(&new.values)) {
            if before != after {
                params.push(after);
                sets.push(format!("{column} = ${}, ", params.len()));
            }
        }
        params.push(&hash_param);
        params.push(&old.hash);
        let (sets, count) = (sets.concat(), params.len());
        let (name, condition, is_it) = (table.name, guard.sql, is_it(table));
        let sql = format!(
            "UPDATE {name} SET {sets}row_mac = ${} WHERE {is_it} AND row_mac = ${count} AND {condition}",
            count - 1
        );
        let touched = self.run(&sql, &params).await?;
        if touched == 1 {
            self.taken(&old.hash);
            self.made(&hash);
        }
        Ok(touched)
    }

    /// Runs a statement that deletes rows of a table; returns how many. One that is not as the vault wrote it goes, too, and
    /// is not noted: its hash may be another row's. One of a newer version of the key than is here stays, and all others.
    async fn delete(
        &self,
        table: &'static Table,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Failure> {
        let sql = format!("{sql} RETURNING {}, row_mac", table.columns.join(", "));
        let statement = self.client.prepare_cached(&sql).await?;
        let deleted = self.client.query(&statement, params).await?;
        for row in &deleted {
            let (kept, judged) = Kept::judged(self.key, table, row, 0)?;
            let row = kept.label();
            match judged {
                HashIs::Right => self.taken(&kept.hash),
                HashIs::Wrong => tracing::error!(row, "{DELETED_UNNOTED}"),
                HashIs::Unknown => {
                    tracing::error!(row, "a row to be deleted is of a newer key than is here");
                    return Err(Failure::Guard(ALTERED));
                }
            }
        }
        Ok(u64::try_from(deleted.len()).unwrap_or(u64::MAX))
    }

    fn made(&self, hash: &[u8]) {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).made(hash);
    }

    fn taken(&self, hash: &[u8]) {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).taken(hash);
    }

    /// A customer that is not archived, which nobody changes before this transaction ends.
    ///
    /// The row is written, with what it says already: a mere lock would be seen by those who wait for it at
    /// READ COMMITTED, and not by those who look at one moment from their beginning to their end.
    async fn lock_customer(&self, id: &CustomerId) -> Result<Kept, Failure> {
        let sql = format!(
            "UPDATE customer SET version = version
             WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL RETURNING {}",
            tables::CUSTOMER.select()
        );
        let found = self.row(&sql, &[&self.tenant, &stored(id.as_str())]).await?;
        let found = found.ok_or(Failure::Guard(StoreError::CustomerMissing))?;
        let key = [Value::plain(self.tenant), Value::text(id.as_str())];
        Kept::read(self.key, &tables::CUSTOMER, &found, 0)?.found_by(&key)
    }

    /// Waits until nobody else changes what points from the customer to what it owns, be it archived or not.
    async fn lock_defaults(&self, id: &str) -> Result<(), Failure> {
        let sql = "UPDATE customer SET version = version WHERE tenant_id = $1 AND id = $2";
        self.run(sql, &[&self.tenant, &stored(id)]).await.map(drop)
    }

    /// Whether there is such a customer, and it is not archived, at this moment.
    async fn customer_exists(&self, id: &CustomerId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM customer WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL";
        if self.exists(sql, &[&self.tenant, &stored(id.as_str())]).await? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::CustomerMissing))
        }
    }

    /// Whether there is such a payment method, and it is not archived, at this moment.
    async fn payment_method_exists(&self, id: &PaymentMethodId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM payment_method WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                       AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)";
        if self.exists(sql, &[&self.tenant, &stored(id.as_str())]).await? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::PaymentMethodMissing))
        }
    }

    async fn exists(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<bool, Failure> {
        Ok(self.row(sql, params).await?.is_some())
    }

    async fn row(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Failure> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.query_opt(&statement, params).await?)
    }

    async fn run(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Failure> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.execute(&statement, params).await?)
    }
}

/// What a row holds of the version of the look-up key that it is written with.
fn version(version: u32) -> Value<'static> {
    Value::optional_integer(lookups::stored(version).map(i64::from))
}

fn insert_sql(table: &Table) -> String {
    let places: Vec<_> = (1..=table.columns.len() + 1).map(|place| format!("${place}")).collect();
    let (columns, places) = (table.columns.join(", "), places.join(", "));
    format!("INSERT INTO {} ({columns}, row_mac) VALUES ({places})", table.name)
}

fn with_hash<'a>(values: &'a [Value<'_>], hash: &'a &[u8]) -> Vec<&'a (dyn ToSql + Sync)> {
    let mut params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
    params.push(hash);
    params
}

/// The condition that a row has a key, which are the first parameters.
fn is_it(table: &Table) -> String {
    let keys: Vec<_> = table.keys().zip(1..).map(|(column, place)| format!("{column} = ${place}")).collect();
    keys.join(" AND ")
}
