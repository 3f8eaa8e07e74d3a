//! The key of the rows' hashes: one for the vault, made at its first start, wrapped like the others. It has versions: each hash
//! is of one, and names it.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    KekRing, KeyringError, data_key_name, is_stored,
    merchant::{Version, Versions},
    unwrap_key,
    versioned::{self, FIRST, version_of},
};
use crate::{
    domain::TenantId,
    random::{self, Random, RandomFailed},
    store::{DataKey, DataKeyPurpose, Store},
};

/// The version of a key that is made, while rows from before it may still be without a hash.
const MADE: u32 = 0;

/// The version of the same key from when on no row is without one.
const IN_FORCE: u32 = FIRST;

/// How long after its successor is used a version stays, if its row is gone: none is destroyed within the first hour, and two
/// clocks differ by less than the rest.
const KEPT_MS: i64 = 50 * 60 * 1000;

/// One value of a row, as its back end keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// None.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// What is kept as a text and is none. No column that the vault writes holds it, but somebody's hand can put it there.
    NoText(&'a [u8]),
    /// A number with a fraction, by its bits: as little.
    Fraction(u64),
}

impl Cell<'_> {
    /// Whether the vault never writes it.
    const fn is_foreign(&self) -> bool {
        matches!(self, Self::NoText(_) | Self::Fraction(_))
    }
}

/// Makes the hashes of rows, without which nobody can write a row that is believed.
#[derive(Clone)]
pub struct RowKey(Versions);

/// How far a store is with its rows' hashes.
pub(super) enum RowHashes {
    /// There is no key yet.
    None,
    /// There is one, and rows from before may be without a hash.
    Made(RowKey),
    /// Every row has one.
    InForce(RowKey),
}

/// What a hash is to the row that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashIs {
    /// The row's own, of the version that it names.
    Right,
    /// Not the row's: of another row, of the row as it was, of a version that was destroyed, or none at all.
    Wrong,
    /// Of a newer version than those that are here: nothing is known of it.
    Unknown,
}

/// Whether each version that is needed is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is.
    All,
    /// One was removed by somebody's hand, or from when on it is used was changed.
    NotAll,
}

impl RowKey {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        Ok(Self::first(random::bytes(random)?))
    }

    fn first(key: Zeroizing<[u8; 32]>) -> Self {
        Self(Versions::single(IN_FORCE, Version { key, used_from_ms: 0 }))
    }

    /// The same with a further version, which is written with at once: for tests of a store without a keyring.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn and_newer(&self, random: &dyn Random) -> Result<Self, RandomFailed> {
        let mut versions = self.0.all().clone();
        let newest = versions.last_key_value().map_or(FIRST, |(version, _)| *version);
        versions.insert(newest.saturating_add(1), Version { key: random::bytes(random)?, used_from_ms: 0 });
        Ok(Versions::new(versions, 0).map_or_else(|| self.clone(), Self))
    }

    /// The same with its newest version alone: for tests of a store without a keyring.
    #[must_use]
    pub fn newest_alone(&self) -> Self {
        let version = self.0.all().last_key_value().map(|(version, key)| (*version, key.clone()));
        version.map_or_else(|| self.clone(), |(version, key)| Self(Versions::single(version, key)))
    }

    /// Unwraps the one that a store holds; `None` if it holds none, or if there may be rows without a hash yet.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it was wrapped under another key-encryption key, or what the store reports.
    pub async fn load(keks: &KekRing, store: &dyn Store, now_ms: i64) -> Result<Option<Self>, KeyringError> {
        Ok(match Self::progress(keks, store, now_ms).await? {
            RowHashes::InForce(key) => Some(key),
            RowHashes::None | RowHashes::Made(_) => None,
        })
    }

    /// The wrapped versions that a store holds, whatever hashes their own rows have: each is proved by what it is wrapped
    /// with.
    pub(super) async fn stored(store: &dyn Store) -> Result<Vec<DataKey>, KeyringError> {
        let mut stored = store.data_keys(&TenantId::vault()).await?;
        stored.retain(|key| key.purpose == DataKeyPurpose::Rows);
        Ok(stored)
    }

    /// What a store holds.
    pub(super) async fn progress(
        keks: &KekRing,
        store: &dyn Store,
        now_ms: i64,
    ) -> Result<RowHashes, KeyringError> {
        let stored = Self::stored(store).await?;
        let mut versions = BTreeMap::new();
        for key in stored.iter().filter(|key| key.version >= IN_FORCE) {
            versions.insert(key.version, unwrap_version(keks, key).await?);
        }
        if let Some(versions) = Versions::new(versions, now_ms) {
            return Ok(RowHashes::InForce(Self(versions)));
        }
        match stored.iter().find(|key| key.version == MADE) {
            Some(key) => Ok(RowHashes::Made(Self::first(unwrap_version(keks, key).await?.key))),
            None => Ok(RowHashes::None),
        }
    }

    /// The one of a vault that runs, with what others have made and destroyed since; `None` if that is nothing, and nothing's
    /// time has come.
    ///
    /// Only newer versions are taken up: nobody without the key-encryption key makes one, and an older one that comes back
    /// is not the vault's doing. One whose row is gone stays as long as something may need it.
    pub(super) async fn taken_up(
        &self,
        keks: &KekRing,
        stored: &[DataKey],
        now_ms: i64,
    ) -> Result<(Option<Self>, Kept), KeyringError> {
        let mut versions = self.0.all().clone();
        let newest = versions.last_key_value().map_or(FIRST, |(version, _)| *version);
        for key in stored.iter().filter(|key| key.version > newest) {
            versions.insert(key.version, unwrap_version(keks, key).await?);
        }
        let is_there = |version: u32| stored.iter().any(|key| key.version == version);
        let replaced: Vec<_> = versions
            .keys()
            .copied()
            .filter(|version| {
                let next = versions.range(version.saturating_add(1)..).next();
                next.is_some_and(|(_, next)| next.used_from_ms.saturating_add(KEPT_MS) <= now_ms)
            })
            .collect();
        versions.retain(|version, _| is_there(*version) || !replaced.contains(version));
        let is_kept = |(number, version): (&u32, &Version)| {
            is_stored(stored, DataKeyPurpose::Rows, *number, version.used_from_ms)
        };
        let kept = if versions.iter().all(is_kept) { Kept::All } else { Kept::NotAll };
        let is_same = versions.keys().eq(self.0.all().keys());
        let now = Versions::new(versions, now_ms).filter(|now| !is_same || now.newest() != self.0.newest());
        Ok((now.map(Self), kept))
    }

    /// The version that is written with, and from when on that is so, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn version(&self) -> (u32, i64) {
        self.0.newest()
    }

    /// The versions before the one that is written with, oldest first.
    #[must_use]
    pub fn older_versions(&self) -> Vec<u32> {
        self.0.older()
    }

    /// Under which other version the key of a version is kept, too: the first one is kept as it was made and as it came into
    /// force.
    pub(crate) const fn same_as(version: u32) -> u32 {
        if version == IN_FORCE { MADE } else { version }
    }

    /// The hash of a row: of the table's name, and of all values in the order of its columns.
    ///
    /// Each value stands behind its sort and its length, so that no two rows have the same bytes. Values that are
    /// missing at the end are left out: a column that is added there later changes no hash.
    #[must_use]
    pub fn hash(&self, table: &str, row: &[Cell<'_>]) -> Vec<u8> {
        let (version, key) = self.0.newest_key();
        Self::hash_with(version, key, table, row)
    }

    /// Whether this is the hash of a row, of the version that it names.
    #[must_use]
    pub fn is_hash(&self, table: &str, row: &[Cell<'_>], hash: &[u8]) -> bool {
        self.judge(table, row, hash) == HashIs::Right
    }

    /// What a hash is to the row that it stands in. To one with a value that the vault never writes none is right, not even one
    /// that the row was given as it was.
    #[must_use]
    pub fn judge(&self, table: &str, row: &[Cell<'_>], hash: &[u8]) -> HashIs {
        if row.iter().any(Cell::is_foreign) {
            return HashIs::Wrong;
        }
        let Some(version) = version_of(hash) else { return HashIs::Wrong };
        match self.0.key(version) {
            Some(key) if Self::hash_with(version, key, table, row).ct_eq(hash).into() => HashIs::Right,
            None if self.0.all().last_key_value().is_some_and(|(last, _)| version > *last) => HashIs::Unknown,
            Some(_) | None => HashIs::Wrong,
        }
    }

    /// Whether a hash is of the version that is written with, or of a newer one.
    #[must_use]
    pub fn is_new(&self, hash: &[u8]) -> bool {
        version_of(hash).is_some_and(|version| version >= self.0.newest().0)
    }

    fn hash_with(version: u32, key: &[u8; 32], table: &str, row: &[Cell<'_>]) -> Vec<u8> {
        let len = row.iter().rposition(|cell| *cell != Cell::Null).map_or(0, |last| last + 1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(512));
        for cell in row.iter().take(len) {
            let number;
            let (sort, value): (u8, &[u8]) = match *cell {
                Cell::Null => (0, &[]),
                Cell::Integer(value) => {
                    number = value.to_be_bytes();
                    (1, &number)
                }
                Cell::Text(text) => (2, text.as_bytes()),
                Cell::Bytes(bytes) => (3, bytes),
                Cell::NoText(bytes) => (4, bytes),
                Cell::Fraction(bits) => {
                    number = bits.to_be_bytes();
                    (5, &number)
                }
            };
            bytes.push(sort);
            bytes.extend_from_slice(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(value);
        }
        versioned::hash(version, key, &[b"tessera/row/v1", table.as_bytes(), &bytes])
    }

    /// The form in which it is kept when it is made.
    pub(super) async fn made(
        &self,
        keks: &KekRing,
        at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        self.wrapped(keks, MADE, at_ms, random).await
    }

    /// The form in which it is kept when every row has its hash.
    pub(super) async fn in_force(
        &self,
        keks: &KekRing,
        at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        self.wrapped(keks, IN_FORCE, at_ms, random).await
    }

    /// Whether a version is the form in which the first key is kept until it is in force.
    pub(super) const fn is_made(version: u32) -> bool {
        version == MADE
    }

    /// Whether this is what the audit log says of a key that came into force, the first or a later one.
    pub(super) fn is_object_in_force(object: &str) -> bool {
        let version =
            object.strip_prefix(DataKeyPurpose::Rows.as_str()).and_then(|rest| rest.strip_prefix(' '));
        version.is_some_and(|version| version.parse().is_ok_and(|version: u32| version >= IN_FORCE))
    }

    async fn wrapped(
        &self,
        keks: &KekRing,
        version: u32,
        created_at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        let first = self.0.key(FIRST).ok_or(KeyringError::Missing)?;
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Rows, version, created_at_ms);
        let wrapped = keks.wrap(&name, first, random).await?;
        Ok(DataKey { purpose: DataKeyPurpose::Rows, version, wrapped, created_at_ms })
    }
}

async fn unwrap_version(keks: &KekRing, stored: &DataKey) -> Result<Version, KeyringError> {
    let key = unwrap_key(keks, &TenantId::vault(), stored).await?;
    Ok(Version { key, used_from_ms: stored.created_at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const FIFTY_MINUTES_MS: i64 = 3_000_000;

    fn key(versions: &[(u32, u8, i64)], now_ms: i64) -> RowKey {
        let version = |(version, key, used_from_ms): &(u32, u8, i64)| {
            (*version, Version { key: Zeroizing::new([*key; 32]), used_from_ms: *used_from_ms })
        };
        RowKey(Versions::new(versions.iter().map(version).collect(), now_ms).unwrap())
    }

    #[test]
    fn rows_that_differ_have_different_hashes() {
        let key = RowKey::generate(&SystemRandom).unwrap();
        let rows: [&[Cell<'_>]; 13] = [
            &[Cell::Text("ab"), Cell::Text("c")],
            &[Cell::Text("a"), Cell::Text("bc")],
            &[Cell::Text("ab"), Cell::Bytes(b"c")],
            &[Cell::Text("ab"), Cell::Null, Cell::Text("c")],
            &[Cell::Text("ab"), Cell::Text("")],
            &[Cell::Text("ab")],
            &[Cell::Null, Cell::Text("ab")],
            &[Cell::Integer(0), Cell::Text("ab")],
            &[Cell::Fraction(0), Cell::Text("ab")],
            &[Cell::NoText(b"ab")],
            &[Cell::Text("ab"), Cell::Bytes(b"\xff")],
            &[Cell::Text("ab"), Cell::NoText(b"\xff")],
            &[],
        ];
        let mut hashes: Vec<_> = rows.iter().map(|row| key.hash("t", row)).collect();
        hashes.push(key.hash("u", rows[0]));
        hashes.push(RowKey::generate(&SystemRandom).unwrap().hash("t", rows[0]));
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
        // A column more, with nothing in it.
        assert_eq!(key.hash("t", &[Cell::Text("ab"), Cell::Null]), key.hash("t", &[Cell::Text("ab")]));
    }

    #[test]
    fn the_first_key_alone_is_kept_in_two_forms() {
        assert_eq!([0, 1, 2, 3].map(RowKey::same_as), [0, 0, 2, 3]);
        assert_eq!([0, 1, 2].map(RowKey::is_made), [true, false, false]);
    }

    #[test]
    fn a_value_that_the_vault_never_writes_is_believed_under_no_hash() {
        let key = RowKey::generate(&SystemRandom).unwrap();
        for foreign in [Cell::NoText(b"\xff"), Cell::Fraction(0.5_f64.to_bits())] {
            let row = [Cell::Text("a"), foreign];
            assert_eq!(key.judge("t", &row, &key.hash("t", &row)), HashIs::Wrong, "{foreign:?}");
        }
    }

    #[test]
    fn a_hash_is_believed_under_the_version_that_it_names_and_no_other() {
        let (first, waiting) = (key(&[(1, 1, 0)], 0), key(&[(1, 1, 0), (2, 2, 1000)], 999));
        let both = key(&[(1, 1, 0), (2, 2, 1000)], 1000);
        let row: &[Cell<'_>] = &[Cell::Text("a")];
        let (old, new) = (first.hash("t", row), both.hash("t", row));
        assert_eq!((old.len(), new.len(), &new[..4]), (32, 36, &[0, 0, 0, 2][..]));
        assert_eq!(waiting.hash("t", row), old, "its time has not come");
        for (key, hash, is_it) in [(&both, &old, true), (&both, &new, true), (&waiting, &new, true)] {
            assert_eq!(key.is_hash("t", row, hash), is_it);
        }
        assert_eq!(first.judge("t", row, &new), HashIs::Unknown, "a version that is not here");
        assert_eq!(
            key(&[(2, 2, 0)], 0).judge("t", row, &old),
            HashIs::Wrong,
            "nor is one that was destroyed"
        );
        let bare = &new[4..];
        assert!(!both.is_hash("t", row, bare), "the second's hash in the form of the first");
        for version in [0_u32, 1, 2, 3] {
            let named = [version.to_be_bytes().as_slice(), &old].concat();
            assert!(!both.is_hash("t", row, &named), "the first's hash by the name of {version}");
        }
        assert!(!both.is_hash("t", row, &[]));
        assert!(both.is_new(&new) && !both.is_new(&old) && waiting.is_new(&old));
    }

    #[tokio::test]
    async fn an_older_version_does_not_come_back_and_goes_when_its_time_is_over() {
        let keks = KekRing::from(super::super::Kek::generate(&SystemRandom).unwrap());
        let first = key(&[(1, 1, 0)], 0);
        let of_first = first.in_force(&keks, 0, &SystemRandom).await.unwrap();
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Rows, 2, 1000);
        let wrapped = keks.wrap(&name, &[2; 32], &SystemRandom).await.unwrap();
        let of_second = DataKey { purpose: DataKeyPurpose::Rows, version: 2, wrapped, created_at_ms: 1000 };
        let both = [of_first.clone(), of_second.clone()];

        assert!(first.taken_up(&keks, &both[..1], 5).await.unwrap().0.is_none(), "nothing is new");
        let (taken, kept) = first.taken_up(&keks, &both, 999).await.unwrap();
        let taken = taken.unwrap();
        assert_eq!((taken.version(), taken.older_versions(), kept), ((1, 0), vec![], Kept::All));
        let (used, _) = taken.taken_up(&keks, &both, 1000).await.unwrap();
        let used = used.unwrap();
        assert_eq!((used.version(), used.older_versions()), ((2, 1000), vec![1]));

        // From when on it is used is part of what it is wrapped as.
        for created_at_ms in [1, 999, i64::MAX] {
            let edited = [of_first.clone(), DataKey { created_at_ms, ..of_second.clone() }];
            let refused = first.taken_up(&keks, &edited, 999).await;
            assert!(matches!(refused, Err(KeyringError::WrongKek)), "{created_at_ms}");
            let (now, kept) = used.taken_up(&keks, &edited, 1000 + FIFTY_MINUTES_MS - 1).await.unwrap();
            assert!(now.is_none() && kept == Kept::NotAll, "{created_at_ms}");
        }

        // Whichever row somebody removes, its version stays while something may need it.
        for removed in [&of_first, &of_second] {
            let left: Vec<_> = both.iter().filter(|key| *key != removed).cloned().collect();
            let (now, kept) = used.taken_up(&keks, &left, 1000 + FIFTY_MINUTES_MS - 1).await.unwrap();
            assert!(now.is_none() && kept == Kept::NotAll);
        }
        let (left, kept) =
            used.taken_up(&keks, std::slice::from_ref(&of_second), 1000 + FIFTY_MINUTES_MS).await.unwrap();
        let left = left.unwrap();
        assert_eq!((left.older_versions(), kept), (vec![], Kept::All));
        let (back, _) = left.taken_up(&keks, &both, i64::MAX).await.unwrap();
        assert!(back.is_none(), "whoever brings the older one back brings it to nobody who runs");
    }
}
