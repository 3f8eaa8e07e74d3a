//! Writing documents.

use super::{Failure, Guard, Rows};
use crate::{
    domain::Document,
    store::{
        StoreError,
        postgres::{hashes::Value, row, text::stored},
        tables::DOCUMENT,
    },
};

impl Rows<'_> {
    pub(super) async fn insert_document(&self, document: &Document) -> Result<u64, Failure> {
        let values = [
            Value::plain(self.tenant),
            Value::text(&document.collection),
            Value::text(&document.id),
            Value::plain(row::to_json(&document.body)?),
            Value::Integer(document.created_at_ms),
            Value::Integer(document.updated_at_ms),
            Value::Integer(document.version),
        ];
        self.must_insert(&DOCUMENT, &values, StoreError::DocumentExists).await
    }

    pub(super) async fn replace_document(&self, document: &Document) -> Result<u64, Failure> {
        let (collection, id) = (stored(&document.collection), stored(&document.id));
        let key = [Value::plain(self.tenant), Value::Text(collection.clone()), Value::Text(id.clone())];
        let body = row::to_json(&document.body)?;
        let guard = Guard { sql: "version = $4", params: &[&document.version] };
        let replaced = self.update(&DOCUMENT, &key, guard, |kept| {
            kept.set("body", Value::plain(body.as_str()));
            kept.set("updated_at_ms", Value::Integer(document.updated_at_ms));
            kept.next_version();
        });
        let replaced = replaced.await?;
        if replaced == 1 {
            return Ok(replaced);
        }
        let sql = "SELECT 1 FROM document WHERE tenant_id = $1 AND collection = $2 AND id = $3";
        let exists = self.exists(sql, &[&self.tenant, &collection, &id]).await?;
        Err(Failure::Guard(if exists { StoreError::DocumentChanged } else { StoreError::DocumentMissing }))
    }
}
