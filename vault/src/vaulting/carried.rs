//! A token's text with its security code, sealed, behind it: for several vaults, none of which keeps the code.
//!
//! The text is the token, a point, and in base64url the sealing key's id and a ciphertext. Its key is made of the token
//! and the private half of that sealing key, which every vault of the database has and which is destroyed within three days:
//! afterwards no key opens what somebody may have kept of it. The plaintext is the code and the end of its time.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use instrument::card::SecurityCode;
use seal::KeyId;
use zeroize::Zeroizing;

use super::{Vaulting, VaultingError};
use crate::domain::TenantId;

/// Between a token and what it carries; in no token of any dialect.
const POINT: char = '.';

/// How long a code is at most; a shorter one has zeros behind it.
const CODE_LEN: usize = 4;

/// A token's text in two: what the token is, and what it carries.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    /// The token, by which it is known.
    pub(super) token: &'a str,
    carried: Option<&'a str>,
}

impl<'a> Text<'a> {
    /// Any text is one; whether the token exists is the store's to say.
    pub(super) fn new(text: &'a str) -> Self {
        text.split_once(POINT).map_or(Self { token: text, carried: None }, |(token, carried)| Self {
            token,
            carried: Some(carried),
        })
    }
}

impl Vaulting {
    /// The token's text with a code, if there is one, behind it; without one also if no sealing key is good, as if no code had
    /// been kept.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if it cannot be encrypted, which is an internal bug.
    pub(super) fn carrying(
        &self,
        tenant: &TenantId,
        token: &str,
        code: Option<&SecurityCode>,
        ends_at_ms: i64,
    ) -> Result<Zeroizing<String>, VaultingError> {
        let mut text = Zeroizing::new(token.to_owned());
        let Some(code) = code else { return Ok(text) };
        let mut plain = Zeroizing::new([0; CODE_LEN + 8]);
        // EXPOSE: the code is sealed.
        plain.iter_mut().zip(code.expose().as_bytes()).for_each(|(to, from)| *to = *from);
        plain.iter_mut().skip(CODE_LEN).zip(ends_at_ms.to_be_bytes()).for_each(|(to, from)| *to = from);
        let sealed = self.keyring.seal_carried(tenant, token, &*plain, self.now_ms())?;
        if let Some((id, sealed)) = sealed {
            text.push(POINT);
            text.push_str(&Base64UrlUnpadded::encode_string(&[id.bytes().as_slice(), &sealed].concat()));
        }
        Ok(text)
    }

    /// The code that a token's text carries, until its time is over.
    ///
    /// # Errors
    ///
    /// [`VaultingError::TokenUnknown`] if somebody changed it.
    pub(super) async fn carried(
        &self,
        tenant: &TenantId,
        text: Text<'_>,
    ) -> Result<Option<SecurityCode>, VaultingError> {
        let Some(carried) = text.carried else { return Ok(None) };
        let bytes = Base64UrlUnpadded::decode_vec(carried).map_err(|_| VaultingError::TokenUnknown)?;
        let (id, sealed) = bytes.split_first_chunk::<8>().ok_or(VaultingError::TokenUnknown)?;
        let (id, now_ms) = (KeyId::new(*id), self.now_ms());
        self.learn_sealing_key(id, now_ms).await;
        let Some(plain) = self.keyring.open_carried(tenant, text.token, id, sealed, now_ms) else {
            // The key is over, and the code's time was over before.
            return Ok(None);
        };
        let plain = plain.map_err(|_| VaultingError::TokenUnknown)?;
        let (code, ends_at_ms) = plain.split_first_chunk::<CODE_LEN>().ok_or(VaultingError::TokenUnknown)?;
        let ends_at_ms =
            ends_at_ms.try_into().map(i64::from_be_bytes).map_err(|_| VaultingError::TokenUnknown)?;
        if ends_at_ms <= now_ms {
            return Ok(None);
        }
        let code = Zeroizing::new(*code);
        let digits = code.split(|byte| *byte == 0).next().unwrap_or_default();
        let digits = std::str::from_utf8(digits).map_err(|_| VaultingError::TokenUnknown)?;
        SecurityCode::parse(digits, None).map(Some).map_err(|_| VaultingError::TokenUnknown)
    }
}
