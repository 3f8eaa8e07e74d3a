//! The native face, `/v1`: the smallest API that does the whole job.
//!
//! With a publishable key, from a browser: [`keys`] and [`tokens`]. With a secret key, from the
//! merchant's server: [`customers`] and [`payment_methods`].

mod customers;
mod fields;
mod keys;
mod metadata;
mod paging;
mod payment_methods;
mod tokens;

use axum::{Router, routing};

use crate::state::AppState;

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/keys", routing::get(keys::list))
        .route("/v1/tokens", routing::post(tokens::issue))
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
}
