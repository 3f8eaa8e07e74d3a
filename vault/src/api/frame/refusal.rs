//! The page that stands in a frame where the card form may not: it says so, and holds nothing else.
//!
//! A browser that enforces `frame-ancestors` tells the page around nothing, and that page would wait. So the vault
//! answers a foreign page with a document that it may show. Its script answers the element's greeting through the
//! port that comes with it: nothing is sent to a window.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use seal::Suite;

use super::{files, files::Module, not_built, policy};
use crate::problem::Problem;

/// Why there is no card form.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    /// The page's origin, or that of a page around it, is not allowed for the key.
    Origin,
    /// There is no such publishable key.
    Key,
    /// The vault would have shown it; the browser did not.
    Browser,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Key => "key",
            Self::Browser => "browser",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Key => StatusCode::NOT_FOUND,
            Self::Browser => StatusCode::OK,
        }
    }
}

/// The page with its headers.
pub(super) fn page(reason: Reason) -> Result<Response, Problem> {
    let page = files::refusal_page().ok_or_else(not_built)?;
    let page = std::str::from_utf8(&page).map_err(|_| not_built())?;
    // No part of it is the module's.
    let page = Module::of(Suite::X25519).with_integrity(page, None);
    let page = page.replacen("data-reason=\"\"", &format!("data-reason=\"{}\"", reason.as_str()), 1);
    let mut response = (reason.status(), page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy::REFUSAL));
    for (name, value) in policy::FRAME {
        headers.insert(name, value);
    }
    Ok(response)
}
