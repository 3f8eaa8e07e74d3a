//! Lists: `limit`, `starting_after`, and the form of the answer.

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::answers::ListAnswer;
use crate::{
    problem::Problem,
    store::{Listed, Page},
};

const DEFAULT_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 100;

/// The query of a list; the type's `deny_unknown_fields` is what refuses unknown parameters.
#[derive(Clone, Debug)]
pub(super) struct ListQuery<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ListQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(query)| Self(query))
            .map_err(|_| invalid("There is a query parameter here that does not exist, or one stands twice."))
    }
}

/// Reads the two parameters every list has.
pub(super) fn page(limit: Option<&str>, starting_after: Option<String>) -> Result<Page, Problem> {
    let limit = match limit {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| invalid("`limit` is a number from 1 to 100.").about("limit"))?,
    };
    Ok(Page { limit, after: starting_after })
}

/// Writes a list.
pub(super) fn list<T, A>(
    listed: &Listed<T>,
    show: impl Fn(&T) -> Result<A, Problem>,
) -> Result<ListAnswer<A>, Problem> {
    let data = listed.items.iter().map(show).collect::<Result<Vec<_>, _>>()?;
    Ok(ListAnswer { object: "list", data, has_more: listed.next.is_some(), next: listed.next.clone() })
}

/// A refused query.
pub(super) fn invalid(message: &'static str) -> Problem {
    Problem::merchant(StatusCode::BAD_REQUEST, "query_invalid", message)
}
