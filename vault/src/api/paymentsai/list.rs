//! A part of a list: a bare array, with what is left out told in headers.
//!
//! payments.ai's only documented list (`GET /tokens`) is a bare array. How many there are in all stands in the
//! headers that Rebilly's lists have, from which these come.

use axum::Json;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::request::Paging;

/// A part of a list, as an answer.
pub(super) struct List<T> {
    /// What is shown.
    pub(super) items: Vec<T>,
    /// How many there are in all.
    pub(super) total: u64,
    /// Which part it is.
    pub(super) paging: Paging,
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("pagination-total"), HeaderValue::from(self.total));
        headers.insert(HeaderName::from_static("pagination-limit"), HeaderValue::from(self.paging.limit));
        headers.insert(HeaderName::from_static("pagination-offset"), HeaderValue::from(self.paging.offset));
        response
    }
}
