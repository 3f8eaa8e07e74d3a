//! Writing kept answers.

use super::{Failure, Rows, version};
use crate::store::{Attempt, Remembered, StoreError, epoch, postgres::hashes::Value, tables};

impl Rows<'_> {
    /// An answer that is over makes room for a new one.
    pub(super) async fn remember(&self, answer: &Remembered, now_ms: i64) -> Result<u64, Failure> {
        let values = [
            Value::plain(self.tenant),
            Value::bytes(&answer.mac),
            Value::bytes(&answer.digest),
            Value::bytes(&answer.sealed),
            Value::Integer(answer.expires_at_ms),
            Value::Integer(self.epoch),
            version(answer.lookup_version),
        ];
        let is_over = concat!("remembered.expires_at_ms <= $9 OR NOT ", epoch::is_now!("remembered"));
        self.must_replace(&tables::REMEMBERED, &values, (is_over, &[&now_ms]), StoreError::AnswerExists).await
    }

    /// An attempt of an older epoch makes room for a new one.
    pub(super) async fn insert_attempt(&self, attempt: &Attempt) -> Result<u64, Failure> {
        let values = [
            Value::plain(self.tenant),
            Value::bytes(&attempt.mac),
            Value::optional_bytes(attempt.sealed.as_deref()),
            Value::Integer(attempt.expires_at_ms),
            Value::Integer(self.epoch),
            version(attempt.lookup_version),
        ];
        let is_over = concat!("NOT ", epoch::is_now!("attempt"));
        self.must_replace(&tables::ATTEMPT, &values, (is_over, &[]), StoreError::AttemptExists).await
    }
}
