//! Making and splitting key-encryption keys.

use std::{fs, io};

use serde_json::json;

use crate::{
    config::{CreateKekArgs, SplitArgs},
    keyring::{Kek, KeyEncryption as _, Pkcs11Kek},
    operator::OperatorError,
    random::SystemRandom,
};

/// Writes the shares, and prints where each of them is; no share is printed.
pub(in crate::operator) fn split(args: &SplitArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let kek = match &args.kek_file {
        Some(path) => Kek::from_file(path)?,
        None => Kek::generate(&SystemRandom)?,
    };
    let shares = kek.split(args.shares, args.threshold, &SystemRandom)?;
    fs::create_dir_all(&args.out)?;
    for share in shares {
        let path = args.out.join(format!("kek-share-{}", share.number()));
        share.write_new(&path)?;
        let shown = json!({
            "kek": kek.id().to_string(),
            "share": share.number(),
            "of": args.shares,
            "threshold": args.threshold,
            "file": path,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}

/// Makes a key in a module and prints its id.
pub(in crate::operator) async fn create(
    args: &CreateKekArgs,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let kek = Pkcs11Kek::create(args.kek.clone()).await?;
    Ok(writeln!(out, "{}", json!({"kek": kek.id().to_string(), "provider": kek.provider()}))?)
}
