//! Opening the key-encryption keys that were named.

use std::sync::Arc;

use super::{History, StartError};
use crate::{
    config::KekSource,
    data_dir::DataDir,
    keyring::{Kek, KekError, KekRing, KeyEncryption, Pkcs11Kek, TransitKek},
    random::Random,
    store::sqlite::DATABASE_FILE,
};

/// Where `--dev` keeps the key that it made.
pub(super) const FILE: &str = "kek";

/// Opens the key that wraps, and those that only unwrap.
pub(super) async fn open(
    wraps: &KekSource,
    others: &[KekSource],
    data: &DataDir,
    history: History,
    random: &dyn Random,
) -> Result<KekRing, StartError> {
    let wraps = match wraps {
        KekSource::DataDir => Arc::new(in_data_dir(data, history, random)?),
        KekSource::File(_)
        | KekSource::Text(_)
        | KekSource::Shares(_)
        | KekSource::Transit(_)
        | KekSource::Pkcs11(_) => open_one(wraps).await?,
    };
    let mut ring = KekRing::new(wraps);
    for other in others {
        ring = ring.also(open_one(other).await?);
    }
    Ok(ring)
}

/// Opens a key that is there.
pub(crate) async fn open_one(source: &KekSource) -> Result<Arc<dyn KeyEncryption>, StartError> {
    Ok(match source {
        KekSource::File(path) => Arc::new(Kek::from_file(path)?),
        KekSource::Text(text) => Arc::new(Kek::from_text(text)?),
        KekSource::Shares(paths) => Arc::new(Kek::from_share_files(paths)?),
        KekSource::Transit(address) => Arc::new(TransitKek::new(address.clone())?),
        KekSource::Pkcs11(uri) => Arc::new(Pkcs11Kek::open(uri.clone()).await?),
        KekSource::DataDir => return Err(StartError::KekMissing),
    })
}

fn in_data_dir(data: &DataDir, history: History, random: &dyn Random) -> Result<Kek, StartError> {
    match data.read(FILE)? {
        Some(bytes) => Ok(Kek::from_text(std::str::from_utf8(&bytes).map_err(|_| KekError::Malformed)?)?),
        // It is written before the database, so where one is, the key has been lost.
        None if history == History::Used || data.holds(DATABASE_FILE)? => Err(StartError::KekMissing),
        None => {
            let kek = Kek::generate(random)?;
            data.write(FILE, kek.expose().as_bytes())?;
            Ok(kek)
        }
    }
}
