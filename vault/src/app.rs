//! The application: its state and its routes. Tests call the router without a socket.

mod guard;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, routing};

use crate::{api, domain::Origin, problem::Problem, vaulting::Vaulting};

/// The longest body, in bytes. An envelope is about a kilobyte; a customer with full metadata is far
/// below it.
pub const BODY_LIMIT_BYTES: usize = 16 * 1024;

/// What every request handler shares.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    vaulting: Vaulting,
    public_origin: Origin,
}

impl AppState {
    /// Puts the state together; `public_origin` is where browsers reach the vault.
    #[must_use]
    pub fn new(vaulting: Vaulting, public_origin: Origin) -> Self {
        Self(Arc::new(Shared { vaulting, public_origin }))
    }

    /// The services.
    #[must_use]
    pub fn vaulting(&self) -> &Vaulting {
        &self.0.vaulting
    }

    /// Where browsers reach the vault; the origin of its frames.
    #[must_use]
    pub fn public_origin(&self) -> &Origin {
        &self.0.public_origin
    }
}

/// All routes, with everything around them.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/healthz", routing::get(health))
        .merge(api::native::router())
        .merge(api::frame::router())
        .nest("/fluidpay", api::fluidpay::router())
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
