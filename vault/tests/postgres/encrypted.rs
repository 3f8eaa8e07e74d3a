//! TLS to the server: used when asked for, and only with a server that is what its certificate says.

use std::{fs, net::TcpListener, path::PathBuf};

use der::{
    DateTime, Decode as _, Encode as _, EncodePem as _,
    asn1::{GeneralizedTime, Ia5String, ObjectIdentifier, OctetString},
};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use tempfile::TempDir;
use vault::store::{
    Store as _,
    postgres::{Certificates, OpenError, PostgresAddress, PostgresStore},
};
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

use crate::private_postgres::Server;

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
fn certificate(seed: u8) -> (String, String) {
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

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn file(dir: &TempDir, name: &str, text: &str) -> Certificates {
    let path: PathBuf = dir.path().join(name);
    fs::write(&path, text).unwrap();
    Certificates::File(path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_only_with_its_certificate_and_name() {
    let (own, key) = certificate(31);
    let (foreign, _) = certificate(32);
    let port = free_port();
    let server = Server::start_encrypted(port, &own, &key);
    let database = server.database().await;
    let dir = TempDir::new().unwrap();
    let open = async |host: &str, certificates: Certificates| {
        let url = format!("postgres://vault@{host}:{port}/{database}?sslmode=require");
        PostgresStore::open(&PostgresAddress::parse(&url, certificates).unwrap()).await
    };
    let own = file(&dir, "own.pem", &own);
    let store = open("localhost", own.clone()).await.unwrap();
    store.check().await.unwrap();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE ssl AND application_name = 'tessera-vault'";
    let client = server.client(&database).await;
    let connections: i64 = client.query_one(encrypted, &[]).await.unwrap().get(0);
    assert!(connections > 0);

    let unnamed = open("127.0.0.1", own).await.err().unwrap();
    let unknown = open("localhost", file(&dir, "foreign.pem", &foreign)).await.err().unwrap();
    for refusal in [unnamed, unknown] {
        assert!(matches!(refusal, OpenError::Unreachable(_)), "{refusal}");
        assert!(refusal.to_string().contains("certificate"), "{refusal}");
    }
    let nothing = open("localhost", file(&dir, "nothing.pem", "")).await.err().unwrap();
    assert!(matches!(nothing, OpenError::Tls(_)), "{nothing}");
}
