//! The key of the rows' hashes: one for the vault, made at its first start, wrapped like the others.

use zeroize::Zeroizing;

use super::{KekRing, KeyringError, cipher, data_key_name, unwrap_key};
use crate::{
    domain::TenantId,
    random::{self, Random, RandomFailed},
    store::{DataKey, DataKeyPurpose, Store},
};

/// The version of a key that is made, while rows from before it may still be without a hash.
const MADE: u32 = 0;

/// The version of the same key from when on no row is without one.
const IN_FORCE: u32 = 1;

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
}

/// Makes the hashes of rows, without which nobody can write a row that is believed.
#[derive(Clone)]
pub struct RowKey(Zeroizing<[u8; 32]>);

/// How far a store is with its rows' hashes.
pub(super) enum RowHashes {
    /// There is no key yet.
    None,
    /// There is one, and rows from before may be without a hash.
    Made(RowKey),
    /// Every row has one.
    InForce(RowKey),
}

impl RowKey {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        random::bytes(random).map(Self)
    }

    /// Unwraps the one that a store holds; `None` if it holds none, or if not every row has its hash yet.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it was wrapped under another key-encryption key, or what the store reports.
    pub async fn load(keks: &KekRing, store: &dyn Store) -> Result<Option<Self>, KeyringError> {
        Ok(match Self::progress(keks, store).await? {
            RowHashes::InForce(key) => Some(key),
            RowHashes::None | RowHashes::Made(_) => None,
        })
    }

    /// What a store holds.
    pub(super) async fn progress(keks: &KekRing, store: &dyn Store) -> Result<RowHashes, KeyringError> {
        let stored = store.data_keys(&TenantId::vault()).await?;
        let of_rows = |version| {
            stored.iter().find(move |key| key.purpose == DataKeyPurpose::Rows && key.version == version)
        };
        if let Some(key) = of_rows(IN_FORCE) {
            return unwrap_key(keks, &TenantId::vault(), key).await.map(Self).map(RowHashes::InForce);
        }
        match of_rows(MADE) {
            Some(key) => unwrap_key(keks, &TenantId::vault(), key).await.map(Self).map(RowHashes::Made),
            None => Ok(RowHashes::None),
        }
    }

    /// The hash of a row: of the table's name, and of all values in the order of its columns.
    ///
    /// Each value stands behind its sort and its length, so that no two rows have the same bytes. Values that are
    /// missing at the end are left out: a column that is added there later changes no hash.
    #[must_use]
    pub fn hash(&self, table: &str, row: &[Cell<'_>]) -> [u8; 32] {
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
            };
            bytes.push(sort);
            bytes.extend_from_slice(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(value);
        }
        cipher::mac(&self.0, &[b"tessera/row/v1", table.as_bytes(), &bytes])
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

    /// What the audit log says when a key comes into force.
    pub(super) fn object_in_force() -> String {
        format!("{} {IN_FORCE}", DataKeyPurpose::Rows.as_str())
    }

    async fn wrapped(
        &self,
        keks: &KekRing,
        version: u32,
        created_at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Rows, version);
        let wrapped = keks.wrap(&name, &self.0, random).await?;
        Ok(DataKey { purpose: DataKeyPurpose::Rows, version, wrapped, created_at_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn rows_that_differ_have_different_hashes() {
        let key = RowKey::generate(&SystemRandom).unwrap();
        let rows: [&[Cell<'_>]; 9] = [
            &[Cell::Text("ab"), Cell::Text("c")],
            &[Cell::Text("a"), Cell::Text("bc")],
            &[Cell::Text("ab"), Cell::Bytes(b"c")],
            &[Cell::Text("ab"), Cell::Null, Cell::Text("c")],
            &[Cell::Text("ab"), Cell::Text("")],
            &[Cell::Text("ab")],
            &[Cell::Null, Cell::Text("ab")],
            &[Cell::Integer(0), Cell::Text("ab")],
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
}
