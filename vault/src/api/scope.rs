//! Which scope an operation needs: told by its method and the pattern of its route, alike on all faces.

use axum::{
    extract::MatchedPath,
    http::{Method, StatusCode, request::Parts},
};

use crate::{
    domain::{ApiKey, Scope},
    problem::Problem,
};

/// Segments of the routes on which money is moved.
const PAYMENTS: [&str; 5] = ["charges", "payment-sessions", "payments", "transaction", "transactions"];

/// The scope that a request with a secret key needs.
pub(super) fn needed(parts: &Parts) -> Scope {
    let route = parts.extensions.get::<MatchedPath>().map_or(parts.uri.path(), MatchedPath::as_str);
    of_route(&parts.method, route)
}

/// The scope that an operation needs. What is not known to need another changes something.
#[must_use]
pub fn of_route(method: &Method, route: &str) -> Scope {
    let mut segments = route.trim_end_matches('/').split('/');
    let last = segments.clone().next_back();
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) || last == Some("search") {
        Scope::Read
    } else if last == Some("sessions") {
        Scope::Sessions
    } else if segments.any(|segment| PAYMENTS.contains(&segment)) {
        Scope::Payments
    } else if last == Some("tokens") {
        Scope::Tokenize
    } else {
        Scope::Write
    }
}

/// Checks that a key has a scope.
///
/// # Errors
///
/// 403 `scope_missing`.
pub(super) fn check(key: &ApiKey, needed: Scope) -> Result<(), Problem> {
    if key.scopes.contains(&needed) {
        return Ok(());
    }
    let message = match needed {
        Scope::Tokenize => "This key has no scope `tokenize`: it may make no tokens.",
        Scope::Read => "This key has no scope `read`: it may read nothing.",
        Scope::Write => {
            "This key has no scope `customers:write`: it may change no customers or payment methods."
        }
        Scope::Payments => "This key has no scope `payments`: it may move no money.",
        Scope::Sessions => "This key has no scope `sessions`: it may make no checkout sessions.",
        Scope::SessionRequired => "This key has no scope `session:required`.",
    };
    Err(Problem::merchant(StatusCode::FORBIDDEN, "scope_missing", message))
}
