//! Writing tokens.

use super::{Failure, Rows, TRIES, version};
use crate::{
    domain::{Token, TokenState},
    store::{
        StoreError, epoch,
        postgres::{
            hashes::Value,
            row,
            spending::{self, Spending, Step},
        },
        tables::TOKEN,
    },
};

impl Rows<'_> {
    pub(super) async fn insert_token(&self, token: &Token) -> Result<u64, Failure> {
        let values = [
            Value::plain(self.tenant),
            Value::bytes(&token.mac),
            Value::optional_bytes(token.attempt_mac.as_ref().map(<[u8; 32]>::as_slice)),
            Value::text(&token.dialect),
            Value::plain(row::to_json(&token.display)?),
            Value::optional_bytes(token.sealed.as_deref()),
            Value::optional_plain(row::to_optional_json(token.mandate.as_ref())?),
            Value::plain(token.state.as_str()),
            Value::Integer(token.issued_at_ms),
            Value::Integer(token.expires_at_ms),
            // Were another one begun meanwhile, the token would be over from the beginning.
            Value::Integer(self.epoch),
            version(token.lookup_version),
        ];
        self.must_insert(&TOKEN, &values, StoreError::TokenExists).await
    }

    /// The guard and the write are one statement on one row: of those who spend it at the same time, the
    /// second waits for the first, and then sees what it did. What was read before is only what the hash of the spent row
    /// is made of, and that it is still that row is part of the guard.
    pub(super) async fn spend_token(&self, mac: &[u8; 32], now_ms: i64) -> Result<u64, Failure> {
        // What was noted under an older version of the key is not what the row shall become now.
        let mut known =
            self.noted.find(self.tenant, mac).filter(|known| self.key.is_new(&known.token.will_be));
        for _ in 0..TRIES {
            let spending = match known.take() {
                Some(spending) => spending,
                None => self.look(mac, now_ms).await?,
            };
            if self.spend(mac, now_ms, spending).await? == 1 {
                return Ok(1);
            }
        }
        Err(Failure::Conflict)
    }

    /// Reads a token that can be spent.
    async fn look(&self, mac: &[u8; 32], now_ms: i64) -> Result<Spending, Failure> {
        let found = self.row(&spending::find(), &[&self.tenant, &mac.as_slice()]).await?;
        let found = found.ok_or(Failure::Guard(StoreError::TokenUnknown))?;
        let spending = Spending::read(self.key, &found, self.tenant, mac)?;
        let expires_at_ms: i64 = row::column(&found, "expires_at_ms")?;
        match row::named(&found, "state_now", TokenState::parse)? {
            TokenState::Spent => Err(Failure::Guard(StoreError::TokenSpent)),
            TokenState::Issued if expires_at_ms > now_ms => Ok(spending),
            TokenState::Issued | TokenState::Expired => Err(Failure::Guard(StoreError::TokenExpired)),
        }
    }

    /// Spends a token that still is as it was read; returns how many rows that are.
    ///
    /// `IS TRUE` keeps state and expiry out of the choice of an index: of a table without statistics yet, PostgreSQL believes
    /// that an index of them finds as few rows as the primary key, and then reads every unspent token for each spend.
    async fn spend(&self, mac: &[u8; 32], now_ms: i64, spending: Spending) -> Result<u64, Failure> {
        let Spending { token: Step { was, will_be }, expires_at_ms, epoch, attempt } = spending;
        let (bytes, hash) = (mac.as_slice(), will_be.as_slice());
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
            [&self.tenant, &bytes, &now_ms, &hash, &was, &expires_at_ms, &epoch];
        let spend = self.run(
            concat!(
                "UPDATE token SET state = 'spent', sealed = NULL, mandate = NULL, row_mac = $4
                 WHERE tenant_id = $1 AND mac = $2 AND (state = 'issued') IS TRUE AND expires_at_ms > $3
                    AND row_mac = $5 AND (expires_at_ms = $6) IS TRUE AND coalesce(epoch, 0) = $7 AND ",
                epoch::is_now!("token")
            ),
            &params,
        );
        let forget = async {
            match &attempt {
                Some((attempt, step)) => self.forget(attempt, step).await,
                None => Ok(1),
            }
        };
        // Both are on their way before either is answered; what the guard refuses is rolled back.
        let (touched, forgotten) = tokio::join!(biased; spend, forget);
        let (touched, forgotten) = (touched?, forgotten?);
        if touched == 1 {
            self.noted.forget(self.tenant, mac);
            if forgotten == 0 {
                // The attempt is another by now: it is looked at in another transaction.
                return Err(Failure::Conflict);
            }
            self.taken(&was);
            self.made(&will_be);
        }
        Ok(touched)
    }

    /// Forgets what an attempt was answered, if it is still the one that was read; returns how many rows that are.
    async fn forget(&self, attempt: &[u8], Step { was, will_be }: &Step) -> Result<u64, Failure> {
        let hash = will_be.as_slice();
        let sql = "UPDATE attempt SET sealed = NULL, row_mac = $3
                   WHERE tenant_id = $1 AND mac = $2 AND row_mac = $4";
        let forgotten = self.run(sql, &[&self.tenant, &attempt, &hash, was]).await?;
        if forgotten == 1 {
            self.taken(was);
            self.made(will_be);
        }
        Ok(forgotten)
    }
}
