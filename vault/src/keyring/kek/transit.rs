//! A key-encryption key in the transit engine of HashiCorp Vault or OpenBao, over HTTPS.
//!
//! Keys are wrapped by `POST …/encrypt/NAME` with the name as associated data, which the engine's AES-GCM keys take. What
//! it answers, `vault:v1:…`, is kept as it is; it names the version of the engine's key. The vault asks when it starts and
//! when a key is made: an outage in between stops nothing.

mod address;
mod connection;

use std::time::Duration;

use async_trait::async_trait;
use base64ct::{Base64, Encoding as _};
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Freshness, KekFailure, KekId, KeyEncryption};
use crate::{
    random::{self, Random, SystemRandom},
    secret_file,
};
use connection::Connector;

pub use address::{TransitAddress, TransitAddressError};

/// How long one try may take, from the first packet to the last byte of the answer.
const TRY_FOR: Duration = Duration::from_secs(5);

/// How often a call is tried while the engine is unavailable.
const TRIES: u32 = 3;

/// The longest wait before a further try; a random part of it is waited, so that vaults do not come back in step.
const WAIT_MS: u64 = 500;

/// A key of a transit engine.
pub struct TransitKek {
    address: TransitAddress,
    connector: Connector,
    id: KekId,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl Drop for Decrypted {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.plaintext);
    }
}

#[derive(Deserialize)]
struct Described {
    latest_version: u32,
}

impl TransitKek {
    /// Prepares to talk to the engine; whether it is there shows with the first key.
    ///
    /// # Errors
    ///
    /// [`KekFailure::Denied`] if there are no certificates that its own could be checked against.
    pub fn new(address: TransitAddress) -> Result<Self, KekFailure> {
        let connector = Connector::new(&address)?;
        let id = KekId::of(&Sha256::digest(address.identity()));
        Ok(Self { address, connector, id })
    }

    /// One operation with the key, tried again while the engine is unavailable.
    async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        operation: &str,
        body: &Value,
    ) -> Result<T, KekFailure> {
        let path = self.address.path(operation);
        let body = Zeroizing::new(body.to_string());
        let mut tries = 0;
        loop {
            tries += 1;
            let token = self.token()?;
            let asked = self.connector.ask(&method, &path, &token, &body);
            let outcome = tokio::time::timeout(TRY_FOR, asked).await;
            let outcome = outcome
                .unwrap_or_else(|_| Err(KekFailure::Unavailable("it did not answer in time".to_owned())));
            match outcome.and_then(|(status, bytes)| read(status, &bytes)) {
                Err(KekFailure::Unavailable(_)) if tries < TRIES => {
                    let [part] = *random::bytes::<1>(&SystemRandom)?;
                    tokio::time::sleep(Duration::from_millis(WAIT_MS * u64::from(part) / 256)).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Read for every call: whatever renews the token writes it there.
    fn token(&self) -> Result<Zeroizing<String>, KekFailure> {
        let file = self.address.token_file();
        let text = secret_file::read(file).map_err(|error| {
            KekFailure::Denied(format!("the token in {} cannot be read: {error}", file.display()))
        })?;
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KekFailure::Denied(format!("there is no token in {}", file.display())));
        }
        Ok(Zeroizing::new(token.to_owned()))
    }
}

#[async_trait]
impl KeyEncryption for TransitKek {
    fn id(&self) -> KekId {
        self.id
    }

    fn provider(&self) -> &'static str {
        "transit"
    }

    async fn wrap(&self, name: &str, key: &[u8; 32], _random: &dyn Random) -> Result<Vec<u8>, KekFailure> {
        let plaintext = Zeroizing::new(Base64::encode_string(key));
        let body = json!({
            "plaintext": plaintext.as_str(),
            "associated_data": Base64::encode_string(name.as_bytes()),
        });
        let encrypted: Encrypted = match self.call(Method::POST, "encrypt", &body).await {
            Err(KekFailure::WrongKey) => {
                return Err(KekFailure::Denied("the engine does not encrypt with this key: it must be one of AES-GCM or ChaCha20-Poly1305".to_owned()));
            }
            outcome => outcome?,
        };
        if version(&encrypted.ciphertext).is_none() {
            return Err(KekFailure::Nonsense("a ciphertext without its version".to_owned()));
        }
        Ok(encrypted.ciphertext.into_bytes())
    }

    async fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
        let ciphertext = std::str::from_utf8(wrapped).map_err(|_| KekFailure::WrongKey)?;
        let body = json!({
            "ciphertext": ciphertext,
            "associated_data": Base64::encode_string(name.as_bytes()),
        });
        let decrypted: Decrypted = self.call(Method::POST, "decrypt", &body).await?;
        let plain = Base64::decode_vec(&decrypted.plaintext).map(Zeroizing::new);
        let plain = plain.map_err(|_| KekFailure::Nonsense("a plaintext that is no base64".to_owned()))?;
        super::exactly_32(&plain)
            .map_err(|_| KekFailure::Nonsense("a plaintext of another length".to_owned()))
    }

    fn version_of(&self, wrapped: &[u8]) -> Option<u32> {
        version(std::str::from_utf8(wrapped).ok()?)
    }

    async fn is_outdated(&self, wrapped: &[u8]) -> Result<Freshness, KekFailure> {
        let described: Described = self.call(Method::GET, "keys", &Value::Null).await?;
        Ok(match self.version_of(wrapped) {
            Some(version) if version >= described.latest_version => Freshness::Newest,
            Some(_) | None => Freshness::Outdated,
        })
    }
}

/// The version that a ciphertext names: `vault:v7:…`.
fn version(ciphertext: &str) -> Option<u32> {
    let (_, rest) = ciphertext.split_once(":v")?;
    rest.split_once(':')?.0.parse().ok()
}

/// What an answer means. What it says in words is not shown: it may quote what was asked.
fn read<T: for<'de> Deserialize<'de>>(status: StatusCode, bytes: &[u8]) -> Result<T, KekFailure> {
    match status {
        StatusCode::OK => serde_json::from_slice::<Answer<T>>(bytes)
            .map(|answer| answer.data)
            .map_err(|_| KekFailure::Nonsense("its JSON is not that of the transit API".to_owned())),
        // The engine's answer to a ciphertext or associated data that do not belong together.
        StatusCode::BAD_REQUEST => Err(KekFailure::WrongKey),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(KekFailure::Denied(
            "the token may not use the key: see its policy and whether it has expired".to_owned(),
        )),
        StatusCode::NOT_FOUND => {
            Err(KekFailure::Denied("there is no such engine, namespace or key".to_owned()))
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            Err(KekFailure::Unavailable("it is sealed or in maintenance (503)".to_owned()))
        }
        other if other.is_server_error() || other == StatusCode::TOO_MANY_REQUESTS => {
            Err(KekFailure::Unavailable(format!("it answered {}", other.as_u16())))
        }
        other => Err(KekFailure::Nonsense(format!("it answered {}", other.as_u16()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphertext_names_its_version() {
        assert_eq!(version("vault:v12:AAAA"), Some(12));
        for text in ["", "vault:", "vault:v:A", "vault:vx:A", "vault:v1"] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
