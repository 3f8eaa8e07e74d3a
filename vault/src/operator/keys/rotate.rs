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

/// The shortest time before a new version of one of the vault's own keys is used. A vault that writes the audit log with the old
/// one behind what another wrote with the new one would seem to be a forger; and rows with a hash of a version that a vault
/// does not know yet are not believed.
const LEAST_USED_IN_OF_OWN: SignedDuration = SignedDuration::from_mins(1);

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
        MerchantKeyArg::Rows => DataKeyPurpose::Rows,
    };
    let tenants = match args.kind {
        MerchantKeyArg::Encryption | MerchantKeyArg::Lookup => tenants,
        MerchantKeyArg::Audit | MerchantKeyArg::Rows if !args.all => {
            return Err(OperatorError::OwnKeyOfMerchant);
        }
        MerchantKeyArg::Audit | MerchantKeyArg::Rows if args.used_in < LEAST_USED_IN_OF_OWN => {
            return Err(OperatorError::UsedInOfOwn);
        }
        MerchantKeyArg::Audit | MerchantKeyArg::Rows => vec![TenantId::vault()],
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

/// Encrypts anew what is under older versions, makes fingerprints and the hashes of rows anew, and prints for each merchant, and
/// for the vault itself, how much that was.
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
    if args.merchant.is_none() {
        let done = vaulting.rehash_rows().await?;
        let shown = json!({
            "merchant": TenantId::vault().as_str(),
            "rows_version": keyring.row_key().version().0,
            "rehashed": done.renewed,
            "unreadable": done.unreadable,
            "older_rows_versions": done.waiting,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}
