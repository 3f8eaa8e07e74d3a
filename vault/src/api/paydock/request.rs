//! What a request of this face consists of: who sends it, the ids in its path, its query and its body.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::failure::{Code, Failure};
use super::fields::Fields;
use crate::api::auth::{authenticate_text, check_origin_header};
use crate::api::body::sole;
use crate::api::members::Members;
use crate::api::once::Repeat;
use crate::api::scope;
use crate::domain::{Face, KeyKind, KeyText, Scope, TenantId};
use crate::limits::Client;
use crate::state::{AppState, BODY_LIMIT_BYTES};

/// The header of a secret key.
pub(super) const SECRET_KEY: HeaderName = HeaderName::from_static("x-user-secret-key");

/// The header of a public key.
pub(super) const PUBLIC_KEY: HeaderName = HeaderName::from_static("x-user-public-key");

/// The header that takes either.
pub(super) const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");

/// The query parameter of a public key.
const PUBLIC_KEY_PARAMETER: &str = "public_key";

/// The header of an idempotency key.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How long a repetition gets the same answer: a day.
const IDEMPOTENCY_LIFETIME_SECS: u32 = 24 * 60 * 60;

/// The longest idempotency key, in characters.
const IDEMPOTENCY_KEY_MAX_CHARS: usize = 255;

/// The merchant whose secret key came with the request.
pub(super) struct Caller(pub(super) TenantId);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let key = match sole(&parts.headers, &SECRET_KEY)? {
            Some(key) => Some(key),
            None => match sole(&parts.headers, &ACCESS_TOKEN)? {
                Some(key) => Some(key),
                None => sole(&parts.headers, &PUBLIC_KEY)?,
            },
        };
        let key = key.and_then(|key| key.to_str().ok()).ok_or_else(key_missing)?;
        let known = authenticate_text(state.vaulting(), key, KeyKind::Secret).await?;
        let (_, key) = known.may(scope::needed(parts))?;
        Ok(Self(key.tenant))
    }
}

/// The merchant whose public or secret key came with the request; a page's origin is checked against a
/// public one.
pub(super) struct AnyCaller {
    pub(super) tenant: TenantId,
    /// Whose cards are counted.
    pub(super) page: Option<Page>,
}

/// A page that sends cards in clear, with a public key that whoever wants has.
pub(super) struct Page {
    pub(super) key_id: String,
    pub(super) client: Client,
}

impl FromRequestParts<AppState> for AnyCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let mut text = None;
        let mut may_be_secret = !parts.headers.contains_key(header::ORIGIN);
        for name in [SECRET_KEY, ACCESS_TOKEN, PUBLIC_KEY] {
            if let Some(value) = sole(&parts.headers, &name)? {
                may_be_secret &= name != PUBLIC_KEY;
                text = Some(Zeroizing::new(value.to_str().unwrap_or_default().to_owned()));
                break;
            }
        }
        may_be_secret &= text.is_some();
        let text = match text {
            Some(text) => text,
            None => {
                Query::of(parts).take(PUBLIC_KEY_PARAMETER).map(Zeroizing::new).ok_or_else(key_missing)?
            }
        };
        // A secret key in an address, in the place of the public one, or out of a page is one that has leaked.
        let kind = match KeyText::parse(&text) {
            Some(key) if may_be_secret => key.kind(),
            Some(_) | None => KeyKind::Publishable,
        };
        let known = authenticate_text(state.vaulting(), &text, kind).await?;
        let (_, key) = known.may(Scope::Tokenize)?;
        let page = match kind {
            KeyKind::Publishable => {
                // Nothing that comes in clear was entered in a form, and so in no session.
                if key.requires_session() {
                    return Err(crate::problem::Problem::session_required().into());
                }
                check_origin_header(&parts.headers, &key, state.public_origin())?;
                let client = state.client(parts);
                state.limits().admit(&key.id, client).map_err(crate::problem::Problem::from)?;
                Some(Page { key_id: key.id, client })
            }
            KeyKind::Secret => None,
        };
        Ok(Self { tenant: key.tenant, page })
    }
}

fn key_missing() -> Failure {
    Failure::new(
        StatusCode::FORBIDDEN,
        Code::PermissionDenied,
        "key_missing",
        "send the secret key in the header x-user-secret-key (or, to make a one-time token, the public key in \
         the header x-user-public-key or the parameter public_key)",
    )
}

/// The ids in a path. A path that is no text is answered like an id that does not exist.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(Failure::not_found("resource")),
        }
    }
}

/// The parameters of a query. Of a name that stands there twice, the first counts.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    fn of(parts: &Parts) -> Self {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Self(pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default())
    }

    /// Takes a parameter; an empty one counts as not sent.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(index).1).filter(|value| !value.is_empty())
    }

    /// Takes a number in a range; anything else is disregarded.
    pub(super) fn number(&mut self, name: &str, least: u32, most: u32) -> Option<u32> {
        let number = self.take(name)?.parse().ok()?;
        (least..=most).contains(&number).then_some(number)
    }

    /// Takes `true` or `false`; anything else is disregarded.
    pub(super) fn truth(&mut self, name: &str) -> Option<bool> {
        self.take(name)?.parse().ok()
    }
}

impl FromRequestParts<AppState> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        Ok(Self::of(parts))
    }
}

/// The members of the body, which is one JSON object, and what tells a repetition.
pub(super) struct Sent {
    /// The members.
    pub(super) fields: Fields,
    /// The request as one that may be sent again, if it has an idempotency key.
    pub(super) repeat: Option<Repeat>,
}

impl FromRequest<AppState> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        check_media_type(request.headers())?;
        let key = idempotency_key(request.headers())?;
        let head = format!("{} {}\n", request.method(), request.uri());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let message = format!("the body must have at most {BODY_LIMIT_BYTES} bytes");
                Failure::new(StatusCode::PAYLOAD_TOO_LARGE, Code::RequestRefused, "body_too_large", message)
            } else {
                Failure::invalid("", "body_unreadable", "the body broke off")
            }
        })?;
        let repeat = key.map(|key| Repeat {
            face: Face::Paydock,
            key,
            request: Zeroizing::new([head.as_bytes(), &bytes].concat()),
            lifetime_secs: IDEMPOTENCY_LIFETIME_SECS,
        });
        Ok(Self { fields: Fields::new(Members::of_body(&bytes)?), repeat })
    }
}

/// Takes `application/json` with any parameters, or no header at all.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(named) = sole(headers, &header::CONTENT_TYPE)? else { return Ok(()) };
    let media_type = named.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RequestRefused,
        "media_type_unsupported",
        "the body must be JSON; send the header Content-Type: application/json",
    ))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = sole(headers, &IDEMPOTENCY_KEY)? else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=IDEMPOTENCY_KEY_MAX_CHARS).contains(&text.len()));
    text.map(|text| Some(text.to_owned())).ok_or_else(|| {
        let message = format!(
            "the header Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_MAX_CHARS} visible ASCII characters"
        );
        Failure::invalid("", "idempotency_key_invalid", message)
    })
}
