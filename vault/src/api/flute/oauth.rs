//! `POST /oauth2/token`: an API key becomes a short-lived access token (RFC 6749, sections 4.4 and 6).
//!
//! The client id is the id part of a secret key, and the client secret is the whole key. Both come by
//! HTTP Basic, as Flute's documents show, or as members of the form.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding as _};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::bearer::{self, ACCESS_LIFETIME_SECS, Refused, Use};
use super::parameters::Parameters;
use crate::api::auth::authenticate_text;
use crate::api::body::sole;
use crate::domain::{ApiKey, KeyKind};
use crate::metrics::RefusalCode;
use crate::problem::Problem;
use crate::state::AppState;
use crate::vaulting::Vaulting;

/// The form that asks for tokens.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenForm {
    /// What is handed over for the tokens.
    #[schema(value_type = String, examples("client_credentials", "refresh_token"))]
    grant_type: Zeroizing<String>,
    /// The id part of a secret key, unless it comes by HTTP Basic.
    #[schema(value_type = Option<String>)]
    client_id: Option<Zeroizing<String>>,
    /// The whole secret key, unless it comes by HTTP Basic.
    #[schema(value_type = Option<String>)]
    client_secret: Option<Zeroizing<String>>,
    /// With the grant `refresh_token`: the refresh token.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<Zeroizing<String>>,
    /// `offline_access`, or nothing.
    #[schema(value_type = Option<String>, examples("offline_access"))]
    scope: Option<Zeroizing<String>>,
}

/// New tokens.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenAnswer {
    /// For the header `Authorization: Bearer`.
    access_token: String,
    /// For new tokens, when the access token is over.
    refresh_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: i64,
}

/// A refusal of this endpoint, in the form of RFC 6749, section 5.2.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OauthFailure {
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`,
    /// `invalid_scope` or `server_error`.
    error: &'static str,
    /// What to do, in a sentence.
    error_description: String,
}

impl OauthFailure {
    fn bad(error: &'static str, description: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, error_description: description.to_owned() }
    }

    fn client(description: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::bad("invalid_client", description) }
    }
}

impl From<Problem> for OauthFailure {
    fn from(problem: Problem) -> Self {
        match problem.status {
            StatusCode::UNAUTHORIZED => {
                Self::client("The client secret is a secret key, whole: sk_live_... or sk_test_...")
            }
            StatusCode::FORBIDDEN => {
                Self::bad("unauthorized_client", "A publishable key gets no access token; use a secret key.")
            }
            status if status.is_server_error() => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Self { status, ..Self::bad("server_error", &problem.message) }
            }
            _ => Self::bad("invalid_request", &problem.message),
        }
    }
}

impl IntoResponse for OauthFailure {
    fn into_response(self) -> Response {
        let status = self.status;
        let code = RefusalCode(self.error);
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(code);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"tessera\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Makes an access token and a refresh token.
#[utoipa::path(
    post, path = "/oauth2/token", tag = "API token authorization",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "New tokens", body = TokenAnswer),
        (status = 400, description = "The request is malformed, or the grant is no good", body = OauthFailure),
        (status = 401, description = "The client is not known", body = OauthFailure),
        (status = 500, description = "The vault has a problem of its own", body = OauthFailure),
    ),
    security(("client" = []), ()),
)]
pub(super) async fn token(
    State(state): State<AppState>,
    request: Request,
) -> Result<Json<TokenAnswer>, OauthFailure> {
    let (vaulting, headers) = (state.vaulting(), request.headers().clone());
    let form = TokenForm::of_request(request).await?;
    let key = client(vaulting, &headers, &form).await?;
    if form.scope.as_ref().is_some_and(|scope| scope.split(' ').any(|name| name != "offline_access")) {
        return Err(OauthFailure::bad("invalid_scope", "The only scope is offline_access."));
    }
    match form.grant_type.as_str() {
        "client_credentials" => {}
        "refresh_token" => {
            let no_good = || OauthFailure::bad("invalid_grant", "This refresh token is no good any more.");
            let sent = form.refresh_token.as_ref().ok_or_else(|| {
                OauthFailure::bad("invalid_request", "The mandatory 'refresh_token' parameter is missing.")
            })?;
            match bearer::verify(vaulting, sent, Use::Refresh).await {
                Ok(grantee) if grantee.id == key.id => {}
                Ok(_) | Err(Refused::Unknown | Refused::Expired) => return Err(no_good()),
                Err(Refused::Vaulting(error)) => return Err(Problem::from(error).into()),
            }
        }
        _ => {
            let description = "The grants are client_credentials and refresh_token.";
            return Err(OauthFailure::bad("unsupported_grant_type", description));
        }
    }
    let made = |purpose| bearer::issue(vaulting, &key, purpose).map_err(|error| Problem::from(error).into());
    Ok(Json(TokenAnswer {
        // EXPOSE: the tokens are what was asked for.
        access_token: made(Use::Access)
            .map(|token| token.to_string())
            .map_err(|error: OauthFailure| error)?,
        refresh_token: made(Use::Refresh).map(|token| token.to_string())?,
        token_type: "Bearer",
        expires_in: ACCESS_LIFETIME_SECS,
    }))
}

impl TokenForm {
    async fn of_request(request: Request) -> Result<Self, OauthFailure> {
        let media_type = sole(request.headers(), &header::CONTENT_TYPE)?
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let description = "Send a form: Content-Type: application/x-www-form-urlencoded.";
            return Err(OauthFailure::bad("invalid_request", description));
        }
        let bytes = Bytes::from_request(request, &())
            .await
            .map_err(|_| OauthFailure::bad("invalid_request", "The body is too long, or broke off."))?;
        let malformed = |misfit: crate::api::members::Misfit| {
            OauthFailure::bad("invalid_request", &format!("{}.", misfit.message))
        };
        let mut form = Parameters::of(&bytes).map_err(malformed)?;
        let grant_type = form.text("grant_type").map_err(malformed)?.ok_or_else(|| {
            OauthFailure::bad("invalid_request", "The mandatory 'grant_type' parameter is missing.")
        })?;
        Ok(Self {
            grant_type,
            client_id: form.text("client_id").map_err(malformed)?,
            client_secret: form.text("client_secret").map_err(malformed)?,
            refresh_token: form.text("refresh_token").map_err(malformed)?,
            scope: form.text("scope").map_err(malformed)?,
        })
    }
}

/// The secret key of the client, by HTTP Basic or by the form.
async fn client(vaulting: &Vaulting, headers: &HeaderMap, form: &TokenForm) -> Result<ApiKey, OauthFailure> {
    let (id, secret) = match sole(headers, &header::AUTHORIZATION)? {
        Some(value) => basic(value.to_str().unwrap_or_default())
            .ok_or_else(|| OauthFailure::client("Send `Authorization: Basic`, or the client in the form."))?,
        None => {
            let id = form.client_id.clone().ok_or_else(|| {
                OauthFailure::bad("invalid_request", "The mandatory 'client_id' parameter is missing.")
            })?;
            let secret = form.client_secret.clone().ok_or_else(|| {
                OauthFailure::bad("invalid_request", "The mandatory 'client_secret' parameter is missing.")
            })?;
            (id, secret)
        }
    };
    // The token does what the key may do, which is asked whenever it comes.
    let (text, key) = authenticate_text(vaulting, &secret, KeyKind::Secret).await?.for_nothing();
    if text.id() != id.as_str() {
        return Err(OauthFailure::client("The client id is the id part of the secret key."));
    }
    Ok(key)
}

fn basic(header: &str) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(Base64::decode_vec(credentials.trim()).ok()?);
    let (id, secret) = core::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some((Zeroizing::new(id.to_owned()), Zeroizing::new(secret.to_owned())))
}
