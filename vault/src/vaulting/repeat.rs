//! The same request twice: one effect, one answer.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Vaulting, VaultingError};
use crate::{
    domain::{Face, TenantId},
    keyring::Lookup,
    store::{Change, Remembered},
};

/// A request that may be sent again.
pub struct Repeat {
    /// The face it came through; keys of different faces do not meet.
    pub face: Face,
    /// The idempotency key, as the caller chose it.
    pub key: String,
    /// What was asked: method, path and body. Only a keyed digest of it is kept.
    pub request: Zeroizing<Vec<u8>>,
    /// How long a repetition gets the same answer, in seconds.
    pub lifetime_secs: u32,
}

/// An answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: serde_json::Value,
}

impl Vaulting {
    /// The answer that the same request got before, if it did.
    ///
    /// # Errors
    ///
    /// [`VaultingError::IdempotencyConflict`] if the key was used for another request.
    pub async fn answered(
        &self,
        tenant: &TenantId,
        repeat: &Repeat,
    ) -> Result<Option<KeptAnswer>, VaultingError> {
        let keys = self.keys(tenant)?;
        let now_ms = self.now_ms();
        for lookup in keys.lookups() {
            let mac = lookup.answer_mac(repeat.face, &repeat.key);
            let kept = self.store.remembered(tenant, &mac).await?;
            let Some(kept) = kept.filter(|kept| kept.expires_at_ms > now_ms) else { continue };
            let digest = lookup.answer_digest(&repeat.key, &[&without_codes(&repeat.request)]);
            if !bool::from(digest.ct_eq(&kept.digest)) {
                return Err(VaultingError::IdempotencyConflict);
            }
            let answer = keys.open_answer(&repeat.key, &kept.sealed)?;
            return serde_json::from_slice(&answer).map(Some).map_err(|_| VaultingError::Unreadable);
        }
        Ok(None)
    }

    /// The changes that keep an answer, to be applied with what the answer tells of: one for each version of the look-up
    /// key that somebody may be writing with, so that of two who ask the same while the key changes, one comes second.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if there are no random bytes.
    pub fn remember(
        &self,
        tenant: &TenantId,
        repeat: &Repeat,
        answer: &KeptAnswer,
    ) -> Result<Vec<Change>, VaultingError> {
        let (keys, now_ms) = (self.keys(tenant)?, self.now_ms());
        let bytes = serde_json::to_vec(answer).map_err(|_| VaultingError::Unreadable)?;
        let asked = without_codes(&repeat.request);
        let remember = |lookup: Lookup<'_>| {
            let answer = Remembered {
                mac: lookup.answer_mac(repeat.face, &repeat.key),
                lookup_version: lookup.version(),
                digest: lookup.answer_digest(&repeat.key, &[&asked]),
                sealed: keys.seal_answer(&repeat.key, &bytes, self.random())?,
                expires_at_ms: now_ms.saturating_add(i64::from(repeat.lifetime_secs) * 1000),
            };
            Ok(Change::Remember { answer, now_ms })
        };
        keys.claims(now_ms).into_iter().map(remember).collect()
    }
}

/// What the faces call a security code.
const CODE_NAMES: [&str; 4] = ["cvc", "cvv", "card_ccv", "securityCode"];

/// The longest that one of these is in a text of JSON: each character as an escape of six, in quotes.
const CODE_NAME_MAX_BYTES: usize = 6 * "securityCode".len() + 2;

/// A request without the security codes in it: a digest of what has a code in it, kept on a disk, would let whoever has all
/// keys try the thousand codes there are. Two requests that differ in nothing else are the same.
fn without_codes(request: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(request.len()));
    let mut rest = request;
    while let Some((first, behind)) = rest.split_first() {
        let (taken, behind) = code_member(rest).unwrap_or((std::slice::from_ref(first), behind));
        kept.extend_from_slice(taken);
        rest = behind;
    }
    kept
}

/// The name of the member that holds a code, if one begins here, and what stands behind its value.
fn code_member(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = rest.strip_prefix(b"\"")?;
    let inside = text.iter().take(CODE_NAME_MAX_BYTES).position(|byte| *byte == b'"')?;
    // A name may be written with escapes.
    let (name, behind) = rest.split_at_checked(inside + 2)?;
    let read = Zeroizing::new(serde_json::from_slice::<String>(name).ok()?);
    if !CODE_NAMES.contains(&read.as_str()) {
        return None;
    }
    let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    Some((name, behind_scalar(value)))
}

/// What stands behind a text or a number.
fn behind_scalar(value: &[u8]) -> &[u8] {
    let Some(text) = value.strip_prefix(b"\"") else {
        let end = value.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(value.len());
        return value.get(end..).unwrap_or_default();
    };
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => break,
            _ => {}
        }
    }
    bytes.as_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(request: &str) -> String {
        String::from_utf8(without_codes(request.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn a_digest_is_never_of_a_code() {
        for (request, kept) in [
            (r#"POST /x {"cvc":"123","a":1}"#, r#"POST /x {"cvc","a":1}"#),
            (r#"{"card":{"securityCode" : "1234"}}"#, r#"{"card":{"securityCode"}}"#),
            (r#"{"card_ccv": 123, "n": 5}"#, r#"{"card_ccv", "n": 5}"#),
            (r#"{"cvv":"1\"2","n":"cvv"}"#, r#"{"cvv","n":"cvv"}"#),
            (r#"{"cvv":"#, r#"{"cvv""#),
            (r#"{"name":"cvc","cvcs":"1"}"#, r#"{"name":"cvc","cvcs":"1"}"#),
            (r#"{"\u0063v\u0063":"123","a":1}"#, r#"{"\u0063v\u0063","a":1}"#),
            (r#"{"a":"\"","cvv":"123"}"#, r#"{"a":"\"","cvv"}"#),
        ] {
            assert_eq!(stripped(request), kept, "{request}");
        }
        // Every character of the longest name may be written as an escape.
        let escaped: String = "securityCode".bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let (request, kept) =
            (format!(r#"{{"{escaped}":"123","a":1}}"#), format!(r#"{{"{escaped}","a":1}}"#));
        assert_eq!(stripped(&request), kept);
        assert_eq!(stripped(r#"{"cvv":"123"}"#), stripped(r#"{"cvv":"987"}"#));
        assert_ne!(stripped(r#"{"pan":"123"}"#), stripped(r#"{"pan":"987"}"#));
    }
}
