//! A key-encryption key that never leaves a hardware security module, by PKCS #11.
//!
//! Keys are wrapped by the module with AES-GCM (`CKM_AES_GCM`) and the name as associated data. The nonce, 12 random bytes,
//! stands in front of what the module makes. The module is loaded into the vault's process: it must be trusted as the vault
//! is.

mod uri;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KekFailure, KekId, KeyEncryption};
use crate::{
    random::{self, Random},
    secret_file,
};

pub use uri::{Pkcs11Uri, Pkcs11UriError};

const NONCE_LEN: usize = 12;
const TAG_BITS: u64 = 128;

/// The modules of this process: each is loaded once and stays, because unloading one ends the sessions of everybody.
static MODULES: Mutex<Option<HashMap<PathBuf, Pkcs11>>> = Mutex::new(None);

/// A key in a module.
pub struct Pkcs11Kek {
    id: KekId,
    key: Arc<Key>,
}

/// Where the key is, and the session in which it is used.
struct Key {
    module: Pkcs11,
    uri: Pkcs11Uri,
    /// Opened when it is needed; given up after a failure, which may be that of a module that was restarted.
    session: Mutex<Option<(Session, ObjectHandle)>>,
}

impl Pkcs11Kek {
    /// Loads the module, logs in and finds the key.
    ///
    /// # Errors
    ///
    /// [`KekFailure`] if the module cannot be loaded, refuses the PIN, or has not exactly one such token and key.
    pub async fn open(uri: Pkcs11Uri) -> Result<Self, KekFailure> {
        blocking(move || {
            let module = load(&uri.module_path)?;
            let key = Key { module, uri, session: Mutex::new(None) };
            let id = key.with_session(|session, object| key.identify(session, object))?;
            Ok(Self { id, key: Arc::new(key) })
        })
        .await
    }

    /// Makes the key: AES, 256 bits, in the token and never outside of it.
    ///
    /// # Errors
    ///
    /// [`KekFailure`] as [`open`](Self::open), and if there is such a key already.
    pub async fn create(uri: Pkcs11Uri) -> Result<Self, KekFailure> {
        let made = uri.clone();
        blocking(move || {
            let module = load(&made.module_path)?;
            let key = Key { module, uri: made, session: Mutex::new(None) };
            let session = key.module.open_rw_session(key.slot()?).map_err(|error| failure(&error))?;
            key.authenticate(&session)?;
            if !session.find_objects(&key.wanted()).map_err(|error| failure(&error))?.is_empty() {
                return Err(KekFailure::Denied("the token has such a key already".to_owned()));
            }
            let mut template = key.wanted();
            template.extend([
                Attribute::KeyType(KeyType::AES),
                Attribute::ValueLen(32_u64.into()),
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
            ]);
            session.generate_key(&Mechanism::AesKeyGen, &template).map_err(|error| failure(&error))?;
            Ok(())
        })
        .await?;
        Self::open(uri).await
    }
}

#[async_trait]
impl KeyEncryption for Pkcs11Kek {
    fn id(&self) -> KekId {
        self.id
    }

    fn provider(&self) -> &'static str {
        "pkcs11"
    }

    async fn wrap(&self, name: &str, key: &[u8; 32], random: &dyn Random) -> Result<Vec<u8>, KekFailure> {
        let nonce = *random::bytes::<NONCE_LEN>(random)?;
        let (module_key, name, plain) = (Arc::clone(&self.key), name.to_owned(), Zeroizing::new(*key));
        blocking(move || {
            let sealed = module_key.with_session(|session, object| {
                let mut iv = nonce;
                let gcm = GcmParams::new(&mut iv, name.as_bytes(), TAG_BITS.into())?;
                session.encrypt(&Mechanism::AesGcm(gcm), object, plain.as_slice())
            })?;
            Ok([nonce.as_slice(), &sealed].concat())
        })
        .await
    }

    async fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or(KekFailure::WrongKey)?;
        let (module_key, name, nonce, sealed) =
            (Arc::clone(&self.key), name.to_owned(), *nonce, sealed.to_vec());
        blocking(move || {
            let plain = module_key.with_session(|session, object| {
                let mut iv = nonce;
                let gcm = GcmParams::new(&mut iv, name.as_bytes(), TAG_BITS.into())?;
                session.decrypt(&Mechanism::AesGcm(gcm), object, &sealed).map(Zeroizing::new)
            })?;
            super::exactly_32(&plain)
        })
        .await
    }
}

impl Key {
    /// Does something in the session; once more in a new one, if the old one is over.
    fn with_session<T>(
        &self,
        work: impl Fn(&Session, ObjectHandle) -> Result<T, Error>,
    ) -> Result<T, KekFailure> {
        let mut held = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((session, object)) = held.take()
            && let Ok(done) = work(&session, object)
        {
            *held = Some((session, object));
            return Ok(done);
        }
        let (session, object) = self.log_in()?;
        let done = work(&session, object).map_err(|error| failure(&error))?;
        *held = Some((session, object));
        Ok(done)
    }

    fn log_in(&self) -> Result<(Session, ObjectHandle), KekFailure> {
        let session = self.module.open_ro_session(self.slot()?).map_err(|error| failure(&error))?;
        self.authenticate(&session)?;
        let objects = session.find_objects(&self.wanted()).map_err(|error| failure(&error))?;
        match objects.as_slice() {
            [object] => Ok((session, *object)),
            [] => Err(KekFailure::Denied(
                "the token has no such secret key, or shows none without its PIN".to_owned(),
            )),
            [..] => Err(KekFailure::Denied("the token has several such keys: name one with id=".to_owned())),
        }
    }

    /// Shows the PIN, if there is one. It is read each time: nobody keeps it.
    fn authenticate(&self, session: &Session) -> Result<(), KekFailure> {
        let Some(file) = &self.uri.pin_source else { return Ok(()) };
        let pin = secret_file::read(file).map_err(|error| {
            KekFailure::Denied(format!("the PIN in {} cannot be read: {error}", file.display()))
        })?;
        match session.login(UserType::User, Some(&AuthPin::from(pin.trim_end_matches(['\r', '\n'])))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    /// What the key is found by.
    fn wanted(&self) -> Vec<Attribute> {
        let mut wanted = vec![
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Label(self.uri.object.clone().into_bytes()),
        ];
        wanted.extend(self.uri.id.clone().map(Attribute::Id));
        wanted
    }

    fn slot(&self) -> Result<Slot, KekFailure> {
        let slots = self.module.get_slots_with_token().map_err(|error| failure(&error))?;
        let is_wanted = |slot: &Slot| {
            self.module.get_token_info(*slot).is_ok_and(|token| {
                token.label() == self.uri.token
                    && self.uri.serial.as_ref().is_none_or(|serial| token.serial_number() == serial)
            })
        };
        let slots: Vec<_> = slots.into_iter().filter(is_wanted).collect();
        match slots.as_slice() {
            [slot] => Ok(*slot),
            [] => Err(KekFailure::Unavailable("the module has no such token".to_owned())),
            [..] => Err(KekFailure::Denied(
                "the module has several such tokens: name one with serial=".to_owned(),
            )),
        }
    }

    /// The id of the key: what it makes of zeros, which differs for every key, hashed. Neither tells anything of it.
    fn identify(&self, session: &Session, object: ObjectHandle) -> Result<KekId, Error> {
        // A nonce that is never used for anything else: those of wrapped keys are random, and of 96 bits.
        let mut iv = [0; NONCE_LEN];
        let gcm = GcmParams::new(&mut iv, b"tessera/kek-id/v1", TAG_BITS.into())?;
        let tag = session.encrypt(&Mechanism::AesGcm(gcm), object, &[])?;
        Ok(KekId::of(&Sha256::digest(tag)))
    }
}

fn load(path: &Path) -> Result<Pkcs11, KekFailure> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    let modules = modules.get_or_insert_default();
    if let Some(module) = modules.get(path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(|_| {
        KekFailure::Denied(format!("{} is no PKCS #11 module that can be loaded", path.display()))
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failure(&error)),
    }
    modules.insert(path.to_owned(), module.clone());
    Ok(module)
}

/// What a failure of the module means; which function failed is told, and nothing of what was given to it.
fn failure(error: &Error) -> KekFailure {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked | RvError::PinExpired, _) => {
            KekFailure::Denied("the module does not take the PIN".to_owned())
        }
        Error::Pkcs11(RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange, _) => {
            KekFailure::WrongKey
        }
        Error::Pkcs11(
            RvError::KeyFunctionNotPermitted | RvError::KeyTypeInconsistent | RvError::MechanismInvalid,
            function,
        ) => KekFailure::Denied(format!("the key cannot do AES-GCM ({function:?})")),
        // Modules differ in how they say that a tag is wrong.
        Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, function)
            if format!("{function:?}") == "Decrypt" =>
        {
            KekFailure::WrongKey
        }
        Error::Pkcs11(code, function) => {
            KekFailure::Unavailable(format!("the module answered {function:?} with {}", name_of(code)))
        }
        _ => KekFailure::Unavailable("the module cannot be used".to_owned()),
    }
}

/// The name of a code, without the sentence that belongs to it.
fn name_of(code: &RvError) -> String {
    format!("{code:?}")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KekFailure> + Send + 'static,
) -> Result<T, KekFailure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| KekFailure::Unavailable("the module's call ended with a panic".to_owned()))?
}
