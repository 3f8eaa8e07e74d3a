//! Forgetting what is over, for all merchants: found by one question each, then changed merchant by
//! merchant and only where it is still so, because other vaults sweep and spend at the same time.

use std::collections::BTreeMap;

use super::{Failure, Rows};
use crate::{
    clock::{Clock as _, SystemClock},
    domain::TokenState,
    keyring::HashIs,
    metrics::metrics,
    store::{
        StoreError,
        believed::PASSED_OVER,
        postgres::{
            hashes::{Kept, Value},
            row,
            spending::{forgetting, over},
        },
        tables::{ATTEMPT, REMEMBERED, TOKEN, Table},
    },
};

/// How long a token that is over is remembered, so that its second use is told apart from an unknown one.
const REMEMBER_TOKENS_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// After how long without a write a vault's writing slot counts as given up. A claim is asked for within
/// seconds.
const FORGET_CLAIMS_MS: i64 = 24 * 60 * 60 * 1000;

/// Rows that are over and not believed are passed over, so that they keep no other from being swept; so many pages of
/// them at most.
const PAGES: i64 = 20;

impl Rows<'_> {
    pub(super) async fn sweep(&self, now_ms: i64, limit: u32) -> Result<u64, Failure> {
        let limit = i64::from(limit);
        let expired = self.expire_tokens(now_ms, limit).await?;
        metrics().expired(expired);
        let attempts = self.delete_over(&ATTEMPT, now_ms, limit).await?;
        let forgotten = self.delete_over(&TOKEN, now_ms.saturating_sub(REMEMBER_TOKENS_MS), limit).await?;
        let answers = self.delete_over(&REMEMBERED, now_ms, limit).await?;
        // By the clock that claims are written with.
        let before_ms = SystemClock.now_ms().saturating_sub(FORGET_CLAIMS_MS);
        self.run("DELETE FROM claim WHERE claimed_at_ms < $1", &[&before_ms]).await?;
        Ok(expired + attempts + forgotten + answers)
    }

    async fn expire_tokens(&self, now_ms: i64, limit: i64) -> Result<u64, Failure> {
        let found = self.over(&TOKEN, "state = 'issued' AND expires_at_ms <= $1", now_ms, limit).await?;
        let mut expired = 0;
        for (tenant, tokens) in found {
            expired += self.expire_tokens_of(&tenant, tokens, now_ms).await?;
        }
        Ok(expired)
    }

    async fn expire_tokens_of(&self, tenant: &str, tokens: Vec<Kept>, now_ms: i64) -> Result<u64, Failure> {
        let (mut macs_of, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for mut token in tokens {
            macs_of.push(mac_of(&token)?);
            over(&mut token, TokenState::Expired);
            new.push(token.new_hash(self.key));
            old.push(token.hash);
        }
        let statement = self
            .client
            .prepare_cached(
                "UPDATE token SET state = 'expired', sealed = NULL, mandate = NULL, row_mac = v.will_be
                 FROM (SELECT unnest($2::bytea[]) AS mac, unnest($3::bytea[]) AS was, unnest($4::bytea[]) AS will_be) AS v
                 WHERE token.tenant_id = $1 AND token.mac = v.mac AND state = 'issued' AND expires_at_ms <= $5
                    AND token.row_mac = v.was
                 RETURNING token.attempt_mac, v.was, v.will_be",
            )
            .await?;
        let rows = self.client.query(&statement, &[&tenant, &macs_of, &old, &new, &now_ms]).await?;
        let mut attempts = Vec::new();
        for token in &rows {
            self.step(token)?;
            attempts.extend(row::optional_bytes::<32>(token, "attempt_mac")?.map(|mac| mac.to_vec()));
        }
        self.forget_attempts(tenant, &attempts).await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    async fn forget_attempts(&self, tenant: &str, macs: &[Vec<u8>]) -> Result<(), Failure> {
        let find =
            format!("SELECT {} FROM attempt WHERE tenant_id = $1 AND mac = ANY ($2)", ATTEMPT.select());
        let statement = self.client.prepare_cached(&find).await?;
        let (mut macs_of, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for found in self.client.query(&statement, &[&tenant, &macs]).await? {
            let (attempt, judged) = Kept::judged(self.key, &ATTEMPT, &found, 0)?;
            if judged != HashIs::Right {
                passed_over(&[attempt]);
                continue;
            }
            if let Some((mac, step)) = forgetting(self.key, attempt) {
                macs_of.push(mac);
                old.push(step.was);
                new.push(step.will_be);
            }
        }
        let statement = self
            .client
            .prepare_cached(
                "UPDATE attempt SET sealed = NULL, row_mac = v.will_be
                 FROM (SELECT unnest($2::bytea[]) AS mac, unnest($3::bytea[]) AS was, unnest($4::bytea[]) AS will_be) AS v
                 WHERE attempt.tenant_id = $1 AND attempt.mac = v.mac AND attempt.row_mac = v.was
                 RETURNING v.was, v.will_be",
            )
            .await?;
        for attempt in &self.client.query(&statement, &[&tenant, &macs_of, &old, &new]).await? {
            self.step(attempt)?;
        }
        Ok(())
    }

    /// Notes what became of a row.
    fn step(&self, row: &tokio_postgres::Row) -> Result<(), Failure> {
        let (was, will_be): (Vec<u8>, Vec<u8>) = (row::column(row, "was")?, row::column(row, "will_be")?);
        self.taken(&was);
        self.made(&will_be);
        Ok(())
    }

    /// Deletes rows whose time is over, by their own word: so one that is not believed stays.
    async fn delete_over(&self, table: &'static Table, over_ms: i64, limit: i64) -> Result<u64, Failure> {
        // Only what is still the row that was looked at.
        let delete = format!(
            "DELETE FROM {} WHERE tenant_id = $1 AND mac = ANY ($2) AND expires_at_ms <= $3 AND row_mac = ANY ($4)",
            table.name
        );
        let mut deleted = 0;
        for (tenant, rows) in self.over(table, "expires_at_ms <= $1", over_ms, limit).await? {
            let macs: Vec<_> = rows.iter().map(mac_of).collect::<Result<_, _>>()?;
            let hashes: Vec<_> = rows.into_iter().map(|row| row.hash).collect();
            deleted += self.delete(table, &delete, &[&tenant, &macs, &over_ms, &hashes]).await?;
        }
        Ok(deleted)
    }

    /// Rows that are over and as the vault wrote them, by tenant and in order, so that two who sweep lock in the same order.
    async fn over(
        &self,
        table: &'static Table,
        condition: &str,
        over_ms: i64,
        limit: i64,
    ) -> Result<BTreeMap<String, Vec<Kept>>, Failure> {
        let sql = format!(
            "SELECT {}, row_mac FROM {} WHERE {condition} ORDER BY expires_at_ms LIMIT $2 OFFSET $3",
            table.columns.join(", "),
            table.name
        );
        let statement = self.client.prepare_cached(&sql).await?;
        let mut found: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
        let mut left = Vec::new();
        for page in 0..PAGES {
            let rows = self.client.query(&statement, &[&over_ms, &limit, &(page * limit)]).await?;
            for row in &rows {
                let (kept, judged) = Kept::judged(self.key, table, row, 0)?;
                match judged {
                    HashIs::Right => found.entry(row::column(row, "tenant_id")?).or_default().push(kept),
                    HashIs::Wrong | HashIs::Unknown => left.push(kept),
                }
            }
            let is_last = i64::try_from(rows.len()).is_ok_and(|rows| rows < limit);
            if is_last || !found.is_empty() {
                break;
            }
        }
        passed_over(&left);
        for rows in found.values_mut() {
            rows.sort_by_cached_key(|row| mac_of(row).ok());
        }
        Ok(found)
    }
}

/// The keyed hash that a row is found by.
fn mac_of(row: &Kept) -> Result<Vec<u8>, Failure> {
    match row.get("mac") {
        Some(Value::Bytes(mac)) => Ok(mac.to_vec()),
        Some(Value::Null | Value::Integer(_) | Value::Text(_)) | None => {
            Err(Failure::Guard(StoreError::Corrupt("a row without a keyed hash")))
        }
    }
}

fn passed_over(rows: &[Kept]) {
    if let Some(first) = rows.first() {
        let row = first.label();
        tracing::error!(row, rows = rows.len(), "{PASSED_OVER}");
    }
}
