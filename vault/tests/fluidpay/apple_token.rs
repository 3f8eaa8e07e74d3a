//! A second Apple: a root, an integration CA and a signing leaf of the tests' own, and tokens signed by them.

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{AesGcm, Nonce};
use base64ct::{Base64, Encoding};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, GeneralizedTime, ObjectIdentifier, OctetString, SetOfVec};
use der::{DateTime, Decode, Encode, EncodePem};
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate};

/// The merchant identifier the tokens are made for.
pub const MERCHANT_ID: &str = "merchant.example.shop";

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
const LEAF_MARKER: &str = "1.2.840.113635.100.6.29";
const INTERMEDIATE_MARKER: &str = "1.2.840.113635.100.6.2.14";

/// Certificates of an Apple and the key of a merchant.
pub struct Apple {
    root: Certificate,
    intermediate: Certificate,
    leaf: Certificate,
    leaf_key: p256::ecdsa::SigningKey,
    merchant: SecretKey,
}

impl Apple {
    /// Certificates valid from 2020 to 2035.
    pub fn new() -> Self {
        Self::with_root_key(21)
    }

    /// The same names under another root key.
    pub fn with_root_key(root_key: u8) -> Self {
        let root_key = p384::ecdsa::SigningKey::from_slice(&[root_key; 48]).unwrap();
        let intermediate_key = p256::ecdsa::SigningKey::from_slice(&[22; 32]).unwrap();
        let leaf_key = p256::ecdsa::SigningKey::from_slice(&[23; 32]).unwrap();
        let root_name = "CN=Test Root CA - G3";
        let intermediate_name = "CN=Test Application Integration CA - G3";
        let authority = constraints(true);
        let root = certificate(root_name, root_name, 1, root_key.verifying_key(), vec![authority.clone()])
            .build::<_, p384::ecdsa::DerSignature>(&root_key)
            .unwrap();
        let intermediate = certificate(
            root_name,
            intermediate_name,
            2,
            intermediate_key.verifying_key(),
            vec![authority, marker(INTERMEDIATE_MARKER)],
        )
        .build::<_, p384::ecdsa::DerSignature>(&root_key)
        .unwrap();
        let leaf = certificate(
            intermediate_name,
            "CN=test-smp-broker-sign",
            3,
            leaf_key.verifying_key(),
            vec![constraints(false), marker(LEAF_MARKER)],
        )
        .build::<_, p256::ecdsa::DerSignature>(&intermediate_key)
        .unwrap();
        Self { root, intermediate, leaf, leaf_key, merchant: SecretKey::from_slice(&[24; 32]).unwrap() }
    }

    /// The merchant's private key as PEM.
    pub fn merchant_pem(&self) -> String {
        self.merchant.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    }

    /// The root certificate as PEM.
    pub fn root_pem(&self) -> String {
        self.root.to_pem(LineEnding::LF).unwrap()
    }

    /// A token for a device card number, as Apple Pay JS hands it over.
    pub fn token(&self, number: &str, transaction_id: &str) -> Value {
        let ephemeral = SecretKey::from_slice(&[25; 32]).unwrap();
        let shared =
            p256::ecdh::diffie_hellman(ephemeral.to_nonzero_scalar(), self.merchant.public_key().as_affine());
        let mut kdf = Sha256::new();
        kdf.update([0, 0, 0, 1]);
        kdf.update(shared.raw_secret_bytes());
        kdf.update(b"\x0Did-aes256-GCM");
        kdf.update(b"Apple");
        kdf.update(Sha256::digest(MERCHANT_ID));
        let payment = json!({
            "applicationPrimaryAccountNumber": number, "applicationExpirationDate": "301231",
            "currencyCode": "840", "transactionAmount": 100, "deviceManufacturerIdentifier": "040010030273",
            "paymentDataType": "3DSecure", "paymentData": {"onlinePaymentCryptogram": "AAAA"},
        });
        let sealed = AesGcm::<aes::Aes256, U16>::new_from_slice(&kdf.finalize())
            .unwrap()
            .encrypt(&Nonce::<U16>::default(), payment.to_string().as_bytes())
            .unwrap();
        let ephemeral = ephemeral.public_key().to_public_key_der().unwrap().into_vec();
        let transaction: Vec<u8> = (0..transaction_id.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&transaction_id[at..at + 2], 16).unwrap())
            .collect();
        let signed = self.signed(&[ephemeral.as_slice(), &sealed, &transaction].concat());
        let key_hash = Sha256::digest(self.merchant.public_key().to_public_key_der().unwrap().as_bytes());
        json!({
            "paymentData": {
                "version": "EC_v1",
                "data": Base64::encode_string(&sealed),
                "signature": Base64::encode_string(&signed),
                "header": {
                    "ephemeralPublicKey": Base64::encode_string(&ephemeral),
                    "publicKeyHash": Base64::encode_string(&key_hash),
                    "transactionId": transaction_id,
                },
            },
            "paymentMethod": {"displayName": "Visa 1111", "network": "Visa", "type": "debit"},
            "transactionIdentifier": transaction_id,
        })
    }

    fn signed(&self, content: &[u8]) -> Vec<u8> {
        let digest = OctetString::new(Sha256::digest(content).as_slice()).unwrap();
        let attributes = Attributes::try_from(vec![
            attribute(CONTENT_TYPE, &Any::encode_from(&oid(DATA)).unwrap()),
            attribute(MESSAGE_DIGEST, &Any::encode_from(&digest).unwrap()),
        ])
        .unwrap();
        let signature: p256::ecdsa::Signature = self.leaf_key.sign(&attributes.to_der().unwrap());
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: self.leaf.tbs_certificate().issuer().clone(),
                serial_number: self.leaf.tbs_certificate().serial_number().clone(),
            }),
            digest_alg: algorithm(SHA256),
            signed_attrs: Some(attributes),
            signature_algorithm: algorithm(ECDSA_SHA256),
            signature: OctetString::new(signature.to_der().as_bytes()).unwrap(),
            unsigned_attrs: None,
        };
        let certificates =
            [&self.leaf, &self.intermediate].map(|it| CertificateChoices::Certificate(it.clone()));
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![algorithm(SHA256)]).unwrap(),
            encap_content_info: EncapsulatedContentInfo { econtent_type: oid(DATA), econtent: None },
            certificates: Some(CertificateSet::try_from(certificates.to_vec()).unwrap()),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![signer]).unwrap(),
        };
        let info = ContentInfo { content_type: oid(SIGNED_DATA), content: Any::encode_from(&data).unwrap() };
        info.to_der().unwrap()
    }
}

/// What a certificate says of itself, with nothing added by a profile of the public web.
struct Plain {
    issuer: Name,
    subject: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Plain {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

fn certificate(
    issuer: &str,
    subject: &str,
    serial: u32,
    key: &impl EncodePublicKey,
    extensions: Vec<Extension>,
) -> CertificateBuilder<Plain> {
    let time = |year: u16| {
        Time::GeneralTime(GeneralizedTime::from_date_time(DateTime::new(year, 1, 1, 0, 0, 0).unwrap()))
    };
    let profile = Plain { issuer: issuer.parse().unwrap(), subject: subject.parse().unwrap(), extensions };
    let spki = SubjectPublicKeyInfo::from_der(key.to_public_key_der().unwrap().as_bytes()).unwrap();
    CertificateBuilder::new(profile, SerialNumber::from(serial), Validity::new(time(2020), time(2035)), spki)
        .unwrap()
}

fn constraints(ca: bool) -> Extension {
    let value = BasicConstraints { ca, path_len_constraint: None }.to_der().unwrap();
    Extension { extn_id: oid("2.5.29.19"), critical: true, extn_value: OctetString::new(value).unwrap() }
}

/// Apple's markers hold a NULL.
fn marker(id: &str) -> Extension {
    Extension { extn_id: oid(id), critical: false, extn_value: OctetString::new([5, 0]).unwrap() }
}

fn attribute(id: &str, value: &Any) -> Attribute {
    Attribute { oid: oid(id), values: SetOfVec::try_from(vec![value.clone()]).unwrap() }
}

fn algorithm(id: &str) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oid(id), parameters: None }
}

fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new(text).unwrap()
}
