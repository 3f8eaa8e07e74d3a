//! A certificate and its key, as a server of the tests' own shows them.

use der::{
    DateTime, Decode as _, Encode as _, EncodePem as _,
    asn1::{GeneralizedTime, Ia5String, ObjectIdentifier, OctetString},
};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use x509_cert::{
    TbsCertificate,
    builder::{self, Builder as _, CertificateBuilder, profile::BuilderProfile},
    ext::{
        Extension,
        pkix::{SubjectAltName, name::GeneralName},
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef},
    time::{Time, Validity},
};

/// A certificate that vouches for itself under the name `localhost`.
struct SelfSigned;

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, _: &Name) -> Name {
        self.get_subject()
    }

    fn get_subject(&self) -> Name {
        "CN=localhost".parse().unwrap()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let names = SubjectAltName(vec![GeneralName::DnsName(Ia5String::new("localhost").unwrap())]);
        Ok(vec![Extension {
            extn_id: ObjectIdentifier::new("2.5.29.17").unwrap(),
            critical: false,
            extn_value: OctetString::new(names.to_der().unwrap()).unwrap(),
        }])
    }
}

/// Certificate and private key, as PEM.
pub(crate) fn certificate(seed: u8) -> (String, String) {
    let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
    let time = |year: u16| {
        Time::GeneralTime(GeneralizedTime::from_date_time(DateTime::new(year, 1, 1, 0, 0, 0).unwrap()))
    };
    let public = key.verifying_key().to_public_key_der().unwrap();
    let certificate = CertificateBuilder::new(
        SelfSigned,
        SerialNumber::from(u32::from(seed)),
        Validity::new(time(2020), time(2040)),
        SubjectPublicKeyInfo::from_der(public.as_bytes()).unwrap(),
    )
    .unwrap()
    .build::<_, p256::ecdsa::DerSignature>(&key)
    .unwrap();
    let secret = p256::SecretKey::from_slice(&[seed; 32]).unwrap();
    (certificate.to_pem(LineEnding::LF).unwrap(), secret.to_pkcs8_pem(LineEnding::LF).unwrap().to_string())
}
