//! Writing tokens, and forgetting them.

use rusqlite::{OptionalExtension, params};

use super::{Failure, Rows};
use crate::{
    domain::{Token, TokenState},
    metrics::metrics,
    store::{
        StoreError, epoch, lookups,
        sqlite::{hashes, row},
        tables::{ATTEMPT, REMEMBERED, TOKEN, Table},
    },
};

/// How long a token that is over is remembered, so that its second use is told apart from an unknown one.
const REMEMBER_TOKENS_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Rows<'_> {
    pub(super) fn insert_token(&self, token: &Token) -> Result<u64, Failure> {
        self.must_touch(
            concat!(
                "INSERT INTO token (tenant_id, mac, attempt_mac, dialect, display, sealed, state, issued_at_ms,
                    expires_at_ms, mandate, lookup_version, epoch)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ",
                epoch::now!(),
                ") ON CONFLICT DO NOTHING"
            ),
            params![
                self.tenant,
                token.mac,
                token.attempt_mac,
                token.dialect,
                row::to_json(&token.display)?,
                token.sealed,
                token.state.as_str(),
                token.issued_at_ms,
                token.expires_at_ms,
                row::to_optional_json(token.mandate.as_ref())?,
                lookups::stored(token.lookup_version),
            ],
            StoreError::TokenExists,
        )
    }

    pub(super) fn spend_token(&self, mac: &[u8; 32], now_ms: i64) -> Result<u64, Failure> {
        let spent = self.run(
            concat!(
                "UPDATE token SET state = 'spent', sealed = NULL, mandate = NULL
                 WHERE tenant_id = ?1 AND mac = ?2 AND state = 'issued' AND expires_at_ms > ?3 AND ",
                epoch::is_now!("token")
            ),
            params![self.tenant, mac, now_ms],
        )?;
        if spent == 1 {
            self.run(
                "UPDATE attempt SET sealed = NULL WHERE tenant_id = ?1 AND mac =
                    (SELECT attempt_mac FROM token WHERE tenant_id = ?1 AND mac = ?2)",
                params![self.tenant, mac],
            )?;
            return Ok(spent);
        }
        let state: Option<String> = self
            .connection
            .prepare_cached("SELECT state FROM token WHERE tenant_id = ?1 AND mac = ?2")?
            .query_row(params![self.tenant, mac], |row| row.get(0))
            .optional()?;
        Err(Failure::Guard(match state.map(|state| TokenState::parse(&state)) {
            None => StoreError::TokenUnknown,
            Some(Some(TokenState::Spent)) => StoreError::TokenSpent,
            Some(Some(TokenState::Issued | TokenState::Expired)) => StoreError::TokenExpired,
            Some(None) => StoreError::Corrupt("a token's state"),
        }))
    }

    pub(super) fn sweep(&self, now_ms: i64, limit: u32) -> Result<u64, Failure> {
        let expired = self.expire_tokens(now_ms, limit)?;
        metrics().expired(expired);
        let attempts = self.delete_over(&ATTEMPT, now_ms, limit)?;
        let forgotten = self.delete_over(&TOKEN, now_ms.saturating_sub(REMEMBER_TOKENS_MS), limit)?;
        let answers = self.delete_over(&REMEMBERED, now_ms, limit)?;
        Ok(expired + attempts + forgotten + answers)
    }

    /// Deletes rows whose time is over, by their own word: so one that is not believed stays.
    fn delete_over(&self, table: &Table, over_ms: i64, limit: u32) -> Result<u64, Failure> {
        let (name, believed) = (table.name, hashes::believed(table));
        let sql = format!(
            "DELETE FROM {name} WHERE (tenant_id, mac) IN
                (SELECT tenant_id, mac FROM {name} WHERE expires_at_ms <= ?1 AND {believed} LIMIT ?2)"
        );
        self.run(&sql, params![over_ms, limit])
    }

    fn expire_tokens(&self, now_ms: i64, limit: u32) -> Result<u64, Failure> {
        let expired: Vec<(String, Option<[u8; 32]>)> = self
            .connection
            .prepare_cached(&format!(
                "UPDATE token SET state = 'expired', sealed = NULL, mandate = NULL WHERE (tenant_id, mac) IN
                    (SELECT tenant_id, mac FROM token WHERE state = 'issued' AND expires_at_ms <= ?1 AND {} LIMIT ?2)
                 RETURNING tenant_id, attempt_mac",
                hashes::believed(&TOKEN)
            ))?
            .query_map(params![now_ms, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let forget = format!(
            "UPDATE attempt SET sealed = NULL WHERE tenant_id = ?1 AND mac = ?2 AND {}",
            hashes::believed(&ATTEMPT)
        );
        for (tenant, attempt) in &expired {
            self.run(&forget, params![tenant, attempt])?;
        }
        Ok(u64::try_from(expired.len()).unwrap_or(u64::MAX))
    }
}
