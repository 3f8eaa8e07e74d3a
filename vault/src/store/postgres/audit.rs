//! The audit log: a chain for each merchant and writing slot.
//!
//! No chain is reserved. A slot begins with the one of its number; if two vaults write to the same one, its key tells
//! the second, which goes on with another. So one vault alone fills as many chains as it has slots, start after start,
//! and several soon keep out of each other's way.

use std::collections::HashMap;

use deadpool_postgres::ClientWrapper;
use futures_util::future;
use tokio_postgres::{Row, types::ToSql};

use super::{failure::Failure, read, row, text::stored};
use crate::{
    audit::{AuditRow, Author, Head, Place, Record, follow},
    clock::{Clock as _, SystemClock},
    domain::TenantId,
    keyring::AuditKey,
    random::{Random as _, SystemRandom},
    store::Marks,
};

/// Heads that a slot keeps in memory; the others are read when they are needed.
const HEADS: usize = 1024;

/// How many chains a slot may choose from at most: more than vaults can share one database.
const LAPS: i64 = 256;

/// Chains that one transaction tries before it gives way to the others.
const TRIES: u32 = 8;

/// Rows that one statement writes: a connection knows one statement for each number up to this one.
const ROWS_PER_STATEMENT: usize = 8;

const COLUMNS: [&str; 10] =
    ["tenant_id", "chain", "seq", "at_ms", "actor", "action", "object", "request", "mac", "marks"];

/// The chain that a slot writes to, and where it ends for each merchant, as far as that is known.
#[derive(Default)]
pub(super) struct Chain {
    slot: i64,
    slots: i64,
    number: i64,
    /// From how many it chooses: twice as many after each meeting, so that few vaults fill few chains.
    choice: i64,
    heads: HashMap<TenantId, Head>,
}

impl Chain {
    /// The chain of one of so many slots.
    pub(super) fn new(slot: usize, slots: usize) -> Self {
        let slot = i64::try_from(slot).unwrap_or(0);
        let slots = i64::try_from(slots).unwrap_or(1);
        Self { slot, slots, number: slot, choice: 1, heads: HashMap::new() }
    }

    /// Takes a merchant's head out: it is put back when the outcome of the write is known.
    pub(super) fn take_head(&mut self, tenant: &TenantId) -> Option<Head> {
        self.heads.remove(tenant)
    }

    /// Puts a head back.
    pub(super) fn keep_head(&mut self, tenant: &TenantId, head: Head) {
        if self.heads.len() >= HEADS {
            self.heads.clear();
        }
        self.heads.insert(tenant.clone(), head);
    }

    /// Writes the rows of one transaction, as the last thing in it; returns the new head.
    pub(super) async fn append(
        &mut self,
        client: &ClientWrapper,
        key: &AuditKey,
        tenant: &TenantId,
        known: Option<&Head>,
        records: Vec<(&Author, Vec<Record>)>,
    ) -> Result<Option<Head>, Failure> {
        if records.iter().all(|(_, records)| records.is_empty()) {
            return Ok(known.cloned());
        }
        let at_ms = SystemClock.now_ms();
        let mut known = known.cloned();
        for _ in 0..TRIES {
            let mut head = match known.take() {
                Some(head) => head,
                None => self.head(client, tenant).await?,
            };
            let mut rows = Vec::new();
            for (author, records) in &records {
                let more = follow(key, (tenant, self.number), &head, (author, at_ms), records.clone());
                rows.extend(more.map_err(|_| Failure::Engine)?);
                head = rows.last().map_or(head, AuditRow::head);
            }
            match insert(client, &rows).await {
                Ok(count) if usize::try_from(count) == Ok(rows.len()) => return Ok(Some(head)),
                // Nothing was written: the transaction goes on with another chain.
                Ok(0) => self.move_on(),
                // Written in part, or refused by an engine that looks at one moment only: all of it again.
                Ok(_) | Err(Failure::Conflict) => break,
                Err(failure) => return Err(failure),
            }
        }
        self.move_on();
        Err(Failure::Conflict)
    }

    async fn head(&self, client: &ClientWrapper, tenant: &TenantId) -> Result<Head, Failure> {
        let sql = "SELECT seq, mac FROM audit WHERE tenant_id = $1 AND chain = $2 ORDER BY seq DESC LIMIT 1";
        let head = |row: &Row| Ok(Head { seq: row::column(row, "seq")?, mac: row::column(row, "mac")? });
        let found = read::one_row(client, sql, &[&tenant.as_str(), &self.number], head).await?;
        Ok(found.unwrap_or(Head::START))
    }

    /// Chooses another chain: somebody else writes to this one.
    fn move_on(&mut self) {
        self.choice = LAPS.min(self.choice * 2);
        let mut lap = [0; 8];
        // Without random bytes it stays with the next one.
        let lap = match SystemRandom.fill(&mut lap) {
            Ok(()) => i64::from_le_bytes(lap).rem_euclid(self.choice),
            Err(_) => (self.number / self.slots + 1).rem_euclid(self.choice),
        };
        self.number = self.slot + self.slots * lap;
        self.heads.clear();
    }
}

/// Writes rows; those whose place is taken are left out.
async fn insert(client: &ClientWrapper, rows: &[AuditRow]) -> Result<u64, Failure> {
    let counts = future::try_join_all(rows.chunks(ROWS_PER_STATEMENT).map(|rows| insert_some(client, rows)));
    Ok(counts.await?.into_iter().sum())
}

async fn insert_some(client: &ClientWrapper, rows: &[AuditRow]) -> Result<u64, Failure> {
    let texts: Vec<_> = rows
        .iter()
        .map(|row| [stored(&row.actor), stored(&row.action), stored(&row.object), stored(&row.request)])
        .collect();
    let mut params: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(rows.len() * COLUMNS.len());
    let tenants: Vec<_> = rows.iter().map(|row| row.place.tenant.as_str()).collect();
    let marks: Vec<_> =
        rows.iter().map(|row| (!row.marks.is_empty()).then(|| row.marks.as_bytes())).collect();
    let texts = texts.iter().zip(&tenants).zip(&marks);
    for (row, (([actor, action, object, request], tenant), marks)) in rows.iter().zip(texts) {
        let place = &row.place;
        params.extend_from_slice(&[
            tenant,
            &place.chain,
            &place.seq,
            &row.at_ms,
            actor,
            action,
            object,
            request,
            &row.mac,
            marks,
        ]);
    }
    let statement = client.prepare_cached(&insert_sql(rows.len())).await?;
    Ok(client.execute(&statement, &params).await?)
}

fn insert_sql(rows: usize) -> String {
    let width = COLUMNS.len();
    let values = |row: usize| {
        let numbers: Vec<_> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
        format!("({})", numbers.join(", "))
    };
    let values: Vec<_> = (0..rows).map(values).collect();
    format!(
        "INSERT INTO audit ({}) VALUES {} ON CONFLICT (tenant_id, chain, seq) DO NOTHING",
        COLUMNS.join(", "),
        values.join(", ")
    )
}

/// Rows in the order of their places, from behind one on.
pub(super) async fn rows(
    client: &ClientWrapper,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<AuditRow>, Failure> {
    let columns = COLUMNS.join(", ");
    let order = "ORDER BY tenant_id, chain, seq LIMIT";
    let limit = i64::from(limit);
    match after {
        None => {
            let sql = format!("SELECT {columns} FROM audit {order} $1");
            read::many_rows(client, &sql, &[&limit], audit_row).await
        }
        Some(Place { tenant, chain, seq }) => {
            let sql = format!(
                "SELECT {columns} FROM audit WHERE (tenant_id, chain, seq) > ($1, $2, $3) {order} $4"
            );
            read::many_rows(client, &sql, &[&tenant.as_str(), chain, seq, &limit], audit_row).await
        }
    }
}

fn audit_row(row: &Row) -> Result<AuditRow, Failure> {
    Ok(AuditRow {
        place: Place {
            tenant: TenantId::new(row::text(row, "tenant_id")?),
            chain: row::column(row, "chain")?,
            seq: row::column(row, "seq")?,
        },
        at_ms: row::column(row, "at_ms")?,
        actor: row::text(row, "actor")?,
        action: row::text(row, "action")?,
        object: row::text(row, "object")?,
        request: row::text(row, "request")?,
        marks: Marks::from_bytes(row::column::<Option<Vec<u8>>>(row, "marks")?.unwrap_or_default()),
        mac: row::column(row, "mac")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_place_for_every_column_of_every_row() {
        let sql = insert_sql(2);
        assert!(sql.contains("($1, $2, $3, $4, $5, $6, $7, $8, $9, $10), ($11, "), "{sql}");
        assert!(sql.contains("$20)") && !sql.contains("$21"), "{sql}");
    }

    #[test]
    fn chains_of_two_slots_never_meet() {
        let mut chains = [Chain::new(0, 2), Chain::new(1, 2)];
        for _ in 0..1000 {
            chains.iter_mut().for_each(Chain::move_on);
            assert_eq!(chains.each_ref().map(|chain| chain.number % 2), [0, 1]);
        }
    }
}
