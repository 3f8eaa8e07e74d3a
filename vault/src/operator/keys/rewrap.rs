//! Changing the key-encryption key beside vaults that run.

use std::io;

use serde_json::json;

use crate::{
    config::{KekSource, RewrapArgs},
    keyring::{self, KekRing, Keyring},
    operator::{OperatorError, read, startup},
    random::SystemRandom,
};

/// Wraps every key under the new key-encryption key, and prints how many there were.
pub(in crate::operator) async fn rewrap(
    args: &RewrapArgs,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let (store, today) = startup::beside(&read(&args.place)?).await?;
    let file = args.new_kek_file.clone().map(KekSource::File);
    let keks = match file.as_ref().or(args.new_kek.as_ref()) {
        Some(source) => KekRing::new(startup::open_kek(source).await?).and(&today),
        None => today,
    };
    // Nothing is done before everything opens, and nothing that is not recorded.
    Keyring::beside(keks.clone(), &*store).await?.ok_or(OperatorError::NoAudit)?;
    let done = keyring::rewrap(&keks, &*store, &SystemRandom).await?;
    let shown = json!({
        "kek": keks.current().id().to_string(),
        "provider": keks.current().provider(),
        "rewrapped": done.rewrapped,
        "keys": done.keys,
    });
    Ok(writeln!(out, "{shown}")?)
}
