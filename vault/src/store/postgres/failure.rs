//! What can go wrong on the way to the server, sorted by what can be done about it.

use std::sync::atomic::{AtomicI64, Ordering};

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

use crate::{
    clock::{Clock as _, SystemClock},
    store::StoreError,
};

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The guard of a change did not hold: that is the answer.
    Guard(StoreError),
    /// Somebody else's transaction came in between; the same again may succeed.
    Conflict,
    /// The connection or the server is gone, or too slow; another connection may do.
    Lost,
    /// Anything else; the same again would fail again.
    Engine,
    /// Whether it is kept cannot be found out.
    Unknown,
}

/// What the answer to a COMMIT says of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It was rolled back because of somebody else's.
    Conflict,
    /// It was rolled back.
    RolledBack,
    /// It may be kept or not.
    Unknown,
}

/// CockroachDB's `statement_completion_unknown`.
const COMPLETION_UNKNOWN: &str = "40003";

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let failure = match error.code() {
            // The line itself broke, or time ran out.
            None if error.is_closed() || is_of_the_line(&error) => Self::Lost,
            None => Self::Engine,
            Some(code) if is_conflict(code) => Self::Conflict,
            Some(code) if is_passing(code) => Self::Lost,
            Some(_) => Self::Engine,
        };
        report(&error, &failure);
        failure
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                // Whatever the reason is, a server that is being restarted may give it.
                match Self::from(error) {
                    Self::Guard(refusal) => Self::Guard(refusal),
                    Self::Conflict | Self::Lost | Self::Engine | Self::Unknown => Self::Lost,
                }
            }
            PoolError::PostCreateHook(HookError::Message(_))
            | PoolError::Timeout(_)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified => Self::Lost,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Guard(refusal) => refusal,
            // Others write the same all the time: a later try may succeed.
            Failure::Conflict => Self::Overloaded,
            Failure::Lost | Failure::Engine | Failure::Unknown => Self::Unavailable,
        }
    }
}

impl Ending {
    /// What is known after a COMMIT that was not answered well.
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        match error.code() {
            Some(code) if is_conflict(code) => Self::Conflict,
            // Constraints that are checked at the end, and transactions that had failed before.
            Some(code) if ["23", "25", "40"].iter().any(|class| is_of(code, class)) => {
                if code.code() == COMPLETION_UNKNOWN { Self::Unknown } else { Self::RolledBack }
            }
            // A server that shuts down, or gives up waiting for its standby, has perhaps committed.
            Some(_) | None => Self::Unknown,
        }
    }
}

fn is_conflict(code: &SqlState) -> bool {
    [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE]
        .contains(code)
}

/// Whether another connection, or the same server a little later, may do what was asked.
fn is_passing(code: &SqlState) -> bool {
    is_of(code, "08")
        || is_of(code, "53")
        || is_of(code, "57")
        || code.code() == COMPLETION_UNKNOWN
        || [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT].contains(code)
}

fn is_of(code: &SqlState, class: &str) -> bool {
    code.code().starts_with(class)
}

fn is_of_the_line(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// Logs the code of an error only: its text may quote what was being written.
fn report(error: &tokio_postgres::Error, failure: &Failure) {
    let code = error.code().map(SqlState::code);
    match failure {
        Failure::Guard(_) | Failure::Conflict => tracing::debug!(code, "PostgreSQL asks for another try"),
        Failure::Lost if is_time_to_say_so() => {
            tracing::warn!(code, "PostgreSQL cannot be reached, or did not answer in time");
        }
        Failure::Lost => tracing::debug!(code, "PostgreSQL cannot be reached, or did not answer in time"),
        Failure::Engine | Failure::Unknown => tracing::error!(code, "PostgreSQL refused to work"),
    }
}

/// Once a second: while a server is away, every waiting request finds it so again and again.
fn is_time_to_say_so() -> bool {
    static SAID_AT_MS: AtomicI64 = AtomicI64::new(i64::MIN);
    let now_ms = SystemClock.now_ms();
    let said_at_ms = SAID_AT_MS.load(Ordering::Relaxed);
    now_ms.saturating_sub(said_at_ms) >= 1000
        && SAID_AT_MS.compare_exchange(said_at_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}
