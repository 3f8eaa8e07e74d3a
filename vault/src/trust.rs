//! Whom the vault trusts when it connects to somebody by TLS.

use std::{path::PathBuf, sync::Arc};

use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// What a server's certificate is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// What the machine trusts.
    System,
    /// The certificates in a file.
    File(PathBuf),
}

/// Nobody can be trusted; whoever runs the vault can mend it.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file of certificates.
    #[error("the file of certificate authorities holds none that can be read (PEM)")]
    File,
    /// The machine's own.
    #[error("this machine names no certificate authorities: install ca-certificates, or name a file of them")]
    System,
    /// The library.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] tokio_rustls::rustls::Error),
}

/// What connections are made with.
///
/// # Errors
///
/// [`TrustError`] if there is nobody to trust.
pub fn client_config(certificates: &Certificates) -> Result<ClientConfig, TrustError> {
    let mut roots = RootCertStore::empty();
    match certificates {
        Certificates::System => {
            // Some of a machine's certificates may be broken; those that are not are enough.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TrustError::System);
            }
        }
        Certificates::File(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| TrustError::File)? {
                roots.add(certificate.map_err(|_| TrustError::File)?).map_err(|_| TrustError::File)?;
            }
            if roots.is_empty() {
                return Err(TrustError::File);
            }
        }
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
