//! Writing documents.

use super::{Failure, Rows};
use crate::{
    domain::Document,
    store::{
        StoreError,
        postgres::{row, text::stored},
    },
};

impl Rows<'_> {
    pub(super) async fn insert_document(&self, document: &Document) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO document (tenant_id, collection, id, body, created_at_ms, updated_at_ms, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            &[
                &self.tenant,
                &stored(&document.collection),
                &stored(&document.id),
                &row::to_json(&document.body)?,
                &document.created_at_ms,
                &document.updated_at_ms,
                &document.version,
            ],
            StoreError::DocumentExists,
        )
        .await
    }

    pub(super) async fn replace_document(&self, document: &Document) -> Result<u64, Failure> {
        let (collection, id) = (stored(&document.collection), stored(&document.id));
        let replaced = self
            .run(
                "UPDATE document SET body = $4, updated_at_ms = $5, version = version + 1
                 WHERE tenant_id = $1 AND collection = $2 AND id = $3 AND version = $6",
                &[
                    &self.tenant,
                    &collection,
                    &id,
                    &row::to_json(&document.body)?,
                    &document.updated_at_ms,
                    &document.version,
                ],
            )
            .await?;
        if replaced == 1 {
            return Ok(replaced);
        }
        let sql = "SELECT 1 FROM document WHERE tenant_id = $1 AND collection = $2 AND id = $3";
        let exists = self.exists(sql, &[&self.tenant, &collection, &id]).await?;
        Err(Failure::Guard(if exists { StoreError::DocumentChanged } else { StoreError::DocumentMissing }))
    }
}
