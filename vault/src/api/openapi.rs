//! The OpenAPI document of every face, and a page to read it; and the page of all errors.
//!
//! `GET <face>/openapi.json` is the document (OpenAPI 3.1), made of the types that the face's own handlers
//! read and write; `GET <face>/docs` shows the same document as HTML. The page is made here, on the
//! server: it has no script and loads nothing, from nowhere. Both are public, as the source is.

mod errors;
mod example;
mod markup;
mod page;
mod schema;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing,
};
use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::openapi::{OpenApi, Server};

use super::{fluidpay, flute, native, paydock, paymentsai};
use crate::state::AppState;

/// The faces, in the order of the documentation.
static FACES: [Described; 5] = [
    Described::new("/v1", "Tessera", native::openapi),
    Described::new("/paydock", "Paydock face of the Tessera vault", paydock::openapi),
    Described::new("/fluidpay", "FluidPay face of the Tessera vault", fluidpay::openapi),
    Described::new("/flute", "Flute face of the Tessera vault", flute::openapi),
    Described::new("/paymentsai", "payments.ai face of the Tessera vault", paymentsai::openapi),
];

/// A face with its document.
struct Described {
    /// Where the face is mounted; the paths of its document begin there.
    mount: &'static str,
    /// What the document is called.
    title: &'static str,
    /// Collects the document from the face's handlers.
    collect: fn() -> OpenApi,
    /// Both answers, once somebody has asked for one of them.
    rendered: std::sync::OnceLock<Rendered>,
}

/// A document as it is answered.
struct Rendered {
    json: String,
    html: String,
}

impl Described {
    const fn new(mount: &'static str, title: &'static str, collect: fn() -> OpenApi) -> Self {
        Self { mount, title, collect, rendered: std::sync::OnceLock::new() }
    }

    fn rendered(&self) -> &Rendered {
        self.rendered.get_or_init(|| {
            let mut document = (self.collect)();
            self.title.clone_into(&mut document.info.title);
            env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
            document.info.license = None;
            document.info.contact = None;
            document.servers = Some(vec![Server::new(self.mount)]);
            // Only maps with keys that are no text cannot be written, and the document has none.
            let value = serde_json::to_value(&document).unwrap_or(Value::Null);
            Rendered { json: value.to_string(), html: page::render(&value) }
        })
    }
}

/// The routes of all documents and pages; to be merged beside the faces.
pub fn router() -> Router<AppState> {
    let router = Router::new().route("/docs/errors", routing::get(async || html(&errors::PAGE)));
    FACES.iter().fold(router, |router, face| {
        router
            .route(&format!("{}/openapi.json", face.mount), routing::get(async || document(face)))
            .route(&format!("{}/docs", face.mount), routing::get(async || readable(face)))
    })
}

fn document(face: &'static Described) -> Response {
    let media_type = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, media_type)], face.rendered().json.as_str()).into_response()
}

fn readable(face: &'static Described) -> Response {
    html(&face.rendered().html)
}

fn html(page: &'static str) -> Response {
    let mut response = page.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    );
    response
}

/// What a browser allows the page: its own style sheet, known by its hash, and nothing else at all.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = Base64::encode_string(&Sha256::digest(page::STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    // Base64 and the text around it are ASCII; if it were not so, the strictest policy would stand.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});
