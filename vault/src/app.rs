//! The application: its routes and what is around them. Tests call the router without a socket.

mod guard;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing,
};

use crate::{
    api,
    metrics::{CONTENT_TYPE, metrics},
    problem::Problem,
    readiness::Report,
};

pub use crate::state::{AppState, BODY_LIMIT_BYTES};

/// All routes, with everything around them.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/healthz", routing::get(health))
        .route("/readyz", routing::get(ready))
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

/// What whoever runs the vault reads, on an address of its own: browsers and merchants have no business there.
pub fn operator_router(state: AppState) -> Router {
    Router::new()
        .route("/healthz", routing::get(health))
        .route("/readyz", routing::get(ready))
        .route("/metrics", routing::get(numbers))
        .with_state(state)
}

async fn numbers() -> Response {
    match metrics().text() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn health(state: axum::extract::State<AppState>) -> Result<&'static str, Problem> {
    state.vaulting().store().check().await?;
    Ok("ok\n")
}

/// Whether requests should come here; 503 if not, with what is in the way. It names nothing that is anybody's.
async fn ready(state: axum::extract::State<AppState>) -> Response {
    let report = Report::of(state.vaulting(), state.draining()).await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}

async fn route_unknown() -> Problem {
    Problem::merchant(
        StatusCode::NOT_FOUND,
        "route_unknown",
        "There is no such path. The documentation lists all of them.",
    )
}

async fn method_not_allowed() -> Problem {
    Problem::merchant(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This path takes another method; the header Allow lists them.",
    )
}
