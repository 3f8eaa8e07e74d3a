//! Forgetting what is over, for all merchants: found by one question each, then changed merchant by
//! merchant and only where it is still so, because other vaults sweep and spend at the same time.

use std::collections::BTreeMap;

use super::{Failure, Rows, hashes};
use crate::{
    clock::{Clock as _, SystemClock},
    domain::TokenState,
    metrics::metrics,
    store::{
        StoreError,
        postgres::{
            hashes::Kept,
            row,
            spending::{forgetting, over},
        },
        tables::{ATTEMPT, TOKEN},
    },
};

/// How long a token that is over is remembered, so that its second use is told apart from an unknown one.
const REMEMBER_TOKENS_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// After how long without a write a vault's writing slot counts as given up. A claim is asked for within
/// seconds.
const FORGET_CLAIMS_MS: i64 = 24 * 60 * 60 * 1000;

/// A table whose rows go as a whole when their time is over, found by tenant and hash.
enum Expiring {
    Attempt,
    Remembered,
    Token,
}

impl Rows<'_> {
    pub(super) async fn sweep(&self, now_ms: i64, limit: u32) -> Result<u64, Failure> {
        let limit = i64::from(limit);
        let expired = self.expire_tokens(now_ms, limit).await?;
        metrics().expired(expired);
        let attempts = self.delete_over(&Expiring::Attempt, now_ms, limit).await?;
        let forgotten =
            self.delete_over(&Expiring::Token, now_ms.saturating_sub(REMEMBER_TOKENS_MS), limit).await?;
        let answers = self.delete_over(&Expiring::Remembered, now_ms, limit).await?;
        // By the clock that claims are written with.
        let before_ms = SystemClock.now_ms().saturating_sub(FORGET_CLAIMS_MS);
        self.run("DELETE FROM claim WHERE claimed_at_ms < $1", &[&before_ms]).await?;
        Ok(expired + attempts + forgotten + answers)
    }

    async fn expire_tokens(&self, now_ms: i64, limit: i64) -> Result<u64, Failure> {
        let found = self
            .by_tenant(
                "SELECT tenant_id, mac FROM token WHERE state = 'issued' AND expires_at_ms <= $1
                 ORDER BY expires_at_ms LIMIT $2",
                now_ms,
                limit,
            )
            .await?;
        let mut expired = 0;
        for (tenant, macs) in &found {
            expired += self.expire_tokens_of(tenant, macs, now_ms).await?;
        }
        Ok(expired)
    }

    async fn expire_tokens_of(&self, tenant: &str, macs: &[Vec<u8>], now_ms: i64) -> Result<u64, Failure> {
        let find = format!("SELECT {} FROM token WHERE tenant_id = $1 AND mac = ANY ($2)", TOKEN.select());
        let statement = self.client.prepare_cached(&find).await?;
        let (mut macs_of, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for found in self.client.query(&statement, &[&tenant, &macs]).await? {
            macs_of.push(row::column::<Vec<u8>>(&found, "mac")?);
            match Kept::read(self.key, &TOKEN, &found, 0) {
                Ok(mut token) => {
                    over(&mut token, TokenState::Expired);
                    new.push(token.new_hash(self.key));
                    old.push(token.hash);
                }
                // Not as the vault wrote it: its ciphertext goes all the same, and nobody believes it after that either.
                Err(Failure::Guard(StoreError::Corrupt(_))) => {
                    let kept = hashes::kept_hash(&found)?;
                    new.push(kept.clone());
                    old.push(kept);
                }
                Err(failure) => return Err(failure),
            }
        }
        let statement = self
            .client
            .prepare_cached(
                "UPDATE token SET state = 'expired', sealed = NULL, mandate = NULL, row_mac = v.will_be
                 FROM (SELECT unnest($2::bytea[]) AS mac, unnest($3::bytea[]) AS was, unnest($4::bytea[]) AS will_be) AS v
                 WHERE token.tenant_id = $1 AND token.mac = v.mac AND state = 'issued' AND expires_at_ms <= $5
                    AND coalesce(token.row_mac, ''::bytea) = v.was
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
            let (mac, was, will_be) = match Kept::read(self.key, &ATTEMPT, &found, 0) {
                Ok(attempt) => match forgetting(self.key, attempt) {
                    Some((mac, step)) => (mac, step.was, step.will_be),
                    None => continue,
                },
                Err(Failure::Guard(StoreError::Corrupt(_))) => {
                    let kept = hashes::kept_hash(&found)?;
                    (row::column(&found, "mac")?, kept.clone(), kept)
                }
                Err(failure) => return Err(failure),
            };
            macs_of.push(mac);
            old.push(was);
            new.push(will_be);
        }
        let statement = self
            .client
            .prepare_cached(
                "UPDATE attempt SET sealed = NULL, row_mac = v.will_be
                 FROM (SELECT unnest($2::bytea[]) AS mac, unnest($3::bytea[]) AS was, unnest($4::bytea[]) AS will_be) AS v
                 WHERE attempt.tenant_id = $1 AND attempt.mac = v.mac AND coalesce(attempt.row_mac, ''::bytea) = v.was
                 RETURNING v.was, v.will_be",
            )
            .await?;
        for attempt in &self.client.query(&statement, &[&tenant, &macs_of, &old, &new]).await? {
            self.step(attempt)?;
        }
        Ok(())
    }

    /// Notes what became of a row, unless it was not believed before and is not now.
    fn step(&self, row: &tokio_postgres::Row) -> Result<(), Failure> {
        let (was, will_be): (Vec<u8>, Vec<u8>) = (row::column(row, "was")?, row::column(row, "will_be")?);
        if was != will_be {
            self.taken(&was);
            self.made(&will_be);
        }
        Ok(())
    }

    async fn delete_over(&self, table: &Expiring, over_ms: i64, limit: i64) -> Result<u64, Failure> {
        let found = self.by_tenant(table.find(), over_ms, limit).await?;
        let mut deleted = 0;
        for (tenant, macs) in &found {
            deleted += self.delete(table.delete(), &[tenant, macs, &over_ms]).await?;
        }
        Ok(deleted)
    }

    /// Hashes, by tenant and in order, so that two who sweep lock in the same order.
    async fn by_tenant(
        &self,
        sql: &str,
        over_ms: i64,
        limit: i64,
    ) -> Result<BTreeMap<String, Vec<Vec<u8>>>, Failure> {
        let statement = self.client.prepare_cached(sql).await?;
        let mut found: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for over in self.client.query(&statement, &[&over_ms, &limit]).await? {
            found.entry(row::column(&over, "tenant_id")?).or_default().push(row::column(&over, "mac")?);
        }
        found.values_mut().for_each(|macs| macs.sort_unstable());
        Ok(found)
    }
}

impl Expiring {
    const fn find(&self) -> &'static str {
        match self {
            Self::Attempt => {
                "SELECT tenant_id, mac FROM attempt WHERE expires_at_ms <= $1 ORDER BY expires_at_ms LIMIT $2"
            }
            Self::Remembered => {
                "SELECT tenant_id, mac FROM remembered WHERE expires_at_ms <= $1
                 ORDER BY expires_at_ms LIMIT $2"
            }
            Self::Token => {
                "SELECT tenant_id, mac FROM token WHERE expires_at_ms <= $1 ORDER BY expires_at_ms LIMIT $2"
            }
        }
    }

    const fn delete(&self) -> &'static str {
        match self {
            Self::Attempt => {
                "DELETE FROM attempt WHERE tenant_id = $1 AND mac = ANY ($2) AND expires_at_ms <= $3"
            }
            Self::Remembered => {
                "DELETE FROM remembered WHERE tenant_id = $1 AND mac = ANY ($2) AND expires_at_ms <= $3"
            }
            Self::Token => {
                "DELETE FROM token WHERE tenant_id = $1 AND mac = ANY ($2) AND expires_at_ms <= $3"
            }
        }
    }
}
