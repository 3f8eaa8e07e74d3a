//! What one merchant's keys can do: hash, recognise, encrypt, open.

use std::collections::BTreeMap;

use instrument::{Instrument, Kind, card::CardNumber};
use zeroize::Zeroizing;

use super::cipher::{self, CannotOpen};
use crate::{
    domain::{Face, MethodKind, PaymentMethodId, Source, TenantId},
    random::{Random, RandomFailed},
    store::DataKeyPurpose,
};

/// The unwrapped keys of one merchant.
pub struct MerchantKeys {
    tenant: TenantId,
    encryption: Versions,
    lookup: Versions,
}

/// One version of a data key.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) key: Zeroizing<[u8; 32]>,
    /// From when on it is written with, in milliseconds since the Unix epoch: a little after it was made, so that every
    /// vault can read what another one writes.
    pub(super) used_from_ms: i64,
}

/// All versions of one data key; there is at least one.
pub(super) struct Versions {
    /// The newest that is used already.
    newest: (u32, Zeroizing<[u8; 32]>),
    all: BTreeMap<u32, Version>,
}

impl Versions {
    /// `None` if there is not a single one.
    pub(super) fn new(all: BTreeMap<u32, Version>, now_ms: i64) -> Option<Self> {
        let is_used = |(_, version): &(&u32, &Version)| version.used_from_ms <= now_ms;
        let (newest, version) = all.iter().rfind(is_used).or_else(|| all.first_key_value())?;
        Some(Self { newest: (*newest, version.key.clone()), all })
    }

    fn find(&self, version: u32) -> Result<&[u8; 32], CannotOpen> {
        self.all.get(&version).map(|version| &*version.key).ok_or(CannotOpen)
    }

    /// Whether these versions, and no others, are here, and the one that is written with is the right one.
    fn are(&self, stored: &BTreeMap<u32, i64>, now_ms: i64) -> bool {
        let newest =
            stored.iter().rfind(|(_, from_ms)| **from_ms <= now_ms).or_else(|| stored.first_key_value());
        newest.is_some_and(|(version, _)| *version == self.newest.0) && self.all.keys().eq(stored.keys())
    }
}

impl MerchantKeys {
    pub(super) const fn new(tenant: TenantId, encryption: Versions, lookup: Versions) -> Self {
        Self { tenant, encryption, lookup }
    }

    /// Whose keys these are.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// One version of a key, if it is here.
    pub(super) fn version(&self, purpose: DataKeyPurpose, version: u32) -> Option<Version> {
        self.versions(purpose)?.all.get(&version).cloned()
    }

    /// Whether a purpose has these versions, each with the time from which on it is used, and no others.
    pub(super) fn has(&self, purpose: DataKeyPurpose, stored: &BTreeMap<u32, i64>, now_ms: i64) -> bool {
        self.versions(purpose).is_some_and(|versions| versions.are(stored, now_ms))
    }

    const fn versions(&self, purpose: DataKeyPurpose) -> Option<&Versions> {
        match purpose {
            DataKeyPurpose::Encryption => Some(&self.encryption),
            DataKeyPurpose::Lookup => Some(&self.lookup),
            DataKeyPurpose::Audit | DataKeyPurpose::Rows => None,
        }
    }

    /// The version that records are encrypted under now, and from when on that was so, in milliseconds since the Unix
    /// epoch.
    #[must_use]
    pub fn encryption_version(&self) -> (u32, i64) {
        let version = self.encryption.newest.0;
        (version, self.encryption.all.get(&version).map_or(0, |version| version.used_from_ms))
    }

    /// The versions before the one that records are encrypted under now, oldest first.
    #[must_use]
    pub fn older_encryption_versions(&self) -> Vec<u32> {
        let newest = self.encryption.newest.0;
        self.encryption.all.keys().copied().filter(|version| *version < newest).collect()
    }

    /// The version of the encryption key that a ciphertext is under; none if it is no ciphertext.
    #[must_use]
    pub fn encryption_version_of(sealed: &[u8]) -> Option<u32> {
        sealed.split_first_chunk::<4>().map(|(version, _)| u32::from_be_bytes(*version))
    }

    /// What a token is stored as.
    #[must_use]
    pub fn token_mac(&self, token: &str) -> [u8; 32] {
        self.lookup_mac("token", &[token.as_bytes()])
    }

    /// What an API key is stored as.
    #[must_use]
    pub fn api_key_mac(&self, key: &str) -> [u8; 32] {
        self.lookup_mac("api-key", &[key.as_bytes()])
    }

    /// What an attempt to issue a token is stored as.
    #[must_use]
    pub fn attempt_mac(&self, key_id: &str, idempotency_key: &str) -> [u8; 32] {
        self.lookup_mac("attempt", &[key_id.as_bytes(), idempotency_key.as_bytes()])
    }

    /// What tells whether a repeated attempt asks for the same thing.
    ///
    /// The key is made of the idempotency key too, so that nobody who has all the vault's keys but not
    /// that one can try numbers against it.
    #[must_use]
    pub fn attempt_digest(&self, idempotency_key: &str, asked: &[&[u8]]) -> [u8; 32] {
        let key = cipher::derive(
            &self.lookup.newest.1,
            idempotency_key.as_bytes(),
            &[b"tessera/attempt-digest/v1", self.tenant.as_str().as_bytes()],
        );
        cipher::mac(&key, asked)
    }

    /// The keyed hash by which the same card or account is recognised within this merchant.
    ///
    /// Keyed, of the whole number, as PCI DSS 4.0.1 requirement 3.5.1.1 asks.
    #[must_use]
    pub fn fingerprint(&self, source: &Source) -> String {
        let kind = source.kind().as_str().as_bytes();
        let hash = |parts: &[&[u8]]| self.lookup_mac("fingerprint", &[&[kind], parts].concat());
        // EXPOSE: the number goes into the keyed hash and nowhere else.
        let mac = match source {
            Source::Instrument(Instrument::Card(card)) => hash(&[card.number().expose().as_bytes()]),
            Source::Instrument(Instrument::BankAccount(account)) => {
                hash(&[account.routing().expose().as_bytes(), account.account().expose().as_bytes()])
            }
            Source::Bsb(account) => hash(&[account.bsb().as_bytes(), account.expose().as_bytes()]),
            Source::Checkout(agreement) => hash(&[agreement.expose().as_bytes()]),
        };
        bs58::encode(mac).into_string()
    }

    /// What is remembered of a card in memory, to count different ones: keyed and cut, and nowhere stored.
    #[must_use]
    pub fn card_mark(&self, number: &CardNumber) -> [u8; 8] {
        // EXPOSE: the number goes into the keyed hash and nowhere else.
        let mac = self.lookup_mac("velocity", &[number.expose().as_bytes()]);
        mac.first_chunk().copied().unwrap_or_default()
    }

    /// What an answer that is given again is stored as.
    #[must_use]
    pub fn answer_mac(&self, face: Face, idempotency_key: &str) -> [u8; 32] {
        self.lookup_mac("answer", &[face.as_str().as_bytes(), idempotency_key.as_bytes()])
    }

    /// What tells whether the same is asked again; keyed like [`attempt_digest`](Self::attempt_digest).
    #[must_use]
    pub fn answer_digest(&self, idempotency_key: &str, asked: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 2] = [b"tessera/answer-digest/v1", self.tenant.as_str().as_bytes()];
        cipher::mac(&cipher::derive(&self.lookup.newest.1, idempotency_key.as_bytes(), &info), asked)
    }

    /// The keyed hash of a text for one purpose, for faces that show or sign one.
    #[must_use]
    pub fn purpose_mac(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 3] = [b"tessera/purpose/v1", self.tenant.as_str().as_bytes(), purpose.as_bytes()];
        cipher::mac(&cipher::derive(&self.lookup.newest.1, b"", &info), parts)
    }

    /// Encrypts the record of a payment method.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn seal_payment_method(
        &self,
        id: &PaymentMethodId,
        kind: MethodKind,
        record: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, RandomFailed> {
        let (version, data_key) = &self.encryption.newest;
        let key = payment_method_key(data_key, id);
        let sealed = cipher::seal(
            &key,
            &self.bound(id.as_str(), kind.as_str(), &version.to_be_bytes()),
            record,
            random,
        )?;
        Ok([version.to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the record of a payment method.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] if it was changed, moved from another row, or is of another kind.
    pub fn open_payment_method(
        &self,
        id: &PaymentMethodId,
        kind: MethodKind,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (version, sealed) = sealed.split_first_chunk::<4>().ok_or(CannotOpen)?;
        let data_key = self.encryption.find(u32::from_be_bytes(*version))?;
        cipher::open(
            &payment_method_key(data_key, id),
            &self.bound(id.as_str(), kind.as_str(), version),
            sealed,
        )
    }

    /// Encrypts the record behind a token, under a key made of the token; a security code alone has no kind.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn seal_token(
        &self,
        token: &str,
        kind: Option<MethodKind>,
        record: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, RandomFailed> {
        let (version, data_key) = &self.encryption.newest;
        let key = self.token_key(data_key, token, kind);
        let sealed =
            cipher::seal(&key, &self.bound("token", kind_of(kind), &version.to_be_bytes()), record, random)?;
        Ok([version.to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the record behind a token.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] if it was changed or moved from another token.
    pub fn open_token(
        &self,
        token: &str,
        kind: Option<MethodKind>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (version, sealed) = sealed.split_first_chunk::<4>().ok_or(CannotOpen)?;
        let data_key = self.encryption.find(u32::from_be_bytes(*version))?;
        cipher::open(
            &self.token_key(data_key, token, kind),
            &self.bound("token", kind_of(kind), version),
            sealed,
        )
    }

    /// Encrypts the answer to an attempt, under a key made of its idempotency key.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn seal_attempt(
        &self,
        idempotency_key: &str,
        answer: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, RandomFailed> {
        let (version, data_key) = &self.encryption.newest;
        let key = self.attempt_key(data_key, idempotency_key);
        let sealed = cipher::seal(&key, &[self.tenant.as_str().as_bytes(), b"attempt"], answer, random)?;
        Ok([version.to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the answer to an attempt.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] if it was changed or moved from another attempt.
    pub fn open_attempt(
        &self,
        idempotency_key: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (version, sealed) = sealed.split_first_chunk::<4>().ok_or(CannotOpen)?;
        let data_key = self.encryption.find(u32::from_be_bytes(*version))?;
        let key = self.attempt_key(data_key, idempotency_key);
        cipher::open(&key, &[self.tenant.as_str().as_bytes(), b"attempt"], sealed)
    }

    /// Encrypts an answer that is given again, under a key made of its idempotency key.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn seal_answer(
        &self,
        idempotency_key: &str,
        answer: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, RandomFailed> {
        let (version, data_key) = &self.encryption.newest;
        let key = self.answer_key(data_key, idempotency_key);
        let sealed = cipher::seal(&key, &[self.tenant.as_str().as_bytes(), b"answer"], answer, random)?;
        Ok([version.to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens an answer that is given again.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] if it was changed or moved from another one.
    pub fn open_answer(
        &self,
        idempotency_key: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (version, sealed) = sealed.split_first_chunk::<4>().ok_or(CannotOpen)?;
        let data_key = self.encryption.find(u32::from_be_bytes(*version))?;
        let key = self.answer_key(data_key, idempotency_key);
        cipher::open(&key, &[self.tenant.as_str().as_bytes(), b"answer"], sealed)
    }

    fn answer_key(&self, data_key: &[u8; 32], idempotency_key: &str) -> Zeroizing<[u8; 32]> {
        let info: [&[u8]; 2] = [b"tessera/answer/v1", self.tenant.as_str().as_bytes()];
        cipher::derive(data_key, idempotency_key.as_bytes(), &info)
    }

    fn lookup_mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 3] = [b"tessera/lookup/v1", self.tenant.as_str().as_bytes(), purpose.as_bytes()];
        cipher::mac(&cipher::derive(&self.lookup.newest.1, b"", &info), parts)
    }

    fn token_key(&self, data_key: &[u8; 32], token: &str, kind: Option<MethodKind>) -> Zeroizing<[u8; 32]> {
        let info: [&[u8]; 3] =
            [b"tessera/token/v1", self.tenant.as_str().as_bytes(), kind_of(kind).as_bytes()];
        cipher::derive(data_key, token.as_bytes(), &info)
    }

    fn attempt_key(&self, data_key: &[u8; 32], idempotency_key: &str) -> Zeroizing<[u8; 32]> {
        let info: [&[u8]; 2] = [b"tessera/attempt/v1", self.tenant.as_str().as_bytes()];
        cipher::derive(data_key, idempotency_key.as_bytes(), &info)
    }

    /// What a ciphertext is bound to: moved to another merchant, row or kind, it does not open.
    fn bound<'a>(&'a self, record: &'a str, kind: &'a str, version: &'a [u8]) -> [&'a [u8]; 4] {
        [self.tenant.as_str().as_bytes(), record.as_bytes(), kind.as_bytes(), version]
    }
}

/// The name of what stands behind a token.
fn kind_of(kind: Option<MethodKind>) -> &'static str {
    kind.map_or(Kind::Code.as_str(), MethodKind::as_str)
}

fn payment_method_key(data_key: &[u8; 32], id: &PaymentMethodId) -> Zeroizing<[u8; 32]> {
    cipher::derive(data_key, b"", &[b"tessera/payment-method/v1", id.as_str().as_bytes()])
}
