//! The CMS signature (RFC 5652) on an Apple Pay token, and its chain of three certificates.
//!
//! Checked: there is one signer; its certificate carries Apple's marker of a payment signing leaf and is
//! signed by an intermediate with Apple's marker of an integration CA, which is signed by the configured
//! root; names chain; all three are valid now; the signed attributes hold the digest of the content; the
//! leaf's signature fits them.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, DecodePem, Encode, EncodingRules};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256, Sha384};
use x509_cert::Certificate;
use x509_cert::ext::pkix::BasicConstraints;

use crate::api::fluidpay::wallet::WalletError;

/// `id-signedData` (RFC 5652, 5.1).
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// `id-messageDigest` (RFC 5652, 11.2).
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-sha256`.
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// `ecdsa-with-SHA256` (RFC 5758).
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// `ecdsa-with-SHA384` (RFC 5758).
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// Apple's marker of the leaf that signs payment tokens.
const LEAF_MARKER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.29");
/// Apple's marker of the "Application Integration CA".
const INTERMEDIATE_MARKER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.2.14");

/// The certificate every chain must end in.
pub(super) struct Root {
    certificate: Certificate,
    key: Key,
}

/// A key that signs certificates or tokens: the leaf and intermediate have P-256, Apple's root P-384.
enum Key {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl Root {
    /// Reads a root certificate from PEM.
    pub(super) fn from_pem(pem: &str) -> Option<Self> {
        let certificate = Certificate::from_pem(pem).ok()?;
        let key = Key::of(&certificate)?;
        Some(Self { certificate, key })
    }

    /// Verifies a detached CMS signature over `content`.
    ///
    /// # Errors
    /// `Malformed` if it is no CMS signature, `Expired` if a certificate is not valid now, and
    /// `NotAuthentic` for everything else.
    pub(super) fn verify(&self, signed: &[u8], content: &[u8], now_ms: i64) -> Result<(), WalletError> {
        // Apple writes the outer layers with indefinite lengths, which only BER knows.
        let info = ContentInfo::from_ber(signed).map_err(|_| WalletError::Malformed)?;
        if info.content_type != SIGNED_DATA {
            return Err(WalletError::Malformed);
        }
        let data: SignedData =
            info.content.decode_as_encoding(EncodingRules::Ber).map_err(|_| WalletError::Malformed)?;
        let certificates = certificates(&data);
        let leaf = marked(&certificates, LEAF_MARKER)?;
        let intermediate = marked(&certificates, INTERMEDIATE_MARKER)?;
        issued(intermediate, &self.certificate, &self.key)?;
        may_issue(intermediate)?;
        let intermediate_key = Key::of(intermediate).ok_or(WalletError::NotAuthentic)?;
        issued(leaf, intermediate, &intermediate_key)?;
        for certificate in [&self.certificate, intermediate, leaf] {
            valid(certificate, now_ms)?;
        }
        let [signer] = data.signer_infos.0.as_slice() else { return Err(WalletError::NotAuthentic) };
        verify_signer(signer, leaf, content)
    }
}

impl Key {
    fn of(certificate: &Certificate) -> Option<Self> {
        let spki = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
        p256::ecdsa::VerifyingKey::from_public_key_der(&spki)
            .map(Self::P256)
            .or_else(|_| p384::ecdsa::VerifyingKey::from_public_key_der(&spki).map(Self::P384))
            .ok()
    }

    fn verify(&self, algorithm: ObjectIdentifier, subject: &[u8], der: &[u8]) -> Result<(), WalletError> {
        let digest = match algorithm {
            ECDSA_SHA256 => Sha256::digest(subject).to_vec(),
            ECDSA_SHA384 => Sha384::digest(subject).to_vec(),
            _ => return Err(WalletError::NotAuthentic),
        };
        let fits = match self {
            Self::P256(key) => p256::ecdsa::Signature::from_der(der)
                .and_then(|signature| key.verify_prehash(&digest, &signature)),
            Self::P384(key) => p384::ecdsa::Signature::from_der(der)
                .and_then(|signature| key.verify_prehash(&digest, &signature)),
        };
        fits.map_err(|_| WalletError::NotAuthentic)
    }
}

fn certificates(data: &SignedData) -> Vec<Certificate> {
    let set = data.certificates.iter().flat_map(|set| set.0.iter());
    set.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
        CertificateChoices::Other(_) => None,
    })
    .collect()
}

/// The one certificate that carries Apple's marker.
fn marked(certificates: &[Certificate], marker: ObjectIdentifier) -> Result<&Certificate, WalletError> {
    let mut found = certificates.iter().filter(|certificate| {
        let extensions = certificate.tbs_certificate().extensions();
        extensions.is_some_and(|extensions| extensions.iter().any(|extension| extension.extn_id == marker))
    });
    match (found.next(), found.next()) {
        (Some(certificate), None) => Ok(certificate),
        (Some(_) | None, Some(_) | None) => Err(WalletError::NotAuthentic),
    }
}

fn issued(certificate: &Certificate, issuer: &Certificate, key: &Key) -> Result<(), WalletError> {
    let body = certificate.tbs_certificate();
    if body.issuer() != issuer.tbs_certificate().subject()
        || body.signature() != certificate.signature_algorithm()
    {
        return Err(WalletError::NotAuthentic);
    }
    let subject = body.to_der().map_err(|_| WalletError::Malformed)?;
    let signature = certificate.signature().as_bytes().ok_or(WalletError::Malformed)?;
    key.verify(certificate.signature_algorithm().oid, &subject, signature)
}

/// The intermediate must be a certificate authority (RFC 5280, 4.2.1.9).
fn may_issue(certificate: &Certificate) -> Result<(), WalletError> {
    match certificate.tbs_certificate().get_extension::<BasicConstraints>() {
        Ok(Some((_, BasicConstraints { ca: true, .. }))) => Ok(()),
        Ok(Some(_) | None) | Err(_) => Err(WalletError::NotAuthentic),
    }
}

fn valid(certificate: &Certificate, now_ms: i64) -> Result<(), WalletError> {
    let validity = certificate.tbs_certificate().validity();
    let now_secs = u64::try_from(now_ms / 1_000).map_err(|_| WalletError::Expired)?;
    let begins = validity.not_before.to_unix_duration().as_secs();
    let ends = validity.not_after.to_unix_duration().as_secs();
    if (begins..=ends).contains(&now_secs) { Ok(()) } else { Err(WalletError::Expired) }
}

fn verify_signer(signer: &SignerInfo, leaf: &Certificate, content: &[u8]) -> Result<(), WalletError> {
    let body = leaf.tbs_certificate();
    let is_leaf = match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.issuer == *body.issuer() && id.serial_number == *body.serial_number()
        }
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    };
    if !is_leaf || signer.digest_alg.oid != SHA256 {
        return Err(WalletError::NotAuthentic);
    }
    let attributes = signer.signed_attrs.as_ref().ok_or(WalletError::NotAuthentic)?;
    let mut digests = attributes.iter().filter(|attribute| attribute.oid == MESSAGE_DIGEST);
    let (Some(digest), None) = (digests.next(), digests.next()) else {
        return Err(WalletError::NotAuthentic);
    };
    let [digest] = digest.values.as_slice() else { return Err(WalletError::NotAuthentic) };
    let digest: OctetString = digest.decode_as().map_err(|_| WalletError::Malformed)?;
    if digest.as_bytes() != Sha256::digest(content).as_slice() {
        return Err(WalletError::NotAuthentic);
    }
    // What is signed is the attributes under their own tag, SET OF (RFC 5652, 5.4).
    let subject = attributes.to_der().map_err(|_| WalletError::Malformed)?;
    let key = Key::of(leaf).ok_or(WalletError::NotAuthentic)?;
    key.verify(signer.signature_algorithm.oid, &subject, signer.signature.as_bytes())
}
