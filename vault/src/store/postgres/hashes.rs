//! The hashes of rows, made and checked where rows are written and read.
//!
//! Every row goes through here: it is inserted with its values in the order of its table's columns, so that the hash is
//! made of what is sent; and it is changed by reading it, checking it, making the new one, and writing that under the
//! condition that the old one is still there.

use std::{borrow::Cow, error::Error, sync::Arc};

use bytes::BytesMut;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::{
    Row,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use super::{failure::Failure, row, text};
use crate::{
    keyring::{Cell, FIRST, HashIs, RowKey},
    store::{
        Intact, LivePlace, LiveRow, StoreError,
        believed::ALTERED,
        mark,
        record::KeyCell,
        tables::{self, Table},
    },
};

/// As SQLite's, with the digits by which a payment method is searched.
pub(super) const PAYMENT_METHOD: Table = Table {
    name: "payment_method",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "customer_id",
        "kind",
        "display",
        "last4",
        "sealed",
        "sealed_at_ms",
        "name",
        "flags",
        "extra",
        "mandate",
        "fingerprint",
        "from_token_mac",
        "created_at_ms",
        "updated_at_ms",
        "archived_at_ms",
        "version",
        "fingerprint_version",
    ],
    beside: "",
};

/// Every table.
pub(super) const ALL: [&Table; 13] = [
    &tables::MERCHANT,
    &tables::API_KEY,
    &tables::DATA_KEY,
    &tables::SEALING_KEY,
    &tables::TOKEN,
    &tables::ATTEMPT,
    &tables::CUSTOMER,
    &tables::ADDRESS,
    &PAYMENT_METHOD,
    &tables::PAYMENT,
    &tables::DOCUMENT,
    &tables::REMEMBERED,
    &tables::EPOCH,
];

/// A value as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Value<'a> {
    /// A text, in the form in which PostgreSQL can hold it.
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(text::stored(text))
    }

    /// A text that need not be there.
    pub(super) fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// A text that holds nothing that PostgreSQL cannot, such as JSON.
    pub(super) fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn optional_plain(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::plain)
    }

    pub(super) const fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }

    pub(super) fn optional_bytes(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Self::Null, Self::bytes)
    }

    pub(super) fn optional_integer(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }

    /// What a hash is made of.
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(number) => Cell::Integer(*number),
            Self::Text(text) => Cell::Text(text),
            Self::Bytes(bytes) => Cell::Bytes(bytes),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.as_ref().to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The hash of a row with these values.
pub(super) fn hash(key: &RowKey, table: &Table, values: &[Value<'_>]) -> Vec<u8> {
    key.hash(table.name, &values.iter().map(Value::cell).collect::<Vec<_>>())
}

/// What a row was asked for by: columns, and what stands in them.
///
/// The server finds it, and what the server takes for equal can be told it by somebody who may change the database's
/// schema. So a row that is found is compared with what was asked for.
pub(super) type Asked<'a> = [(&'static str, Value<'a>)];

/// A row as it is stored.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) table: &'static Table,
    pub(super) values: Vec<Value<'static>>,
    pub(super) hash: Vec<u8>,
}

impl Kept {
    /// Reads the columns of a table from one of a row on.
    ///
    /// # Errors
    ///
    /// The Corrupt of a row that is not as the vault wrote it.
    pub(super) fn read(key: &RowKey, table: &'static Table, row: &Row, from: usize) -> Result<Self, Failure> {
        let (kept, judged) = Self::judged(key, table, row, from)?;
        match judged {
            HashIs::Right => Ok(kept),
            HashIs::Wrong | HashIs::Unknown => {
                report(table, &kept.values);
                Err(Failure::Guard(ALTERED))
            }
        }
    }

    /// The same, whatever its hash is to it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if a column has another form than the table's.
    pub(super) fn judged(
        key: &RowKey,
        table: &'static Table,
        row: &Row,
        from: usize,
    ) -> Result<(Self, HashIs), Failure> {
        let (values, kept) = read_values(table, row, from)?;
        let hash = kept.unwrap_or_default();
        let judged = key.judge(table.name, &values.iter().map(Value::cell).collect::<Vec<_>>(), &hash);
        Ok((Self { table, values, hash }, judged))
    }

    /// The same, if its primary key is the one that was asked for.
    ///
    /// # Errors
    ///
    /// The Corrupt of a row that is not as the vault wrote it.
    pub(super) fn found_by(self, key: &[Value<'_>]) -> Result<Self, Failure> {
        if self.values.iter().zip(key).all(|(found, asked)| found == asked) {
            return Ok(self);
        }
        report_other(self.table);
        Err(Failure::Guard(ALTERED))
    }

    /// What it is called in a log.
    pub(super) fn label(&self) -> String {
        self.table.label(self.values.iter().map(Value::cell))
    }

    /// The same; none if there was nothing to be joined.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(super) fn read_joined(
        key: &RowKey,
        table: &'static Table,
        row: &Row,
        from: usize,
    ) -> Result<Option<Self>, Failure> {
        // The first column is part of the key, and null in no row.
        let first: Option<&str> = row.try_get(from).map_err(|_| Failure::Engine)?;
        first.map(|_| Self::read(key, table, row, from)).transpose()
    }

    /// The hash of the values as they are by now.
    pub(super) fn new_hash(&self, key: &RowKey) -> Vec<u8> {
        hash(key, self.table, &self.values)
    }

    /// Puts a value into a column.
    pub(super) fn set(&mut self, column: &str, value: Value<'_>) {
        let place = self.table.columns.iter().position(|name| *name == column);
        debug_assert!(place.is_some(), "a table has no column {column}");
        if let Some(kept) = place.and_then(|place| self.values.get_mut(place)) {
            *kept = match value {
                Value::Null => Value::Null,
                Value::Integer(number) => Value::Integer(number),
                Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
                Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            };
        }
    }

    /// The value of a column.
    pub(super) fn get(&self, column: &str) -> Option<&Value<'static>> {
        let place = self.table.columns.iter().position(|name| *name == column)?;
        self.values.get(place)
    }

    /// Counts a change.
    pub(super) fn next_version(&mut self) {
        if let Some(Value::Integer(version)) = self.get("version") {
            let next = version.saturating_add(1);
            self.set("version", Value::Integer(next));
        }
    }
}

fn read_values(
    table: &Table,
    row: &Row,
    from: usize,
) -> Result<(Vec<Value<'static>>, Option<Vec<u8>>), Failure> {
    let unreadable = |_| Failure::Guard(StoreError::Corrupt("a column of another form"));
    let width = table.columns.len();
    let mut values = Vec::with_capacity(width);
    for index in from..from + width {
        let is = |ty: &Type| row.columns().get(index).is_some_and(|column| column.type_() == ty);
        let value = if is(&Type::INT8) {
            row.try_get::<_, Option<i64>>(index).map_err(unreadable)?.map(Value::Integer)
        } else if is(&Type::BYTEA) {
            row.try_get::<_, Option<Vec<u8>>>(index)
                .map_err(unreadable)?
                .map(|bytes| Value::Bytes(bytes.into()))
        } else {
            row.try_get::<_, Option<String>>(index).map_err(unreadable)?.map(|text| Value::Text(text.into()))
        };
        values.push(value.unwrap_or(Value::Null));
    }
    Ok((values, row.try_get(from + width).map_err(unreadable)?))
}

fn is_hash(key: &RowKey, table: &Table, values: &[Value<'_>], kept: &[u8]) -> bool {
    key.is_hash(table.name, &values.iter().map(Value::cell).collect::<Vec<_>>(), kept)
}

fn report(table: &Table, values: &[Value<'_>]) {
    let row = table.label(values.iter().map(Value::cell));
    tracing::error!(row, "a row is not as the vault wrote it: it is not believed");
}

fn report_other(table: &Table) {
    let table = table.name;
    tracing::error!(
        table,
        "the server found another row than the one that was asked for: it is not believed"
    );
}

/// A connection for reading, and what rows are checked with.
pub(super) struct Reader<'a> {
    pub(super) client: &'a ClientWrapper,
    /// None while the keyring is being opened.
    pub(super) key: Option<Arc<RowKey>>,
}

impl Reader<'_> {
    /// Whether a row, selected as [`Table::select`] says, is as the vault wrote it, and the one that was asked for. One
    /// that is not is logged.
    pub(super) fn intact(&self, table: &Table, row: &Row, asked: &Asked<'_>) -> Result<Intact, Failure> {
        let (values, kept) = read_values(table, row, 0)?;
        for (column, value) in asked {
            let place = table.columns.iter().position(|name| name == column);
            if place.and_then(|place| values.get(place)) != Some(value) {
                report_other(table);
                return Ok(Intact::No);
            }
        }
        let Some(key) = &self.key else { return Ok(Intact::Yes) };
        let intact = Self::is_intact(key, table, &values, kept.as_deref());
        if intact == Intact::No {
            report(table, &values);
        }
        Ok(intact)
    }

    fn is_intact(key: &RowKey, table: &Table, values: &[Value<'_>], kept: Option<&[u8]>) -> Intact {
        match kept {
            Some(kept) if is_hash(key, table, values, kept) => Intact::Yes,
            Some(_) | None => Intact::No,
        }
    }

    /// Rows that are there, from behind a place on.
    pub(super) async fn live_rows(
        &self,
        after: Option<&LivePlace>,
        limit: u32,
    ) -> Result<Vec<LiveRow>, Failure> {
        self.rows_behind(after, "TRUE", limit).await
    }

    /// Those whose hash names an older version of its key, or none.
    pub(super) async fn older_rows(
        &self,
        after: Option<&LivePlace>,
        limit: u32,
    ) -> Result<Vec<LiveRow>, Failure> {
        let key = self.key.as_deref().ok_or(Failure::Guard(StoreError::Unavailable))?;
        let (newest, _) = key.version();
        let is_older = match newest {
            FIRST => "length(row_mac) NOT IN (32, 36)".to_owned(),
            later => format!(
                "NOT (length(row_mac) = 36 AND substring(row_mac FROM 1 FOR 4) >= '\\x{later:08x}'::bytea)"
            ),
        };
        self.rows_behind(after, &is_older, limit).await
    }

    async fn rows_behind(
        &self,
        after: Option<&LivePlace>,
        condition: &str,
        limit: u32,
    ) -> Result<Vec<LiveRow>, Failure> {
        let (first, mut behind) = after.map_or((0, None), |place| (place.table, Some(&place.key)));
        for (number, table) in ALL.into_iter().enumerate().skip(first) {
            let rows = self.rows_of(number, table, behind.take(), condition, limit).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }

    async fn rows_of(
        &self,
        number: usize,
        table: &'static Table,
        behind: Option<&Vec<KeyCell>>,
        condition: &str,
        limit: u32,
    ) -> Result<Vec<LiveRow>, Failure> {
        let places = behind.map(|_| (1..=table.key).map(|place| format!("${place}")).collect::<Vec<_>>());
        let sql = table.rows_behind(places.as_deref(), condition, limit);
        let behind = behind.map(|key| key_values(key)).unwrap_or_default();
        let params: Vec<&(dyn ToSql + Sync)> = behind.iter().map(|value| value as _).collect();
        let statement = self.client.prepare_cached(&sql).await?;
        let hash_key = self.key.as_deref().ok_or(Failure::Guard(StoreError::Unavailable))?;
        let mut live = Vec::new();
        for row in self.client.query(&statement, &params).await? {
            let (values, kept) = read_values(table, &row, 0)?;
            // A key without a value is somebody's who took the primary key away; then nothing can be found behind it.
            let key = values.iter().take(table.key).map(|value| match value {
                Value::Integer(number) => Ok(KeyCell::Integer(*number)),
                Value::Text(text) => Ok(KeyCell::Text(text.to_string())),
                Value::Bytes(bytes) => Ok(KeyCell::Bytes(bytes.to_vec())),
                Value::Null => Err(Failure::Guard(StoreError::OtherSchema)),
            });
            live.push(LiveRow {
                place: LivePlace { table: number, key: key.collect::<Result<_, _>>()? },
                label: table.label(values.iter().map(Value::cell)),
                mark: kept.as_deref().and_then(mark),
                intact: Self::is_intact(hash_key, table, &values, kept.as_deref()),
            });
        }
        Ok(live)
    }
}

/// How many rows have a hash that names a version of its key.
pub(super) async fn needs(client: &ClientWrapper, version: u32) -> Result<u64, Failure> {
    let names = match version {
        FIRST => "length(row_mac) = 32".to_owned(),
        later => {
            format!("length(row_mac) = 36 AND substring(row_mac FROM 1 FOR 4) = '\\x{later:08x}'::bytea")
        }
    };
    let mut needs = 0;
    for table in ALL {
        let sql = format!("SELECT count(*) AS needing FROM {} WHERE {names}", table.name);
        let statement = client.prepare_cached(&sql).await?;
        needs += row::count(&client.query_one(&statement, &[]).await?, "needing")?;
    }
    Ok(needs)
}

/// The values of a primary key.
pub(super) fn key_values(key: &[KeyCell]) -> Vec<Value<'_>> {
    key.iter()
        .map(|cell| match cell {
            KeyCell::Integer(number) => Value::Integer(*number),
            KeyCell::Text(text) => Value::plain(text.as_str()),
            KeyCell::Bytes(bytes) => Value::bytes(bytes),
            // Of these, PostgreSQL keeps none.
            KeyCell::Null | KeyCell::NoText(_) | KeyCell::Fraction(_) => Value::Null,
        })
        .collect()
}

/// Adds values to the parameters of a statement; returns the row that they are in its text, with their types.
pub(super) fn list<'a>(params: &mut Vec<&'a (dyn ToSql + Sync)>, values: &'a [Value<'_>]) -> String {
    let places: Vec<_> = values
        .iter()
        .map(|value| {
            params.push(value);
            let of_type = match value {
                Value::Integer(_) => "bigint",
                Value::Text(_) => "text",
                Value::Null | Value::Bytes(_) => "bytea",
            };
            format!("${}::{of_type}", params.len())
        })
        .collect();
    format!("({})", places.join(", "))
}

/// What becomes of the hash of a row that gets one.
pub(super) struct Rehashed {
    /// The values of the row's key.
    pub(super) key: Vec<Value<'static>>,
    pub(super) was: Option<Vec<u8>>,
    pub(super) will_be: Vec<u8>,
}

impl Rehashed {
    /// For a row without a hash, or one whose right hash is of an older version of its key; none for any other.
    pub(super) fn read(key: &RowKey, table: &Table, row: &Row) -> Result<Option<Self>, Failure> {
        let (mut values, was) = read_values(table, row, 0)?;
        let is_due = match &was {
            Some(was) => !key.is_new(was) && is_hash(key, table, &values, was),
            None => true,
        };
        if !is_due {
            return Ok(None);
        }
        let will_be = hash(key, table, &values);
        values.truncate(table.key);
        Ok(Some(Self { key: values, was, will_be }))
    }
}
