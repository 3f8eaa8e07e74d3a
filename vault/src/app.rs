//! The application: its routes and what is around them. Tests call the router without a socket.

mod guard;

use axum::{Router, extract::DefaultBodyLimit, routing};

use crate::{api, problem::Problem};

pub use crate::state::{AppState, BODY_LIMIT_BYTES};

/// All routes, with everything around them.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/healthz", routing::get(health))
        .merge(api::native::router())
        .merge(api::frame::router())
        .nest("/fluidpay", api::fluidpay::router())
        .nest("/paydock", api::paydock::router())
        .nest("/flute", api::flute::router())
        .nest("/paymentsai", api::paymentsai::router())
        .merge(api::openapi::router())
        .fallback(route_unknown)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .with_state(state);
    guard::around(routes)
}

async fn health(state: axum::extract::State<AppState>) -> Result<&'static str, Problem> {
    state.vaulting().store().check().await?;
    Ok("ok\n")
}

async fn route_unknown() -> Problem {
    Problem::merchant(
        axum::http::StatusCode::NOT_FOUND,
        "route_unknown",
        "There is no such path. The documentation lists all of them.",
    )
}

async fn method_not_allowed() -> Problem {
    Problem::merchant(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This path takes another method; the header Allow lists them.",
    )
}
