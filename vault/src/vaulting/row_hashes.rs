//! Bringing the hashes of rows to the newest version of their key, and destroying the older ones.

use super::{Renewed, Vaulting, VaultingError};
use crate::{
    domain::TenantId,
    store::{Change, Intact},
};

/// Rows that are read, and get their hash, at once: few, because requests that change one of them wait meanwhile.
const BATCH: u32 = 100;

impl Vaulting {
    /// Gives every row whose hash is of an older version of the key one of the newest. A row that is not as the vault wrote
    /// it keeps what it has, and is not believed as before.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store; what was done until then stays done.
    pub async fn rehash_rows(&self) -> Result<Renewed, VaultingError> {
        let waiting = self.keyring.row_key().older_versions();
        let mut renewed = Renewed { waiting, ..Renewed::default() };
        if renewed.waiting.is_empty() {
            return Ok(renewed);
        }
        let mut after = None;
        loop {
            let rows = self.store.older_rows(after.as_ref(), BATCH).await?;
            let Some(last) = rows.last() else { return Ok(renewed) };
            after = Some(last.place.clone());
            let mut places = Vec::new();
            for row in rows {
                match row.intact {
                    Intact::Yes => places.push(row.place),
                    Intact::No => {
                        renewed.unreadable += 1;
                        let row = row.label;
                        tracing::error!(row, "a row is not as the vault wrote it and gets no newer hash");
                    }
                }
            }
            if !places.is_empty() {
                let change = Change::RehashRows(places);
                renewed.renewed += self.store.apply(&TenantId::vault(), vec![change]).await?;
            }
        }
    }

    /// Destroys the older versions of the key of the rows' hashes that no row's hash is of, once the newest has been written
    /// with for some time.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store.
    pub async fn destroy_older_row_keys(&self, after_ms: i64) -> Result<Renewed, VaultingError> {
        let key = self.keyring.row_key();
        let (_, used_from_ms) = key.version();
        let mut renewed = Renewed { waiting: key.older_versions(), ..Renewed::default() };
        if used_from_ms.saturating_add(after_ms) > self.now_ms() {
            return Ok(renewed);
        }
        let mut needed = Vec::new();
        for version in std::mem::take(&mut renewed.waiting) {
            // Asked before, because all rows are looked at, and nobody shall wait for that.
            let waits =
                if self.store.row_needs(version).await? > 0 { &mut needed } else { &mut renewed.waiting };
            waits.push(version);
        }
        let vault = TenantId::vault();
        self.destroy(&vault, &mut renewed, |version| Change::DestroyRowKey { version }).await?;
        renewed.waiting.extend(needed);
        Ok(renewed)
    }
}
