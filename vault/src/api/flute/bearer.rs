//! Access tokens and refresh tokens: signed, not stored.
//!
//! A token names the API key it was made with and the time it ends, and is signed with a key of the
//! merchant's keyring. The signature covers the time at which the API key was made, too: its tokens go with it, also if another
//! one should ever get its id. (Tokens from before the look-up key could change have the stored hash of the API key there.)

use axum::http::{HeaderMap, header};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::api::auth::authenticate_text;
use crate::api::body::sole;
use crate::audit;
use crate::domain::{ApiKey, KeyKind};
use crate::keyring::Lookup;
use crate::vaulting::{Vaulting, VaultingError};

/// How long an access token is good, in seconds: what Flute's documents show as `expires_in`.
pub(super) const ACCESS_LIFETIME_SECS: i64 = 900;

/// How long a refresh token is good, in seconds. Flute's documents say "set by OAuth standards", which name
/// no time: thirty days are our reading.
pub(super) const REFRESH_LIFETIME_SECS: i64 = 30 * 24 * 60 * 60;

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Every operation.
    Access,
    /// Getting new tokens.
    Refresh,
}

impl Use {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "fla",
            Self::Refresh => "flr",
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::Access => "flute/access-token/v2",
            Self::Refresh => "flute/refresh-token/v2",
        }
    }

    /// Of tokens that were made before there was a second form.
    const fn first_purpose(self) -> &'static str {
        match self {
            Self::Access => "flute/access-token/v1",
            Self::Refresh => "flute/refresh-token/v1",
        }
    }

    const fn lifetime_secs(self) -> i64 {
        match self {
            Self::Access => ACCESS_LIFETIME_SECS,
            Self::Refresh => REFRESH_LIFETIME_SECS,
        }
    }
}

/// Why a token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is none, or its key is gone.
    Unknown,
    /// Its time is over.
    Expired,
    /// The vault could not look.
    Vaulting(VaultingError),
}

/// Makes a token for a secret key.
///
/// # Errors
/// If the merchant has no keys, which is an internal bug.
pub(super) fn issue(
    vaulting: &Vaulting,
    key: &ApiKey,
    purpose: Use,
) -> Result<Zeroizing<String>, VaultingError> {
    let expires_at_ms = vaulting.now_ms().saturating_add(purpose.lifetime_secs() * 1_000).to_string();
    let keys = vaulting.keys(&key.tenant)?;
    let signature = Base64UrlUnpadded::encode_string(&mac(keys.lookup(), key, purpose, &expires_at_ms));
    Ok(Zeroizing::new([purpose.prefix(), &key.id, &expires_at_ms, &signature].join(".")))
}

/// The secret key that a token was made with.
///
/// # Errors
/// [`Refused`], if it is none of that use, or not any more.
pub(super) async fn verify(vaulting: &Vaulting, text: &str, purpose: Use) -> Result<ApiKey, Refused> {
    let mut parts = text.split('.');
    let (Some(prefix), Some(key_id), Some(expires_at_ms), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Unknown);
    };
    if prefix != purpose.prefix() {
        return Err(Refused::Unknown);
    }
    let key = vaulting.store().api_key(key_id).await.map_err(|error| Refused::Vaulting(error.into()))?;
    let is_good = |key: &ApiKey| key.kind == KeyKind::Secret && key.is_good(vaulting.now_ms());
    let key = key.filter(is_good).ok_or(Refused::Unknown)?;
    let keys = vaulting.keys_or_learn(&key.tenant).await.map_err(Refused::Vaulting)?;
    let mut sent = [0; 32];
    let sent = Base64UrlUnpadded::decode(signature, &mut sent).unwrap_or_default();
    let is_signed = |lookup: Lookup<'_>| {
        let macs =
            [mac(lookup, &key, purpose, expires_at_ms), first_mac(lookup, &key, purpose, expires_at_ms)];
        macs.iter().any(|mac| bool::from(mac.as_slice().ct_eq(sent)))
    };
    // Not believed before the signature: until then it only tells which keys cannot have signed it.
    let ends_at_ms = expires_at_ms.parse::<i64>().map_err(|_| Refused::Unknown)?;
    let (now_ms, longest_ms) = (vaulting.now_ms(), purpose.lifetime_secs() * 1_000);
    if !keys.signing_lookups(now_ms, ends_at_ms, longest_ms).any(is_signed) {
        return Err(Refused::Unknown);
    }
    if ends_at_ms <= now_ms {
        return Err(Refused::Expired);
    }
    audit::identify(&key.id);
    Ok(key)
}

/// The secret key behind the access token of a request.
///
/// # Errors
/// 401 with the header `WWW-Authenticate`; 403 for a publishable key, which is known and may do nothing here.
pub(super) async fn caller(vaulting: &Vaulting, headers: &HeaderMap) -> Result<ApiKey, Failure> {
    let missing = || {
        Failure::unauthorized(
            "key_missing",
            "Send an access token: `Authorization: Bearer <token>`. POST /oauth2/token makes one.",
        )
    };
    let header = sole(headers, &header::AUTHORIZATION)?.ok_or_else(missing)?;
    let (scheme, token) = header.to_str().unwrap_or_default().split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    let token = token.trim();
    match verify(vaulting, token, Use::Access).await {
        Ok(key) => Ok(key),
        Err(Refused::Expired) => Err(Failure::unauthorized(
            "access_token_expired",
            "invalid_token: the token expired. Make a new one with POST /oauth2/token.",
        )),
        Err(Refused::Unknown) => match authenticate_text(vaulting, token, KeyKind::Publishable).await {
            Ok(_) => Err(Failure::forbidden(
                "wrong_key_kind",
                "A publishable key may do nothing here. Use an access token made with the secret key.",
            )),
            Err(_) => Err(Failure::unauthorized(
                "access_token_invalid",
                "invalid_token: this is no access token of this vault. POST /oauth2/token makes one.",
            )),
        },
        Err(Refused::Vaulting(error)) => Err(error.into()),
    }
}

fn mac(lookup: Lookup<'_>, key: &ApiKey, purpose: Use, expires_at_ms: &str) -> [u8; 32] {
    let made_at = key.created_at_ms.to_be_bytes();
    let parts: [&[u8]; 3] = [key.id.as_bytes(), expires_at_ms.as_bytes(), &made_at];
    lookup.purpose_mac(purpose.purpose(), &parts)
}

fn first_mac(lookup: Lookup<'_>, key: &ApiKey, purpose: Use, expires_at_ms: &str) -> [u8; 32] {
    let parts: [&[u8]; 3] = [key.id.as_bytes(), expires_at_ms.as_bytes(), &key.mac];
    lookup.purpose_mac(purpose.first_purpose(), &parts)
}
