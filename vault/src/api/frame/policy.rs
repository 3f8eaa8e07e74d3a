//! What a browser allows the frame: threats B3, B7, B8 and B10 of the threat model in SECURITY.md.

use axum::http::{HeaderName, HeaderValue};
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::fixed;
use crate::domain::Origin;

pub(super) const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers of the frame page, and of the page that says that there is none, besides their content security policies.
pub(super) const FRAME: [(HeaderName, HeaderValue); 9] = [
    // Browsers that know this run no script but those whose hashes stand in the page: see `files::Module::with_integrity`.
    fixed("integrity-policy", "blocked-destinations=(script), endpoints=(vault)"),
    fixed("reporting-endpoints", "vault=\"/reports\""),
    // A process of its own where the browser has one to spare, and no way to share one with a sister domain.
    fixed("origin-agent-cluster", "?1"),
    // The frame must load in pages that are cross-origin isolated themselves.
    fixed("cross-origin-embedder-policy", "require-corp"),
    fixed("cross-origin-resource-policy", "cross-origin"),
    fixed("cache-control", "no-store"),
    fixed("referrer-policy", "no-referrer"),
    fixed("x-content-type-options", "nosniff"),
    fixed(
        "permissions-policy",
        "accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), \
         fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), microphone=(), \
         midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
         usb=(), window-management=(), xr-spatial-tracking=()",
    ),
];

/// The content security policy of the page that says that there is no frame. It has no `frame-ancestors`.
pub(super) const REFUSAL: &str = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; \
                                  form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; \
                                  report-uri /reports";

/// The content security policy of the frame: nothing but the vault's own files, in pages of the allowed origins; and the
/// origin of the one endpoint, if any, that the frame may send to besides the vault.
///
/// `'self'` and no hashes: a browser that knows no `integrity` in an import map would refuse what scripts import. Those that
/// know it compare the bytes with that map, whose own hash stands here, and `Integrity-Policy` leaves no script out.
///
/// `report-uri` and no `report-to`: where both stand browsers take the second, which sends nothing without TLS.
pub(super) fn content_security(
    ancestors: &[Origin],
    import_map: &str,
    endpoint: Option<&str>,
    has_fonts: bool,
) -> String {
    let import_map = Base64::encode_string(&Sha256::digest(import_map));
    let mut policy = format!(
        "default-src 'none'; script-src 'self' 'sha256-{import_map}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; ",
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
    policy.push_str("; require-trusted-types-for 'script'; trusted-types 'none'; report-uri /reports");
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
            content_security(&origins, "{}", None, false),
            "default-src 'none'; script-src 'self' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=' \
             'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors https://shop.example http://localhost:8800; \
             require-trusted-types-for 'script'; trusted-types 'none'; \
             report-uri /reports"
        );
        assert!(content_security(&[], "{}", None, false).contains("frame-ancestors 'none';"));
        assert!(
            content_security(&[], "{}", None, true)
                .contains("img-src 'self'; font-src 'self'; connect-src 'self';")
        );
    }

    #[test]
    fn one_endpoint_opens_its_origin_and_no_other() {
        for (endpoint, opened) in [
            ("https://api-sandbox.paydock.com", "https://api-sandbox.paydock.com"),
            ("http://127.0.0.1:8700/paydock", "http://127.0.0.1:8700"),
        ] {
            let policy = content_security(&[], "{}", Some(endpoint), false);
            assert!(policy.contains(&format!("connect-src 'self' {opened};")), "{policy}");
        }
    }
}
