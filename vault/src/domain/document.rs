//! Documents: small objects that only one face knows, such as a payment session.

use serde_json::{Map, Value};

/// A small JSON object of one face. It never holds card data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is one of, such as `flute/session`.
    pub collection: String,
    /// Its id within the collection.
    pub id: String,
    /// What it says.
    pub body: Map<String, Value>,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Counts the changes; a replacement names the version it was made from.
    pub version: i64,
}

impl Document {
    /// A new document.
    #[must_use]
    pub fn new(
        collection: impl Into<String>,
        id: impl Into<String>,
        body: Map<String, Value>,
        now_ms: i64,
    ) -> Self {
        Self {
            collection: collection.into(),
            id: id.into(),
            body,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            version: 1,
        }
    }
}
