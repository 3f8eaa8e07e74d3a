//! Where a transit engine is, and which of its keys is meant.

use std::{
    borrow::Cow,
    net::IpAddr,
    path::{Path, PathBuf},
};

use hyper::Uri;
use percent_encoding::percent_decode_str;

use crate::trust::Certificates;

/// Which key of which engine, and what is shown to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitAddress {
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether the connection is encrypted; in clear only on this machine.
    pub(super) encryption: Encryption,
    /// The engine, `/v1/transit`.
    engine: String,
    key: String,
    token_file: PathBuf,
    pub(super) namespace: Option<String>,
}

/// How the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// By TLS, whose certificate is checked against these.
    Tls(Certificates),
    /// Not at all.
    Clear,
}

/// Not such an address; whoever runs the vault can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitAddressError {
    /// No such URL.
    #[error("it is not of the form transit:https://host:8200/v1/transit/keys/NAME?token-file=FILE")]
    Form,
    /// In clear over a network.
    #[error("http is for this machine only: take https")]
    Clear,
    /// The token is missing.
    #[error("token-file is missing in it: the file with the token that is shown to the engine")]
    Token,
    /// A parameter that there is not.
    #[error("it has a parameter that is not token-file, namespace or ca-file")]
    Unknown,
}

impl TransitAddress {
    /// Reads `transit:https://host:8200/v1/transit/keys/NAME?token-file=…&namespace=…&ca-file=…`.
    ///
    /// # Errors
    ///
    /// [`TransitAddressError`] if it is anything else.
    pub fn parse(text: &str) -> Result<Self, TransitAddressError> {
        let url = text.strip_prefix("transit:").ok_or(TransitAddressError::Form)?;
        let url: Uri = url.parse().map_err(|_| TransitAddressError::Form)?;
        let authority = url.authority().ok_or(TransitAddressError::Form)?;
        if authority.as_str().contains('@') {
            return Err(TransitAddressError::Form);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (engine, key) = url.path().rsplit_once("/keys/").ok_or(TransitAddressError::Form)?;
        let is_plain =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        if !engine.starts_with("/v1/")
            || key.is_empty()
            || key.contains('/')
            || !is_plain(engine)
            || !is_plain(key)
        {
            return Err(TransitAddressError::Form);
        }
        let (mut token_file, mut namespace, mut ca_file) = (None, None, None);
        for part in url.query().unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(TransitAddressError::Form)?;
            let value = percent_decode_str(value).decode_utf8().map(Cow::into_owned);
            let value = value.map_err(|_| TransitAddressError::Form)?;
            match name {
                "token-file" => token_file = Some(PathBuf::from(value)),
                "namespace" if value.bytes().all(|byte| byte.is_ascii_graphic()) => namespace = Some(value),
                "namespace" => return Err(TransitAddressError::Form),
                "ca-file" => ca_file = Some(PathBuf::from(value)),
                _ => return Err(TransitAddressError::Unknown),
            }
        }
        let encryption = match url.scheme_str() {
            Some("https") => Encryption::Tls(ca_file.map_or(Certificates::System, Certificates::File)),
            Some("http") if is_here(&host) => Encryption::Clear,
            Some("http") => return Err(TransitAddressError::Clear),
            Some(_) | None => return Err(TransitAddressError::Form),
        };
        Ok(Self {
            port: authority.port_u16().unwrap_or(8200),
            host,
            encryption,
            engine: engine.to_owned(),
            key: key.to_owned(),
            token_file: token_file.ok_or(TransitAddressError::Token)?,
            namespace,
        })
    }

    /// The path of an operation with the key.
    pub(super) fn path(&self, operation: &str) -> String {
        format!("{}/{operation}/{}", self.engine, self.key)
    }

    pub(super) fn token_file(&self) -> &Path {
        &self.token_file
    }

    /// What makes the key another key, whichever server of a cluster is asked.
    pub(super) fn identity(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        ["tessera/kek-id/transit/v1", namespace, &self.engine, &self.key].join("\n")
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_engine_key_and_token() {
        let text = "transit:https://bao.example:8201/v1/team/transit/keys/tessera?token-file=/run/t%20k&namespace=pay/eu&ca-file=ca.pem";
        let address = TransitAddress::parse(text).unwrap();
        assert_eq!((address.host.as_str(), address.port), ("bao.example", 8201));
        assert_eq!(address.encryption, Encryption::Tls(Certificates::File(PathBuf::from("ca.pem"))));
        assert_eq!(address.path("encrypt"), "/v1/team/transit/encrypt/tessera");
        assert_eq!(address.token_file(), Path::new("/run/t k"));
        assert_eq!(address.namespace.as_deref(), Some("pay/eu"));
        let here = TransitAddress::parse("transit:http://127.0.0.1/v1/transit/keys/k?token-file=t").unwrap();
        assert_eq!((here.port, here.encryption), (8200, Encryption::Clear));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, error) in [
            ("https://h/v1/transit/keys/k?token-file=t", TransitAddressError::Form),
            ("transit:https://h/v1/transit/k?token-file=t", TransitAddressError::Form),
            ("transit:https://h/v1/transit/keys/?token-file=t", TransitAddressError::Form),
            ("transit:https://h/transit/keys/k?token-file=t", TransitAddressError::Form),
            ("transit:https://u:p@h/v1/transit/keys/k?token-file=t", TransitAddressError::Form),
            ("transit:http://h.example/v1/transit/keys/k?token-file=t", TransitAddressError::Clear),
            ("transit:https://h/v1/transit/keys/k", TransitAddressError::Token),
            ("transit:https://h/v1/transit/keys/k?token=secret", TransitAddressError::Unknown),
        ] {
            assert_eq!(TransitAddress::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
