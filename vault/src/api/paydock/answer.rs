//! The envelopes that answers of this face come in.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::listing::Paging;

/// An answer about one thing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Success<T> {
    /// The HTTP status.
    status: u16,
    /// Always `null`.
    #[schema(value_type = Option<Object>)]
    error: Option<()>,
    resource: Resource<T>,
}

/// What an answer is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Resource<T> {
    #[schema(examples("customer"))]
    r#type: &'static str,
    data: T,
}

/// An answer about a list of things.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// The HTTP status.
    status: u16,
    /// Always `null`.
    #[schema(value_type = Option<Object>)]
    error: Option<()>,
    resource: ListResource<T>,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListResource<T> {
    #[schema(examples("customer"))]
    r#type: &'static str,
    data: Vec<T>,
    /// How many there are in all.
    count: u64,
    limit: u32,
    skip: u32,
}

/// An answer to a request that changed or read something.
pub(super) fn ok<T>(r#type: &'static str, data: T) -> axum::Json<Success<T>> {
    axum::Json(Success { status: 200, error: None, resource: Resource { r#type, data } })
}

/// An answer to a request that made something.
pub(super) fn created<T: Serialize>(r#type: &'static str, data: &T) -> Value {
    let answer = Success { status: 201, error: None, resource: Resource { r#type, data } };
    // Only maps with keys that are no text cannot be written, and an answer has none.
    serde_json::to_value(answer).unwrap_or(Value::Null)
}

/// An answer to a request for a list.
pub(super) fn list<T>(r#type: &'static str, data: Vec<T>, count: u64, paging: Paging) -> axum::Json<List<T>> {
    let Paging { skip, limit } = paging;
    axum::Json(List { status: 200, error: None, resource: ListResource { r#type, data, count, limit, skip } })
}
