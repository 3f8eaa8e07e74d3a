//! The forms of answers that all paths share, as they are written and as they are documented.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

use crate::api::fluidpay::failure::FailedAnswer;

/// The body of every answer that is no failure and shows something.
#[derive(Serialize, ToSchema)]
pub(in crate::api::fluidpay) struct Success<T> {
    /// Always `success`.
    #[schema(examples("success"))]
    pub(super) status: &'static str,
    #[schema(examples("success"))]
    pub(super) msg: &'static str,
    pub(super) data: T,
    /// How many there are in all, whatever the page holds; only where there can be more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_count: Option<u64>,
}

/// The body of an answer that shows nothing.
#[derive(Serialize, ToSchema)]
pub(in crate::api::fluidpay) struct Done {
    #[schema(examples("success"))]
    status: &'static str,
    #[schema(examples("success"))]
    msg: &'static str,
}

/// The answer that shows one thing.
pub(super) fn one<T: Serialize>(data: T) -> Response {
    Json(Success { status: "success", msg: "success", data, total_count: None }).into_response()
}

/// The answer that shows several things.
pub(super) fn several<T: Serialize>(data: Vec<T>, total: u64) -> Response {
    Json(Success { status: "success", msg: "success", data, total_count: Some(total) }).into_response()
}

/// The answer that shows nothing.
pub(super) fn done() -> Response {
    Json(Done { status: "success", msg: "success" }).into_response()
}

/// What any operation may be refused with.
pub(in crate::api::fluidpay) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        refusals(&COMMON)
    }
}

/// What an operation may be refused with that deletes a part of a customer.
pub(in crate::api::fluidpay) struct DeleteRefusals;

impl IntoResponses for DeleteRefusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut found = refusals(&COMMON);
        found.append(&mut refusals(&[CONFLICT]));
        found
    }
}

/// What a search may be refused with.
pub(in crate::api::fluidpay) struct SearchRefusals;

impl IntoResponses for SearchRefusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut found = refusals(&COMMON);
        found.remove("404");
        found.append(&mut refusals(&OF_BODIES));
        found
    }
}

/// What an operation may be refused with that takes a body and changes something.
pub(in crate::api::fluidpay) struct ChangeRefusals;

impl IntoResponses for ChangeRefusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut found = refusals(&COMMON);
        found.append(&mut refusals(&OF_BODIES));
        found.append(&mut refusals(&[CONFLICT, ("410", "The one-time token has expired.")]));
        found
    }
}

/// What charging may be refused with; a decline is no refusal.
pub(in crate::api::fluidpay) struct ChargeRefusals;

impl IntoResponses for ChargeRefusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut found = ChangeRefusals::responses();
        found.append(&mut refusals(&[("422", "The idempotency key was used for another transaction.")]));
        found
    }
}

const COMMON: [(&str, &str); 6] = [
    ("400", "Something in the request breaks a rule; `field` names what."),
    ("401", "There is no key, or none of this vault."),
    ("403", "The key is a publishable one."),
    ("404", "There is nothing under this id for this key."),
    ("500", "The vault has a problem of its own."),
    ("503", "The vault cannot reach its store, or has too much to do."),
];

const OF_BODIES: [(&str, &str); 2] =
    [("413", "The body is too long."), ("415", "The body is said to be something else than JSON.")];

const CONFLICT: (&str, &str) = ("409", "It exists already, was used already, or is being changed by others.");

fn refusals(list: &[(&str, &str)]) -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
    list.iter()
        .map(|(status, description)| {
            let content =
                ContentBuilder::new().schema(Some(Ref::from_schema_name(FailedAnswer::name()))).build();
            let response =
                ResponseBuilder::new().description(*description).content("application/json", content).build();
            ((*status).to_owned(), response.into())
        })
        .collect()
}
