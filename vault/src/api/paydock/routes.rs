//! The paths of this face: each reads a request, calls an operation, and tells the OpenAPI document what it
//! takes and answers.

mod charges;
mod customers;
mod tokens;
mod vaults;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Router, middleware};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::failed_answer::{FailedAnswer, named};
use super::failure::{Code, Failure};
use super::page;
use super::request::{ACCESS_TOKEN, PUBLIC_KEY, SECRET_KEY};
use crate::state::AppState;

/// The routes.
pub(super) fn router() -> Router<AppState> {
    let customers = || post(customers::create_customer).get(customers::list_customers);
    let charges = || post(charges::create_charge).get(charges::list_charges);
    let vaults = || post(vaults::create_vault_token).get(vaults::list_vault_tokens);
    let vault =
        || get(vaults::read_vault_token).post(vaults::modify_vault_token).delete(vaults::archive_vault_token);
    let token =
        post(tokens::create_token).options(page::preflight).layer(middleware::from_fn(page::readable));
    Router::new()
        .route("/v1/payment_sources/tokens", token)
        .route("/v1/vault/payment_sources", vaults())
        .route("/v1/vault/payment_sources/{vault_token}", vault())
        .route("/v1/vault-tokens", vaults())
        .route("/v1/vault-tokens/{vault_token}", vault())
        // The SDK for .NET ends the path of a list with a slash.
        .route("/v1/customers", customers())
        .route("/v1/customers/", customers())
        .route(
            "/v1/customers/{id}",
            get(customers::read_customer)
                .post(customers::update_customer)
                .delete(customers::archive_customer),
        )
        .route(
            "/v1/customers/{id}/payment_sources/{payment_source_id}",
            axum::routing::delete(customers::archive_payment_source),
        )
        .route("/v1/charges", charges())
        .route("/v1/charges/", charges())
        .route("/v1/charges/{id}", get(charges::read_charge))
        .route("/v1/gateways", get(tokens::list_gateways))
        .fallback(|| async { Failure::not_found("operation") })
        .method_not_allowed_fallback(|| async {
            Failure::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::RequestRefused,
                "method_not_allowed",
                "this operation has another request method",
            )
        })
        .layer(middleware::from_fn(named))
}

/// The document of this face; its paths begin at the face's mount.
#[derive(OpenApi)]
#[openapi(
    info(
        description = "One-time tokens, vault tokens, customers and charges of Paydock, answered by a Tessera vault. \
                       Code written for the gateway changes its base URL.\n\nA member that is optional and has a \
                       wrong format is disregarded; a member that is `null` counts as not sent. \
                       `/v1/vault-tokens` does the same as `/v1/vault/payment_sources`."
    ),
    paths(
        tokens::create_token,
        tokens::list_gateways,
        vaults::create_vault_token,
        vaults::list_vault_tokens,
        vaults::read_vault_token,
        vaults::modify_vault_token,
        vaults::archive_vault_token,
        customers::create_customer,
        customers::list_customers,
        customers::read_customer,
        customers::update_customer,
        customers::archive_customer,
        customers::archive_payment_source,
        charges::create_charge,
        charges::list_charges,
        charges::read_charge,
    ),
    components(schemas(FailedAnswer)),
    modifiers(&Keys),
    security(("secret_key" = []), ("access_token" = [])),
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, header, text) in [
            ("secret_key", SECRET_KEY, "The merchant's secret key."),
            ("access_token", ACCESS_TOKEN, "The secret key, or, to make a one-time token, the public key."),
            ("public_key", PUBLIC_KEY, "The public key, which only makes one-time tokens."),
        ] {
            let key = ApiKey::Header(ApiKeyValue::with_description(header.as_str(), text));
            components.add_security_scheme(name, SecurityScheme::ApiKey(key));
        }
        let text = "The public key, which only makes one-time tokens.";
        let key = ApiKey::Query(ApiKeyValue::with_description("public_key", text));
        components.add_security_scheme("public_key_parameter", SecurityScheme::ApiKey(key));
    }
}

/// The OpenAPI document of this face.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
