//! The key of the audit log's hashes: the vault's own, made at its first start, wrapped like the others. It has versions: each
//! hash is of one, and names it.

use std::collections::{BTreeMap, btree_map::Entry};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    KekRing, KeyringError, cipher, data_key_name, is_stored, unwrap_key,
    versioned::{self, FIRST, version_of},
};
use crate::{
    domain::TenantId,
    random::{self, Random, RandomFailed},
    store::{DataKey, DataKeyPurpose, Store},
};

/// How long after its successor is used a version may still be written with: a vault that does so later could not have read its
/// own store for as long.
const LATE_MS: i64 = 60 * 60 * 1000;

/// One version.
#[derive(Clone)]
struct Version {
    key: Zeroizing<[u8; 32]>,
    /// From when on it is written with, in milliseconds since the Unix epoch.
    used_from_ms: i64,
}

/// Makes the hashes of the audit log.
#[derive(Clone)]
pub struct AuditKey(BTreeMap<u32, Version>);

impl AuditKey {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        let first = Version { key: random::bytes(random)?, used_from_ms: 0 };
        Ok(Self(BTreeMap::from([(FIRST, first)])))
    }

    /// Unwraps the one that a store holds; `None` if it holds none.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it was wrapped under another key-encryption key, or what the store reports.
    pub async fn load(keks: &KekRing, store: &dyn Store) -> Result<Option<Self>, KeyringError> {
        Self::take_up(keks, &store.data_keys(&TenantId::vault()).await?, None).await
    }

    /// The same, from what was read. What is unwrapped already stays so, also if it is not stored any more: a log whose rows
    /// of a version stopped being proved could be written anew with an older one.
    pub(super) async fn take_up(
        keks: &KekRing,
        stored: &[DataKey],
        held: Option<&Self>,
    ) -> Result<Option<Self>, KeyringError> {
        let mut versions = held.map(|held| held.0.clone()).unwrap_or_default();
        for stored in stored.iter().filter(|key| key.purpose == DataKeyPurpose::Audit) {
            if let Entry::Vacant(free) = versions.entry(stored.version) {
                let key = unwrap_key(keks, &TenantId::vault(), stored).await?;
                free.insert(Version { key, used_from_ms: stored.created_at_ms });
            }
        }
        Ok((!versions.is_empty()).then_some(Self(versions)))
    }

    /// Whether it has these versions and no others.
    pub(super) fn has_all_of(&self, stored: &[DataKey]) -> bool {
        let of_audit = stored.iter().filter(|key| key.purpose == DataKeyPurpose::Audit);
        of_audit.map(|key| key.version).eq(self.0.keys().copied()) && self.is_stored_in(stored)
    }

    /// Whether each of its versions is stored, with the time from which it is used.
    pub(super) fn is_stored_in(&self, stored: &[DataKey]) -> bool {
        self.0
            .iter()
            .all(|(number, version)| is_stored(stored, DataKeyPurpose::Audit, *number, version.used_from_ms))
    }

    /// HMAC-SHA256 over parts, with the version that never changes.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.first_key_value().map_or([0; 32], |(_, first)| cipher::mac(&first.key, parts))
    }

    /// The hash of a row that is written at a time and follows another: of the version that is used then, and never of an
    /// older one than the row before.
    ///
    /// # Errors
    ///
    /// [`VersionUnknown`] if the row before is of a version that is not here: any other behind it would be taken for a
    /// forger's for ever.
    pub fn hash_after(
        &self,
        previous: &[u8],
        at_ms: i64,
        parts: &[&[u8]],
    ) -> Result<Vec<u8>, VersionUnknown> {
        let is_used = |(_, version): &(&u32, &Version)| version.used_from_ms <= at_ms;
        let used = self.0.iter().rfind(is_used).or_else(|| self.0.first_key_value());
        let used = used.map_or(FIRST, |(version, _)| *version);
        let before = version_of(previous).unwrap_or(FIRST);
        self.hash(used.max(before), parts).ok_or(VersionUnknown)
    }

    /// Whether this is the hash of a row of a time that follows another: of a version that is there, that no other had long
    /// replaced, and of no older one than the row before. So what stands before the first row of a version is proved by that
    /// version, too.
    #[must_use]
    pub fn is_hash_after(&self, hash: &[u8], previous: &[u8], at_ms: i64, parts: &[&[u8]]) -> bool {
        let Some(version) = version_of(hash) else { return false };
        if version_of(previous).is_some_and(|before| before > version) {
            return false;
        }
        let successor = self.0.range(version.saturating_add(1)..).next();
        if successor.is_some_and(|(_, next)| next.used_from_ms.saturating_add(LATE_MS) < at_ms) {
            return false;
        }
        self.hash(version, parts).is_some_and(|made| made.as_slice().ct_eq(hash).into())
    }

    fn hash(&self, version: u32, parts: &[&[u8]]) -> Option<Vec<u8>> {
        Some(versioned::hash(version, &self.0.get(&version)?.key, parts))
    }

    /// The form in which it is kept when it is made.
    pub(super) async fn wrapped(
        &self,
        keks: &KekRing,
        created_at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        let first = self.0.get(&FIRST).ok_or(KeyringError::Missing)?;
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Audit, FIRST, created_at_ms);
        let wrapped = keks.wrap(&name, &first.key, random).await?;
        Ok(DataKey { purpose: DataKeyPurpose::Audit, version: FIRST, wrapped, created_at_ms })
    }
}

/// The row before is of a version of the audit log's key that is not here: nothing can be written behind it. The environment
/// is at fault, mostly a key-encryption key that this vault was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log goes on under a version of its key that this vault does not have")]
pub struct VersionUnknown;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn key(versions: &[(u32, u8, i64)]) -> AuditKey {
        let version = |(version, key, used_from_ms): &(u32, u8, i64)| {
            (*version, Version { key: Zeroizing::new([*key; 32]), used_from_ms: *used_from_ms })
        };
        AuditKey(versions.iter().map(version).collect())
    }

    #[test]
    fn a_hash_is_of_the_version_of_its_time_and_of_none_older_than_the_one_before() {
        let both = key(&[(1, 1, 0), (2, 2, 1000)]);
        let first = both.hash_after(b"", 999, &[b"a"]).unwrap();
        assert_eq!((first.len(), version_of(&first)), (32, Some(1)));
        let second = both.hash_after(&first, 1000, &[b"b"]).unwrap();
        assert_eq!((second.len(), version_of(&second)), (36, Some(2)));
        // Another clock says that it is not time yet.
        let third = both.hash_after(&second, 999, &[b"c"]).unwrap();
        assert_eq!(version_of(&third), Some(2));
        assert!(both.is_hash_after(&first, b"", 999, &[b"a"]));
        assert!(both.is_hash_after(&second, &first, 1000, &[b"b"]));
        assert!(!both.is_hash_after(&second, &first, 1000, &[b"x"]));
        // Whoever has the first one only can go on with nothing that the second was used for.
        let only_first = key(&[(1, 1, 0)]);
        let forged = only_first.hash_after(b"", 2000, &[b"c"]).unwrap();
        assert!(only_first.is_hash_after(&forged, b"", 2000, &[b"c"]));
        assert!(!both.is_hash_after(&forged, &second, 2000, &[b"c"]));
        assert!(!only_first.is_hash_after(&second, &first, 1000, &[b"b"]), "a version that is not there");
        assert!(
            !both.is_hash_after(&[&[0, 0, 0, 1], first.as_slice()].concat(), b"", 999, &[b"a"]),
            "one form each"
        );
        assert_eq!(version_of(&[&[0, 0, 0, 1], first.as_slice()].concat()), None);
    }

    #[test]
    fn a_new_chain_that_begins_under_a_version_that_was_long_replaced_is_a_forgers() {
        let (both, only_first) = (key(&[(1, 1, 0), (2, 2, 1000)]), key(&[(1, 1, 0)]));
        let forged = only_first.hash_after(b"", 2000, &[b"a"]).unwrap();
        // A vault may not have read its store yet.
        assert!(both.is_hash_after(&forged, b"", 1000 + HOUR_MS, &[b"a"]));
        assert!(!both.is_hash_after(&forged, b"", 1001 + HOUR_MS, &[b"a"]));
        assert!(only_first.is_hash_after(&forged, b"", 1001 + HOUR_MS, &[b"a"]));
    }

    #[test]
    fn nothing_is_written_behind_a_version_that_is_not_here() {
        let both = key(&[(1, 1, 0), (2, 2, 1000)]);
        let second = both.hash_after(b"", 1000, &[b"a"]).unwrap();
        let only_first = key(&[(1, 1, 0)]);
        assert_eq!(only_first.hash_after(&second, 2000, &[b"b"]), Err(VersionUnknown));
        assert!(both.hash_after(&second, 2000, &[b"b"]).is_ok());
    }

    #[tokio::test]
    async fn a_version_whose_row_was_deleted_stays() {
        let keks = KekRing::from(super::super::Kek::generate(&random::SystemRandom).unwrap());
        let first = key(&[(1, 1, 0)]);
        let stored = [first.wrapped(&keks, 0, &random::SystemRandom).await.unwrap()];
        let both = key(&[(1, 1, 0), (2, 2, 1000)]);
        let taken = AuditKey::take_up(&keks, &stored, Some(&both)).await.unwrap().unwrap();
        let hash = taken.hash_after(b"", 1000, &[b"a"]).unwrap();
        assert_eq!(version_of(&hash), Some(2));
        assert!(first.is_stored_in(&stored) && !taken.is_stored_in(&stored));
        // Nor does one whose time somebody edits change, and it is not taken up with that.
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Audit, 2, 1000);
        let wrapped = keks.wrap(&name, &[2; 32], &random::SystemRandom).await.unwrap();
        let of_second = DataKey { purpose: DataKeyPurpose::Audit, version: 2, wrapped, created_at_ms: 1000 };
        let mut stored = vec![stored[0].clone(), of_second];
        assert!(both.has_all_of(&stored));
        assert!(AuditKey::take_up(&keks, &stored, Some(&first)).await.is_ok());
        stored[1].created_at_ms = 999;
        assert!(!both.has_all_of(&stored) && !both.is_stored_in(&stored));
        let refused = AuditKey::take_up(&keks, &stored, Some(&first)).await;
        assert!(matches!(refused, Err(KeyringError::WrongKek)));
    }
}
