//! Writing tokens.

use super::{Failure, Rows};
use crate::{
    domain::{Token, TokenState},
    store::{
        StoreError, epoch,
        postgres::{row, text::stored},
    },
};

impl Rows<'_> {
    pub(super) async fn insert_token(&self, token: &Token) -> Result<u64, Failure> {
        self.must_touch(
            concat!(
                "INSERT INTO token (tenant_id, mac, attempt_mac, dialect, display, sealed, state, issued_at_ms,
                    expires_at_ms, mandate, epoch)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ",
                epoch::now!(),
                ") ON CONFLICT DO NOTHING"
            ),
            &[
                &self.tenant,
                &token.mac.as_slice(),
                &token.attempt_mac.as_ref().map(<[u8; 32]>::as_slice),
                &stored(&token.dialect),
                &row::to_json(&token.display)?,
                &token.sealed,
                &token.state.as_str(),
                &token.issued_at_ms,
                &token.expires_at_ms,
                &row::to_optional_json(token.mandate.as_ref())?,
            ],
            StoreError::TokenExists,
        )
        .await
    }

    /// The guard and the write are one statement on one row: of those who spend it at the same time, the
    /// second waits for the first, and then sees what it did.
    ///
    /// `IS TRUE` keeps the state out of the choice of an index: of a table without statistics yet, PostgreSQL believes
    /// that an index of states finds as few rows as the primary key, and then reads every unspent token for each spend.
    pub(super) async fn spend_token(&self, mac: &[u8; 32], now_ms: i64) -> Result<u64, Failure> {
        let mac = mac.as_slice();
        let spent = self
            .row(
                concat!(
                    "UPDATE token SET state = 'spent', sealed = NULL, mandate = NULL
                     WHERE tenant_id = $1 AND mac = $2 AND (state = 'issued') IS TRUE AND expires_at_ms > $3 AND ",
                    epoch::is_now!("token"),
                    " RETURNING attempt_mac"
                ),
                &[&self.tenant, &mac, &now_ms],
            )
            .await?;
        if let Some(spent) = spent {
            if let Some(attempt) = row::optional_bytes::<32>(&spent, "attempt_mac")? {
                self.forget_attempt(self.tenant, &attempt).await?;
            }
            return Ok(1);
        }
        let sql = "SELECT state FROM token WHERE tenant_id = $1 AND mac = $2";
        let Some(kept) = self.row(sql, &[&self.tenant, &mac]).await? else {
            return Err(Failure::Guard(StoreError::TokenUnknown));
        };
        Err(Failure::Guard(match row::named(&kept, "state", TokenState::parse)? {
            TokenState::Spent => StoreError::TokenSpent,
            TokenState::Issued | TokenState::Expired => StoreError::TokenExpired,
        }))
    }

    /// Forgets what an attempt was answered.
    pub(super) async fn forget_attempt(&self, tenant: &str, mac: &[u8; 32]) -> Result<(), Failure> {
        let sql = "UPDATE attempt SET sealed = NULL WHERE tenant_id = $1 AND mac = $2";
        self.run(sql, &[&tenant, &mac.as_slice()]).await.map(drop)
    }
}
