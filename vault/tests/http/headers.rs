//! Every header of every sort of answer, to the byte; and what a browser says of where a request comes from.
//!
//! These are threats B3, B7, B8 and B10 of `SECURITY.md`. A header that is added, lost or changed fails here, and whoever
//! changes one says in `SECURITY.md` why.

use axum::{body::Body, http::Request};
use base64ct::{Base64, Encoding as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use vault::{
    app::{self, AppState},
    domain::Origin,
    fonts::{FontChoice, Fonts},
    state::Settings,
};

use crate::support::{Answer, SHOP_ORIGIN, VAULT_ORIGIN, Vault, account, fresh_key, visa};

/// What stands in every answer that does not say otherwise.
const EVERYWHERE: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// What the pages in a frame have besides their policies.
const FRAMED: [(&str, &str); 6] = [
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("integrity-policy", "blocked-destinations=(script), endpoints=(vault)"),
    ("origin-agent-cluster", "?1"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), \
         fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), microphone=(), \
         midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
         usb=(), window-management=(), xr-spatial-tracking=()",
    ),
    ("reporting-endpoints", "vault=\"/reports\""),
];

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
const JSON: (&str, &str) = ("content-type", "application/json");
const SCRIPT: (&str, &str) = ("content-type", "text/javascript; charset=utf-8");
const REVALIDATED: (&str, &str) = ("cache-control", "no-cache");
const TAGGED: (&str, &str) = ("etag", "W/\"…\"");
const COMPRESSIBLE: (&str, &str) = ("vary", "accept-encoding");

async fn get(vault: &Vault, path: &str) -> Answer {
    vault.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// A vault with a font, so that there is one to ask for.
async fn start() -> Vault {
    let mut vault = Vault::start().await;
    let path = vault.dir.path().join("shop.woff2");
    std::fs::write(&path, b"wOF2 the rest of it").unwrap();
    let choice = FontChoice::parse(&format!("Shop Sans={}", path.display())).unwrap();
    let settings = Settings { fonts: Fonts::load(&[choice]).unwrap(), ..Settings::default() };
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::with_settings(vault.vaulting.clone(), origin, settings));
    vault
}

/// The headers in the order of their names; of tags and lengths only that they are there, or not even that.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| match name.as_str() {
            "etag" => (name.to_string(), TAGGED.1.to_owned()),
            _ => (name.to_string(), value.to_str().unwrap().to_owned()),
        })
        .collect();
    headers.sort();
    headers
}

/// Fails unless an answer has exactly the headers that all have, with these in their place or beside them.
#[track_caller]
fn assert_headers(answer: &Answer, status: u16, own: &[(&str, &str)]) {
    let mut expected: Vec<(String, String)> = EVERYWHERE
        .iter()
        .filter(|(name, _)| own.iter().all(|(other, _)| other != name))
        .chain(own)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    expected.sort();
    assert_eq!(answer.status.as_u16(), status, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(headers(answer), expected);
}

fn key_id(key: &str) -> &str {
    key.split('_').nth(2).unwrap()
}

#[tokio::test]
async fn the_frames_page_has_exactly_these_headers() {
    let vault = start().await;
    let id = key_id(&vault.pk).to_owned();
    let answer = get(&vault, &format!("/frame/{id}?gateway=paydock&endpoint=https://api.paydock.com")).await;
    if answer.status == 503 {
        answer.expect_error(503, "frame_not_built");
        return;
    }
    let page = String::from_utf8(answer.bytes.clone()).unwrap();
    let map = page.split_once("<script type=\"importmap\">").unwrap().1.split_once("</script>").unwrap().0;
    let map = Base64::encode_string(&Sha256::digest(map));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'sha256-{map}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self' https://api.paydock.com; base-uri 'none'; form-action 'none'; \
         frame-ancestors {SHOP_ORIGIN}; require-trusted-types-for 'script'; trusted-types 'none'; \
         report-uri /reports"
    );
    let own = [HTML, ("content-security-policy", policy.as_str()), COMPRESSIBLE];
    assert_headers(&answer, 200, &[FRAMED.as_slice(), &own].concat());
}

#[tokio::test]
async fn the_page_without_a_frame_has_exactly_these_headers() {
    let vault = start().await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                  require-trusted-types-for 'script'; trusted-types 'none'; report-uri /reports";
    let own = [HTML, ("content-security-policy", policy), COMPRESSIBLE];
    let own = [FRAMED.as_slice(), &own].concat();
    assert_headers(&get(&vault, "/refused").await, 200, &own);
    let foreign = format!("/frame/{}?page=https%3A%2F%2Fevil.example", key_id(&vault.pk));
    assert_headers(&get(&vault, &foreign).await, 403, &own);
    assert_headers(&get(&vault, "/frame/111111111111?page=https%3A%2F%2Fevil.example").await, 404, &own);
}

#[tokio::test]
async fn files_of_the_frame_have_exactly_these_headers() {
    let vault = start().await;
    let plain = [REVALIDATED, TAGGED, COMPRESSIBLE];
    let css = ("content-type", "text/css; charset=utf-8");
    for (file, media_type) in [
        ("frame.css", css),
        ("frame.js", SCRIPT),
        ("look.js", SCRIPT),
        ("refused.js", SCRIPT),
        ("schemes.svg", ("content-type", "image/svg+xml")),
        ("tessera.js", SCRIPT),
        ("tessera.js-only.js", SCRIPT),
        ("tessera_bg.wasm", ("content-type", "application/wasm")),
        ("look.wasm", ("content-type", "application/wasm")),
        ("locale/en.json", JSON),
    ] {
        let answer = get(&vault, &format!("/assets/{file}")).await;
        if answer.status == 503 {
            answer.expect_error(503, "frame_not_built");
            continue;
        }
        assert_headers(&answer, 200, &[plain.as_slice(), &[media_type]].concat());
        let known = Request::get(format!("/assets/{file}")).header("if-none-match", &answer.headers["etag"]);
        let known = vault.send(known.body(Body::empty()).unwrap()).await;
        assert_headers(&known, 304, &[REVALIDATED, TAGGED, media_type]);
    }
    // Fonts are compressed already; only their style sheet changes under its name.
    let sheet = get(&vault, "/assets/fonts/fonts.css").await;
    assert_headers(&sheet, 200, &[REVALIDATED, css]);
    let sheet = String::from_utf8(sheet.bytes).unwrap();
    let font = sheet.split('"').find(|text| text.starts_with("/assets/fonts/")).unwrap();
    let kept = ("cache-control", "public, max-age=31536000, immutable");
    assert_headers(&get(&vault, font).await, 200, &[kept, ("content-type", "font/woff2")]);
}

#[tokio::test]
async fn scripts_for_merchants_pages_have_exactly_these_headers() {
    let vault = start().await;
    for path in ["/tessera.js", "/index.js"] {
        let answer = get(&vault, path).await;
        if answer.status == 503 {
            answer.expect_error(503, "frame_not_built");
            return;
        }
        let own = [
            SCRIPT,
            REVALIDATED,
            TAGGED,
            COMPRESSIBLE,
            // Also into pages that take nothing from other origins that does not say so.
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
        ];
        assert_headers(&answer, 200, &own);
    }
    assert_headers(&get(&vault, "/integrity.json").await, 200, &[JSON, REVALIDATED, COMPRESSIBLE]);
}

#[tokio::test]
async fn answers_of_the_api_and_refusals_have_exactly_these_headers() {
    let vault = start().await;
    let json = [JSON];
    assert_headers(&vault.call_with(&vault.pk, "GET", "/v1/keys", json!(null)).await, 200, &json);
    let issued = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "tessera").await;
    assert_headers(&issued, 201, &json);
    let token = issued.json()["token"].clone();
    assert_headers(&vault.call("POST", "/v1/customers", json!({"token": token})).await, 201, &json);
    assert_headers(&vault.call("GET", "/v1/customers", json!(null)).await, 200, &json);
    assert_headers(&vault.call("GET", "/v1/customers/cus_none", json!(null)).await, 404, &json);
    assert_headers(&vault.call_with(&vault.pk, "GET", "/v1/customers", json!(null)).await, 403, &json);
    assert_headers(&vault.call("POST", "/v1/tokens", json!({})).await, 403, &json);
    let account = vault.tokenize_as(&vault.pk, account(), "short", "tessera").await;
    assert_headers(&account, 400, &json);
    assert_headers(&get(&vault, "/nowhere").await, 404, &json);
    assert_headers(
        &vault.call("DELETE", "/v1/customers", json!(null)).await,
        405,
        &[JSON, ("allow", "POST,GET,HEAD")],
    );
    assert_headers(&get(&vault, "/v1/keys").await, 401, &[JSON, ("www-authenticate", "Bearer")]);
    assert_headers(&get(&vault, "/healthz").await, 200, &[("content-type", "text/plain; charset=utf-8")]);
    assert_headers(&get(&vault, "/v1/openapi.json").await, 200, &json);
    let page = get(&vault, "/v1/docs").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    let style =
        policy.strip_prefix("default-src 'none'; style-src 'sha256-").unwrap().split_once('\'').unwrap();
    assert_eq!(style.1, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    let permissions = ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
    assert_headers(&page, 200, &[HTML, ("content-security-policy", &policy), permissions]);
}

/// Asks for the sealing key as the frame does, with what a browser says of the request.
async fn ask(vault: &Vault, told: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", vault.pk);
    let request = Request::get("/v1/keys").header("authorization", bearer);
    let request = told.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    vault.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn only_the_frame_may_ask_for_what_the_frame_asks_for() {
    let vault = Vault::start().await;
    let sites =
        [None, Some("same-origin"), Some("same-site"), Some("cross-site"), Some("none"), Some("SAME-ORIGIN")];
    let ways = [
        (None, None),
        (Some("cors"), Some("empty")),
        (Some("same-origin"), Some("empty")),
        (Some("no-cors"), Some("image")),
        (Some("no-cors"), Some("script")),
        (Some("cors"), Some("script")),
        (Some("navigate"), Some("document")),
        (Some("navigate"), Some("iframe")),
        (Some("websocket"), Some("websocket")),
    ];
    let mut refused = 0;
    for site in sites {
        for (mode, dest) in ways {
            let told: Vec<_> = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            let is_frame = matches!(site, None | Some("same-origin"))
                && matches!((mode, dest), (None, None) | (Some("cors" | "same-origin"), Some("empty")));
            let answer = ask(&vault, &told).await;
            if is_frame {
                answer.expect(200);
            } else {
                answer.expect_error(403, "cross_site_request");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 48);
    // Of two headers one would be the attacker's.
    let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
    ask(&vault, &twice).await.expect_error(403, "cross_site_request");
}

#[tokio::test]
async fn so_it_is_on_every_route_of_the_frame_and_on_no_other() {
    let vault = Vault::start().await;
    for path in ["/v1/keys", "/v1/tokens", "/v1/bank-names", "/v1/mandates"] {
        let method = if path == "/v1/keys" { "GET" } else { "POST" };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", vault.pk))
            .header("content-type", "application/json")
            .header("sec-fetch-site", "cross-site");
        vault.send(request.body("{}".into()).unwrap()).await.expect_error(403, "cross_site_request");
    }
    // A merchant's page and the frame itself come from elsewhere: that is what they are for.
    for path in [format!("/frame/{}", key_id(&vault.pk)), "/tessera.js".to_owned(), "/refused".to_owned()] {
        let request = Request::get(&path).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
        let answer = vault.send(request).await;
        assert!([200, 503].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn reports_are_taken_in_both_forms_and_nothing_is_said_of_them() {
    let vault = Vault::start().await;
    let report = async |media_type: &str, body: String| {
        let request = Request::post("/reports").header("content-type", media_type);
        vault.send(request.body(body.into()).unwrap()).await
    };
    let old = json!({"csp-report": {"document-uri": "https://v.example/frame/1", "blocked-uri": "inline",
                                    "effective-directive": "script-src", "disposition": "enforce"}});
    let new = json!([{"type": "csp-violation", "url": "https://v.example/frame/1",
                      "body": {"effectiveDirective": "script-src", "blockedURL": "eval", "disposition": "report"}}]);
    let taken = report("application/csp-report", old.to_string()).await;
    assert_headers(&taken, 204, &[]);
    assert_eq!(report("application/reports+json", new.to_string()).await.status, 204);
    report("application/csp-report", "no JSON".to_owned()).await.expect_error(400, "report_malformed");
    assert_eq!(report("application/csp-report", " ".repeat(20_000)).await.status, 413);
    let refused = async || report("application/csp-report", old.to_string()).await.status == 429;
    let mut was_refused = false;
    for _ in 0..30 {
        was_refused |= refused().await;
    }
    assert!(was_refused, "nobody needs so many in a moment");
}
