//! Reading the one variable part of a path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::problem::Problem;

/// The id or name in a path. One that cannot be any is answered like one that does not exist.
#[derive(Clone, Debug)]
pub(super) struct PathId(pub(super) String);

/// Longer than any id of any face, and than any file name.
const LONGEST: usize = 64;

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) if id.len() <= LONGEST => Ok(Self(id)),
            Ok(_) | Err(_) => Err(Problem::not_found()),
        }
    }
}
