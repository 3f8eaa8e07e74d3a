//! Who is calling: an API key in the `Authorization` header, and the origin rules for publishable ones.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};

use super::{body::sole, scope};
use crate::{
    audit,
    domain::{ApiKey, KeyKind, KeyText, Origin, Scope, TenantId},
    limits::Client,
    problem::Problem,
    state::AppState,
    vaulting::{Presented, Vaulting},
};

/// A merchant's server, known by its secret key.
#[derive(Clone, Debug)]
pub struct SecretCaller {
    /// The merchant.
    pub tenant: TenantId,
}

/// A browser with a merchant's publishable key, at an origin that may use it.
#[derive(Clone, Debug)]
pub struct PublishableCaller {
    /// The merchant.
    pub tenant: TenantId,
    /// The key as it was sent.
    pub text: KeyText,
    /// The key as it is stored.
    pub key: ApiKey,
}

impl FromRequestParts<AppState> for SecretCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let known = authenticate(state.vaulting(), &parts.headers, KeyKind::Secret).await?;
        let (_, key) = known.may(scope::needed(parts))?;
        Ok(Self { tenant: key.tenant })
    }
}

impl FromRequestParts<AppState> for PublishableCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let known = authenticate(state.vaulting(), &parts.headers, KeyKind::Publishable).await?;
        let (text, key) = known.may(Scope::Tokenize)?;
        check_fetch_metadata(&parts.headers)?;
        check_origin_header(&parts.headers, &key, state.public_origin())?;
        Ok(Self { tenant: key.tenant.clone(), text, key })
    }
}

/// The same and where it is, counted among those who ask for tokens, before anything in the body is looked at.
#[derive(Clone, Debug)]
pub struct Admitted(pub PublishableCaller, pub Client);

impl FromRequestParts<AppState> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = PublishableCaller::from_request_parts(parts, state).await?;
        let client = state.client(parts);
        state.limits().admit(&caller.key.id, client)?;
        Ok(Self(caller, client))
    }
}

/// A key that is this vault's and good; what it may do is still to be asked.
pub struct Known {
    text: KeyText,
    key: ApiKey,
}

impl Known {
    /// The key, if it has a scope.
    ///
    /// # Errors
    ///
    /// 403 `scope_missing`.
    pub fn may(self, needed: Scope) -> Result<(KeyText, ApiKey), Problem> {
        scope::check(&self.key, needed)?;
        Ok((self.text, self.key))
    }

    /// The key for what needs no scope: to say who it is, or to make something of it that is asked for its scopes when
    /// it is used.
    #[must_use]
    pub fn for_nothing(self) -> (KeyText, ApiKey) {
        (self.text, self.key)
    }
}

/// Checks the key of a request: `Authorization: Bearer <key>`, or the bare key as FluidPay sends it.
///
/// # Errors
///
/// 400 `header_repeated`, 401 `key_missing` or `key_invalid`, 403 `wrong_key_kind`, or the store's.
pub async fn authenticate(
    vaulting: &Vaulting,
    headers: &HeaderMap,
    expected: KeyKind,
) -> Result<Known, Problem> {
    let header = sole(headers, &header::AUTHORIZATION)?.ok_or_else(|| {
        Problem::merchant(
            StatusCode::UNAUTHORIZED,
            "key_missing",
            "Send an API key: `Authorization: Bearer <key>`.",
        )
    })?;
    let text = header.to_str().ok().map(|text| match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        Some(_) | None => text,
    });
    authenticate_text(vaulting, text.unwrap_or_default(), expected).await
}

/// Checks a key, wherever it stood.
///
/// # Errors
///
/// 401 `key_invalid`, 403 `wrong_key_kind`, or the store's.
pub async fn authenticate_text(vaulting: &Vaulting, text: &str, expected: KeyKind) -> Result<Known, Problem> {
    let text = KeyText::parse(text).ok_or_else(key_invalid)?;
    let key = vaulting.store().api_key(text.id()).await?.ok_or_else(key_invalid)?;
    // Word for word as if it had never been there.
    let presented = vaulting.presented(&key, &text).await?;
    if presented == Presented::Other || !key.is_good(vaulting.now_ms()) {
        return Err(key_invalid());
    }
    audit::identify(&key.id);
    vaulting.rehash_key(&key, &text).await;
    if key.kind != expected {
        return Err(wrong_kind(expected));
    }
    Ok(Known { text, key })
}

/// Checks the `Origin` header, which browsers send and servers do not.
///
/// # Errors
///
/// 403 `origin_not_allowed`.
pub(super) fn check_origin_header(headers: &HeaderMap, key: &ApiKey, own: &Origin) -> Result<(), Problem> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let allowed =
        |text: &str| text == own.as_str() || key.origins.iter().any(|origin| origin.as_str() == text);
    if origins.all(|value| value.to_str().is_ok_and(allowed)) { Ok(()) } else { Err(origin_not_allowed()) }
}

/// Checks what a browser says of how a request came about. The frame asks by `fetch` from its own origin; a page that
/// asks itself, a link, a form or an element that loads an image or a script, is none of ours. What says nothing (a
/// server, an old browser, a page that came without TLS) is judged by the other rules alone.
///
/// # Errors
///
/// 403 `cross_site_request`.
fn check_fetch_metadata(headers: &HeaderMap) -> Result<(), Problem> {
    for (name, accepted) in [
        ("sec-fetch-site", ["same-origin"].as_slice()),
        ("sec-fetch-mode", ["cors", "same-origin"].as_slice()),
        ("sec-fetch-dest", ["empty"].as_slice()),
    ] {
        let is_accepted = |value: &HeaderValue| accepted.iter().any(|accepted| value == accepted);
        if !headers.get_all(name).iter().all(is_accepted) {
            return Err(Problem::merchant(
                StatusCode::FORBIDDEN,
                "cross_site_request",
                "Only the payment form itself may ask for this. Put the form into the page, and use what it gives.",
            ));
        }
    }
    Ok(())
}

/// The origin of the page, if it is one that may use the key.
///
/// # Errors
///
/// 403 `origin_not_allowed`.
pub fn allowed_page_origin<'a>(key: &'a ApiKey, page_origin: &str) -> Result<&'a Origin, Problem> {
    key.origins.iter().find(|origin| origin.as_str() == page_origin).ok_or_else(origin_not_allowed)
}

fn key_invalid() -> Problem {
    Problem::merchant(StatusCode::UNAUTHORIZED, "key_invalid", "This is not a key of this vault.")
}

fn wrong_kind(expected: KeyKind) -> Problem {
    let message = match expected {
        KeyKind::Publishable => "This needs the publishable key (pk_). Never put a secret key into a page.",
        KeyKind::Secret => "This needs the secret key (sk_), and with it a server of yours.",
    };
    Problem::merchant(StatusCode::FORBIDDEN, "wrong_key_kind", message)
}

fn origin_not_allowed() -> Problem {
    Problem::merchant(
        StatusCode::FORBIDDEN,
        "origin_not_allowed",
        "Pages of this origin may not use this key. Add the origin to the key's allowed origins.",
    )
}
