//! What a browser allows the frame: threats B3, B7, B8 and B10 of the threat model in SECURITY.md.

use axum::http::{HeaderName, HeaderValue};

use super::fixed;
use crate::domain::Origin;

pub(super) const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers of the frame page besides its content security policy.
pub(super) const FRAME: [(HeaderName, HeaderValue); 6] = [
    // The frame must load in pages that are cross-origin isolated themselves.
    fixed("cross-origin-embedder-policy", "require-corp"),
    fixed("cross-origin-resource-policy", "cross-origin"),
    fixed("cache-control", "no-store"),
    fixed("referrer-policy", "no-referrer"),
    fixed("x-content-type-options", "nosniff"),
    fixed(
        "permissions-policy",
        "accelerometer=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), gyroscope=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), \
         xr-spatial-tracking=()",
    ),
];

/// The content security policy of the page that says that there is no frame. It has no `frame-ancestors`.
pub(super) const REFUSAL: &str = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; \
                                  form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The content security policy of the frame: nothing but the vault's own files, in pages of the allowed origins; and the
/// origin of the one endpoint, if any, that the frame may send to besides the vault.
pub(super) fn content_security(ancestors: &[Origin], endpoint: Option<&str>, has_fonts: bool) -> String {
    let mut policy = String::from(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; ",
    );
    if has_fonts {
        policy.push_str("font-src 'self'; ");
    }
    policy.push_str("connect-src 'self'");
    if let Some(origin) = endpoint.map(origin_of) {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy.push_str("; base-uri 'none'; form-action 'none'; frame-ancestors");
    if ancestors.is_empty() {
        policy.push_str(" 'none'");
    }
    for origin in ancestors {
        policy.push(' ');
        policy.push_str(origin.as_str());
    }
    policy.push_str("; require-trusted-types-for 'script'; trusted-types 'none'");
    policy
}

/// Scheme, host and port of a URL that is known to be one.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_origins_may_embed_the_frame() {
        let origins =
            [Origin::parse("https://shop.example").unwrap(), Origin::parse("http://localhost:8800").unwrap()];
        assert_eq!(
            content_security(&origins, None, false),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors https://shop.example http://localhost:8800; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        );
        assert!(content_security(&[], None, false).contains("frame-ancestors 'none';"));
        assert!(
            content_security(&[], None, true)
                .contains("img-src 'self'; font-src 'self'; connect-src 'self';")
        );
    }

    #[test]
    fn one_endpoint_opens_its_origin_and_no_other() {
        for (endpoint, opened) in [
            ("https://api-sandbox.paydock.com", "https://api-sandbox.paydock.com"),
            ("http://127.0.0.1:8700/paydock", "http://127.0.0.1:8700"),
        ] {
            let policy = content_security(&[], Some(endpoint), false);
            assert!(policy.contains(&format!("connect-src 'self' {opened};")), "{policy}");
        }
    }
}
