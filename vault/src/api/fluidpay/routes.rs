//! The paths of this face: each reads a request, calls an operation, and tells the OpenAPI document what
//! it takes and answers.

mod addresses;
mod answers;
mod customers;
mod methods;
mod transactions;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Router};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::address::AddressBody;
use super::failure::{FailedAnswer, Failure};
use super::payment::{AchBody, ApplePayBody, CardBody, NewPayment};
use super::transactions::PaidBy;
use super::wallet::Wallets;
use crate::state::AppState;

/// The routes with the wallets given.
pub(super) fn router_with(wallets: Wallets) -> Router<AppState> {
    Router::new()
        .route("/api/transaction", post(transactions::create_transaction))
        .route("/api/transaction/search", post(transactions::search_transactions))
        .route("/api/transaction/{transaction}", get(transactions::read_transaction))
        .route("/api/vault/customer", post(customers::create_customer))
        .route("/api/vault/customer/search", post(customers::search_customers))
        .route("/api/vault/{customer}", get(customers::get_customer).delete(customers::delete_customer))
        .route(
            "/api/vault/customer/{customer}",
            get(customers::get_customer_too)
                .post(customers::update_customer)
                .delete(customers::delete_customer_too),
        )
        .route("/api/vault/customer/{customer}/address", post(addresses::create_address))
        .route(
            "/api/vault/customer/{customer}/address/{address}",
            post(addresses::update_address).delete(addresses::delete_address),
        )
        .route("/api/vault/customer/{customer}/card", post(methods::create_card))
        .route(
            "/api/vault/customer/{customer}/card/{method}",
            post(methods::update_card).delete(methods::delete_card),
        )
        .route("/api/vault/customer/{customer}/ach", post(methods::create_ach))
        .route(
            "/api/vault/customer/{customer}/ach/{method}",
            post(methods::update_ach).delete(methods::delete_ach),
        )
        .route("/api/vault/customer/{customer}/token", post(methods::create_by_token))
        .route("/api/vault/customer/{customer}/token/{method}", post(methods::update_by_token))
        .route("/api/vault/customer/{customer}/applepay", post(methods::create_by_apple_pay))
        .route("/api/vault/customer/{customer}/googlepay", post(methods::create_by_google_pay))
        .fallback(|| async { Failure::not_found("operation") })
        .method_not_allowed_fallback(|| async {
            Failure::plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "merchant",
                "this operation has another request method",
            )
        })
        .layer(Extension(Arc::new(wallets)))
}

/// The document of this face; its paths begin at the face's mount.
#[derive(OpenApi)]
#[openapi(
    info(
        description = "The customer vault and the transactions of FluidPay, answered by a Tessera vault. Code written \
                       for the gateway changes its base URL.\n\nA member that is `null` counts as not sent."
    ),
    paths(
        customers::create_customer,
        customers::search_customers,
        customers::get_customer,
        customers::update_customer,
        customers::delete_customer,
        customers::get_customer_too,
        customers::delete_customer_too,
        addresses::create_address,
        addresses::update_address,
        addresses::delete_address,
        methods::create_card,
        methods::update_card,
        methods::delete_card,
        methods::create_ach,
        methods::update_ach,
        methods::delete_ach,
        methods::create_by_token,
        methods::update_by_token,
        methods::create_by_apple_pay,
        methods::create_by_google_pay,
        transactions::create_transaction,
        transactions::read_transaction,
        transactions::search_transactions,
    ),
    components(schemas(FailedAnswer, AddressBody, NewPayment, CardBody, AchBody, ApplePayBody, PaidBy)),
    modifiers(&Keys),
    security(("secret_key" = [])),
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let text = "The merchant's secret key, as it is or behind `Bearer`.";
        let key = ApiKey::Header(ApiKeyValue::with_description("Authorization", text));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("secret_key", SecurityScheme::ApiKey(key));
    }
}

/// The OpenAPI document of this face.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
