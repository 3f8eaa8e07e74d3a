//! The frame page and the files around it.

use std::path::Path;

use axum::{body::Body, http::Request};
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256, Sha384};

use vault::{
    app::{self, AppState},
    domain::Origin,
    fonts::{FontChoice, Fonts},
    state::{NO_ENDPOINT, Settings},
};

use crate::support::{Answer, VAULT_ORIGIN, Vault};

async fn get(vault: &Vault, path: &str) -> Answer {
    vault.send(Request::get(path).body(Body::empty()).unwrap()).await
}

fn key_id(key: &str) -> &str {
    key.split('_').nth(2).unwrap()
}

/// Whether `cargo xtask build` has been run; the vault answers either way, and both are checked.
fn is_built() -> bool {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pkg/wasm");
    folder.read_dir().is_ok_and(|files| {
        files.filter_map(Result::ok).any(|file| file.file_name().to_string_lossy().ends_with(".wasm"))
    })
}

#[tokio::test]
async fn the_frame_page_comes_with_its_policy_or_says_what_to_build() {
    let vault = Vault::start().await;
    let answer = get(&vault, &format!("/frame/{}", key_id(&vault.pk))).await;
    if !is_built() {
        let error = answer.expect_error(503, "frame_not_built");
        assert!(error["message"].as_str().unwrap().contains("cargo xtask build"));
        return;
    }
    assert_eq!(answer.status, 200);
    let page = String::from_utf8(answer.bytes).unwrap();
    let html = "<html lang=\"en\" dir=\"ltr\" data-origins=\"http://localhost:8800\" data-endpoint=\"\" data-banks=\"\" \
                data-theme=\"plain\" data-scheme=\"auto\" data-layout=\"columns\" data-methods=\"any\">";
    assert!(page.contains(html), "{page}");
    assert!(answer.headers.contains_key("content-security-policy"), "tests/http/headers.rs has them all");
    // The policy allows no inline script, style or handler, so the page may not need any.
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="));
    let scripts: Vec<&str> =
        page.split("<script").skip(1).filter_map(|rest| rest.split('>').next()).collect();
    let [map, first] = scripts[..] else { panic!("{scripts:?}") };
    assert_eq!(map, " type=\"importmap\"");
    assert!(first.starts_with(" type=\"module\" src=\"/assets/frame.js\" integrity=\"sha256-"), "{first}");
}

#[tokio::test]
async fn the_policy_opens_a_documented_endpoint_and_nothing_else() {
    let vault = Vault::start().await;
    let frame = async |query: &str| get(&vault, &format!("/frame/{}?{query}", key_id(&vault.pk))).await;
    if !is_built() {
        frame("gateway=paydock").await.expect_error(503, "frame_not_built");
        return;
    }
    for (gateway, endpoint, opened) in [
        ("paydock", "https://api-sandbox.paydock.com", "https://api-sandbox.paydock.com"),
        ("flute", "https://api.flute.com", "https://api.flute.com"),
        ("paydock", "http://127.0.0.1:8700/paydock", "http://127.0.0.1:8700"),
    ] {
        let answer = frame(&format!("gateway={gateway}&endpoint={endpoint}")).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains(&format!("connect-src 'self' {opened};")), "{policy}");
        let page = String::from_utf8(answer.bytes).unwrap();
        assert!(page.contains(&format!("data-endpoint=\"{endpoint}\"")), "{page}");
    }
    for query in [
        "gateway=paydock",
        "endpoint=https://api.paydock.com",
        "gateway=paydock&endpoint=https://evil.example",
        "gateway=paydock&endpoint=https://api.flute.com",
        "gateway=paydock&endpoint=https://api.paydock.com.evil.example",
        "gateway=paydock&endpoint=http://127.0.0.1:8700/flute",
        "gateway=paydock&endpoint=%22%3E%3Cscript%3E",
        "gateway=fluidpay&endpoint=http://127.0.0.1:8700/fluidpay",
        "gateway=tessera&endpoint=http://127.0.0.1:8700/tessera",
        "gateway=nobody&endpoint=https://api.paydock.com",
    ] {
        let answer = frame(query).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("connect-src 'self';"), "{query}: {policy}");
        let page = String::from_utf8(answer.bytes).unwrap();
        assert!(page.contains("data-endpoint=\"\"") && !page.contains("evil"), "{query}");
    }
}

#[tokio::test]
async fn whoever_runs_the_vault_can_forbid_every_endpoint() {
    let mut vault = Vault::start().await;
    let settings = Settings { endpoints: vec![NO_ENDPOINT.to_owned()], ..Settings::default() };
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::with_settings(vault.vaulting.clone(), origin, settings));
    for endpoint in ["https://api-sandbox.paydock.com", "http://127.0.0.1:8700/paydock"] {
        let path = format!("/frame/{}?gateway=paydock&endpoint={endpoint}", key_id(&vault.pk));
        let answer = get(&vault, &path).await;
        if !is_built() {
            answer.expect_error(503, "frame_not_built");
            return;
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(String::from_utf8(answer.bytes).unwrap().contains("data-endpoint=\"\""));
    }
}

#[tokio::test]
async fn a_foreign_page_gets_a_page_that_says_so() {
    let vault = Vault::start().await;
    let id = key_id(&vault.pk).to_owned();
    let foreign = "https%3A%2F%2Fevil.example";
    let (allowed, unknown) = ("http%3A%2F%2Flocalhost%3A8800", "111111111111");
    for (path, status, reason) in [
        (format!("/frame/{id}?page={foreign}"), 403, "origin"),
        (format!("/frame/{id}?page=null"), 403, "origin"),
        (format!("/frame/{id}?page={allowed}+{foreign}"), 403, "origin"),
        (format!("/frame/{unknown}?page={allowed}"), 404, "key"),
        ("/refused".to_owned(), 200, "browser"),
    ] {
        let answer = get(&vault, &path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        // Any page may show it, and it can do nothing but say so.
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("frame-ancestors"), "{policy}");
        assert_eq!(answer.headers["cross-origin-resource-policy"], "cross-origin");
        let page = String::from_utf8(answer.bytes).unwrap();
        assert!(page.contains(&format!("<html lang=\"en\" data-reason=\"{reason}\">")), "{page}");
        assert!(!page.contains("<form") && !page.contains("evil"), "{page}");
    }
    if is_built() {
        let answer = get(&vault, &format!("/frame/{id}?page={allowed}+{allowed}")).await;
        assert_eq!(answer.status, 200);
        assert!(String::from_utf8(answer.bytes).unwrap().contains("<form"));
    }
}

#[tokio::test]
async fn the_page_names_the_bytes_of_its_files() {
    let vault = Vault::start().await;
    let answer = get(&vault, &format!("/frame/{}", key_id(&vault.pk))).await;
    if !is_built() {
        answer.expect_error(503, "frame_not_built");
        return;
    }
    let page = String::from_utf8(answer.bytes).unwrap();
    for (file, attribute) in [
        ("frame.css", "integrity"),
        ("frame.js", "integrity"),
        ("tessera.js", "integrity"),
        ("tessera.js-only.js", "integrity"),
        ("tessera_bg.wasm", "data-integrity"),
        ("locale/en.json", "data-integrity"),
    ] {
        let bytes = get(&vault, &format!("/assets/{file}")).await.bytes;
        let digest = Base64::encode_string(&Sha256::digest(&bytes));
        let expected = format!("=\"/assets/{file}\" {attribute}=\"sha256-{digest}\"");
        assert!(page.contains(&expected), "{expected} is not in {page}");
    }
    assert!(!page.contains("integrity=\"\""), "every file that the page names has its hash: {page}");
    let map = page.split_once("<script type=\"importmap\">").unwrap().1.split_once('<').unwrap().0;
    let map: serde_json::Value = serde_json::from_str(map).unwrap();
    let listed: Vec<&String> = map["integrity"].as_object().unwrap().keys().collect();
    let scripts = [
        "contrast.js",
        "fault.js",
        "look.js",
        "look.wasm",
        "look.wasm.js",
        "tessera.js",
        "tessera.js-only.js",
        "work.js",
    ];
    assert_eq!(listed, scripts.map(|name| format!("/assets/{name}")).iter().collect::<Vec<_>>());
    for (path, listed) in map["integrity"].as_object().unwrap() {
        let digest = Base64::encode_string(&Sha256::digest(&get(&vault, path).await.bytes));
        assert_eq!(*listed, format!("sha256-{digest}"), "{path}");
    }
    let refused = String::from_utf8(get(&vault, "/refused").await.bytes).unwrap();
    for file in ["frame.css", "refused.js"] {
        let digest =
            Base64::encode_string(&Sha256::digest(&get(&vault, &format!("/assets/{file}")).await.bytes));
        assert!(refused.contains(&format!("\"/assets/{file}\" integrity=\"sha256-{digest}\"")), "{refused}");
    }
}

#[tokio::test]
async fn a_page_can_demand_the_scripts_as_they_are() {
    let vault = Vault::start().await;
    let answer = get(&vault, "/integrity.json").await;
    if !is_built() {
        answer.expect_error(503, "frame_not_built");
        return;
    }
    let integrity = answer.expect(200);
    for script in ["/tessera.js", "/index.js"] {
        let digest = Base64::encode_string(&Sha384::digest(&get(&vault, script).await.bytes));
        assert_eq!(integrity[script], format!("sha384-{digest}"));
    }
}

#[tokio::test]
async fn the_page_comes_in_the_shoppers_language() {
    let vault = Vault::start().await;
    let frame = async |query: &str| get(&vault, &format!("/frame/{}?{query}", key_id(&vault.pk))).await;
    if !is_built() {
        frame("locale=de").await.expect_error(503, "frame_not_built");
        return;
    }
    for (query, found, dir, label) in [
        ("", "en", "ltr", ">Card number</label>"),
        ("locale=de-AT", "de", "ltr", ">Kartennummer</label>"),
        ("locale=ar-EG", "ar", "rtl", ">رقم البطاقة</label>"),
        ("locale=%22%3E%3Cscript%3E", "en", "ltr", ">Card number</label>"),
    ] {
        let page = String::from_utf8(frame(query).await.bytes).unwrap();
        let html = format!("<html lang=\"{found}\" dir=\"{dir}\" data-origins=\"http://localhost:8800\"");
        assert!(page.contains(&html) && page.contains(label), "{page}");
        // The browser fetches it together with the module, not after it.
        let preload = format!(
            "<link rel=\"preload\" as=\"fetch\" type=\"application/json\" href=\"/assets/locale/{found}.json\""
        );
        assert!(page.contains(&preload), "{page}");
        // Every text that the page asks for is there.
        for rest in page.split("data-say=").skip(1) {
            assert!(!rest.split_once('>').unwrap().1.starts_with('<'), "{rest}");
        }
        assert!(!page.contains("placeholder=\"\"") && !page.contains("aria-label=\"\""), "{page}");
        assert_eq!(page.matches("data-hint=").count(), page.matches("placeholder=").count());
    }
}

#[tokio::test]
async fn messages_come_for_every_language_tag() {
    let vault = Vault::start().await;
    if !is_built() {
        get(&vault, "/assets/locale/en.json").await.expect_error(503, "frame_not_built");
        return;
    }
    for (tag, found) in [("en", "en"), ("ja-JP", "ja"), ("zh-TW", "zh-Hant"), ("pt", "pt-BR"), ("xx", "en")] {
        let answer = get(&vault, &format!("/assets/locale/{tag}.json")).await;
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-cache");
        let file: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
        assert_eq!(file["locale"], found);
    }
    for file in ["en", "en.js", "messages.rs"] {
        get(&vault, &format!("/assets/locale/{file}")).await.expect_error(404, "not_found");
    }
    // A tag is compared, and never becomes a part of a path.
    let answer = get(&vault, "/assets/locale/..%2F..%2Fpackage.json").await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&answer.bytes).unwrap()["locale"], "en");
}

#[tokio::test]
async fn there_is_no_frame_for_other_keys() {
    let vault = Vault::start().await;
    let secret = key_id(&vault.sk).to_owned();
    for id in [secret.as_str(), "111111111111", "..", "%FF", vault.pk.as_str()] {
        get(&vault, &format!("/frame/{id}")).await.expect_error(404, "not_found");
    }
}

#[tokio::test]
async fn assets_are_named_files_only() {
    let vault = Vault::start().await;
    for file in ["frame.css", "frame.js", "refused.js"] {
        let answer = get(&vault, &format!("/assets/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(answer.headers["cache-control"], "no-cache");
        let again = Request::get(format!("/assets/{file}")).header("if-none-match", &answer.headers["etag"]);
        let again = vault.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    }
    for file in [
        "frame.html",
        "refused.html",
        "nothing.js",
        "%FF",
        "..%2F..%2FCargo.toml",
        "%2e%2e",
        ".gitignore",
        "tessera.d.ts",
        "index.js",
    ] {
        get(&vault, &format!("/assets/{file}")).await.expect_error(404, "not_found");
    }
    let wasm = get(&vault, "/assets/tessera_bg.wasm").await;
    if is_built() {
        assert_eq!(
            (wasm.status.as_u16(), &wasm.headers["content-type"]),
            (200, &"application/wasm".parse().unwrap())
        );
        assert!(wasm.bytes.starts_with(b"\0asm"));
    } else {
        wasm.expect_error(503, "frame_not_built");
    }
}

#[tokio::test]
async fn merchants_pages_may_load_the_scripts() {
    let vault = Vault::start().await;
    if !is_built() {
        get(&vault, "/index.js").await.expect_error(503, "frame_not_built");
        return;
    }
    for path in ["/tessera.js", "/index.js"] {
        let answer = get(&vault, path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["cross-origin-resource-policy"], "cross-origin");
    }
    let compressed = Request::get("/index.js").header("accept-encoding", "br").body(Body::empty()).unwrap();
    let compressed = vault.send(compressed).await;
    assert_eq!(compressed.headers["content-encoding"], "br");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let vault = Vault::start().await;
    for path in ["/healthz", "/v1/keys", "/nowhere", "/fluidpay/nowhere", "/tessera.js", "/v1/customers"] {
        let answer = get(&vault, path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        assert!(answer.headers.contains_key("cross-origin-resource-policy"), "{path}");
        let expected = if path == "/tessera.js" { "no-cache" } else { "no-store" };
        assert_eq!(answer.headers["cache-control"], expected, "{path}");
    }
    assert_eq!(get(&vault, "/healthz").await.bytes, b"ok\n");
}

#[tokio::test]
async fn the_page_comes_in_the_presets_that_were_asked_for_and_in_no_other_words() {
    let vault = Vault::start().await;
    if !is_built() {
        return;
    }
    for (query, shown) in [
        (
            "theme=ledger&scheme=dark&layout=line&methods=code",
            "data-theme=\"ledger\" data-scheme=\"dark\" data-layout=\"line\" data-methods=\"code\">",
        ),
        (
            "theme=x%22%20onload%3D%22&scheme=sepia&layout='number'&methods=card%2Cach",
            "data-theme=\"plain\" data-scheme=\"auto\" data-layout=\"columns\" data-methods=\"any\">",
        ),
    ] {
        let answer = get(&vault, &format!("/frame/{}?{query}", key_id(&vault.pk))).await;
        let page = String::from_utf8(answer.bytes).unwrap();
        assert!(page.contains(shown) && !page.contains("onload"), "{query}: {page}");
    }
}

#[tokio::test]
async fn a_font_that_was_chosen_is_served_and_allowed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.woff2");
    std::fs::write(&path, b"wOF2 the rest of it").unwrap();
    let choice = FontChoice::parse(&format!("Shop Sans={}", path.display())).unwrap();
    let fonts = Fonts::load(&[choice]).unwrap();
    let mut vault = Vault::start().await;
    get(&vault, "/assets/fonts/fonts.css").await.expect_error(404, "not_found");
    let settings = Settings { fonts, ..Settings::default() };
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::with_settings(vault.vaulting.clone(), origin, settings));

    let sheet = get(&vault, "/assets/fonts/fonts.css").await;
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");
    let sheet = String::from_utf8(sheet.bytes).unwrap();
    assert!(sheet.contains("font-family:\"Shop Sans\""), "{sheet}");
    let file = sheet.split('"').find(|text| text.starts_with("/assets/fonts/")).unwrap();
    let font = get(&vault, file).await;
    assert_eq!(font.bytes, b"wOF2 the rest of it");
    assert_eq!(font.headers["content-type"], "font/woff2");
    assert_eq!(font.headers["cache-control"], "public, max-age=31536000, immutable");
    get(&vault, "/assets/fonts/other.woff2").await.expect_error(404, "not_found");

    if is_built() {
        let page = get(&vault, &format!("/frame/{}", key_id(&vault.pk))).await;
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("; font-src 'self'; "));
        assert!(String::from_utf8(page.bytes).unwrap().contains("href=\"/assets/fonts/fonts.css\""));
    }
}
