//! Forgetting what is over, for all merchants: found by one question each, then changed merchant by
//! merchant and only where it is still so, because other vaults sweep and spend at the same time.

use std::collections::BTreeMap;

use super::{Failure, Rows};
use crate::{
    clock::{Clock as _, SystemClock},
    metrics::metrics,
    store::postgres::row,
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
            let statement = self
                .client
                .prepare_cached(
                    "UPDATE token SET state = 'expired', sealed = NULL, mandate = NULL
                     WHERE tenant_id = $1 AND mac = ANY ($2) AND state = 'issued' AND expires_at_ms <= $3
                     RETURNING attempt_mac",
                )
                .await?;
            let rows = self.client.query(&statement, &[tenant, macs, &now_ms]).await?;
            for token in &rows {
                if let Some(attempt) = row::optional_bytes::<32>(token, "attempt_mac")? {
                    self.forget_attempt(tenant, &attempt).await?;
                }
            }
            expired += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        }
        Ok(expired)
    }

    async fn delete_over(&self, table: &Expiring, over_ms: i64, limit: i64) -> Result<u64, Failure> {
        let found = self.by_tenant(table.find(), over_ms, limit).await?;
        let mut deleted = 0;
        for (tenant, macs) in &found {
            deleted += self.run(table.delete(), &[tenant, macs, &over_ms]).await?;
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
