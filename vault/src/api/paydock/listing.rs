//! What the lists of this face have in common: paging and order.

use super::request::Query;
use crate::domain::{Direction, Order, OrderBy};

/// How many items a list has if the request does not say.
const LIMIT_DEFAULT: u32 = 100;

/// How many it has at most.
const LIMIT_MAX: u32 = 1_000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// How many to skip.
    pub(super) skip: u32,
    /// How many to return.
    pub(super) limit: u32,
}

impl Paging {
    /// Reads `skip` and `limit`.
    pub(super) fn read(query: &mut Query) -> Self {
        Self {
            skip: query.number("skip", 0, u32::MAX).unwrap_or(0),
            limit: query.number("limit", 1, LIMIT_MAX).unwrap_or(LIMIT_DEFAULT),
        }
    }
}

/// Reads `sortdirection`; without it, what is newest comes first.
pub(super) fn direction(query: &mut Query) -> Direction {
    match query.take("sortdirection") {
        Some(text) if text.eq_ignore_ascii_case("asc") || text == "1" => Direction::Ascending,
        Some(_) | None => Direction::Descending,
    }
}

/// Reads `sortkey` and `sortdirection`.
pub(super) fn sorted(query: &mut Query) -> Order {
    let by = match query.take("sortkey").as_deref() {
        Some("updated_at") => OrderBy::Updated,
        Some("first_name") => OrderBy::FirstName,
        Some("last_name") => OrderBy::LastName,
        Some("company_name") => OrderBy::Company,
        Some("email") => OrderBy::Email,
        Some("reference") => OrderBy::Reference,
        Some(_) | None => OrderBy::Created,
    };
    Order { by, direction: direction(query) }
}
