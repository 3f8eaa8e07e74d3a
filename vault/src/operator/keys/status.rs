//! What keys there are; never a key.

use std::io;

use serde_json::{Value, json};

use crate::{
    clock::{Clock as _, SystemClock},
    config::StatusArgs,
    domain::TenantId,
    keyring::{KekRing, KeyringError, RowKey, WrappedBy},
    operator::{OperatorError, read, sealing, startup},
    store::{DataKey, DataKeyPurpose, LookupNeeds},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What all lines have in common.
struct View<'a> {
    keks: &'a KekRing,
    now_ms: i64,
    max_age_ms: i64,
}

/// Prints a line for each key.
pub(in crate::operator) async fn status(
    args: &StatusArgs,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    match RowKey::load(&keks, &*store, SystemClock.now_ms()).await {
        Ok(Some(key)) => store.guard_with(key),
        // What is under other key-encryption keys is shown, too.
        Ok(None) | Err(KeyringError::WrongKek) => {}
        Err(error) => return Err(error.into()),
    }
    let max_age_ms = i64::try_from(args.max_age.as_millis()).unwrap_or(i64::MAX);
    let view = View { keks: &keks, now_ms: SystemClock.now_ms(), max_age_ms };
    let mut others = 0_u64;
    let mut keys = 0_u64;
    let mut print = |line: Value| {
        keys += 1;
        others += u64::from(line.get("current_kek") == Some(&Value::Bool(false)));
        writeln!(out, "{line}")
    };
    let merchants: Vec<_> = store.merchants().await?.into_iter().map(|merchant| merchant.id).collect();
    for tenant in std::iter::once(&TenantId::vault()).chain(&merchants) {
        let stored = store.data_keys(tenant).await?;
        for key in &stored {
            let mut line = view.data_key(tenant, key, &stored);
            let needs = match key.purpose {
                DataKeyPurpose::Lookup => {
                    Some(needed_by(&store.lookup_needs(tenant, key.version, view.now_ms).await?))
                }
                // Until a vault of this version starts, the first may be there twice: as made, and as in force.
                DataKeyPurpose::Rows => Some(json!({"rows": store.row_needs(key.version.max(1)).await?})),
                DataKeyPurpose::Encryption | DataKeyPurpose::Fixed | DataKeyPurpose::Audit => None,
            };
            if let (Some(needs), Value::Object(members)) = (needs, &mut line) {
                members.insert("needed_by".to_owned(), needs);
            }
            print(line)?;
        }
    }
    for key in store.sealing_keys().await? {
        let shown = json!({
            "purpose": "sealing",
            "id": seal::KeyId::new(key.id).to_text(),
            "expires_at_ms": key.expires_at_ms,
            "state": sealing::state(&key, view.now_ms),
            // There is one for each day, and the log says when they run out.
            "due": false,
        });
        print(view.wrapped(shown, &key.wrapped, key.created_at_ms))?;
    }
    for tenant in &merchants {
        for key in store.api_keys(tenant).await?.into_iter().filter(|key| key.is_good(view.now_ms)) {
            let due = view.is_due(key.created_at_ms) && key.expires_at_ms.is_none();
            let shown = json!({
                "purpose": "api_key",
                "merchant": tenant.as_str(),
                "id": key.id,
                "lookup_version": key.lookup_version,
                "state": "used",
                "due": due,
            });
            print(view.aged(shown, key.created_at_ms))?;
        }
    }
    let summary = json!({
        "kek": keks.current().id().to_string(),
        "provider": keks.current().provider(),
        "keys": keys,
        "under_other_keks": others,
    });
    Ok(writeln!(out, "{summary}")?)
}

/// What keeps a version of a look-up key from being destroyed.
fn needed_by(needs: &LookupNeeds) -> Value {
    let LookupNeeds { tokens, attempts, answers, api_keys, payment_methods } = needs;
    json!({
        "tokens": tokens,
        "attempts": attempts,
        "answers": answers,
        "api_keys": api_keys,
        "payment_methods": payment_methods,
    })
}

impl View<'_> {
    fn data_key(&self, tenant: &TenantId, key: &DataKey, all: &[DataKey]) -> Value {
        let newer = |other: &&DataKey| {
            other.purpose == key.purpose && other.version > key.version && other.created_at_ms <= self.now_ms
        };
        // Of those that stay there is one for each purpose, and none is newer than another.
        let newer = |other: &&DataKey| key.purpose != DataKeyPurpose::Fixed && newer(other);
        let state = match (key.created_at_ms > self.now_ms, all.iter().find(newer)) {
            (true, _) => "pending",
            (false, None) => "used",
            (false, Some(_)) => "older",
        };
        let stays = key.purpose == DataKeyPurpose::Fixed;
        let due = state == "used" && !stays && self.is_due(key.created_at_ms);
        let shown = json!({
            "purpose": key.purpose.as_str(),
            "merchant": tenant.as_str(),
            "version": key.version,
            "state": state,
            "due": due,
        });
        self.wrapped(shown, &key.wrapped, key.created_at_ms)
    }

    fn wrapped(&self, shown: Value, wrapped: &[u8], created_at_ms: i64) -> Value {
        let mut shown = self.aged(shown, created_at_ms);
        let by = KekRing::wrapped_by(wrapped);
        let kek = match by {
            WrappedBy::Id(id) => id.to_string(),
            WrappedBy::FirstForm => "without id".to_owned(),
            WrappedBy::Nothing => "damaged".to_owned(),
        };
        let is_current = by == WrappedBy::Id(self.keks.current().id());
        if let Value::Object(members) = &mut shown {
            members.insert("kek".to_owned(), json!(kek));
            members.insert("kek_version".to_owned(), json!(self.keks.version_of(wrapped)));
            members.insert("current_kek".to_owned(), json!(is_current));
        }
        shown
    }

    fn aged(&self, mut shown: Value, created_at_ms: i64) -> Value {
        if let Value::Object(members) = &mut shown {
            members.insert("created_at_ms".to_owned(), json!(created_at_ms));
            members.insert("age_days".to_owned(), json!((self.now_ms - created_at_ms).max(0) / DAY_MS));
        }
        shown
    }

    const fn is_due(&self, created_at_ms: i64) -> bool {
        self.now_ms.saturating_sub(created_at_ms) >= self.max_age_ms
    }
}
