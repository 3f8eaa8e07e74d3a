//! The native face, `/v1`: the smallest API that does the whole job.
//!
//! With a publishable key, from a browser: [`keys`], [`tokens`], [`mandates`] and
//! [`bank_names`]. With a secret key, from the
//! merchant's server: [`customers`], [`payment_methods`],
//! [`payments`] and [`sessions`].

mod answers;
mod bank_names;
mod customers;
mod fields;
mod keys;
mod mandates;
mod metadata;
mod paging;
mod payment_methods;
mod payments;
mod sessions;
mod tokens;

use axum::{Router, routing};

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::state::AppState;

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/keys", routing::get(keys::list))
        .route("/v1/tokens", routing::post(tokens::issue))
        .route("/v1/sessions", routing::post(sessions::create))
        .route("/v1/bank-names", routing::post(bank_names::find))
        .route("/v1/mandates", routing::post(mandates::word))
        .route("/v1/customers", routing::post(customers::create).get(customers::list))
        .route(
            "/v1/customers/{id}",
            routing::get(customers::read).patch(customers::update).delete(customers::delete),
        )
        .route("/v1/payment-methods", routing::post(payment_methods::create).get(payment_methods::list))
        .route(
            "/v1/payment-methods/{id}",
            routing::get(payment_methods::read).delete(payment_methods::delete),
        )
        .route("/v1/payment-methods/{id}/attach", routing::post(payment_methods::attach))
        .route("/v1/payments", routing::post(payments::create))
        .route("/v1/payments/{id}", routing::get(payments::read))
}

/// The OpenAPI document; its paths begin at `/v1`.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        description = "The vault's own API: browsers seal and tokenize with the publishable key, the merchant's \
                       server does the rest with the secret key."
    ),
    paths(
        keys::list,
        tokens::issue,
        sessions::create,
        bank_names::find,
        mandates::word,
        customers::create,
        customers::list,
        customers::read,
        customers::update,
        customers::delete,
        payment_methods::create,
        payment_methods::list,
        payment_methods::read,
        payment_methods::attach,
        payment_methods::delete,
        payments::create,
        payments::read,
    ),
    components(schemas(answers::ProblemAnswer)),
    modifiers(&Keys),
    security(("secret_key" = [])),
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, description) in [
            ("secret_key", "The merchant's secret key (sk_), for servers only."),
            ("publishable_key", "The merchant's publishable key (pk_), for browsers on allowed origins."),
        ] {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
        }
    }
}
