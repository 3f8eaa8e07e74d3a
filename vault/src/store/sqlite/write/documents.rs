//! Writing documents.

use rusqlite::params;

use super::{Failure, Rows};
use crate::{
    domain::Document,
    store::{StoreError, sqlite::row},
};

impl Rows<'_> {
    pub(super) fn insert_document(&self, document: &Document) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO document (tenant_id, collection, id, body, created_at_ms, updated_at_ms, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            params![
                self.tenant,
                document.collection,
                document.id,
                row::to_json(&document.body)?,
                document.created_at_ms,
                document.updated_at_ms,
                document.version
            ],
            StoreError::DocumentExists,
        )
    }

    pub(super) fn replace_document(&self, document: &Document) -> Result<u64, Failure> {
        let replaced = self.run(
            "UPDATE document SET body = ?4, updated_at_ms = ?5, version = version + 1
             WHERE tenant_id = ?1 AND collection = ?2 AND id = ?3 AND version = ?6",
            params![
                self.tenant,
                document.collection,
                document.id,
                row::to_json(&document.body)?,
                document.updated_at_ms,
                document.version
            ],
        )?;
        if replaced == 1 {
            return Ok(replaced);
        }
        let exists = self.exists(
            "SELECT 1 FROM document WHERE tenant_id = ?1 AND collection = ?2 AND id = ?3",
            params![self.tenant, document.collection, document.id],
        )?;
        Err(Failure::Guard(if exists { StoreError::DocumentChanged } else { StoreError::DocumentMissing }))
    }
}
