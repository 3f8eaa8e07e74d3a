//! Whether the tables are still those that the vault made, as the server's own catalogue has them.
//!
//! A row carries its hash, wherever it comes from. So a view in the place of a table, a policy that shows each reader
//! other rows, or a table without its primary key could give the vault a row that was good once, and `audit verify`
//! another one. Who may do such things owns the tables, and nobody but a superuser edits the catalogue.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::{failure::Failure, hashes, row};
use crate::store::{StoreError, tables::Table};

/// The tables whose rows have no hashes: their names and primary keys.
const OTHERS: [(&str, &[&str]); 2] =
    [("audit", &["tenant_id", "chain", "seq"]), ("claim", &["tenant_id", "slot"])];

/// The only column with a default that is ours, and how servers write it.
const DEFAULTS: [&str; 2] = ["starts_at_ms 0", "starts_at_ms '0'::bigint"];

/// What the catalogue tells of tables: 17, 20 and 25 are `bytea`, `bigint` and `text`, and 950 is the collation `C`. A
/// table is looked for as a statement would find it.
const LOOK: &str = "SELECT c.relname::text AS name,
        c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relrowsecurity
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class = c.oid)
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid)
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS f
                WHERE f.conrelid = c.oid AND f.contype NOT IN ('p', 'u', 'n') OR f.confrelid = c.oid)
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND (a.atttypid NOT IN (17, 20, 25) OR a.attcollation NOT IN (0, 950) OR a.attgenerated <> ''))
            AS is_plain,
        ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index AS i,
                LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place), pg_catalog.pg_attribute AS a
            WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid
                AND a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place) AS key,
        ARRAY(SELECT a.attname::text || ' ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
            FROM pg_catalog.pg_attrdef AS d, pg_catalog.pg_attribute AS a
            WHERE d.adrelid = c.oid AND a.attrelid = c.oid AND a.attnum = d.adnum) AS defaults
    FROM pg_catalog.pg_class AS c WHERE c.relname = ANY ($1) AND pg_catalog.pg_table_is_visible(c.oid)";

/// The name of a table that is not as the vault made it, if there is one.
///
/// Engines that only speak PostgreSQL's language have other catalogues: of them nothing is known.
pub(super) async fn differing(client: &ClientWrapper) -> Result<Option<&'static str>, Failure> {
    let version = client.prepare_cached("SELECT pg_catalog.version()").await?;
    let version: String = client.query_one(&version, &[]).await?.try_get(0)?;
    if !version.starts_with("PostgreSQL ") {
        return Ok(None);
    }
    let expected: Vec<(&str, Vec<&str>)> = hashes::ALL
        .iter()
        .map(|table: &&Table| (table.name, table.keys().collect()))
        .chain(OTHERS.iter().map(|(name, key)| (*name, key.to_vec())))
        .collect();
    let names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    let look = client.prepare_cached(LOOK).await?;
    let found = client.query(&look, &[&names]).await?;
    for (name, key) in &expected {
        let mut is_ours = false;
        for row in &found {
            is_ours |= row::column::<String>(row, "name")? == *name && is_as_made(row, key)?;
        }
        if !is_ours {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn is_as_made(row: &Row, key: &[&str]) -> Result<bool, Failure> {
    let is_plain: bool = row::column(row, "is_plain")?;
    let found: Vec<String> = row::column(row, "key")?;
    let defaults: Vec<String> = row::column(row, "defaults")?;
    Ok(is_plain && found == key && defaults.iter().all(|found| DEFAULTS.contains(&found.as_str())))
}

/// Goes on only where the tables are those that the vault made.
///
/// # Errors
///
/// [`StoreError::OtherSchema`] if one is not.
pub(super) async fn check(client: &ClientWrapper) -> Result<(), Failure> {
    match differing(client).await? {
        None => Ok(()),
        Some(table) => {
            tracing::error!(table, "a table of the database is not as the vault made it");
            Err(Failure::Guard(StoreError::OtherSchema))
        }
    }
}
