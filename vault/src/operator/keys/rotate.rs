//! New versions of merchants' data keys, and bringing what is stored to them.

use std::{io, sync::Arc};

use jiff::SignedDuration;
use serde_json::json;

use crate::{
    clock::{Clock as _, SystemClock},
    config::{MerchantKeyArg, ResealArgs, RotateKeysArgs},
    domain::TenantId,
    keyring::Keyring,
    operator::{OperatorError, read, startup},
    random::SystemRandom,
    store::DataKeyPurpose,
    vaulting::Vaulting,
};

/// The longest time before a new version is used.
const MAX_USED_IN: SignedDuration = SignedDuration::from_hours(24);

/// The shortest time before a new version of the audit log's key is used: a vault that writes with the old one behind what another
/// wrote with the new one would seem to be a forger.
const LEAST_USED_IN_OF_AUDIT: SignedDuration = SignedDuration::from_mins(1);

/// Makes new versions and prints from when on each is used.
pub(in crate::operator) async fn rotate(
    args: &RotateKeysArgs,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    if args.used_in.is_negative() || args.used_in > MAX_USED_IN {
        return Err(OperatorError::UsedIn);
    }
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let used_in_ms = i64::try_from(args.used_in.as_millis()).unwrap_or(i64::MAX);
    let used_from_ms = SystemClock.now_ms().saturating_add(used_in_ms);
    let tenants: Vec<_> = if args.all {
        keyring.merchants().iter().map(|keys| keys.tenant().clone()).collect()
    } else {
        args.merchant.iter().map(|id| TenantId::new(id.as_str())).collect()
    };
    if tenants.iter().any(|tenant| keyring.merchant(tenant).is_none()) {
        return Err(OperatorError::MerchantUnknown);
    }
    let purpose = match args.kind {
        MerchantKeyArg::Encryption => DataKeyPurpose::Encryption,
        MerchantKeyArg::Lookup => DataKeyPurpose::Lookup,
        MerchantKeyArg::Audit => DataKeyPurpose::Audit,
    };
    let tenants = match (args.kind, args.all) {
        (MerchantKeyArg::Encryption | MerchantKeyArg::Lookup, _) => tenants,
        (MerchantKeyArg::Audit, true) if args.used_in >= LEAST_USED_IN_OF_AUDIT => vec![TenantId::vault()],
        (MerchantKeyArg::Audit, true) => return Err(OperatorError::UsedInOfAudit),
        (MerchantKeyArg::Audit, false) => return Err(OperatorError::AuditKeyOfMerchant),
    };
    for tenant in tenants {
        let (version, changes) =
            keyring.new_version(&tenant, purpose, used_from_ms, &*store, &SystemRandom).await?;
        store.apply(&tenant, changes).await?;
        let shown = json!({
            "merchant": tenant.as_str(),
            "purpose": purpose.as_str(),
            "version": version,
            "used_from_ms": used_from_ms,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}

/// Encrypts anew what is under older versions, makes fingerprints anew, and prints for each merchant how much that was.
pub(in crate::operator) async fn reseal(
    args: &ResealArgs,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Arc::new(Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?);
    let vaulting = Vaulting::new(store, Arc::clone(&keyring), Arc::new(SystemClock), Arc::new(SystemRandom));
    let is_wanted = |id: &str| args.merchant.as_ref().is_none_or(|wanted| id == wanted);
    for keys in keyring.merchants().iter().filter(|keys| is_wanted(keys.tenant().as_str())) {
        let done = vaulting.reseal(keys.tenant()).await?;
        let fingerprints = vaulting.refingerprint(keys.tenant()).await?;
        let shown = json!({
            "merchant": keys.tenant().as_str(),
            "version": keys.encryption_version().0,
            "resealed": done.renewed,
            "unreadable": done.unreadable.max(fingerprints.unreadable),
            "older_versions": done.waiting,
            "lookup_version": keys.lookup_version().0,
            "refingerprinted": fingerprints.renewed,
            "older_lookup_versions": fingerprints.waiting,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}
