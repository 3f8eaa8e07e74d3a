//! Rows, and how one follows another.

use super::{Author, Record};
use crate::{
    domain::TenantId,
    keyring::{AuditKey, VersionUnknown},
    store::Marks,
};

/// Where a row stands.
///
/// Each merchant has chains of its own, so that its rows can be kept together on engines that spread them; and a
/// chain for each writing slot, so that writers do not wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Whose rows they are; the vault's own have [`TenantId::vault`].
    pub tenant: TenantId,
    /// Which of the merchant's chains.
    pub chain: i64,
    /// Counts the rows of a chain from 1.
    pub seq: i64,
}

/// A row as it is stored. Nothing in it is believed before it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Where it stands.
    pub place: Place,
    /// When it was written, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Who did it: see [`Author::actor`].
    pub actor: String,
    /// What was done: a name of [`Action`](super::Action).
    pub action: String,
    /// To what.
    pub object: String,
    /// In which request.
    pub request: String,
    /// The rows that it made and took away.
    pub marks: Marks,
    /// The keyed hash of all of this and of the hash before it.
    pub mac: Vec<u8>,
}

/// The end of a chain: the next row follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last row; 0 before the first.
    pub seq: i64,
    /// Its hash; empty before the first.
    pub mac: Vec<u8>,
}

impl Head {
    /// Of a chain without rows.
    pub const START: Self = Self { seq: 0, mac: Vec::new() };
}

impl AuditRow {
    /// The hash that the row has if it follows another.
    ///
    /// # Errors
    ///
    /// [`VersionUnknown`] if nothing can be written behind that one with this key.
    pub fn mac_after(&self, previous: &[u8], key: &AuditKey) -> Result<Vec<u8>, VersionUnknown> {
        self.with_parts(previous, |parts| key.hash_after(previous, self.at_ms, parts))
    }

    /// Whether the row follows another, and is as it was written.
    #[must_use]
    pub fn is_after(&self, previous: &[u8], key: &AuditKey) -> bool {
        self.with_parts(previous, |parts| key.is_hash_after(&self.mac, previous, self.at_ms, parts))
    }

    fn with_parts<T>(&self, previous: &[u8], hash: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (chain, seq, at) =
            (self.place.chain.to_be_bytes(), self.place.seq.to_be_bytes(), self.at_ms.to_be_bytes());
        let mut parts = vec![
            previous,
            self.place.tenant.as_str().as_bytes(),
            &chain,
            &seq,
            &at,
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.object.as_bytes(),
            self.request.as_bytes(),
        ];
        // Rows that are older than marks have none.
        if !self.marks.is_empty() {
            parts.push(self.marks.as_bytes());
        }
        hash(&parts)
    }

    /// The end of the chain when this is its last row.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.place.seq, mac: self.mac.clone() }
    }
}

/// The rows of one write, in the order of its changes, behind the head of a chain.
///
/// # Errors
///
/// [`VersionUnknown`], which is logged, if nothing can be written behind that head with this key.
pub fn follow(
    key: &AuditKey,
    (tenant, chain): (&TenantId, i64),
    head: &Head,
    (author, at_ms): (&Author, i64),
    records: Vec<Record>,
) -> Result<Vec<AuditRow>, VersionUnknown> {
    let mut head = head.clone();
    let row = |record: Record| {
        let seq = head.seq.saturating_add(1);
        let mut row = AuditRow {
            place: Place { tenant: tenant.clone(), chain, seq },
            at_ms,
            actor: author.actor.clone(),
            action: record.action.as_str().to_owned(),
            object: record.object,
            request: author.request.clone(),
            marks: record.marks,
            mac: Vec::new(),
        };
        row.mac = row.mac_after(&head.mac, key)?;
        head = row.head();
        Ok(row)
    };
    let rows: Result<Vec<_>, _> = records.into_iter().map(row).collect();
    rows.inspect_err(|unknown| tracing::error!("nothing is written: {unknown}"))
}
