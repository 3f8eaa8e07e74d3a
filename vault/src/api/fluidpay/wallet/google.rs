//! Google Pay tokens of protocol ECv2, opened with the merchant's (or gateway's) own key.
//!
//! Source: Google's "Payment data cryptography for merchants". Checked here, in this order: the
//! intermediate key is signed by a configured, unexpired ECv2 root key and has not expired; the message is
//! signed by it for exactly the configured recipient; the HMAC of the ciphertext fits; the message has
//! not expired and is about a card.

use aes::cipher::{KeyIvInit, StreamCipher};
use base64ct::{Base64, Encoding};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::DecodePublicKey;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Opened, WalletError};
use crate::api::members::{Json, Members};

/// The sender's id in every signature and in the key derivation.
const SENDER: &str = "Google";
/// The only protocol version accepted; ECv1 has no intermediate keys and is retired.
const PROTOCOL: &str = "ECv2";

/// What is needed to open Google Pay tokens.
pub struct GooglePay {
    key: SecretKey,
    /// `merchant:<id>` or `gateway:<id>`, as it stands in the signature.
    recipient: String,
    roots: Vec<RootKey>,
}

/// One of Google's root signing keys.
struct RootKey {
    key: VerifyingKey,
    expires_at_ms: Option<i64>,
}

impl GooglePay {
    /// Takes the private key, the recipient id and Google's list of root signing
    /// keys (the JSON it publishes).
    ///
    /// # Errors
    /// Which of the three cannot be read.
    pub fn new(key: SecretKey, recipient: &str, root_keys: &str) -> Result<Self, &'static str> {
        if !recipient.starts_with("merchant:") && !recipient.starts_with("gateway:") {
            return Err("the recipient id must begin with merchant: or gateway:");
        }
        let roots = read_roots(root_keys).ok_or("the root signing keys are not Google's JSON")?;
        if roots.is_empty() {
            return Err("the root signing keys hold no key of protocol ECv2");
        }
        Ok(Self { key, recipient: recipient.to_owned(), roots })
    }

    /// Verifies and decrypts a token.
    ///
    /// # Errors
    /// What is wrong with it; never a part of it.
    pub(super) fn open(&self, token: Json, now_ms: i64) -> Result<Opened, WalletError> {
        let token = match token {
            Json::Text(text) => Json::parse(text.as_bytes()).map_err(|_| WalletError::Malformed)?,
            object => object,
        };
        let mut token = object(token)?;
        if text(&mut token, "protocolVersion")?.as_str() != PROTOCOL {
            return Err(WalletError::Unsupported("only protocolVersion ECv2 is supported"));
        }
        let signature = text(&mut token, "signature")?;
        let signed_message = text(&mut token, "signedMessage")?;
        let intermediate = object(token.value("intermediateSigningKey").ok_or(WalletError::Malformed)?)?;
        let signing_key = self.verified_intermediate(intermediate, now_ms)?;
        let subject = signed_bytes(&[SENDER, &self.recipient, PROTOCOL, &signed_message]);
        verify(&signing_key, &subject, &signature)?;
        let plain = self.decrypt(&signed_message)?;
        read_message(&plain, now_ms)
    }

    fn verified_intermediate(&self, mut key: Members, now_ms: i64) -> Result<VerifyingKey, WalletError> {
        let signed_key = text(&mut key, "signedKey")?;
        let Some(Json::List(signatures)) = key.value("signatures") else {
            return Err(WalletError::Malformed);
        };
        let subject = signed_bytes(&[SENDER, PROTOCOL, &signed_key]);
        let vouched = signatures.iter().any(|signature| {
            let Json::Text(signature) = signature else { return false };
            self.roots
                .iter()
                .filter(|root| root.expires_at_ms.is_none_or(|expires_at_ms| expires_at_ms > now_ms))
                .any(|root| verify(&root.key, &subject, signature).is_ok())
        });
        if !vouched {
            return Err(WalletError::NotAuthentic);
        }
        let mut signed = object(Json::parse(signed_key.as_bytes()).map_err(|_| WalletError::Malformed)?)?;
        if milliseconds(&mut signed, "keyExpiration")? <= now_ms {
            return Err(WalletError::Expired);
        }
        verifying_key(&text(&mut signed, "keyValue")?).ok_or(WalletError::Malformed)
    }

    fn decrypt(&self, signed_message: &str) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let mut message =
            object(Json::parse(signed_message.as_bytes()).map_err(|_| WalletError::Malformed)?)?;
        let ephemeral = decode(&text(&mut message, "ephemeralPublicKey")?)?;
        let mut sealed = Zeroizing::new(decode(&text(&mut message, "encryptedMessage")?)?);
        let tag = decode(&text(&mut message, "tag")?)?;
        let peer = PublicKey::from_sec1_bytes(&ephemeral).map_err(|_| WalletError::Malformed)?;
        let shared = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), peer.as_affine());
        // The key material is the ephemeral point, uncompressed, before the shared secret.
        let mut material = Zeroizing::new(peer.to_sec1_point(false).as_bytes().to_vec());
        material.extend_from_slice(shared.raw_secret_bytes());
        let mut keys = Zeroizing::new([0_u8; 64]);
        Hkdf::<Sha256>::new(None, &material)
            .expand(SENDER.as_bytes(), keys.as_mut_slice())
            .map_err(|_| WalletError::NotAuthentic)?;
        let (cipher_key, mac_key) = keys.split_at(32);
        let mut mac = Hmac::<Sha256>::new_from_slice(mac_key).map_err(|_| WalletError::NotAuthentic)?;
        mac.update(&sealed);
        mac.verify_slice(&tag).map_err(|_| WalletError::NotAuthentic)?;
        // Each key is used once, which is why the protocol's counter may start at zero.
        ctr::Ctr128BE::<aes::Aes256>::new_from_slices(cipher_key, &[0; 16])
            .map_err(|_| WalletError::NotAuthentic)?
            .apply_keystream(&mut sealed);
        Ok(sealed)
    }
}

fn read_message(plain: &[u8], now_ms: i64) -> Result<Opened, WalletError> {
    let mut message = object(Json::parse(plain).map_err(|_| WalletError::Malformed)?)?;
    if milliseconds(&mut message, "messageExpiration")? <= now_ms {
        return Err(WalletError::Expired);
    }
    if text(&mut message, "paymentMethod")?.as_str() != "CARD" {
        return Err(WalletError::Unsupported("the token is not about a card"));
    }
    let message_id = text(&mut message, "messageId")?;
    let mut details = object(message.value("paymentMethodDetails").ok_or(WalletError::Malformed)?)?;
    let number = match details.value("pan") {
        Some(Json::Text(number)) => number,
        Some(Json::Integer(number)) => Zeroizing::new(number.to_string()),
        Some(Json::Null | Json::Bool(_) | Json::Fraction(_) | Json::List(_) | Json::Object(_)) | None => {
            return Err(WalletError::Malformed);
        }
    };
    let month = whole(&mut details, "expirationMonth")?;
    let year = whole(&mut details, "expirationYear")?;
    let unique = format!("googlepay:{}", message_id.as_str());
    Opened::new(number, month, year, unique)
}

fn read_roots(text: &str) -> Option<Vec<RootKey>> {
    let Ok(Json::Object(members)) = Json::parse(text.as_bytes()) else { return None };
    let (_, Json::List(keys)) = members.into_iter().find(|(name, _)| name == "keys")? else { return None };
    let mut roots = Vec::new();
    for key in keys {
        let mut key = Members::of_value("keys", key).ok()?;
        if self::text(&mut key, "protocolVersion").ok()?.as_str() != PROTOCOL {
            continue;
        }
        let expires_at_ms = milliseconds(&mut key, "keyExpiration").ok();
        roots.push(RootKey { key: verifying_key(&self::text(&mut key, "keyValue").ok()?)?, expires_at_ms });
    }
    Some(roots)
}

fn verifying_key(base64_spki: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_public_key_der(&Base64::decode_vec(base64_spki).ok()?).ok()
}

fn verify(key: &VerifyingKey, subject: &[u8], base64_der: &str) -> Result<(), WalletError> {
    let signature = Signature::from_der(&decode(base64_der)?).map_err(|_| WalletError::NotAuthentic)?;
    key.verify(subject, &signature).map_err(|_| WalletError::NotAuthentic)
}

/// Each part behind its length in four bytes, little end first.
fn signed_bytes(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn object(value: Json) -> Result<Members, WalletError> {
    Members::of_value("google_pay_token", value).map_err(|_| WalletError::Malformed)
}

fn text(members: &mut Members, name: &str) -> Result<Zeroizing<String>, WalletError> {
    match members.value(name) {
        Some(Json::Text(text)) => Ok(text),
        Some(
            Json::Null
            | Json::Bool(_)
            | Json::Integer(_)
            | Json::Fraction(_)
            | Json::List(_)
            | Json::Object(_),
        )
        | None => Err(WalletError::Malformed),
    }
}

fn whole(members: &mut Members, name: &str) -> Result<i64, WalletError> {
    members.integer(name).ok().flatten().ok_or(WalletError::Malformed)
}

/// Google writes times as texts of milliseconds since 1970.
fn milliseconds(members: &mut Members, name: &str) -> Result<i64, WalletError> {
    text(members, name)?.parse().map_err(|_| WalletError::Malformed)
}

fn decode(base64: &str) -> Result<Vec<u8>, WalletError> {
    Base64::decode_vec(base64).map_err(|_| WalletError::Malformed)
}

#[cfg(test)]
mod tests {
    use instrument::YearMonth;

    use super::*;

    /// A token that Google's own test environment made, with the key it was made for: the public
    /// fixture `ec_v2/tokenized_card.json` of the repository spreedly/r2d2 (MIT).
    const TOKEN: &str = include_str!("google/published_token.json");
    const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIIvzjN8pvJsygwyvbp1zKqH2SMUwMkM3HKNeMHx1sbC5oAoGCCqGSM49\n\
        AwEHoUQDQgAEkveyWrkD745R6yWrJxjjBX+XPkGkbZCs7pqXyu4GSfqyVR1yq/Pa\n\
        RtfNkXhuqHBSjgo2hV2DK1bXfsc0VKt3mg==\n\
        -----END EC PRIVATE KEY-----\n";
    const ROOTS: &str = r#"{"keys":[
        {"keyValue":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIsFro6K+IUxRr4yFTOTO+kFCCEvHo7B9IOMLxah6c977oFzX\/beObH4a9OfosMHmft3JJZ6B3xpjIb8kduK4\/A==","protocolVersion":"ECv1"},
        {"keyValue":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGnJ7Yo1sX9b4kr4Aa5uq58JRQfzD8bIJXw7WXaap\/hVE+PnFxvjx4nVxt79SdRuUVeu++HZD0cGAv4IOznc96w==","protocolVersion":"ECv2","keyExpiration":"2154841200000"},
        {"keyValue":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGnJ7Yo1sX9b4kr4Aa5uq58JRQfzD8bIJXw7WXaap\/hVE+PnFxvjx4nVxt79SdRuUVeu++HZD0cGAv4IOznc96w==","protocolVersion":"ECv2SigningOnly","keyExpiration":"2154841200000"}]}"#;
    /// 2020-07-17, when the token was a few hours old.
    const THEN_MS: i64 = 1_595_000_067_000;

    fn google(recipient: &str) -> GooglePay {
        GooglePay::new(crate::api::fluidpay::wallet::private_key(KEY).unwrap(), recipient, ROOTS).unwrap()
    }

    fn open(recipient: &str, now_ms: i64) -> Result<Opened, WalletError> {
        google(recipient).open(Json::parse(TOKEN.as_bytes()).unwrap(), now_ms)
    }

    #[test]
    fn a_token_of_googles_own_opens() {
        let opened = open("merchant:12345678901234567890", THEN_MS).unwrap();
        let card = opened.draft.finish(YearMonth::new(2020, 7).unwrap()).unwrap();
        let shown = crate::domain::Display::of(&card);
        let crate::domain::Display::Card(card) = shown else { panic!("no card") };
        assert_eq!((card.bin.as_str(), card.last4.as_str()), ("48953700", "3478"));
        assert_eq!((card.exp_month, card.exp_year), (12, 2025));
        assert!(opened.unique.starts_with("googlepay:AH2Ejtff"));
    }

    #[test]
    fn it_opens_for_its_recipient_and_in_its_time_only() {
        assert_eq!(open("merchant:12345678901234567891", THEN_MS).unwrap_err(), WalletError::NotAuthentic);
        // One second after the message expired, and one after the intermediate key did.
        for late_ms in [1_595_616_846_000, 1_595_702_502_000] {
            assert_eq!(open("merchant:12345678901234567890", late_ms).unwrap_err(), WalletError::Expired);
        }
    }

    #[test]
    fn a_configuration_that_cannot_work_is_refused() {
        let key = || crate::api::fluidpay::wallet::private_key(KEY).unwrap();
        for (recipient, roots) in
            [("12345", ROOTS), ("merchant:1", "{}"), ("merchant:1", r#"{"keys":[]}"#), ("merchant:1", "x")]
        {
            assert!(GooglePay::new(key(), recipient, roots).is_err(), "{recipient} {roots}");
        }
    }
}
