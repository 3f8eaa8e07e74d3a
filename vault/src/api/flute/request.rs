//! What a request of this face consists of: who sends it, what it asks, and whether it may be a repetition.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::bearer;
use super::entity::EntityId;
use super::failure::Failure;
use super::parameters::Parameters;
use crate::api::body::sole;
use crate::api::members::{Json, Members, Misfit};
use crate::api::once::{self, Composed, Repeat};
use crate::api::patience::Patience;
use crate::api::scope;
use crate::domain::{Face, TenantId};
use crate::keyring::Fixed;
use crate::state::{AppState, BODY_LIMIT_BYTES};
use crate::store::Change;
use crate::vaulting::Vaulting;

/// How long a repetition gets the same answer, in seconds. Flute's documents name no time: a day is our
/// reading.
const REPEAT_LIFETIME_SECS: u32 = 24 * 60 * 60;

/// The longest idempotency key, in characters. Flute's SDK makes `flute_` and a UUID.
const LONGEST_KEY: usize = 255;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One authenticated request.
pub(super) struct Call {
    pub(super) vaulting: Vaulting,
    pub(super) tenant: TenantId,
    method: Method,
    target: String,
    idempotency_key: Option<String>,
    body: Zeroizing<Vec<u8>>,
}

/// The ids in a path. What can be no id is answered like an id that does not exist.
pub(super) struct At<T>(pub(super) T);

impl FromRequest<AppState> for Call {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let vaulting = state.vaulting().clone();
        let (parts, body) = request.into_parts();
        let key = bearer::caller(&vaulting, &parts.headers).await?;
        scope::check(&key, scope::needed(&parts))?;
        let tenant = key.tenant;
        let request = Request::from_parts(parts, body);
        let idempotency_key = idempotency_key(request.headers())?;
        let (method, target) = (request.method().clone(), request.uri().to_string());
        let json = check_media_type(request.headers());
        if method == Method::GET || method == Method::HEAD {
            let body = Zeroizing::default();
            return Ok(Self { vaulting, tenant, method, target, idempotency_key: None, body });
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Failure::too_large(BODY_LIMIT_BYTES)
            } else {
                Failure::invalid("body", "body_unreadable", "The body broke off.")
            }
        })?;
        if !body.is_empty() {
            json?;
        }
        Ok(Self { vaulting, tenant, method, target, idempotency_key, body: Zeroizing::new(body.to_vec()) })
    }
}

impl Call {
    /// The members of the body, which is one JSON object.
    ///
    /// # Errors
    /// 400 if it is none.
    pub(super) fn members(&self) -> Result<Members, Failure> {
        Ok(Members::of_body(&self.body)?)
    }

    /// The members of a JSON merge patch: those with a value, and the names of those that are `null`.
    ///
    /// # Errors
    /// 400 if the body is no object.
    pub(super) fn patch(&self) -> Result<Patch, Failure> {
        match Json::parse(&self.body)? {
            Json::Object(members) => Ok(Patch::of("", members)?),
            Json::Null
            | Json::Bool(_)
            | Json::Integer(_)
            | Json::Fraction(_)
            | Json::Text(_)
            | Json::List(_) => {
                Err(Misfit::malformed("malformed_json", "the body must be one JSON object").into())
            }
        }
    }

    /// Refuses a body where none belongs; `{}` is none.
    ///
    /// # Errors
    /// 400 if there is a member.
    pub(super) fn no_members(&self) -> Result<(), Failure> {
        if self.body.is_empty() { Ok(()) } else { Ok(self.members()?.finish()?) }
    }

    /// The parameters of the query.
    ///
    /// # Errors
    /// 400 if one cannot be decoded.
    pub(super) fn query(&self) -> Result<Parameters, Failure> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        Ok(Parameters::of(query.as_bytes())?)
    }

    /// An id for something that must be there once, however often the request is repeated: a repetition by
    /// its idempotency key comes to the same id.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub(super) fn once_id(&self) -> Result<EntityId, Failure> {
        match &self.idempotency_key {
            None => Ok(EntityId::generate(self.vaulting.random())?),
            Some(key) => {
                let keys = self.vaulting.keys(&self.tenant)?;
                Ok(EntityId::of_mac(&keys.fixed_mac(Fixed::FluteOnce, &[key.as_bytes()])))
            }
        }
    }

    /// Does what the request asks: composes the answer and the changes, and applies them, once for each
    /// idempotency key. When another request changed the same thing first, it is composed anew after a
    /// short random wait.
    ///
    /// # Errors
    /// What composing refuses, and what the store reports; nothing was changed then.
    pub(super) async fn done<F, D>(&self, compose: F) -> Result<Response, Failure>
    where
        F: Fn() -> D + Sync,
        D: Future<Output = Result<Composed, Failure>> + Send,
    {
        let mut patience = Patience::new(self.vaulting.random());
        // A closure is an `AsyncFnOnce`; a type parameter is not.
        let compose = || compose();
        loop {
            match once::once(&self.vaulting, &self.tenant, self.repeat(), compose).await {
                Ok((status, Value::Null)) => return Ok(status.into_response()),
                Ok((status, body)) => return Ok((status, axum::Json(body)).into_response()),
                Err(failure) if failure.is_race() => patience.wait().await.ok_or(failure)?,
                Err(failure) => return Err(failure),
            }
        }
    }

    fn repeat(&self) -> Option<Repeat> {
        let key = self.idempotency_key.clone()?;
        let parts: [&[u8]; 3] = [self.method.as_str().as_bytes(), self.target.as_bytes(), &self.body];
        let request = Zeroizing::new(parts.join(&b'\n'));
        Some(Repeat { face: Face::Flute, key, request, lifetime_secs: REPEAT_LIFETIME_SECS })
    }
}

/// 200 with a body, after the changes given.
///
/// # Errors
/// If the body cannot be written, which is an internal bug.
pub(super) fn answered(body: &impl Serialize, changes: Vec<Change>) -> Result<Composed, Failure> {
    Ok(Composed { status: StatusCode::OK, body: serde_json::to_value(body)?, changes })
}

/// 200 without a body, after the changes given.
pub(super) fn empty(changes: Vec<Change>) -> Composed {
    Composed { status: StatusCode::OK, body: Value::Null, changes }
}

/// The members of a JSON merge patch (RFC 7396).
pub(super) struct Patch {
    /// Those with a value.
    pub(super) set: Members,
    /// The names of those that are `null`.
    cleared: Vec<String>,
}

impl Patch {
    /// Sorts the members of an object found at `path`.
    ///
    /// # Errors
    /// None; the type is that of reading.
    pub(super) fn of(path: &str, members: Vec<(String, Json)>) -> Result<Self, Misfit> {
        let (nulls, set): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(_, value)| matches!(value, Json::Null));
        let cleared = nulls.into_iter().map(|(name, _)| name).collect();
        Ok(Self { set: Members::of_value(path, Json::Object(set))?, cleared })
    }

    /// Whether a member is `null`.
    pub(super) fn clears(&self, name: &str) -> bool {
        self.cleared.iter().any(|cleared| cleared == name)
    }

    /// What becomes of a member: `None` if it stays, `Some(None)` if it is cleared.
    pub(super) fn merged<T>(&self, name: &str, value: Option<T>) -> Option<Option<T>> {
        match value {
            Some(value) => Some(Some(value)),
            None if self.clears(name) => Some(None),
            None => None,
        }
    }
}

impl FromRequestParts<AppState> for At<EntityId> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| Failure::missing(None))?;
        EntityId::parse("id", &id).map(Self).map_err(|_| Failure::missing(None))
    }
}

impl FromRequestParts<AppState> for At<(EntityId, EntityId)> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((first, second)) = path.map_err(|_| Failure::missing(None))?;
        let read = |id: &str| EntityId::parse("id", id).map_err(|_| Failure::missing(None));
        Ok(Self((read(&first)?, read(&second)?)))
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = sole(headers, &IDEMPOTENCY_KEY)? else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(text.to_owned()));
    }
    let message = "Send an Idempotency-Key of 1 to 255 printable ASCII characters, without blanks.";
    Err(Failure::invalid("idempotencyKey", "idempotency_key_invalid", message))
}

/// Takes `application/json` with any parameters, or no header at all.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(named) = sole(headers, &header::CONTENT_TYPE)? else { return Ok(()) };
    let media_type = named.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::media_type("The body must be JSON: Content-Type: application/json."))
}
