//! Writing kept answers.

use rusqlite::params;

use super::{Failure, Rows};
use crate::store::{Remembered, StoreError, epoch, lookups};

impl Rows<'_> {
    /// An answer that is over makes room for a new one.
    pub(super) fn remember(&self, answer: &Remembered, now_ms: i64) -> Result<u64, Failure> {
        self.must_touch(
            concat!(
                "INSERT INTO remembered (tenant_id, mac, digest, sealed, expires_at_ms, lookup_version, epoch)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?7, ",
                epoch::now!(),
                ") ON CONFLICT (tenant_id, mac) DO UPDATE
                    SET digest = excluded.digest, sealed = excluded.sealed, expires_at_ms = excluded.expires_at_ms,
                        epoch = excluded.epoch, lookup_version = excluded.lookup_version
                    WHERE remembered.expires_at_ms <= ?6 OR NOT ",
                epoch::is_now!("remembered")
            ),
            params![
                self.tenant,
                answer.mac,
                answer.digest,
                answer.sealed,
                answer.expires_at_ms,
                now_ms,
                lookups::stored(answer.lookup_version)
            ],
            StoreError::AnswerExists,
        )
    }
}
