//! Making, showing, replacing and revoking API keys; and below, the vault's own keys.

pub(super) mod rewrap;
pub(super) mod rotate;
pub(super) mod split;
pub(super) mod status;

use std::io;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{OperatorError, read, startup};
use crate::{
    clock::{Clock as _, SystemClock},
    config::{CreateKeyArgs, KeyKindArg, ListKeysArgs, RevokeKeyArgs, RotateKeyArgs},
    domain::{ApiKey, KeyKind, KeyText, Scope, TenantId},
    keyring::Keyring,
    random::SystemRandom,
    store::{Change, StoreError},
};

/// The longest overlap: whoever needs more than a quarter of a year does not replace a key.
const MAX_OVERLAP: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Makes a key and prints it, once.
pub(super) async fn create(args: &CreateKeyArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let kind = match args.kind {
        KeyKindArg::Publishable => KeyKind::Publishable,
        KeyKindArg::Secret => KeyKind::Secret,
    };
    let scopes = scopes(kind, &args.scope)?;
    if kind == KeyKind::Secret && !args.allow_origin.is_empty() {
        return Err(OperatorError::OriginsOfSecret);
    }
    if kind == KeyKind::Publishable && args.allow_origin.is_empty() {
        return Err(OperatorError::NoOrigins);
    }
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let tenant = TenantId::new(args.merchant.as_str());
    let keys = keyring.merchant(&tenant).ok_or(OperatorError::MerchantUnknown)?;
    let text = KeyText::generate(kind, args.key_use.key_use(), &SystemRandom)?;
    let key = ApiKey {
        id: text.id().to_owned(),
        tenant: tenant.clone(),
        kind,
        mac: keys.lookup().api_key_mac(text.expose()),
        lookup_version: keys.lookup().version(),
        origins: args.allow_origin.clone(),
        created_at_ms: SystemClock.now_ms(),
        scopes,
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    store.apply(&tenant, vec![Change::InsertKey(key.clone())]).await?;
    Ok(print_new(out, &key, &text)?)
}

/// Prints all keys, of one merchant or of all; what is kept of a key gives nothing away.
pub(super) async fn list(args: &ListKeysArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let (store, kek) = startup::beside(&read(&args.place)?).await?;
    Keyring::beside(kek, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let now_ms = SystemClock.now_ms();
    let is_wanted = |id: &TenantId| args.merchant.as_ref().is_none_or(|wanted| id.as_str() == wanted);
    for merchant in store.merchants().await?.into_iter().filter(|merchant| is_wanted(&merchant.id)) {
        for key in store.api_keys(&merchant.id).await? {
            let mut shown = shown(&key);
            if let Value::Object(members) = &mut shown {
                members.insert("state".to_owned(), json!(state(&key, now_ms)));
            }
            writeln!(out, "{shown}")?;
        }
    }
    Ok(())
}

/// Makes a key like another one, which stays good for a while; prints the new one, once.
pub(super) async fn rotate(args: &RotateKeyArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    if args.overlap.is_negative() || args.overlap > MAX_OVERLAP {
        return Err(OperatorError::Overlap);
    }
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let now_ms = SystemClock.now_ms();
    let old =
        store.api_key(&args.key).await?.filter(|key| key.is_good(now_ms)).ok_or(OperatorError::KeyUnknown)?;
    let keys = keyring.merchant(&old.tenant).ok_or(OperatorError::MerchantUnknown)?;
    let text = KeyText::generate(old.kind, args.key_use.key_use(), &SystemRandom)?;
    let new = ApiKey {
        id: text.id().to_owned(),
        mac: keys.lookup().api_key_mac(text.expose()),
        lookup_version: keys.lookup().version(),
        created_at_ms: now_ms,
        ..old.clone()
    };
    let end = if args.overlap.is_zero() {
        Change::RevokeKey { key_id: old.id.clone(), now_ms }
    } else {
        let overlap_ms = i64::try_from(args.overlap.as_millis()).unwrap_or(i64::MAX);
        Change::ExpireKey { key_id: old.id.clone(), expires_at_ms: now_ms.saturating_add(overlap_ms) }
    };
    // The old one first: its guard tells if somebody else has replaced or revoked it.
    store.apply(&old.tenant, vec![end, Change::InsertKey(new.clone())]).await.map_err(about_key)?;
    Ok(print_new(out, &new, &text)?)
}

/// Revokes a key: the next request with it is refused, by every vault on this store.
pub(super) async fn revoke(args: &RevokeKeyArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let key = store.api_key(&args.key).await?.ok_or(OperatorError::KeyUnknown)?;
    let now_ms = SystemClock.now_ms();
    let change = Change::RevokeKey { key_id: key.id.clone(), now_ms };
    store.apply(&key.tenant, vec![change]).await.map_err(about_key)?;
    Ok(writeln!(out, "{}", json!({"key_id": key.id, "revoked_at_ms": now_ms}))?)
}

/// The scopes that are asked for; all of the kind, if none are.
fn scopes(kind: KeyKind, asked: &[Scope]) -> Result<Vec<Scope>, OperatorError> {
    let mut scopes = if asked.is_empty() { kind.scopes().to_vec() } else { asked.to_vec() };
    scopes.sort();
    scopes.dedup();
    if scopes.iter().all(|scope| kind.can_have(*scope)) {
        Ok(scopes)
    } else {
        Err(OperatorError::ScopeOfKind)
    }
}

fn about_key(error: StoreError) -> OperatorError {
    match error {
        StoreError::KeyMissing => OperatorError::KeyUnknown,
        other => other.into(),
    }
}

fn print_new(out: &mut dyn io::Write, key: &ApiKey, text: &KeyText) -> io::Result<()> {
    let mut shown = shown(key);
    if let Value::Object(members) = &mut shown {
        // EXPOSE: printed once, because the vault keeps only a hash of it.
        members.insert("key".to_owned(), json!(text.expose()));
    }
    writeln!(out, "{shown}")
}

fn shown(key: &ApiKey) -> Value {
    json!({
        "key_id": key.id,
        "merchant": key.tenant.as_str(),
        "kind": key.kind.as_str(),
        "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "origins": key.origins.iter().map(|origin| origin.as_str()).collect::<Vec<_>>(),
        "created_at_ms": key.created_at_ms,
        "expires_at_ms": key.expires_at_ms,
        "revoked_at_ms": key.revoked_at_ms,
    })
}

fn state(key: &ApiKey, now_ms: i64) -> &'static str {
    match (key.revoked_at_ms, key.expires_at_ms) {
        (Some(_), _) => "revoked",
        (None, None) => "good",
        (None, Some(_)) if key.is_good(now_ms) => "replaced",
        (None, Some(_)) => "expired",
    }
}
