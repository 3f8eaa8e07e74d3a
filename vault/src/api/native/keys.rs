//! `GET /v1/keys`: what browsers seal to.

use axum::{Json, extract::State, http::StatusCode};

use super::answers::{KeyAnswer, KeysAnswer, Problems};
use crate::{
    api::auth::PublishableCaller,
    clock::rfc3339,
    problem::{Classification, Problem},
    state::AppState,
};

/// Lists the sealing keys that are good now; the first is the one to use.
#[utoipa::path(
    get,
    operation_id = "list_keys",
    path = "/keys",
    summary = "The sealing keys that are good now; the first is the one to use.",
    responses((status = 200, description = "The keys.", body = KeysAnswer), Problems),
    security(("publishable_key" = [])),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: PublishableCaller,
) -> Result<Json<KeysAnswer>, Problem> {
    let vaulting = state.vaulting();
    let keys: Vec<_> = vaulting
        .keyring()
        .sealing()
        .published(state.public_origin(), vaulting.now_ms())
        .into_iter()
        .map(|published| KeyAnswer {
            id: published.key.id().to_text(),
            suite: published.key.suite().name(),
            public_key: published.key.to_text(),
            expires_at: rfc3339(published.expires_at_ms),
            statement: published.statement,
        })
        .collect();
    if keys.is_empty() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "sealing_keys_missing",
            Classification::Gateway,
            "The vault has no sealing key that its root has signed for now. Whoever runs it has to install some: see \
             docs/operations.md.",
        ));
    }
    Ok(Json(KeysAnswer { keys }))
}
