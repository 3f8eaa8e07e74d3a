//! The hashes of rows, made and checked where rows are written and read.
//!
//! The connection that writes has triggers of its own, which are in no database file: whatever statement writes a row of
//! a table, its hash is made in the same statement, and a changed row's old one is checked before. So no statement can
//! forget to.

use std::{
    ffi::c_int,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{
    Connection, Row,
    functions::{Context, FunctionFlags, SqlFnOutput},
    params_from_iter,
    types::{ToSql, ToSqlOutput, ValueRef},
};

use super::write::Failure;
use crate::{
    keyring::{Cell, FIRST, HashIs, RowKey},
    store::{
        Intact, LivePlace, LiveRow, Marks, StoreError,
        believed::{ALTERED, DELETED_UNNOTED, PASSED_OVER},
        mark,
        record::KeyCell,
        recorder::Recorder,
        tables::{self, Table},
    },
};

/// What the statements since the last look did to rows.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) marks: Marks,
    /// The first row that was to be changed and is not as the vault wrote it.
    pub(super) altered: Option<String>,
    /// The first row that is over and stays, because it is not believed, and how many there are.
    passed_over: Option<(String, u64)>,
}

impl Touched {
    /// Whether the write may stand.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if a row was to be changed that is not as the vault wrote it.
    pub(super) fn allow(&self) -> Result<(), Failure> {
        if let Some((row, rows)) = &self.passed_over {
            tracing::error!(row, rows, "{PASSED_OVER}");
        }
        let Some(row) = &self.altered else { return Ok(()) };
        tracing::error!(row, "a row to be changed is not as the vault wrote it: it is not believed");
        Err(Failure::Guard(ALTERED))
    }
}

/// Sees every row that a connection writes.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Touched>>);

impl Watch {
    /// Begins anew.
    pub(super) fn start(&self) {
        *self.lock() = Touched::default();
    }

    /// What was done since.
    pub(super) fn take(&self) -> Touched {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Touched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has a connection hash and check what it writes.
pub(super) fn install(connection: &Connection, recorder: &Arc<Recorder>) -> rusqlite::Result<Watch> {
    let watch = Watch::default();
    let (keys, touched) = (Arc::clone(recorder), watch.clone());
    only_here(connection, "tessera_made", -1, move |args| {
        let (key, table) = (key(&keys)?, table(args)?);
        let hash = key.hash(table.name, &cells(args, 1, table.columns.len()));
        touched.lock().marks.made(&hash);
        Ok(hash)
    })?;
    let (keys, touched) = (Arc::clone(recorder), watch.clone());
    only_here(connection, "tessera_changed", -1, move |args| {
        let (key, table) = (key(&keys)?, table(args)?);
        let width = table.columns.len();
        let old = cells(args, 2, width);
        let kept = args.get_raw(1).as_blob_or_null().ok().flatten().map(<[u8]>::to_vec);
        let mut touched = touched.lock();
        if !is_hash(&key, table, &old, kept.as_deref()) {
            touched.altered.get_or_insert_with(|| table.label(old.iter().copied()));
            return Ok(kept);
        }
        let hash = key.hash(table.name, &cells(args, 2 + width, width));
        touched.marks.taken(kept.as_deref().unwrap_or_default());
        touched.marks.made(&hash);
        Ok(Some(hash))
    })?;
    let (keys, touched) = (Arc::clone(recorder), watch.clone());
    only_here(connection, "tessera_renewed", -1, move |args| {
        let (key, table) = (key(&keys)?, table(args)?);
        let row = cells(args, 2, table.columns.len());
        let kept = args.get_raw(1).as_blob_or_null().ok().flatten();
        // One that is not as the vault wrote it gets no hash that is better than its own.
        let renewed = kept.filter(|kept| !key.is_new(kept) && is_hash(&key, table, &row, Some(kept)));
        if let Some(kept) = renewed {
            touched.lock().marks.taken(kept);
        }
        Ok(renewed.is_some())
    })?;
    let (keys, touched) = (Arc::clone(recorder), watch.clone());
    only_here(connection, "tessera_taken", -1, move |args| {
        let (key, table) = (key(&keys)?, table(args)?);
        let row = cells(args, 2, table.columns.len());
        let kept = args.get_raw(1).as_blob_or_null().ok().flatten().unwrap_or_default();
        let judged = key.judge(table.name, &row, kept);
        let mut touched = touched.lock();
        match judged {
            HashIs::Right => touched.marks.taken(kept),
            HashIs::Wrong => {
                let row = table.label(row.iter().copied());
                tracing::error!(row, "{DELETED_UNNOTED}");
            }
            HashIs::Unknown => {
                touched.altered.get_or_insert_with(|| table.label(row.iter().copied()));
            }
        }
        Ok(judged == HashIs::Right)
    })?;
    let (keys, touched) = (Arc::clone(recorder), watch.clone());
    only_here(connection, "tessera_believed", -1, move |args| {
        let (key, table) = (key(&keys)?, table(args)?);
        let row = cells(args, 2, table.columns.len());
        let is_believed = is_hash(&key, table, &row, args.get_raw(1).as_blob_or_null().ok().flatten());
        if !is_believed {
            let mut touched = touched.lock();
            let label = || (table.label(row.iter().copied()), 0);
            touched.passed_over.get_or_insert_with(label).1 += 1;
        }
        Ok(is_believed)
    })?;
    for table in tables::ALL {
        connection.execute_batch(&triggers(table))?;
    }
    Ok(watch)
}

/// Gives a connection a function that its own statements and its temporary triggers call, and nothing that stands in the file.
pub(super) fn only_here<T: SqlFnOutput + 'static>(
    connection: &Connection,
    name: &str,
    args: c_int,
    function: impl Fn(&Context<'_>) -> rusqlite::Result<T> + Send + 'static,
) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(name, args, flags, function)
}

fn key(recorder: &Recorder) -> rusqlite::Result<Arc<RowKey>> {
    recorder.row_key().map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
}

fn table(args: &Context<'_>) -> rusqlite::Result<&'static Table> {
    let name: String = args.get(0)?;
    let unknown = || rusqlite::Error::UserFunctionError("no table has this name".into());
    tables::ALL.into_iter().find(|table| table.name == name).ok_or_else(unknown)
}

fn cells<'a>(args: &'a Context<'_>, from: usize, count: usize) -> Vec<Cell<'a>> {
    (from..from + count).map(|index| cell(args.get_raw(index))).collect()
}

/// A value, by the sort that SQLite has it under: it finds no text by the same bytes. Whoever writes the schema can have a STRICT
/// table hold any sort.
fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Cell::NoText(text), Cell::Text),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        ValueRef::Real(number) => Cell::Fraction(number.to_bits()),
    }
}

fn is_hash(key: &RowKey, table: &Table, row: &[Cell<'_>], kept: Option<&[u8]>) -> bool {
    kept.is_some_and(|kept| key.is_hash(table.name, row, kept))
}

/// The triggers of one table. `UPDATE OF` leaves the hash itself out, so that setting it starts nothing.
fn triggers(table: &Table) -> String {
    let Table { name, columns, .. } = table;
    let of =
        |row: &str| columns.iter().map(|column| format!("{row}.{column}")).collect::<Vec<_>>().join(", ");
    let (new, old) = (of("NEW"), of("OLD"));
    let is_it: Vec<_> = table.keys().map(|column| format!("{column} = NEW.{column}")).collect();
    let (is_it, all) = (is_it.join(" AND "), columns.join(", "));
    format!(
        "CREATE TEMP TRIGGER {name}_made AFTER INSERT ON main.{name} BEGIN
            UPDATE {name} SET row_mac = tessera_made('{name}', {new}) WHERE {is_it};
         END;
         CREATE TEMP TRIGGER {name}_changed AFTER UPDATE OF {all} ON main.{name} BEGIN
            UPDATE {name} SET row_mac = tessera_changed('{name}', OLD.row_mac, {old}, {new}) WHERE {is_it};
         END;
         CREATE TEMP TRIGGER {name}_taken AFTER DELETE ON main.{name} BEGIN
            SELECT tessera_taken('{name}', OLD.row_mac, {old});
         END;"
    )
}

/// The condition that a row of a table is as the vault wrote it, for what goes over many rows: those that are not are left
/// out, and logged.
pub(super) fn believed(table: &Table) -> String {
    format!("tessera_believed('{}', row_mac, {})", table.name, table.columns.join(", "))
}

/// Gives rows that have no hash one.
pub(super) fn hash_rows(connection: &Connection, places: &[LivePlace]) -> rusqlite::Result<u64> {
    make_hashes(connection, places, |_| "row_mac IS NULL".to_owned())
}

/// Gives rows whose hash is of an older version of its key one of the version that is written with.
pub(super) fn rehash_rows(connection: &Connection, places: &[LivePlace]) -> rusqlite::Result<u64> {
    make_hashes(connection, places, |Table { name, columns, .. }| {
        format!("tessera_renewed('{name}', row_mac, {})", columns.join(", "))
    })
}

/// Gives rows for which a condition holds the hash that they would be written with.
fn make_hashes(
    connection: &Connection,
    places: &[LivePlace],
    condition: impl Fn(&Table) -> String,
) -> rusqlite::Result<u64> {
    let mut touched = 0;
    for place in places {
        let Some(table) = tables::ALL.get(place.table) else { continue };
        let Table { name, columns, .. } = table;
        let is_it: Vec<_> = columns.iter().take(place.key.len()).map(|key| format!("{key} = ?")).collect();
        let (columns, is_it, condition) = (columns.join(", "), is_it.join(" AND "), condition(table));
        let sql = format!(
            "UPDATE {name} SET row_mac = tessera_made('{name}', {columns}) WHERE {is_it} AND {condition}"
        );
        touched += connection.prepare_cached(&sql)?.execute(params_from_iter(&place.key))?;
    }
    Ok(u64::try_from(touched).unwrap_or(u64::MAX))
}

/// The condition that a hash names a version of its key.
fn names(version: u32) -> String {
    match version {
        FIRST => "length(row_mac) = 32".to_owned(),
        later => format!("length(row_mac) = 36 AND substr(row_mac, 1, 4) = X'{later:08x}'"),
    }
}

/// How many rows have a hash that names a version of its key.
pub(super) fn needs(connection: &Connection, version: u32) -> rusqlite::Result<u64> {
    let mut needs = 0;
    for table in tables::ALL {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", table.name, names(version));
        let count: i64 = connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
        needs += u64::try_from(count).unwrap_or_default();
    }
    Ok(needs)
}

impl From<Cell<'_>> for KeyCell {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(number),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Cell::NoText(bytes) => Self::NoText(bytes.to_vec()),
            Cell::Fraction(bits) => Self::Fraction(bits),
        }
    }
}

impl ToSql for KeyCell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::NoText(bytes) => ValueRef::Text(bytes),
            Self::Fraction(bits) => ValueRef::Real(f64::from_bits(*bits)),
        }))
    }
}

/// Whether a value of a key is of the sort of its column.
fn is_of(cell: &KeyCell, of_type: &str) -> bool {
    matches!(
        (cell, of_type),
        (KeyCell::Integer(_), "INTEGER") | (KeyCell::Text(_), "TEXT") | (KeyCell::Bytes(_), "BLOB")
    )
}

/// The condition that a row stands behind a key with a value of another sort than its column's.
///
/// SQLite keeps what is missing first, and no comparison with it holds; it also takes the schema's word for it that nothing is. And it
/// would make what is compared with a column of the column's sort, were it not for the sign before its name.
fn behind_foreign(table: &Table, key: &[KeyCell]) -> String {
    let names: Vec<_> = table.keys().collect();
    let compared = |at: usize, is_missing: &str, sign: &str| {
        let (cell, name, number) = (key.get(at), names.get(at).copied().unwrap_or_default(), at + 1);
        match cell {
            Some(KeyCell::Null) => format!("typeof({name}) {is_missing} 'null' AND ?{number} IS NULL"),
            _ => format!("+{name} {sign} ?{number}"),
        }
    };
    let ways = (0..names.len()).map(|at| {
        let same = (0..at).map(|before| compared(before, "=", "="));
        same.chain([compared(at, "<>", ">")]).collect::<Vec<_>>().join(" AND ")
    });
    format!("({})", ways.collect::<Vec<_>>().join(" OR "))
}

/// What the columns of a row hold, and its hash.
fn values<'r>(table: &Table, row: &'r Row<'_>) -> rusqlite::Result<(Vec<Cell<'r>>, Option<&'r [u8]>)> {
    let width = table.columns.len();
    let values = (0..width).map(|index| row.get_ref(index).map(cell)).collect::<Result<_, _>>()?;
    Ok((values, row.get_ref(width)?.as_blob_or_null().ok().flatten()))
}

/// A connection for reading, and what rows are checked with.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    /// None while the keyring is being opened.
    pub(super) key: Option<Arc<RowKey>>,
}

impl Reader<'_> {
    /// Whether a row, selected as [`Table::select`] says, is as the vault wrote it. One that is not is logged.
    pub(super) fn intact(&self, table: &Table, row: &Row<'_>) -> rusqlite::Result<Intact> {
        let Some(key) = &self.key else { return Ok(Intact::Yes) };
        let (values, kept) = values(table, row)?;
        if is_hash(key, table, &values, kept) {
            return Ok(Intact::Yes);
        }
        let row = table.label(values.iter().copied());
        tracing::error!(row, "a row is not as the vault wrote it: it is not believed");
        Ok(Intact::No)
    }

    /// Rows that are there, from behind a place on.
    pub(super) fn live_rows(
        &self,
        after: Option<&LivePlace>,
        limit: u32,
    ) -> Result<Vec<LiveRow>, StoreError> {
        self.rows_behind(after, "TRUE", limit)
    }

    /// Those whose hash names an older version of its key, or none.
    pub(super) fn older_rows(
        &self,
        after: Option<&LivePlace>,
        limit: u32,
    ) -> Result<Vec<LiveRow>, StoreError> {
        let key = self.key.as_deref().ok_or(StoreError::Unavailable)?;
        let (newest, _) = key.version();
        let is_older = match newest {
            FIRST => "length(row_mac) NOT IN (32, 36)".to_owned(),
            later => format!("NOT (length(row_mac) = 36 AND substr(row_mac, 1, 4) >= X'{later:08x}')"),
        };
        self.rows_behind(after, &is_older, limit)
    }

    fn rows_behind(
        &self,
        after: Option<&LivePlace>,
        condition: &str,
        limit: u32,
    ) -> Result<Vec<LiveRow>, StoreError> {
        let (first, mut behind) = after.map_or((0, None), |place| (place.table, Some(&place.key)));
        for (number, table) in tables::ALL.into_iter().enumerate().skip(first) {
            let rows = self.rows_of(number, table, behind.take(), condition, limit)?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }

    /// Whether a key has a value that no key of the table has.
    fn is_foreign(&self, table: &Table, key: &[KeyCell]) -> rusqlite::Result<bool> {
        let sql = "SELECT type FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut types = statement.query([table.name])?;
        for cell in key {
            let Some(row) = types.next()? else { return Ok(true) };
            if !is_of(cell, row.get_ref(0)?.as_str()?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rows_of(
        &self,
        number: usize,
        table: &'static Table,
        behind: Option<&Vec<KeyCell>>,
        condition: &str,
        limit: u32,
    ) -> Result<Vec<LiveRow>, StoreError> {
        let sql = match behind {
            Some(key) if self.is_foreign(table, key)? => {
                let condition = format!("{} AND {condition}", behind_foreign(table, key));
                table.rows_behind(None, &condition, limit)
            }
            Some(_) => table.rows_behind(Some(&vec!["?".to_owned(); table.key]), condition, limit),
            None => table.rows_behind(None, condition, limit),
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let hash_key = self.key.as_deref().ok_or(StoreError::Unavailable)?;
        let mut rows = statement.query(params_from_iter(behind.into_iter().flatten()))?;
        let mut live = Vec::new();
        while let Some(row) = rows.next()? {
            let (values, kept) = values(table, row)?;
            let key = values.iter().take(table.key).copied().map(KeyCell::from);
            live.push(LiveRow {
                place: LivePlace { table: number, key: key.collect() },
                label: table.label(values.iter().copied()),
                mark: kept.and_then(mark),
                intact: if is_hash(hash_key, table, &values, kept) { Intact::Yes } else { Intact::No },
            });
        }
        Ok(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::migrate;

    /// Documents in a tree that holds keys as no table of the vault's does: each without a hash.
    fn with_foreign_keys() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        let columns = format!("{}, row_mac", tables::DOCUMENT.columns.join(", "));
        // An index over all columns is such a tree, and holds anything.
        connection
            .execute_batch(&format!(
                "CREATE TABLE theirs ({columns}); CREATE INDEX theirs_tree ON theirs ({columns});
                 WITH v (x) AS (VALUES (NULL), (1), (1.5), ('a'), (CAST(X'FF' AS TEXT)), (CAST(X'FFFE' AS TEXT)), (X'FF'))
                 INSERT INTO theirs (tenant_id, collection, id) SELECT a.x, b.x, c.x FROM v AS a, v AS b, v AS c;
                 PRAGMA writable_schema = ON;
                 UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'theirs_tree')
                 WHERE name = 'document';
                 PRAGMA writable_schema = RESET"
            ))
            .unwrap();
        connection
    }

    #[test]
    fn a_key_of_any_sort_is_passed_once() {
        let connection = with_foreign_keys();
        let key = Some(Arc::new(RowKey::generate(&crate::random::SystemRandom).unwrap()));
        let reader = Reader { connection: &connection, key };
        for limit in [1, 2, 5, 400] {
            let (mut passed, mut after) = (Vec::new(), None);
            loop {
                let rows = reader.live_rows(after.as_ref(), limit).unwrap();
                let Some(last) = rows.last() else { break };
                after = Some(last.place.clone());
                assert!(rows.iter().all(|row| row.intact == Intact::No));
                passed.extend(rows.into_iter().map(|row| row.place));
                assert!(passed.len() <= 343, "some are passed twice, by {limit}");
            }
            assert_eq!(passed.len(), 343, "by {limit}");
            assert!(passed.iter().all(|one| passed.iter().filter(|other| one == *other).count() == 1));
        }
    }

    #[test]
    fn every_column_of_every_table_is_hashed() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        let names = |sql: &str, name: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([name], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND name <> ?1";
        let mut tables = names(sql, "audit");
        tables.sort();
        let mut hashed: Vec<_> = tables::ALL.iter().map(|table| table.name.to_owned()).collect();
        hashed.sort();
        assert_eq!(tables, hashed, "the audit log has hashes of its own");
        for table in tables::ALL {
            let mut there =
                names("SELECT name FROM pragma_table_info(?1) WHERE name <> 'row_mac'", table.name);
            let mut hashed = table.columns.to_vec();
            let keys = names("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table.name);
            assert_eq!(keys, table.keys().collect::<Vec<_>>(), "{}", table.name);
            there.sort();
            hashed.sort_unstable();
            assert_eq!(there, hashed, "{}", table.name);
        }
    }
}
