//! What a request of this face consists of: who sends it, the ids in its path, its query, its body.

use axum::body::Bytes;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use super::failure::Failure;
use crate::api::auth::authenticate_text;
use crate::api::body::sole;
use crate::api::members::Members;
use crate::api::scope;
use crate::domain::{CustomerId, KeyKind, PaymentId, PaymentMethodId, TenantId};
use crate::state::{AppState, BODY_LIMIT_BYTES};

/// The header that names the organization where the path does not.
const ORGANIZATION: HeaderName = HeaderName::from_static("x-organization-id");

/// How many items a list shows unless the request says otherwise: what payments.ai's example asks for.
const DEFAULT_LIMIT: u32 = 20;

/// How many items a list shows at most: the limit of Rebilly's lists, from which payments.ai's come.
const MAX_LIMIT: u32 = 1_000;

/// A merchant's server that knows its secret key, and names its own organization.
pub(super) struct Caller {
    /// The merchant.
    pub(super) tenant: TenantId,
    /// The variable parts of the path.
    ids: Vec<(String, String)>,
}

impl Caller {
    /// The customer that the path names.
    pub(super) fn customer(&self) -> CustomerId {
        CustomerId::new(self.id("customer"))
    }

    /// The payment instrument that the path names.
    pub(super) fn instrument(&self) -> PaymentMethodId {
        PaymentMethodId::new(self.id("instrument"))
    }

    /// The transaction that the path names.
    pub(super) fn transaction(&self) -> PaymentId {
        PaymentId::new(self.id("transaction"))
    }

    /// The token that the path names.
    pub(super) fn token(&self) -> &str {
        self.id("token")
    }

    /// A variable part of the path; nothing exists under the empty id.
    fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| known == name).map_or("", |(_, id)| id)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let text = sole(&parts.headers, &header::AUTHORIZATION)?.and_then(|value| value.to_str().ok());
        let text = text.and_then(api_key).ok_or_else(|| {
            Failure::plain(
                StatusCode::UNAUTHORIZED,
                "key_missing",
                "send the secret key of your server: Authorization: ApiKey <key>",
            )
        })?;
        let known = authenticate_text(state.vaulting(), text, KeyKind::Secret).await?;
        let (_, key) = known.may(scope::needed(parts))?;
        let tenant = key.tenant;
        let ids = match RawPathParams::from_request_parts(parts, state).await {
            Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(RawPathParamsRejection::MissingPathParams(_)) => Vec::new(),
            // What is no text names nothing.
            Err(_) => return Err(Failure::not_found("resource")),
        };
        let caller = Self { tenant, ids };
        let organization = match caller.id("org") {
            "" => sole(&parts.headers, &ORGANIZATION)?
                .ok_or_else(|| {
                    Failure::invalid(
                        "X-Organization-Id",
                        "required",
                        "the header X-Organization-Id must name the organization",
                    )
                })?
                .to_str()
                .unwrap_or_default(),
            named => named,
        };
        if organization != caller.tenant.as_str() {
            return Err(Failure::not_found("organization"));
        }
        Ok(caller)
    }
}

/// The key behind the scheme `ApiKey`, in whatever case that is written (RFC 9110, section 11.1).
fn api_key(text: &str) -> Option<&str> {
    let (scheme, key) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("ApiKey").then(|| key.trim())
}

/// The parameters behind the `?`, taken one by one.
pub(super) struct Parameters(Vec<(String, String)>);

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// How many items at most.
    pub(super) limit: u32,
    /// How many come before them.
    pub(super) offset: u32,
}

impl Parameters {
    /// Takes `limit` and `offset`.
    ///
    /// # Errors
    /// `out_of_range` if one is no number, or too large.
    pub(super) fn paging(&mut self) -> Result<Paging, Failure> {
        Ok(Paging {
            limit: self.number("limit", MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT),
            offset: self.number("offset", u32::try_from(i32::MAX).unwrap_or(u32::MAX))?.unwrap_or(0),
        })
    }

    /// Takes a parameter; an empty one counts as not sent.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(index).1).filter(|value| !value.is_empty())
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `unknown_parameter` if one was not taken.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Failure::plain(
            StatusCode::BAD_REQUEST,
            "unknown_parameter",
            "there is a parameter behind the ? that this operation does not have, or one that is repeated",
        ))
    }

    fn number(&mut self, name: &str, max: u32) -> Result<Option<u32>, Failure> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number <= max).map(Some).ok_or_else(|| {
            Failure::invalid(name, "out_of_range", format!("{name} must be a number from 0 to {max}"))
        })
    }
}

impl FromRequestParts<AppState> for Parameters {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Query::<Vec<(String, String)>>::from_request_parts(parts, state).await {
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(_) => Err(Failure::plain(
                StatusCode::BAD_REQUEST,
                "query_invalid",
                "what stands behind the ? is not in the form of name=value pairs",
            )),
        }
    }
}

/// The body, which is one JSON object.
///
/// payments.ai's examples always send `Content-Type: application/json`. A body without that header is taken
/// for JSON too (RFC 9110, section 8.3, allows to leave it out); one that names anything else is refused.
pub(super) struct Sent {
    /// The members.
    pub(super) members: Members,
    /// What was sent, byte by byte; a repetition must be the same.
    pub(super) raw: Bytes,
}

impl FromRequest<AppState> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        check_media_type(request.headers())?;
        let raw = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Failure::plain(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    format!("the body must have at most {BODY_LIMIT_BYTES} bytes"),
                )
            } else {
                Failure::plain(StatusCode::BAD_REQUEST, "body_unreadable", "the body broke off")
            }
        })?;
        Ok(Self { members: Members::of_body(&raw)?, raw })
    }
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
        "the body must be JSON; send the header Content-Type: application/json",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scheme_of_the_gateway_holds_a_key() {
        assert_eq!(api_key("ApiKey sk_1"), Some("sk_1"));
        assert_eq!(api_key("apikey  sk_1 "), Some("sk_1"));
        for text in ["sk_1", "Bearer sk_1", "Basic c2tfMTo=", "ApiKey", ""] {
            assert_eq!(api_key(text), None, "{text}");
        }
    }

    #[test]
    fn pages_are_read_within_their_limits() {
        let read = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let mut parameters = Parameters(pairs.collect());
            let paging = parameters.paging()?;
            parameters.finish().map(|()| paging)
        };
        assert_eq!(read(&[]).unwrap(), Paging { limit: 20, offset: 0 });
        assert_eq!(read(&[("limit", "0"), ("offset", "7")]).unwrap(), Paging { limit: 0, offset: 7 });
        assert_eq!(read(&[("limit", "1000")]).unwrap().limit, 1_000);
        for (pairs, code) in [
            (&[("limit", "1001")] as &[_], "out_of_range"),
            (&[("limit", "-1")], "out_of_range"),
            (&[("limit", "+1")], "out_of_range"),
            (&[("offset", "many")], "out_of_range"),
            (&[("limit", "1"), ("limit", "2")], "unknown_parameter"),
            (&[("cursor", "x")], "unknown_parameter"),
        ] {
            assert_eq!(read(pairs).unwrap_err().code(), code, "{pairs:?}");
        }
    }
}
