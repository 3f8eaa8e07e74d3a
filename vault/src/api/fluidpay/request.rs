//! What a request of this face consists of: who sends it, the ids in its path, its body.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::api::auth::SecretCaller;
use crate::api::body::sole;
use crate::api::members::Members;
use crate::domain::TenantId;
use crate::state::{AppState, BODY_LIMIT_BYTES};

/// The merchant whose secret key came with the request.
pub(super) struct Caller(pub(super) TenantId);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let SecretCaller { tenant } = SecretCaller::from_request_parts(parts, state).await?;
        Ok(Self(tenant))
    }
}

/// The ids in a path. A path that is no text is answered like an id that does not exist.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(Failure::not_found("customer")),
        }
    }
}

/// The members of the body, which is one JSON object.
///
/// The document does not say whether a request must name its media type, and HTTP allows to leave it out
/// (RFC 9110, section 8.3). So a body without the header is taken for JSON. Anything named but
/// `application/json` is refused: a form that a client sends by default is no JSON by chance.
pub(super) struct Sent(pub(super) Members);

impl FromRequest<AppState> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let bytes = body(request, state).await?;
        Ok(Self(Members::of_body(&bytes)?))
    }
}

/// The same, with what was asked for as a whole: method, path and body, by which a repetition is known.
pub(super) struct SentWhole(pub(super) Members, pub(super) Zeroizing<Vec<u8>>);

impl FromRequest<AppState> for SentWhole {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let line = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = body(request, state).await?;
        let whole = Zeroizing::new([line.as_bytes(), &bytes].concat());
        Ok(Self(Members::of_body(&bytes)?, whole))
    }
}

async fn body(request: Request, state: &AppState) -> Result<Bytes, Failure> {
    check_media_type(request.headers())?;
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Failure::plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "merchant",
                format!("the body must have at most {BODY_LIMIT_BYTES} bytes"),
            )
        } else {
            Failure::malformed("body_unreadable", "the body broke off")
        }
    })
}

/// Takes `application/json` with any parameters, or no header at all.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(named) = sole(headers, &header::CONTENT_TYPE)? else { return Ok(()) };
    let media_type = named.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::plain(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media_type_unsupported",
        "merchant",
        "the body must be JSON; send the header Content-Type: application/json",
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_json_or_nothing_may_be_named() {
        let check = |named: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in named {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
            }
            check_media_type(&headers).map_err(|failure| failure.code())
        };
        for named in [
            &[] as &[_],
            &["application/json"],
            &["Application/JSON;charset=utf-8"],
            &["application/json ; a=b"],
        ] {
            assert_eq!(check(named), Ok(()), "{named:?}");
        }
        for named in [
            &["text/plain"] as &[_],
            &[""],
            &["application/x-www-form-urlencoded"],
            &["application/jsonp"],
            &["text/plain; application/json"],
        ] {
            assert_eq!(check(named), Err("media_type_unsupported"), "{named:?}");
        }
        assert_eq!(check(&["application/json", "application/json"]), Err("header_repeated"));
    }
}
