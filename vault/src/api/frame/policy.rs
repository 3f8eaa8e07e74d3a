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

/// The content security policy: nothing but the vault's own files, in pages of the allowed origins.
pub(super) fn content_security(ancestors: &[Origin]) -> String {
    let mut policy = String::from(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors",
    );
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_origins_may_embed_the_frame() {
        let origins =
            [Origin::parse("https://shop.example").unwrap(), Origin::parse("http://localhost:8800").unwrap()];
        assert_eq!(
            content_security(&origins),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors https://shop.example http://localhost:8800; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        );
        assert!(content_security(&[]).contains("frame-ancestors 'none';"));
    }
}
