//! `GET /v1/keys`: what browsers seal to.

use axum::{Json, extract::State};

use super::answers::{KeyAnswer, KeysAnswer, Problems};
use crate::{api::auth::PublishableCaller, clock::rfc3339, state::AppState};

/// Lists the sealing keys that are good now; the first is the one to use.
#[utoipa::path(
    get,
    operation_id = "list_keys",
    path = "/keys",
    summary = "The sealing keys that are good now; the first is the one to use.",
    responses((status = 200, description = "The keys.", body = KeysAnswer), Problems),
    security(("publishable_key" = [])),
)]
pub(super) async fn list(State(state): State<AppState>, _caller: PublishableCaller) -> Json<KeysAnswer> {
    let vaulting = state.vaulting();
    let keys = vaulting
        .keyring()
        .sealing()
        .published(vaulting.now_ms())
        .iter()
        .map(|published| KeyAnswer {
            id: published.key.id().to_text(),
            suite: seal::SUITE,
            public_key: published.key.to_text(),
            expires_at: rfc3339(published.expires_at_ms),
        })
        .collect();
    Json(KeysAnswer { keys })
}
