//! The audit log: one chain for each merchant, written by the one writer.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

use crate::{
    audit::{AuditRow, Author, Head, Place, Record, follow},
    clock::{Clock as _, SystemClock},
    domain::TenantId,
    keyring::AuditKey,
    store::{Marks, StoreError},
};

/// There is one writer, so there is one chain.
const CHAIN: i64 = 0;

/// Heads that are kept in memory; the others are read when they are needed.
const HEADS: usize = 4096;

/// Where the chains end, as far as it is known.
#[derive(Default)]
pub(super) struct Heads {
    known: HashMap<TenantId, Head>,
    data_version: Option<i64>,
}

impl Heads {
    /// Forgets what another process may have changed; to be called in each new transaction.
    pub(super) fn refresh(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        // Stays the same as long as nobody but this connection commits.
        let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if self.data_version != Some(version) || self.known.len() >= HEADS {
            self.forget();
            self.data_version = Some(version);
        }
        Ok(())
    }

    /// Forgets everything: the transaction is lost.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// Writes the rows of one job, as the last thing in it.
    pub(super) fn append(
        &mut self,
        connection: &Connection,
        key: &AuditKey,
        tenant: &TenantId,
        author: &Author,
        records: Vec<Record>,
    ) -> rusqlite::Result<()> {
        let head = match self.known.get(tenant) {
            Some(head) => head.clone(),
            None => head(connection, tenant)?,
        };
        let rows = follow(key, (tenant, CHAIN), &head, (author, SystemClock.now_ms()), records)
            .map_err(|unknown| rusqlite::Error::UserFunctionError(Box::new(unknown)))?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO audit (tenant_id, chain, seq, at_ms, actor, action, object, request, mac, marks)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        for row in &rows {
            let Place { tenant, chain, seq } = &row.place;
            insert.execute(params![
                tenant.as_str(),
                chain,
                seq,
                row.at_ms,
                row.actor,
                row.action,
                row.object,
                row.request,
                row.mac,
                (!row.marks.is_empty()).then(|| row.marks.as_bytes())
            ])?;
        }
        if let Some(last) = rows.last() {
            self.known.insert(tenant.clone(), last.head());
        }
        Ok(())
    }
}

fn head(connection: &Connection, tenant: &TenantId) -> rusqlite::Result<Head> {
    let sql = "SELECT seq, mac FROM audit WHERE tenant_id = ?1 AND chain = ?2 ORDER BY seq DESC LIMIT 1";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![tenant.as_str(), CHAIN], |row| Ok(Head { seq: row.get(0)?, mac: row.get(1)? }))
        .optional()?;
    Ok(found.unwrap_or(Head::START))
}

/// Rows in the order of their places, from behind one on.
pub(super) fn rows(
    connection: &Connection,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let columns =
        "SELECT tenant_id, chain, seq, at_ms, actor, action, object, request, mac, marks FROM audit";
    let order = "ORDER BY tenant_id, chain, seq LIMIT";
    let (sql, params): (_, &[&dyn ToSql]) = match after {
        None => (format!("{columns} {order} ?1"), &[&limit]),
        Some(Place { tenant, chain, seq }) => (
            format!("{columns} WHERE (tenant_id, chain, seq) > (?1, ?2, ?3) {order} ?4"),
            &[&tenant.as_str(), chain, seq, &limit],
        ),
    };
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_map(params, row)?.collect::<Result<_, _>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        place: Place {
            tenant: TenantId::new(row.get::<_, String>("tenant_id")?),
            chain: row.get("chain")?,
            seq: row.get("seq")?,
        },
        at_ms: row.get("at_ms")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        object: row.get("object")?,
        request: row.get("request")?,
        marks: Marks::from_bytes(row.get::<_, Option<Vec<u8>>>("marks")?.unwrap_or_default()),
        mac: row.get("mac")?,
    })
}
