//! A second Google: makes ECv2 tokens the way the real one does, with keys of the tests' own.

use aes::cipher::{KeyIvInit, StreamCipher};
use base64ct::{Base64, Encoding};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use serde_json::{Value, json};
use sha2::Sha256;

/// The recipient the tokens are made for.
pub const RECIPIENT: &str = "merchant:BCR2DN4T000000000";

/// Keys of a Google and of a merchant.
pub struct Google {
    root: SigningKey,
    intermediate: SigningKey,
    merchant: SecretKey,
    /// When the intermediate key expires, in milliseconds since 1970.
    pub key_expires_at_ms: i64,
}

impl Google {
    pub fn new(key_expires_at_ms: i64) -> Self {
        let key = |byte: u8| SigningKey::from_slice(&[byte; 32]).unwrap();
        Self {
            root: key(11),
            intermediate: key(12),
            merchant: SecretKey::from_slice(&[13; 32]).unwrap(),
            key_expires_at_ms,
        }
    }

    /// The merchant's private key as PEM.
    pub fn merchant_pem(&self) -> String {
        self.merchant.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    }

    /// The list of root keys in Google's form; an ECv1 key stands beside the real one, as it did there.
    pub fn root_keys(&self) -> String {
        let spki = spki(self.root.verifying_key());
        json!({"keys": [
            {"keyValue": spki, "protocolVersion": "ECv1"},
            {"keyValue": spki, "protocolVersion": "ECv2", "keyExpiration": "2154841200000"},
        ]})
        .to_string()
    }

    /// A card message as Google encrypts it.
    pub fn card(number: &str, expires_at_ms: i64, id: &str) -> Value {
        json!({
            "gatewayMerchantId": "some-merchant",
            "messageExpiration": expires_at_ms.to_string(),
            "messageId": id,
            "paymentMethod": "CARD",
            "paymentMethodDetails": {
                "pan": number, "expirationMonth": 12, "expirationYear": 2030,
                "authMethod": "CRYPTOGRAM_3DS", "cryptogram": "AAAAAA==", "eciIndicator": "05",
            },
        })
    }

    /// The token that carries a message.
    pub fn token(&self, message: &Value) -> Value {
        let ephemeral = SecretKey::from_slice(&[14; 32]).unwrap();
        let point = ephemeral.public_key().to_sec1_point(false).as_bytes().to_vec();
        let shared =
            p256::ecdh::diffie_hellman(ephemeral.to_nonzero_scalar(), self.merchant.public_key().as_affine());
        let mut keys = [0; 64];
        let material = [point.as_slice(), shared.raw_secret_bytes()].concat();
        Hkdf::<Sha256>::new(None, &material).expand(b"Google", &mut keys).unwrap();
        let mut sealed = message.to_string().into_bytes();
        ctr::Ctr128BE::<aes::Aes256>::new_from_slices(&keys[..32], &[0; 16])
            .unwrap()
            .apply_keystream(&mut sealed);
        let mut mac = Hmac::<Sha256>::new_from_slice(&keys[32..]).unwrap();
        mac.update(&sealed);
        let signed_message = json!({
            "encryptedMessage": Base64::encode_string(&sealed),
            "ephemeralPublicKey": Base64::encode_string(&point),
            "tag": Base64::encode_string(&mac.finalize().into_bytes()),
        })
        .to_string();
        let signed_key = json!({
            "keyValue": spki(self.intermediate.verifying_key()),
            "keyExpiration": self.key_expires_at_ms.to_string(),
        })
        .to_string();
        json!({
            "protocolVersion": "ECv2",
            "signature": signature(&self.intermediate, &["Google", RECIPIENT, "ECv2", &signed_message]),
            "intermediateSigningKey": {
                "signedKey": signed_key,
                "signatures": [signature(&self.root, &["Google", "ECv2", &signed_key])],
            },
            "signedMessage": signed_message,
        })
    }
}

fn spki(key: &VerifyingKey) -> String {
    Base64::encode_string(key.to_public_key_der().unwrap().as_bytes())
}

fn signature(key: &SigningKey, parts: &[&str]) -> String {
    let mut subject = Vec::new();
    for part in parts {
        subject.extend_from_slice(&u32::try_from(part.len()).unwrap().to_le_bytes());
        subject.extend_from_slice(part.as_bytes());
    }
    let signature: Signature = key.sign(&subject);
    Base64::encode_string(signature.to_der().as_bytes())
}
