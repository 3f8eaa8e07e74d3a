//! What one merchant's keys can do: find, recognise, encrypt, open.

use std::collections::BTreeMap;

use instrument::Kind;
use zeroize::Zeroizing;

use super::{
    cipher::{self, CannotOpen},
    fixed::Fixed,
    lookup::Lookup,
};
use crate::{
    domain::{MethodKind, PaymentMethodId, TenantId},
    random::{Random, RandomFailed},
    store::DataKeyPurpose,
};

/// How long after its successor is used a version of the look-up key is still claimed with: a vault that writes with it
/// later than that could not have read its own store for as long.
const CLAIMED_FOR_MS: i64 = 60 * 60 * 1000;

/// How far the clocks of two vaults may be apart, and how long one may sign with a version after its successor is used.
const CLOCKS_MS: i64 = 5 * 60 * 1000;

/// The unwrapped keys of one merchant.
pub struct MerchantKeys {
    tenant: TenantId,
    encryption: Versions,
    lookup: Versions,
    /// By the numbers of their purposes. Those that are not kept come from the oldest version of the look-up key.
    fixed: BTreeMap<u32, Zeroizing<[u8; 32]>>,
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
#[derive(Clone)]
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

    /// A single one.
    pub(super) fn single(number: u32, version: Version) -> Self {
        Self { newest: (number, version.key.clone()), all: BTreeMap::from([(number, version)]) }
    }

    /// All of them.
    pub(super) const fn all(&self) -> &BTreeMap<u32, Version> {
        &self.all
    }

    /// The key that is written with, and its version.
    pub(super) fn newest_key(&self) -> (u32, &[u8; 32]) {
        (self.newest.0, &self.newest.1)
    }

    /// One of the keys.
    pub(super) fn key(&self, version: u32) -> Option<&[u8; 32]> {
        self.all.get(&version).map(|version| &*version.key)
    }

    /// The version that is written with, and from when on that is so, in milliseconds since the Unix epoch.
    pub(super) fn newest(&self) -> (u32, i64) {
        let version = self.newest.0;
        (version, self.all.get(&version).map_or(0, |version| version.used_from_ms))
    }

    /// The versions before the one that is written with, oldest first.
    pub(super) fn older(&self) -> Vec<u32> {
        self.all.keys().copied().filter(|version| *version < self.newest.0).collect()
    }

    fn oldest(&self) -> &[u8; 32] {
        self.all.first_key_value().map_or(&self.newest.1, |(_, oldest)| &oldest.key)
    }

    fn find(&self, version: u32) -> Result<&[u8; 32], CannotOpen> {
        self.key(version).ok_or(CannotOpen)
    }

    /// Whether these versions, and no others, are here, and the one that is written with is the right one.
    fn are(&self, stored: &BTreeMap<u32, i64>, now_ms: i64) -> bool {
        let newest =
            stored.iter().rfind(|(_, from_ms)| **from_ms <= now_ms).or_else(|| stored.first_key_value());
        newest.is_some_and(|(version, _)| *version == self.newest.0) && self.all.keys().eq(stored.keys())
    }
}

impl MerchantKeys {
    pub(super) const fn new(
        tenant: TenantId,
        encryption: Versions,
        lookup: Versions,
        fixed: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    ) -> Self {
        Self { tenant, encryption, lookup, fixed }
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
            DataKeyPurpose::Audit | DataKeyPurpose::Rows | DataKeyPurpose::Fixed => None,
        }
    }

    /// The version that records are encrypted under now, and from when on that was so, in milliseconds since the Unix
    /// epoch.
    #[must_use]
    pub fn encryption_version(&self) -> (u32, i64) {
        self.encryption.newest()
    }

    /// The versions before the one that records are encrypted under now, oldest first.
    #[must_use]
    pub fn older_encryption_versions(&self) -> Vec<u32> {
        self.encryption.older()
    }

    /// The version of the encryption key that a ciphertext is under; none if it is no ciphertext.
    #[must_use]
    pub fn encryption_version_of(sealed: &[u8]) -> Option<u32> {
        sealed.split_first_chunk::<4>().map(|(version, _)| u32::from_be_bytes(*version))
    }

    /// The version of the look-up key that is written with now, and from when on that was so, in milliseconds since the
    /// Unix epoch.
    #[must_use]
    pub fn lookup_version(&self) -> (u32, i64) {
        self.lookup.newest()
    }

    /// The versions of the look-up key before the one that is written with now, oldest first.
    #[must_use]
    pub fn older_lookup_versions(&self) -> Vec<u32> {
        self.lookup.older()
    }

    /// The look-up key that is written with now.
    #[must_use]
    pub fn lookup(&self) -> Lookup<'_> {
        Lookup::new(&self.tenant, self.lookup.newest.0, &self.lookup.newest.1)
    }

    /// One version of the look-up key, if it is here.
    #[must_use]
    pub fn lookup_of(&self, version: u32) -> Option<Lookup<'_>> {
        let version = self.lookup.all.get_key_value(&version)?;
        Some(Lookup::new(&self.tenant, *version.0, &version.1.key))
    }

    /// Every version of the look-up key, for who looks for what may have been written with any of them: first the one
    /// that is written with now, then the others, newest first.
    pub fn lookups(&self) -> impl Iterator<Item = Lookup<'_>> + Send {
        let newest = self.lookup.newest.0;
        let others = self.lookup.all.iter().rev().filter(move |(version, _)| **version != newest);
        let others = others.map(|(version, held)| Lookup::new(&self.tenant, *version, &held.key));
        std::iter::once(self.lookup()).chain(others)
    }

    /// The versions of the look-up key with which something may have been signed that ends at a time and lasts no longer than
    /// said: none, if it ends later than what is signed now; and an older one only for what was signed before its successor
    /// was used. So whoever learns a version after a change signs nothing with it that is believed for long.
    pub fn signing_lookups(
        &self,
        now_ms: i64,
        ends_at_ms: i64,
        longest_ms: i64,
    ) -> impl Iterator<Item = Lookup<'_>> + Send {
        let newest = self.lookup.newest.0;
        let longest_ms = longest_ms.saturating_add(CLOCKS_MS);
        self.lookups().filter(move |lookup| {
            let successor = self.lookup.all.range(lookup.version().saturating_add(1)..).next();
            let last_signed_ms = match successor {
                Some((_, next)) if lookup.version() < newest => next.used_from_ms.min(now_ms),
                Some(_) | None => now_ms,
            };
            ends_at_ms <= last_signed_ms.saturating_add(longest_ms)
        })
    }

    /// The versions under which something that may be there only once is claimed, in their order: the one that is written
    /// with now, and those with which another vault may be writing the same at this time. Any two vaults have one of them
    /// in common, and in one order none waits for the other.
    #[must_use]
    pub fn claims(&self, now_ms: i64) -> Vec<Lookup<'_>> {
        let newest = self.lookup.newest.0;
        let mut claims = Vec::new();
        let mut versions = self.lookup.all.iter().peekable();
        while let Some((version, held)) = versions.next() {
            let successor_from_ms = versions.peek().map_or(i64::MAX, |(_, next)| next.used_from_ms);
            if *version >= newest || successor_from_ms.saturating_add(CLAIMED_FOR_MS) > now_ms {
                claims.push(Lookup::new(&self.tenant, *version, &held.key));
            }
        }
        claims
    }

    /// The keyed hash of a text under a key that stays when the look-up key changes.
    #[must_use]
    pub fn fixed_mac(&self, purpose: Fixed, parts: &[&[u8]]) -> [u8; 32] {
        cipher::mac(&self.fixed(purpose), parts)
    }

    /// A key that stays when the look-up key changes.
    pub(super) fn fixed(&self, purpose: Fixed) -> Zeroizing<[u8; 32]> {
        match self.fixed.get(&purpose.number()) {
            Some(kept) => kept.clone(),
            None => purpose.derive(&self.tenant, self.lookup.oldest()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const DAY_MS: i64 = 86_400_000;
    const FIVE_MINUTES_MS: i64 = 300_000;

    /// Keys of a merchant whose look-up key got its second version at a time.
    fn changed_at(used_from_ms: i64, now_ms: i64) -> MerchantKeys {
        with_data_key(1, used_from_ms, now_ms)
    }

    fn with_data_key(data_key: u8, used_from_ms: i64, now_ms: i64) -> MerchantKeys {
        let lookup = BTreeMap::from([(1, version(2, 0)), (2, version(3, used_from_ms))]);
        with_keys(data_key, lookup, now_ms)
    }

    fn with_keys(data_key: u8, lookup: BTreeMap<u32, Version>, now_ms: i64) -> MerchantKeys {
        let [encryption, lookup] = [BTreeMap::from([(1, version(data_key, 0))]), lookup]
            .map(|versions| Versions::new(versions, now_ms).unwrap());
        MerchantKeys::new(TenantId::new("mer_1"), encryption, lookup, BTreeMap::new())
    }

    fn version(key: u8, used_from_ms: i64) -> Version {
        Version { key: Zeroizing::new([key; 32]), used_from_ms }
    }

    #[test]
    fn keys_are_those_that_are_stored_until_there_are_others_or_another_is_written_with() {
        let keys = changed_at(DAY_MS, 1);
        let has = |stored: &[(u32, i64)], now_ms| {
            keys.has(DataKeyPurpose::Lookup, &stored.iter().copied().collect(), now_ms)
        };
        assert!(has(&[(1, 0), (2, DAY_MS)], 1));
        assert!(has(&[(1, 0), (2, DAY_MS)], DAY_MS - 1));
        assert!(!has(&[(1, 0), (2, DAY_MS)], DAY_MS), "the second is to be written with");
        assert!(!has(&[(1, 0), (2, 0)], 1), "and so it is here");
        assert!(!has(&[(1, 0)], 1), "one was destroyed");
        assert!(!has(&[(1, 0), (2, DAY_MS), (3, DAY_MS)], 1), "one was made");
        assert!(!has(&[], 1));
    }

    #[test]
    fn a_key_that_stays_is_of_the_first_look_up_key_and_of_no_later_one() {
        let made_of = |keys: &[u8]| {
            let lookup = (1..).zip(keys).map(|(number, key)| (number, version(*key, 0))).collect();
            let keys = with_keys(1, lookup, 1);
            Fixed::ALL.map(|purpose| keys.fixed_mac(purpose, &[b"same"]))
        };
        let first = made_of(&[2]);
        assert_eq!(made_of(&[2, 3]), first);
        assert!(made_of(&[4]).iter().zip(&first).all(|(other, first)| other != first));
    }

    #[test]
    fn what_is_kept_opens_with_its_data_key_alone_and_what_a_client_has_with_that_too() {
        let [mine, other] = [1, 9].map(|data_key| with_data_key(data_key, 0, 1));
        let (id, kind) = (PaymentMethodId::new("pm_1"), MethodKind::Card);
        let record =
            |opened: Result<Zeroizing<Vec<u8>>, CannotOpen>| opened.ok().map(|record| record.to_vec());
        let kept = Some(b"kept".to_vec());

        let sealed = mine.seal_payment_method(&id, kind, b"kept", &SystemRandom).unwrap();
        assert_eq!(record(mine.open_payment_method(&id, kind, &sealed)), kept);
        assert_eq!(record(other.open_payment_method(&id, kind, &sealed)), None);
        assert_eq!(record(mine.open_payment_method(&PaymentMethodId::new("pm_2"), kind, &sealed)), None);

        let sealed = mine.seal_token("tok_1", Some(kind), b"kept", &SystemRandom).unwrap();
        assert_eq!(record(mine.open_token("tok_1", Some(kind), &sealed)), kept);
        assert_eq!(record(other.open_token("tok_1", Some(kind), &sealed)), None);
        assert_eq!(record(mine.open_token("tok_2", Some(kind), &sealed)), None);

        let sealed = mine.seal_attempt("key-1", b"kept", &SystemRandom).unwrap();
        assert_eq!(record(mine.open_attempt("key-1", &sealed)), kept);
        assert_eq!(record(other.open_attempt("key-1", &sealed)), None);
        assert_eq!(record(mine.open_attempt("key-2", &sealed)), None);

        let sealed = mine.seal_answer("key-1", b"kept", &SystemRandom).unwrap();
        assert_eq!(record(mine.open_answer("key-1", &sealed)), kept);
        assert_eq!(record(other.open_answer("key-1", &sealed)), None);
        assert_eq!(record(mine.open_answer("key-2", &sealed)), None);
    }

    #[test]
    fn what_is_written_with_is_the_newest_whose_time_has_come() {
        let of = |now_ms: i64| {
            let encryption = [(1, version(7, 0)), (2, version(8, 15))];
            let lookup = [(3, version(1, 0)), (4, version(2, 10)), (6, version(3, 20))];
            let [encryption, lookup] = [encryption.to_vec(), lookup.to_vec()]
                .map(|versions| Versions::new(versions.into_iter().collect(), now_ms).unwrap());
            MerchantKeys::new(TenantId::new("mer_1"), encryption, lookup, BTreeMap::new())
        };
        for (now_ms, newest, older, looked_up) in [
            (-1, (3, 0), vec![], [3, 6, 4]),
            (9, (3, 0), vec![], [3, 6, 4]),
            (10, (4, 10), vec![3], [4, 6, 3]),
            (19, (4, 10), vec![3], [4, 6, 3]),
            (20, (6, 20), vec![3, 4], [6, 4, 3]),
        ] {
            let keys = of(now_ms);
            let encryption = if now_ms < 15 { ((1, 0), vec![]) } else { ((2, 15), vec![1]) };
            assert_eq!((keys.encryption_version(), keys.older_encryption_versions()), encryption, "{now_ms}");
            assert_eq!(keys.lookup_version(), newest, "{now_ms}");
            assert_eq!(keys.older_lookup_versions(), older, "{now_ms}");
            assert_eq!(keys.lookup().version(), newest.0, "{now_ms}");
            assert_eq!(keys.lookups().map(|lookup| lookup.version()).collect::<Vec<_>>(), looked_up);
        }
        let keys = of(20);
        for (number, key) in [(3, 1), (4, 2), (6, 3)] {
            assert_eq!(keys.lookup_of(number).map(|lookup| lookup.version()), Some(number));
            assert_eq!(*keys.version(DataKeyPurpose::Lookup, number).unwrap().key, [key; 32]);
        }
        assert!(keys.lookup_of(5).is_none() && keys.version(DataKeyPurpose::Encryption, 5).is_none());
        for purpose in [DataKeyPurpose::Audit, DataKeyPurpose::Rows, DataKeyPurpose::Fixed] {
            assert!(keys.version(purpose, 3).is_none());
        }
        assert!(Versions::new(BTreeMap::new(), 0).is_none());
    }

    #[test]
    fn a_record_names_the_version_that_it_is_under_and_opens_with_no_other() {
        let of = |versions: &[(u32, u8)]| {
            let encryption = versions.iter().map(|(number, key)| (*number, version(*key, 0))).collect();
            let [encryption, lookup] = [encryption, BTreeMap::from([(1, version(9, 0))])]
                .map(|versions| Versions::new(versions, 1).unwrap());
            MerchantKeys::new(TenantId::new("mer_1"), encryption, lookup, BTreeMap::new())
        };
        let (first, both, second) = (of(&[(1, 1)]), of(&[(1, 1), (2, 2)]), of(&[(2, 2)]));
        let (id, kind) = (PaymentMethodId::new("pm_1"), MethodKind::Card);
        for (sealed_by, version) in [(&first, 1), (&both, 2)] {
            let sealed = [
                sealed_by.seal_payment_method(&id, kind, b"kept", &SystemRandom).unwrap(),
                sealed_by.seal_token("tok_1", None, b"kept", &SystemRandom).unwrap(),
                sealed_by.seal_attempt("key-1", b"kept", &SystemRandom).unwrap(),
                sealed_by.seal_answer("key-1", b"kept", &SystemRandom).unwrap(),
            ];
            let opens = |keys: &MerchantKeys, [method, token, attempt, answer]: [&[u8]; 4]| {
                [
                    keys.open_payment_method(&id, kind, method).is_ok(),
                    keys.open_token("tok_1", None, token).is_ok(),
                    keys.open_attempt("key-1", attempt).is_ok(),
                    keys.open_answer("key-1", answer).is_ok(),
                ]
            };
            let [method, token, attempt, answer] = sealed.each_ref().map(Vec::as_slice);
            for part in [method, token, attempt, answer] {
                assert_eq!(MerchantKeys::encryption_version_of(part), Some(version));
            }
            let whole = [method, token, attempt, answer];
            for (keys, has) in [(&first, version == 1), (&both, true), (&second, version == 2)] {
                assert_eq!(opens(keys, whole), [has; 4], "{version}");
            }
            assert_eq!(opens(&both, [token, answer, method, attempt]), [false; 4], "each in another's place");
            assert_eq!(opens(&both, whole.map(|part| &part[..3])), [false; 4]);
            assert!(both.open_token("tok_1", Some(kind), token).is_err());
            assert!(both.open_payment_method(&id, MethodKind::BankAccount, method).is_err());
        }
        assert_eq!(MerchantKeys::encryption_version_of(&[0, 0, 1]), None);
        assert_eq!(MerchantKeys::encryption_version_of(&[0, 0, 1, 0]), Some(256));
    }

    #[test]
    fn an_older_version_is_claimed_with_for_an_hour_after_its_time() {
        let changed_ms = 100 * DAY_MS;
        let of = |now_ms: i64| {
            let keys = changed_at(changed_ms, now_ms);
            keys.claims(now_ms).iter().map(Lookup::version).collect::<Vec<_>>()
        };
        assert_eq!(of(changed_ms - 1), [1, 2], "another clock may be past it");
        assert_eq!(of(changed_ms), [1, 2]);
        assert_eq!(of(changed_ms + 3_600_000 - 1), [1, 2]);
        assert_eq!(of(changed_ms + 3_600_000), [2]);
    }

    #[test]
    fn an_older_version_has_signed_nothing_that_ends_long_after_its_time() {
        let changed_ms = 100 * DAY_MS;
        let of = |now_ms: i64, ends_at_ms: i64| {
            let keys = changed_at(changed_ms, now_ms);
            keys.signing_lookups(now_ms, ends_at_ms, DAY_MS).map(|key| key.version()).collect::<Vec<_>>()
        };
        let last_ms = changed_ms + DAY_MS + FIVE_MINUTES_MS;
        let now_ms = changed_ms + DAY_MS / 2;
        assert_eq!(of(now_ms, last_ms), [2, 1]);
        assert_eq!(of(now_ms, last_ms + 1), [2]);
        assert_eq!(of(now_ms, now_ms + DAY_MS + FIVE_MINUTES_MS), [2]);
        // Nothing lasts longer than what is signed now, whatever it is signed with.
        assert!(of(now_ms, now_ms + DAY_MS + FIVE_MINUTES_MS + 1).is_empty());
        assert!(of(now_ms, i64::MAX).is_empty());
        // Who was not told that its time has come signs with the first all the same.
        let keys = changed_at(changed_ms, changed_ms - 1);
        let signing = keys.signing_lookups(now_ms, now_ms + DAY_MS, DAY_MS).map(|key| key.version());
        assert_eq!(signing.collect::<Vec<_>>(), [1, 2]);
        // Before the change, the first is the one in use; another clock may be past it.
        let now_ms = changed_ms - 1;
        assert_eq!(of(now_ms, now_ms + DAY_MS), [1, 2]);
        assert!(of(now_ms, now_ms + DAY_MS + FIVE_MINUTES_MS + 1).is_empty());
    }
}
