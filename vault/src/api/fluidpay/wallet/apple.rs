//! Apple Pay tokens of version EC_v1, opened with the key of the payment processing certificate.
//!
//! Source: Apple's "Payment token format reference". Checked here: the CMS signature with its
//! certificate chain up to the configured root (see `signature`), that the token was made for the
//! configured key (`publicKeyHash`) and, through the key derivation, for the configured merchant
//! identifier, and the seal of AES-256-GCM.
//! Not checked: revocation of Apple's certificates (it would need the network), and the time of the
//! signature against ours beyond the validity of the certificates.

mod signature;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{AesGcm, Nonce};
use base64ct::{Base64, Encoding};
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Opened, WalletError};
use crate::api::members::{Json, Members};

/// What is needed to open Apple Pay tokens.
pub struct ApplePay {
    key: SecretKey,
    /// SHA-256 of our public key in SPKI form: how a token names the key it was made for.
    key_hash: [u8; 32],
    merchant_id: String,
    /// SHA-256 of the merchant identifier: a party of the key derivation.
    merchant_hash: [u8; 32],
    root: signature::Root,
}

impl ApplePay {
    /// Takes the private key, the merchant identifier and Apple's root certificate as PEM.
    ///
    /// # Errors
    /// Which of them cannot be used.
    pub fn new(key: SecretKey, merchant_id: &str, root_pem: &str) -> Result<Self, &'static str> {
        let spki =
            key.public_key().to_public_key_der().map_err(|_| "the Apple Pay key has no public half")?;
        let root = signature::Root::from_pem(root_pem)
            .ok_or("the Apple Pay root is no certificate with a P-256 or P-384 key, as PEM")?;
        let key_hash = Sha256::digest(spki.as_bytes()).into();
        let merchant_hash = Sha256::digest(merchant_id.as_bytes()).into();
        Ok(Self { key, key_hash, merchant_id: merchant_id.to_owned(), merchant_hash, root })
    }

    /// The merchant identifier, which requests name as `key_id`.
    pub(super) fn merchant_id(&self) -> &str {
        &self.merchant_id
    }

    /// Verifies and decrypts a PKPaymentToken, or its `paymentData` alone.
    ///
    /// # Errors
    /// What is wrong with it; never a part of it.
    pub(super) fn open(&self, token: Json, now_ms: i64) -> Result<Opened, WalletError> {
        let mut token = object(token)?;
        let mut payment = match token.value("paymentData") {
            Some(data) => object(data)?,
            None => token,
        };
        if text(&mut payment, "version")?.as_str() != "EC_v1" {
            return Err(WalletError::Unsupported("only version EC_v1 is supported"));
        }
        let mut header = object(payment.value("header").ok_or(WalletError::Malformed)?)?;
        let sealed = decode(&text(&mut payment, "data")?)?;
        let signed = decode(&text(&mut payment, "signature")?)?;
        let ephemeral = decode(&text(&mut header, "ephemeralPublicKey")?)?;
        let key_hash = decode(&text(&mut header, "publicKeyHash")?)?;
        let transaction_text = text(&mut header, "transactionId")?;
        let transaction = hex(&transaction_text).ok_or(WalletError::Malformed)?;
        let application = match header.value("applicationData") {
            None => Vec::new(),
            Some(Json::Text(text)) => hex(&text).ok_or(WalletError::Malformed)?,
            Some(
                Json::Null
                | Json::Bool(_)
                | Json::Integer(_)
                | Json::Fraction(_)
                | Json::List(_)
                | Json::Object(_),
            ) => return Err(WalletError::Malformed),
        };
        if key_hash != self.key_hash {
            return Err(WalletError::NotAuthentic);
        }
        let content = [ephemeral.as_slice(), &sealed, &transaction, &application].concat();
        self.root.verify(&signed, &content, now_ms)?;
        let plain = self.decrypt(&ephemeral, &sealed)?;
        read_payment(&plain, &transaction_text.to_ascii_lowercase())
    }

    fn decrypt(&self, ephemeral_spki: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let peer = PublicKey::from_public_key_der(ephemeral_spki).map_err(|_| WalletError::Malformed)?;
        let shared = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), peer.as_affine());
        let key = derived_key(shared.raw_secret_bytes(), &self.merchant_hash);
        // Each key is used once, which is why the nonce, of 16 bytes here, may be zero.
        AesGcm::<aes::Aes256, U16>::new_from_slice(key.as_slice())
            .map_err(|_| WalletError::NotAuthentic)?
            .decrypt(&Nonce::<U16>::default(), sealed)
            .map(Zeroizing::new)
            .map_err(|_| WalletError::NotAuthentic)
    }
}

/// The one-step derivation of NIST SP 800-56A, 5.8.1, with SHA-256 and Apple's parties.
fn derived_key(shared: &[u8], merchant_hash: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update([0, 0, 0, 1]);
    hash.update(shared);
    hash.update(b"\x0Did-aes256-GCM");
    hash.update(b"Apple");
    hash.update(merchant_hash);
    Zeroizing::new(hash.finalize().into())
}

fn read_payment(plain: &[u8], transaction: &str) -> Result<Opened, WalletError> {
    let mut payment = object(Json::parse(plain).map_err(|_| WalletError::Malformed)?)?;
    let number = text(&mut payment, "applicationPrimaryAccountNumber")?;
    // YYMMDD
    let expires = text(&mut payment, "applicationExpirationDate")?;
    let (year, month) = expires
        .get(..2)
        .zip(expires.get(2..4))
        .filter(|_| expires.len() == 6)
        .ok_or(WalletError::Malformed)?;
    let number_of = |digits: &str| digits.parse::<u8>().map(i64::from).map_err(|_| WalletError::Malformed);
    Opened::new(number, number_of(month)?, 2000 + number_of(year)?, format!("applepay:{transaction}"))
}

fn object(value: Json) -> Result<Members, WalletError> {
    Members::of_value("pkpaymenttoken", value).map_err(|_| WalletError::Malformed)
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

fn decode(base64: &str) -> Result<Vec<u8>, WalletError> {
    Base64::decode_vec(base64).map_err(|_| WalletError::Malformed)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use instrument::YearMonth;

    use super::*;
    use crate::domain::Display;

    /// A token that Apple's servers made and signed, with the key it was made for: the public fixtures
    /// `token.json` and `private_key.pem` of the repository spreedly/gala (MIT).
    const TOKEN: &str = include_str!("apple/published_token.json");
    const KEY: &str = "text in front, as openssl writes it\n\
        -----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEICmvB7bzRczaJX05lCTK2ueRVRAAivM/CgbHyOaIcqW1oAoGCCqGSM49\n\
        AwEHoUQDQgAE4pUGHJqfJCucG40MvdGqTwvYRz2N9WvCtOHdtAuNf1vB2MPZyLsq\n\
        U32Z3a5z1WcWK6OHmfDDSqOrfQq7UXlQgA==\n\
        -----END EC PRIVATE KEY-----\n";
    /// The merchant identifier, as the certificate of the same fixtures names it.
    const MERCHANT: &str = "merchant.test.spreedly.123merchant";
    /// "Apple Root CA - G3", as Apple publishes it.
    const ROOT: &str = include_str!("apple/root_ca_g3.pem");
    /// 2021-09-01T19:03:06Z, when the token was signed.
    const THEN_MS: i64 = 1_630_522_986_000;

    fn apple(merchant_id: &str) -> ApplePay {
        let key = crate::api::fluidpay::wallet::private_key(KEY).unwrap();
        ApplePay::new(key, merchant_id, ROOT).unwrap()
    }

    fn open(now_ms: i64) -> Result<Opened, WalletError> {
        apple(MERCHANT).open(Json::parse(TOKEN.as_bytes()).unwrap(), now_ms)
    }

    #[test]
    fn a_token_of_apples_own_opens() {
        let opened = open(THEN_MS).unwrap();
        let card = opened.draft.finish(YearMonth::new(2021, 9).unwrap()).unwrap();
        let Display::Card(card) = Display::of(&card) else { panic!("no card") };
        assert_eq!((card.bin.as_str(), card.last4.as_str()), ("53537563", "1169"));
        assert_eq!((card.exp_month, card.exp_year), (9, 2024));
        assert!(opened.unique.starts_with("applepay:f7f13369"));
    }

    #[test]
    fn it_opens_for_its_merchant_and_in_its_time_only() {
        let other = apple("merchant.example.other");
        let token = Json::parse(TOKEN.as_bytes()).unwrap();
        assert_eq!(other.open(token, THEN_MS).unwrap_err(), WalletError::NotAuthentic);
        // The signing certificate ended in May 2024.
        assert_eq!(open(1_717_200_000_000).unwrap_err(), WalletError::Expired);
    }
}
