//! What a token's row, and that of its attempt, become when it is spent.
//!
//! Whoever spends a token has read it before. The hashes that the two rows will have are made then, so that spending needs
//! no further look at them: it is one guarded statement on each row, as if there were no hashes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_postgres::Row;

use super::{
    failure::Failure,
    gathered::for_each,
    hashes::{self, Kept, Value},
};
use crate::{
    domain::{TenantId, TokenState},
    keyring::RowKey,
    store::tables::{ATTEMPT, TOKEN},
};

/// Tokens that were read and not yet spent are forgotten when there are more. They are read again when they are spent.
const NOTED: usize = 4096;

/// The hash of a row, and the one it will have.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) was: Vec<u8>,
    pub(super) will_be: Vec<u8>,
}

/// What a token and its attempt become.
#[derive(Clone, Debug)]
pub(super) struct Spending {
    pub(super) token: Step,
    /// Until when the token is good, and of which epoch it is: what was read decides, not what stands there later.
    pub(super) expires_at_ms: i64,
    pub(super) epoch: i64,
    /// None if there is nothing left to forget.
    pub(super) attempt: Option<(Vec<u8>, Step)>,
}

/// The question for a token, by tenant and hash, and its attempt.
pub(super) fn find() -> String {
    find_by("$1", "$2")
}

/// The same for many.
pub(super) fn find_each() -> String {
    for_each(&["text", "bytea"], &find_by("asked.a", "asked.b"))
}

fn find_by(tenant: &str, mac: &str) -> String {
    let columns = |alias: &str, columns: &[&str]| {
        let all = columns.iter().chain(&["row_mac"]);
        all.map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
    };
    format!(
        "SELECT {}, {}, t.state_now FROM (SELECT {} FROM token WHERE tenant_id = {tenant} AND mac = {mac}) AS t
         LEFT JOIN attempt AS a ON a.tenant_id = t.tenant_id AND a.mac = t.attempt_mac",
        columns("t", TOKEN.columns),
        columns("a", ATTEMPT.columns),
        TOKEN.select()
    )
}

impl Spending {
    /// What becomes of what was found.
    ///
    /// # Errors
    ///
    /// The Corrupt of rows that are not as the vault wrote them.
    pub(super) fn read(key: &RowKey, found: &Row, tenant: &str, mac: &[u8; 32]) -> Result<Self, Failure> {
        let tenant = Value::plain(tenant);
        let mut token = Kept::read(key, &TOKEN, found, 0)?.found_by(&[tenant.clone(), Value::bytes(mac)])?;
        let attempt = Kept::read_joined(key, &ATTEMPT, found, TOKEN.columns.len() + 1)?;
        let attempt_mac = token.get("attempt_mac").cloned().unwrap_or(Value::Null);
        let attempt = attempt.map(|attempt| attempt.found_by(&[tenant, attempt_mac])).transpose()?;
        let number = |column: &str| match token.get(column) {
            Some(Value::Integer(number)) => *number,
            // An epoch that no row names is the first.
            Some(Value::Null | Value::Text(_) | Value::Bytes(_)) | None => 0,
        };
        let (expires_at_ms, epoch) = (number("expires_at_ms"), number("epoch"));
        over(&mut token, TokenState::Spent);
        let token = Step { will_be: token.new_hash(key), was: token.hash };
        let attempt = attempt.and_then(|attempt| forgetting(key, attempt));
        Ok(Self { token, expires_at_ms, epoch, attempt })
    }
}

/// Makes a token's values those of one that is over.
pub(super) fn over(token: &mut Kept, state: TokenState) {
    token.set("state", Value::plain(state.as_str()));
    token.set("sealed", Value::Null);
    token.set("mandate", Value::Null);
}

/// What an attempt becomes whose answer is forgotten, by its keyed hash; none if it is forgotten already.
pub(super) fn forgetting(key: &RowKey, mut attempt: Kept) -> Option<(Vec<u8>, Step)> {
    let mac = match attempt.get("mac") {
        Some(Value::Bytes(mac)) => mac.to_vec(),
        Some(Value::Null | Value::Integer(_) | Value::Text(_)) | None => return None,
    };
    if attempt.get("sealed") == Some(&Value::Null) {
        return None;
    }
    attempt.set("sealed", Value::Null);
    let will_be = hashes::hash(key, &ATTEMPT, &attempt.values);
    Some((mac, Step { was: attempt.hash, will_be }))
}

/// What is known of tokens that were read to be spent.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<(String, [u8; 32]), Spending>>);

impl Noted {
    /// Notes what a token becomes.
    pub(super) fn note(&self, tenant: &TenantId, mac: &[u8; 32], spending: Spending) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= NOTED {
            noted.clear();
        }
        noted.insert((tenant.as_str().to_owned(), *mac), spending);
    }

    /// What a token becomes, for those who spend it.
    pub(super) fn find(&self, tenant: &str, mac: &[u8; 32]) -> Option<Spending> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(&(tenant.to_owned(), *mac)).cloned()
    }

    /// Forgets a token that is spent.
    pub(super) fn forget(&self, tenant: &str, mac: &[u8; 32]) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.remove(&(tenant.to_owned(), *mac));
    }
}
