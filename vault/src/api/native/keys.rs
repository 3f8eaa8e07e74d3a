//! `GET /v1/keys`: what browsers seal to.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{api::auth::PublishableCaller, clock::rfc3339, state::AppState};

/// Lists the sealing keys that are good now; the first is the one to use.
pub(super) async fn list(State(state): State<AppState>, _caller: PublishableCaller) -> Json<Value> {
    let vaulting = state.vaulting();
    let keys: Vec<_> = vaulting
        .keyring()
        .sealing()
        .published(vaulting.now_ms())
        .iter()
        .map(|published| {
            json!({
                "id": published.key.id().to_text(),
                "suite": seal::SUITE,
                "public_key": published.key.to_text(),
                "expires_at": rfc3339(published.expires_at_ms),
            })
        })
        .collect();
    Json(json!({ "keys": keys }))
}
