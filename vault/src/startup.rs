//! From a configuration to running services: data directory, key-encryption key, store, keyring.

mod keks;

use std::{path::Path, sync::Arc};

use seal::{Root, Suite, root};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    api::frame,
    clock::{Clock, SystemClock},
    config::{Config, DevelopmentRoot, KekSource, Mode, Place, StoreChoice},
    data_dir::{DataDir, DataDirError},
    domain::{ApiKey, KeyKind, KeyText, KeyUse, Merchant, Origin, TenantId},
    keyring::{self, KekError, KekFailure, KekRing, Keyring, KeyringError, ShareError, Supply},
    random::{Random, RandomFailed, SystemRandom},
    store::{
        Change, Migration, Store, StoreError,
        postgres::{self, PostgresStore},
        sqlite::{DATABASE_FILE, OpenError, SqliteStore},
    },
    vaulting::Vaulting,
};

const KEK_FILE: &str = keks::FILE;
const DEV_KEYS_FILE: &str = "dev-keys.json";

/// Lies in a data directory whose database was made, so that a start without it is no first start.
const MADE_FILE: &str = "database-made";
const MADE_TEXT: &str = "The database of this directory was made: the vault does not start if it is gone.\n";

/// The second line of it: what somebody takes out of the database does not make rows ones from before there were hashes.
const HASHED_TEXT: &str = "Its rows have hashes: none is taken as it is any more.\n";

/// A vault that is ready to be served.
pub struct Started {
    /// The services.
    pub vaulting: Vaulting,
    /// The store, which says when it stops.
    pub store: OpenStore,
    /// With `--dev`, the keys to be printed.
    pub dev_keys: Option<MerchantKeyPair>,
}

/// The back end that was chosen.
#[derive(Clone)]
pub enum OpenStore {
    /// SQLite.
    Sqlite(Arc<SqliteStore>),
    /// PostgreSQL.
    Postgres(Arc<PostgresStore>),
}

impl OpenStore {
    /// Resolves when the store takes no more writes until the vault is started again. PostgreSQL looks after
    /// its own disk: it comes back, and so do the connections to it.
    pub async fn stopped(&self) {
        match self {
            Self::Sqlite(store) => store.stopped().await,
            Self::Postgres(_) => std::future::pending().await,
        }
    }

    async fn open(
        choice: &StoreChoice,
        data: &Arc<DataDir>,
        migration: Migration,
    ) -> Result<Self, StartError> {
        Ok(match choice {
            StoreChoice::Sqlite => Self::Sqlite(Arc::new(SqliteStore::open_as(data, migration)?)),
            StoreChoice::Postgres(address) => {
                Self::Postgres(Arc::new(PostgresStore::open_as(address, migration).await?))
            }
        })
    }

    fn share(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as _,
            Self::Postgres(store) => Arc::clone(store) as _,
        }
    }
}

/// A merchant's id and its two keys, as they are given out.
pub struct MerchantKeyPair {
    /// The merchant: the organization in the paths of payments.ai.
    pub merchant: TenantId,
    /// For pages.
    pub publishable: KeyText,
    /// For the merchant's server.
    pub secret: KeyText,
}

/// Opens everything. With `--dev`, makes what is missing.
///
/// # Errors
///
/// [`StartError`], which says what whoever runs the vault can do.
pub async fn start(
    config: &Config,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Started, StartError> {
    let data = Arc::new(DataDir::open(&config.data)?);
    let history = history(&data, &config.store)?;
    let keks = keks::open(&config.kek, &config.also_keks, &data, history, &*random).await?;
    let store = OpenStore::open(&config.store, &data, config.migration).await?;
    let shared = store.share();
    if history == History::Used && is_empty(&*shared).await? {
        return Err(match config.store {
            StoreChoice::Sqlite => StartError::DatabaseEmpty,
            StoreChoice::Postgres(_) => StartError::ServerEmpty,
        });
    }
    let supply = match config.mode {
        Mode::Development => Supply::Daily,
        Mode::Production => Supply::Requested,
    };
    let suites = config.sealing_suites;
    let keyring = Arc::new(Keyring::load(keks, &*shared, &*clock, &*random, supply, suites).await?);
    if !notes_hashes(&data)? {
        note_made(&data)?;
    }
    let vaulting = Vaulting::new(shared, keyring, clock, random).with_security_codes(config.security_codes);
    let dev_keys = match config.mode {
        Mode::Development => Some(dev_merchant(&vaulting, &data, &config.allowed_origins).await?),
        Mode::Production => None,
    };
    Ok(Started { vaulting, store, dev_keys })
}

/// Brings the schema up to date while no vault runs on a data directory; several may run on a PostgreSQL server.
///
/// # Errors
///
/// [`StartError`].
pub async fn migrate(data: &Path, choice: &StoreChoice) -> Result<(), StartError> {
    let data = Arc::new(DataDir::open(data)?);
    history(&data, choice)?;
    OpenStore::open(choice, &data, Migration::Run).await.map(drop)
}

/// The same, and gives rows from before there were hashes theirs, as they are; returns how many. No vault may run on the
/// database.
///
/// # Errors
///
/// [`StartError`]; [`KeyringError::RowsInForce`] if rows have had hashes before.
pub async fn take_rows_as_they_are(place: &Place) -> Result<u64, StartError> {
    let data = Arc::new(DataDir::open(&place.data)?);
    history(&data, &place.store)?;
    if notes_hashes(&data)? {
        return Err(KeyringError::RowsInForce.into());
    }
    let keks = keks::open(&place.kek, &place.also_keks, &data, History::Used, &SystemRandom).await?;
    let store = OpenStore::open(&place.store, &data, Migration::Run).await?.share();
    let taken = keyring::take_rows_as_they_are(&keks, &*store, &SystemClock, &SystemRandom).await?;
    note_made(&data)?;
    Ok(taken)
}

/// Whether no vault was ever started on a store: each makes sealing keys, and the key of the audit log for good.
async fn is_empty(store: &dyn Store) -> Result<bool, StartError> {
    Ok(store.sealing_keys().await?.is_empty() && store.data_keys(&TenantId::vault()).await?.is_empty())
}

pub(crate) use keks::open_one as open_kek;

/// Opens store and key-encryption key for a command that works beside a vault, which may be running.
///
/// # Errors
///
/// [`StartError`]; nothing is made that is not there.
pub async fn beside(place: &Place) -> Result<(Arc<dyn Store>, KekRing), StartError> {
    let data = Arc::new(DataDir::beside(&place.data)?);
    let store: Arc<dyn Store> = match &place.store {
        StoreChoice::Sqlite if !data.holds(DATABASE_FILE)? => return Err(StartError::DatabaseMissing),
        StoreChoice::Sqlite => Arc::new(SqliteStore::beside(&data)?),
        StoreChoice::Postgres(address) => Arc::new(PostgresStore::open(address).await?),
    };
    let keks = keks::open(&place.kek, &place.also_keks, &data, History::Used, &SystemRandom).await?;
    Ok((store, keks))
}

/// Opens the key-encryption keys alone, for a command whose database is not where it will be.
///
/// # Errors
///
/// [`StartError`]; nothing is made that is not there.
pub async fn keys_beside(place: &Place) -> Result<KekRing, StartError> {
    let data = DataDir::beside(&place.data).or_else(|error| match place.kek {
        // Its directory may still have to be made.
        KekSource::File(_)
        | KekSource::Text(_)
        | KekSource::Shares(_)
        | KekSource::Transit(_)
        | KekSource::Pkcs11(_) => DataDir::open(&place.data),
        KekSource::DataDir => Err(error),
    })?;
    keks::open(&place.kek, &place.also_keks, &data, History::Used, &SystemRandom).await
}

/// Notes that the database of a directory was made, so that a start without it is no first start, and that its rows have
/// hashes.
///
/// # Errors
///
/// [`StartError`] if it cannot be written.
pub fn note_made(data: &DataDir) -> Result<(), StartError> {
    Ok(data.write(MADE_FILE, [MADE_TEXT, HASHED_TEXT].concat().as_bytes())?)
}

fn notes_hashes(data: &DataDir) -> Result<bool, StartError> {
    let noted = data.read(MADE_FILE)?;
    Ok(noted.is_some_and(|noted| noted.ends_with(HASHED_TEXT.as_bytes())))
}

/// The root that frames of this vault believe: the one that the browser's module pins which is served where sealing keys are
/// of this suite; where none is built, the one that this program was compiled with.
#[must_use]
pub fn pinned_root(suite: Suite) -> Root {
    frame::Module::of(suite).pinned_root().unwrap_or(root::PINNED)
}

/// Refuses to make sealing keys that the frames of this vault could not seal to, or would not believe.
///
/// # Errors
///
/// [`StartError::ModuleWithoutSuite`], [`StartError::DevelopmentRoot`] or [`StartError::OtherRoot`].
pub fn check_module(config: &Config) -> Result<(), StartError> {
    let module = frame::Module::of(config.sealing_suites.made());
    check_suite(config, module.seals())?;
    check_root(config, module.pinned_root())
}

/// `seals` is whether the browser's module has the suite of this vault's keys, if there is a module.
fn check_suite(config: &Config, seals: Option<bool>) -> Result<(), StartError> {
    match (config.sealing_suites.made(), seals) {
        (Suite::X25519, None) | (_, Some(true)) => Ok(()),
        // Without any module the frame says that it is not built; without that of X-Wing there would be another one.
        (Suite::XWing, None) | (_, Some(false)) => Err(StartError::ModuleWithoutSuite),
    }
}

/// Refuses to serve frames that would believe everybody, or nobody. `pinned` is what the browser's module pins, if there
/// is one.
fn check_root(config: &Config, pinned: Option<Root>) -> Result<(), StartError> {
    let is_development = pinned.map(|pinned| pinned == root::DEVELOPMENT);
    match (config.mode, config.development_root, is_development) {
        (Mode::Production, DevelopmentRoot::Refused, Some(true)) => Err(StartError::DevelopmentRoot),
        (Mode::Development, _, Some(false)) => Err(StartError::OtherRoot),
        (Mode::Production, DevelopmentRoot::Accepted, Some(true))
        | (Mode::Production, _, Some(false) | None)
        | (Mode::Development, _, Some(true) | None) => Ok(()),
    }
}

/// Makes a merchant with a new pair of keys.
///
/// # Errors
///
/// [`StartError`] if the store or the random source fails.
pub async fn add_merchant(
    vaulting: &Vaulting,
    origins: &[Origin],
    key_use: KeyUse,
) -> Result<MerchantKeyPair, StartError> {
    let pair = MerchantKeyPair {
        merchant: TenantId::generate(vaulting.random())?,
        publishable: KeyText::generate(KeyKind::Publishable, key_use, vaulting.random())?,
        secret: KeyText::generate(KeyKind::Secret, key_use, vaulting.random())?,
    };
    insert_merchant(vaulting, &pair, origins).await?;
    Ok(pair)
}

/// Why the vault does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The key-encryption key.
    #[error(transparent)]
    Kek(#[from] KekError),
    /// Shares of it.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// What keeps it.
    #[error(transparent)]
    KekFailure(#[from] KekFailure),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The PostgreSQL server.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// The keys in the database.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// There was a database.
    #[error(
        "{DATABASE_FILE} in the data directory is missing or empty, and there was one; restore it, or take a \
         fresh data directory to begin anew"
    )]
    DatabaseMissing,
    /// There was another database.
    #[error(
        "{DATABASE_FILE} in the data directory is not the database that was there: it holds nothing; restore \
         the right one, or take a fresh data directory to begin anew"
    )]
    DatabaseEmpty,
    /// There was another database.
    #[error(
        "the database of --store is not the one that the data directory was used with: it holds nothing; name \
         or restore the right one, or take a fresh data directory to begin anew"
    )]
    ServerEmpty,
    /// There is a database, and the key to it is gone.
    #[error(
        "the file {KEK_FILE} is missing beside {DATABASE_FILE} in the data directory, and nothing opens the \
         database without it; restore it, or take a fresh data directory to begin anew"
    )]
    KekMissing,
    /// No frame could seal to this vault's keys.
    #[error(
        "--sealing-suite asks for keys that the browser's module in this vault cannot seal to: build it with \
         `cargo xtask build --post-quantum`, and build the vault again; or leave the setting at x25519"
    )]
    ModuleWithoutSuite,
    /// Everybody could sign sealing keys.
    #[error(
        "the browser's module pins the root of development, whose private half is public: make a root with \
         `tessera-vault keys root new`, build with `TESSERA_ROOT=… cargo xtask build`, and build the vault again; see \
         docs/operations.md"
    )]
    DevelopmentRoot,
    /// No frame would believe this vault.
    #[error(
        "the browser's module pins a root, and --dev signs with that of development: build the module with \
         `cargo xtask build`, without TESSERA_ROOT, and build the vault again"
    )]
    OtherRoot,
    /// The file of the development keys.
    #[error("{DEV_KEYS_FILE} in the data directory cannot be read; remove the data directory to begin anew")]
    DevKeys,
}

/// What became of a data directory before this start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum History {
    /// Nothing was kept in it yet; a start may have broken off.
    Fresh,
    /// A database was made in it.
    Used,
}

/// Tells a first start from one on a directory that has lost its database.
fn history(data: &DataDir, store: &StoreChoice) -> Result<History, StartError> {
    let (made, dev_keys) = (data.holds(MADE_FILE)?, data.holds(DEV_KEYS_FILE)?);
    match store {
        StoreChoice::Sqlite if (made || dev_keys) && !data.holds(DATABASE_FILE)? => {
            return Err(StartError::DatabaseMissing);
        }
        StoreChoice::Sqlite | StoreChoice::Postgres(_) => {}
    }
    Ok(if made { History::Used } else { History::Fresh })
}

/// What `--dev` remembers, so that the next start prints the same keys.
#[derive(Serialize, Deserialize)]
struct DevKeys {
    tenant: String,
    publishable_key: String,
    secret_key: String,
}

/// The merchant of `--dev`: the same at every start on the same directory.
///
/// The file is written before the database, so that a vault killed in between finds the keys and makes
/// the merchant again.
async fn dev_merchant(
    vaulting: &Vaulting,
    data: &DataDir,
    origins: &[Origin],
) -> Result<MerchantKeyPair, StartError> {
    let keys = match data.read(DEV_KEYS_FILE)? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| StartError::DevKeys)?,
        None => {
            let keys = DevKeys {
                tenant: TenantId::generate(vaulting.random())?.as_str().to_owned(),
                publishable_key: exposed(KeyKind::Publishable, vaulting.random())?,
                secret_key: exposed(KeyKind::Secret, vaulting.random())?,
            };
            let bytes = Zeroizing::new(serde_json::to_vec_pretty(&keys).map_err(|_| StartError::DevKeys)?);
            data.write(DEV_KEYS_FILE, &bytes)?;
            keys
        }
    };
    let pair = MerchantKeyPair {
        merchant: TenantId::new(keys.tenant),
        publishable: KeyText::parse(&keys.publishable_key).ok_or(StartError::DevKeys)?,
        secret: KeyText::parse(&keys.secret_key).ok_or(StartError::DevKeys)?,
    };
    if vaulting.keyring().merchant(&pair.merchant).is_none() {
        insert_merchant(vaulting, &pair, origins).await?;
    } else {
        let key_id = pair.publishable.id().to_owned();
        let change = Change::SetOrigins { key_id, origins: origins.to_vec() };
        vaulting.store().apply(&pair.merchant, vec![change]).await?;
    }
    Ok(pair)
}

fn exposed(kind: KeyKind, random: &dyn Random) -> Result<String, RandomFailed> {
    // EXPOSE: only into the private file of `--dev`.
    KeyText::generate(kind, KeyUse::Test, random).map(|key| key.expose().to_owned())
}

async fn insert_merchant(
    vaulting: &Vaulting,
    pair: &MerchantKeyPair,
    origins: &[Origin],
) -> Result<(), StartError> {
    let tenant = &pair.merchant;
    let merchant = Merchant { id: tenant.clone(), created_at_ms: vaulting.now_ms() };
    let (keys, mut changes) = vaulting.keyring().new_merchant(&merchant, vaulting.random()).await?;
    for (text, origins) in [(&pair.publishable, origins), (&pair.secret, &[])] {
        changes.push(Change::InsertKey(ApiKey {
            id: text.id().to_owned(),
            tenant: tenant.clone(),
            kind: text.kind(),
            mac: keys.lookup().api_key_mac(text.expose()),
            lookup_version: keys.lookup().version(),
            origins: origins.to_vec(),
            created_at_ms: merchant.created_at_ms,
            scopes: text.kind().scopes().to_vec(),
            expires_at_ms: None,
            revoked_at_ms: None,
        }));
    }
    vaulting.store().apply(tenant, changes).await?;
    vaulting.keyring().adopt(keys);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{ConnectionLimits, DevelopmentRoot},
        keyring::SealingSuites,
        state::Settings,
        store::Migration,
    };

    fn config() -> Config {
        Config {
            mode: Mode::Production,
            data: "data".into(),
            store: StoreChoice::Sqlite,
            listen: ([127, 0, 0, 1], 0).into(),
            public_origin: None,
            kek: KekSource::DataDir,
            also_keks: Vec::new(),
            allowed_origins: Vec::new(),
            bank_directory: None,
            fonts: Vec::new(),
            settings: Settings::default(),
            connections: ConnectionLimits::default(),
            drain_delay: std::time::Duration::ZERO,
            metrics_listen: None,
            migration: Migration::Run,
            development_root: DevelopmentRoot::Refused,
            security_codes: crate::vaulting::SecurityCodes::default(),
            sealing_suites: SealingSuites::default(),
        }
    }

    #[test]
    fn each_vault_wants_its_own_root_in_the_module() {
        let (development, other) = (Some(root::DEVELOPMENT), Some(Root::new([7; 32])));
        let refused = |mode, development_root, pinned| {
            let config = Config { mode, development_root, ..config() };
            check_root(&config, pinned).err().map(|error| error.to_string())
        };
        for (mode, choice, pinned, says) in [
            (Mode::Production, DevelopmentRoot::Refused, development, Some("whose private half is public")),
            (Mode::Production, DevelopmentRoot::Accepted, development, None),
            (Mode::Production, DevelopmentRoot::Refused, other, None),
            (Mode::Production, DevelopmentRoot::Refused, None, None),
            (Mode::Development, DevelopmentRoot::Refused, development, None),
            (Mode::Development, DevelopmentRoot::Refused, None, None),
            (Mode::Development, DevelopmentRoot::Refused, other, Some("without TESSERA_ROOT")),
        ] {
            let refusal = refused(mode, choice, pinned);
            match says {
                Some(says) => assert!(refusal.unwrap().contains(says)),
                None => assert_eq!(refusal, None),
            }
        }
    }

    #[test]
    fn keys_are_only_made_for_a_module_that_seals_to_them() {
        for (sealing_suites, seals, starts) in [
            (SealingSuites::X25519, None, true),
            (SealingSuites::X25519, Some(true), true),
            (SealingSuites::X25519, Some(false), false),
            (SealingSuites::XWing, None, false),
            (SealingSuites::XWing, Some(false), false),
            (SealingSuites::XWing, Some(true), true),
            (SealingSuites::XWingOnly, None, false),
            (SealingSuites::XWingOnly, Some(true), true),
        ] {
            let refusal = check_suite(&Config { sealing_suites, ..config() }, seals).err();
            let says = refusal.map(|error| error.to_string());
            assert_eq!(says.is_none(), starts, "{sealing_suites:?} {seals:?}");
            assert!(says.is_none_or(|says| says.contains("`cargo xtask build --post-quantum`")));
        }
    }
}
