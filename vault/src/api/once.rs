//! Operations that may be asked for twice and are done once.

use axum::http::StatusCode;
use serde_json::Value;

use crate::{
    domain::TenantId,
    store::{Change, StoreError},
    vaulting::{KeptAnswer, Vaulting, VaultingError},
};

pub(crate) use crate::vaulting::Repeat;

/// What an operation comes to, before it is done.
pub(crate) struct Composed {
    /// The status of its answer.
    pub(crate) status: StatusCode,
    /// The body of its answer.
    pub(crate) body: Value,
    /// What it changes.
    pub(crate) changes: Vec<Change>,
}

/// Does an operation once: composes it, and applies its changes together with its answer.
///
/// The same request with the same key gets the same answer again, whether the first one is over or still
/// under way. Without a key every request is a new one.
///
/// # Errors
///
/// What composing refuses, what the store reports, and `IdempotencyConflict` if the key was used for
/// something else; nothing was changed then.
pub(crate) async fn once<E, F>(
    vaulting: &Vaulting,
    tenant: &TenantId,
    repeat: Option<Repeat>,
    compose: F,
) -> Result<(StatusCode, Value), E>
where
    E: From<VaultingError> + From<StoreError>,
    F: AsyncFnOnce() -> Result<Composed, E>,
{
    let Some(repeat) = repeat else {
        let composed = compose().await?;
        vaulting.apply(tenant, composed.changes).await?;
        return Ok((composed.status, composed.body));
    };
    if let Some(kept) = vaulting.answered(tenant, &repeat).await? {
        return Ok(again(kept));
    }
    let Composed { status, body, mut changes } = match compose().await {
        Ok(composed) => composed,
        // The same request may have been done meanwhile, and its effect be why this one is refused.
        Err(refused) => return vaulting.answered(tenant, &repeat).await?.map(again).ok_or(refused),
    };
    let answer = KeptAnswer { status: status.as_u16(), body };
    // First, so that the repetition is noticed before the guards of what it repeats.
    changes.splice(0..0, vaulting.remember(tenant, &repeat, &answer)?);
    match vaulting.apply(tenant, changes).await {
        Ok(_) => Ok(again(answer)),
        Err(StoreError::AnswerExists) => {
            let kept = vaulting.answered(tenant, &repeat).await?;
            Ok(again(kept.ok_or(StoreError::Unavailable)?))
        }
        Err(error) => Err(error.into()),
    }
}

fn again(kept: KeptAnswer) -> (StatusCode, Value) {
    (StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK), kept.body)
}
