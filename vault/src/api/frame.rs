//! The card frame and what pages load from the vault: HTML, scripts, WebAssembly.
//!
//! Release builds carry the files inside; debug builds read them from the source tree. What is not
//! built yet is answered with 503 and the command that builds it.

mod files;
mod locale;
mod policy;
mod refusal;
mod reports;

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;

use crate::{
    api::path::PathId,
    domain::{KeyKind, Origin},
    problem::{Classification, Problem},
    state::AppState,
};
use files::File;
pub use files::Module;
use locale::Locale;
use refusal::Reason;

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/frame/{key_id}", routing::get(frame))
        .route("/refused", routing::get(refused))
        .route("/reports", routing::post(reports::take))
        .route("/assets/locale/{file}", routing::get(messages))
        .route("/assets/{file}", routing::get(asset))
        .route("/tessera.js", routing::get(auto_script))
        .route("/index.js", routing::get(script))
        .route("/integrity.json", routing::get(integrity))
        .layer(CompressionLayer::new())
        // Behind the layer: these are compressed already.
        .route("/assets/fonts/{file}", routing::get(font))
}

/// What an element asks for in the address of its frame.
#[derive(Deserialize)]
struct Asked {
    /// The shopper's language.
    #[serde(default)]
    locale: String,
    /// The origins of the page and of the pages around it, as far as the browser tells them.
    page: Option<String>,
    /// A gateway that the frame shall send to itself, and where.
    gateway: Option<String>,
    endpoint: Option<String>,
    /// What the frame shall look like from the start.
    theme: Option<String>,
    scheme: Option<String>,
    layout: Option<String>,
    /// What the shopper can pay with; `code` stands alone.
    methods: Option<String>,
}

/// What the style sheet of the frame knows: attribute of the page and its values, the first of which stands there.
const PRESETS: [(&str, &[&str]); 4] = [
    ("theme", &["plain", "soft", "ledger"]),
    ("scheme", &["auto", "light", "dark"]),
    ("layout", &["columns", "stacked", "line", "compact"]),
    ("methods", &["any", "code"]),
];

/// Where the page loads how it looks; and, after that, the fonts that a theme may name.
const OWN_SHEET: &str = "<link rel=\"stylesheet\" href=\"/assets/frame.css\" integrity=\"\">";
/// Where the import map stands.
const IMPORT_MAP: &str = "<script type=\"importmap\"></script>";
const FONT_SHEET: &str = "<link rel=\"stylesheet\" href=\"/assets/fonts/fonts.css\">";

impl Asked {
    /// Whether every page that is named may show the frame. This only says early what the browser enforces, by
    /// `frame-ancestors`, for whatever is named here.
    fn may_show(&self, allowed: &[Origin]) -> bool {
        let mut pages = self.page.iter().flat_map(|pages| pages.split_whitespace());
        pages.all(|page| allowed.iter().any(|origin| origin.as_str() == page))
    }
}

/// The page in the frame of a publishable key, for the origins that may embed it.
async fn frame(
    State(state): State<AppState>,
    PathId(key_id): PathId,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now_ms = state.vaulting().now_ms();
    let key = state.vaulting().store().api_key(&key_id).await?;
    let key = match key.filter(|key| key.kind == KeyKind::Publishable && key.is_good(now_ms)) {
        Some(key) if asked.may_show(&key.origins) => key,
        Some(_) => return refusal::page(Reason::Origin),
        None if asked.page.is_some() => return refusal::page(Reason::Key),
        None => return Err(Problem::not_found()),
    };
    let module = module(&state);
    let page = files::frame_page().filter(|_| module.is_built()).ok_or_else(not_built)?;
    let page = std::str::from_utf8(&page).map_err(|_| not_built())?;
    let locale = Locale::of(&asked.locale).ok_or_else(not_built)?;
    let mut page = locale.render(page);
    let has_fonts = !state.fonts().is_empty();
    if has_fonts {
        page = page.replacen(OWN_SHEET, &format!("{OWN_SHEET}\n    {FONT_SHEET}"), 1);
    }
    let page = module.with_integrity(&page, Some(&locale.locale));
    let import_map = module.import_map();
    let page = page.replacen(IMPORT_MAP, &IMPORT_MAP.replacen("><", &format!(">{import_map}<"), 1), 1);
    // Origins hold no character that means anything in HTML or in a header: see `Origin::parse`.
    let origins = key.origins.iter().map(|origin| origin.as_str()).collect::<Vec<_>>().join(" ");
    let mut page = page.replacen("data-origins=\"\"", &format!("data-origins=\"{origins}\""), 1);
    // An endpoint is one of a list, and none of them holds such a character either. None takes a code alone.
    let endpoint = asked.gateway.as_ref().zip(asked.endpoint.as_ref()).filter(|(gateway, endpoint)| {
        asked.methods.as_deref() != Some("code") && state.allows(gateway, endpoint)
    });
    if let Some((_, endpoint)) = &endpoint {
        page = page.replacen("data-endpoint=\"\"", &format!("data-endpoint=\"{endpoint}\""), 1);
    }
    let endpoint = endpoint.as_ref().map(|(_, endpoint)| endpoint.as_str());
    page = dressed(page, &asked);
    if !state.banks().is_empty() {
        page = page.replacen("data-banks=\"\"", "data-banks=\"on\"", 1);
    }
    let csp =
        HeaderValue::from_str(&policy::content_security(&key.origins, &import_map, endpoint, has_fonts))
            .map_err(|_| Problem::internal())?;
    let mut response = (StatusCode::OK, page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    for (name, value) in policy::FRAME {
        headers.insert(name, value);
    }
    Ok(response)
}

/// The page that any page may show, which says that the frame was refused. An element asks for it when the frame
/// does not answer: if this one does, the vault can be reached.
async fn refused() -> Result<Response, Problem> {
    refusal::page(Reason::Browser)
}

/// The messages of the locale that is nearest to the one in the file's name.
async fn messages(PathId(file): PathId, headers: HeaderMap) -> Result<Response, Problem> {
    let tag = file.strip_suffix(".json").ok_or_else(Problem::not_found)?;
    let locale = Locale::of(tag).ok_or_else(not_built)?;
    Ok(answer(files::locale_file(&locale.locale).ok_or_else(not_built)?, &headers))
}

/// The page in the presets that were asked for, so that it need not change before the eyes of the shopper.
fn dressed(page: String, asked: &Asked) -> String {
    let asked = [&asked.theme, &asked.scheme, &asked.layout, &asked.methods];
    PRESETS.iter().zip(asked).fold(page, |page, ((attribute, values), asked)| {
        let shown = |value: &str| format!("data-{attribute}=\"{value}\"");
        // Anything else is left to the frame, which says what is wrong with it.
        match (values.first(), values.iter().find(|value| Some(**value) == asked.as_deref())) {
            (Some(usual), Some(wanted)) => page.replacen(&shown(usual), &shown(wanted), 1),
            _ => page,
        }
    })
}

/// A file that the frame loads.
async fn asset(
    State(state): State<AppState>,
    PathId(file): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = module(&state)
        .asset(&file)
        .ok_or_else(|| if files::is_wasm_output(&file) { not_built() } else { Problem::not_found() })?;
    Ok(answer(file, &headers))
}

/// A font that themes may use, or the style sheet that names them.
async fn font(State(state): State<AppState>, PathId(file): PathId) -> Result<Response, Problem> {
    let fonts = state.fonts();
    if file == "fonts.css" && !fonts.is_empty() {
        let headers =
            [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
        return Ok((headers, fonts.sheet().to_owned()).into_response());
    }
    let font = fonts.get(&file).ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, font.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, font.bytes.clone()).into_response())
}

/// The script that registers the element by itself, for a `<script type="module" src>`.
async fn auto_script(headers: HeaderMap) -> Result<Response, Problem> {
    package_script("auto.js", &headers)
}

/// The element's script, for an `import`.
async fn script(headers: HeaderMap) -> Result<Response, Problem> {
    package_script("index.js", &headers)
}

/// What those two scripts are now, for pages that demand that they are this and nothing else.
async fn integrity() -> Result<Response, Problem> {
    let known = |name| files::package_integrity(name).ok_or_else(not_built);
    let integrity = serde_json::json!({"/tessera.js": known("auto.js")?, "/index.js": known("index.js")?});
    Ok(([(header::CACHE_CONTROL, "no-cache")], axum::Json(integrity)).into_response())
}

fn package_script(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let mut response = answer(files::package_script(name).ok_or_else(not_built)?, headers);
    // Merchants' pages load these from another origin, and module scripts are fetched with CORS.
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(policy::RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

/// Answers with a file, or with 304 if the browser has it.
fn answer(file: File, request: &HeaderMap) -> Response {
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == file.etag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (StatusCode::OK, file.bytes.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&file.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The browser's module that goes with this vault's sealing keys.
fn module(state: &AppState) -> Module {
    Module::of(state.vaulting().keyring().sealing().suites().made())
}

fn not_built() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "frame_not_built",
        Classification::Environment,
        "The frame's files are not built. Run `cargo xtask build`, then start the vault again.",
    )
}

/// The type of a list of fixed headers.
const fn fixed(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}
