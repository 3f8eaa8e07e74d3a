//! The vault's public sealing key: fetched, kept until it expires, fetched again.

use gateway::{Classification, Dialect, Endpoint, HttpRequest, Method};
use js_sys::{Array, Date, JSON};
use seal::PublicKey;
use wasm_bindgen::JsCast as _;

use crate::bridge::{member, text};
use crate::clock;
use crate::error::Problem;
use crate::transport::{self, Limit};

/// A key so close to its end is not used: the sealed card has to travel, too.
const MARGIN_MS: f64 = 60_000.0;

/// A sealing key with the time until which the vault opens what was sealed to it.
#[derive(Clone)]
pub(super) struct SealingKey {
    pub(super) public: PublicKey,
    expires_at_ms: f64,
}

impl SealingKey {
    /// Whether it can still be used.
    pub(super) fn is_good(&self) -> bool {
        clock::now_ms() + MARGIN_MS < self.expires_at_ms
    }

    /// Asks the vault for its key.
    pub(super) async fn fetch(
        endpoint: &Endpoint,
        dialect: &dyn Dialect,
        limit: &Limit,
    ) -> Result<Self, Problem> {
        let request = HttpRequest {
            method: Method::Get,
            url: format!("{}/v1/keys", endpoint.base_url),
            headers: vec![("authorization".to_owned(), format!("Bearer {}", endpoint.publishable_key))],
            body: String::new(),
        };
        let answer = transport::send(&request, limit).await?;
        if answer.status == 200 {
            return Self::read(&answer.body).ok_or_else(malformed);
        }
        // The vault's refusals look the same everywhere; the dialect reads them.
        Err(dialect.token(&answer).err().map_or_else(malformed, Problem::from))
    }

    /// The first key of the list that is of our suite and has time left.
    fn read(body: &str) -> Option<Self> {
        let list = member(&JSON::parse(body).ok()?, "keys").dyn_into::<Array>().ok()?;
        list.iter()
            .filter(|key| text(key, "suite").as_deref() == Some(seal::SUITE))
            .filter_map(|key| {
                let public = PublicKey::from_text(&text(&key, "id")?, &text(&key, "public_key")?).ok()?;
                let expires_at_ms = Date::parse(&text(&key, "expires_at")?);
                Some(Self { public, expires_at_ms })
            })
            .find(Self::is_good)
    }
}

fn malformed() -> Problem {
    Problem::new(
        "keys_malformed",
        Classification::Gateway,
        "The payment service has no usable key. Try again in a moment.",
    )
}
