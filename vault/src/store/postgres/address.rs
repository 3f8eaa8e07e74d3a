//! Where a PostgreSQL server is, and how to get there safely.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use crate::trust::Certificates;

/// How long one server of several may take to answer before the next is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long sent bytes may stay unacknowledged before a connection counts as lost.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// After how much silence the other side is asked whether it is there.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(15);

/// A server, a user and a database; its `Debug` shows no password.
#[derive(Clone)]
pub struct PostgresAddress {
    config: Arc<Config>,
    certificates: Certificates,
}

impl PostgresAddress {
    /// Reads a URL of the form `postgres://user:password@host:port/database?sslmode=require`.
    ///
    /// Several hosts, separated by commas, are tried in order, and only one that takes writes is used: that
    /// is how a failover is followed. Without `sslmode`, servers on this machine are spoken to in clear and
    /// all others by TLS. TLS always checks the certificate and the host's name.
    ///
    /// # Errors
    ///
    /// [`AddressError`]; never quotes the URL, which may hold a password.
    pub fn parse(url: &str, certificates: Certificates) -> Result<Self, AddressError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(AddressError::Scheme);
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut mode = None;
        let mut others = Vec::new();
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", _)) => return Err(AddressError::RootCertificate),
                Some(_) | None => others.push(setting),
            }
        }
        let mut config: Config = format!("{base}?{}", others.join("&"))
            .parse()
            .map_err(|error: tokio_postgres::Error| AddressError::Malformed(cause(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(AddressError::Host);
        }
        let is_here = config.get_hosts().iter().all(is_this_machine);
        config.ssl_mode(match mode {
            None if is_here => SslMode::Disable,
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some("disable") => SslMode::Disable,
            Some(_) => return Err(AddressError::SslMode),
        });
        // A standby may lag behind: what it does not know yet could be spent twice.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("tessera-vault");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        config.keepalives_idle(config.get_keepalives_idle().min(KEEPALIVES_IDLE));
        Ok(Self { config: Arc::new(config), certificates })
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Whom to believe; none where nobody is asked.
    pub(super) fn certificates(&self) -> Option<&Certificates> {
        (self.config.get_ssl_mode() != SslMode::Disable).then_some(&self.certificates)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written out, so that no later version of the driver can add the password.
        f.debug_struct("PostgresAddress")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .field("certificates", &self.certificates)
            .finish_non_exhaustive()
    }
}

/// The URL of a PostgreSQL server is not right; whoever runs the vault can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It does not begin as such URLs do.
    #[error("it does not begin with postgres://")]
    Scheme,
    /// The driver does not understand it.
    #[error("it is not a PostgreSQL URL: {0}")]
    Malformed(String),
    /// It names no server.
    #[error("it names no host")]
    Host,
    /// A mode that lets the network choose whether there is TLS, or an unknown one.
    #[error(
        "sslmode is neither disable nor require: others let whoever sits on the line switch encryption off"
    )]
    SslMode,
    /// The file of certificates has a setting of its own.
    #[error("sslrootcert is not read from the URL: set --store-ca or TESSERA_STORE_CA")]
    RootCertificate,
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// What the driver finds wrong: it names settings, not their values.
fn cause(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresAddress, AddressError> {
        PostgresAddress::parse(url, Certificates::System)
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_clear_unless_somebody_says_so() {
        for (url, mode) in [
            ("postgres://u@localhost/d", SslMode::Disable),
            ("postgresql://u@127.0.0.1:5433/d", SslMode::Disable),
            ("postgres://u@%2Frun%2Fpostgresql/d", SslMode::Disable),
            ("postgres://u@db.example/d", SslMode::Require),
            ("postgres://u@127.0.0.1,db.example/d", SslMode::Require),
            ("postgres://u@db.example/d?sslmode=verify-full", SslMode::Require),
            ("postgres://u@db.example/d?sslmode=disable", SslMode::Disable),
            ("postgres://u@localhost/d?sslmode=require&application_name=x", SslMode::Require),
        ] {
            let address = parse(url).unwrap();
            assert_eq!(address.config.get_ssl_mode(), mode, "{url}");
            assert_eq!(address.certificates().is_some(), mode == SslMode::Require, "{url}");
            assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
        let two = parse("postgres://u@a.example:1,b.example:2/d").unwrap();
        assert_eq!((two.config.get_hosts().len(), two.config.get_ports()), (2, [1, 2].as_slice()));
    }

    #[test]
    fn mistakes_are_named_and_passwords_are_not() {
        for (url, error) in [
            ("mysql://u:pa55word@h/d", AddressError::Scheme),
            ("postgres://u:pa55word@h/d?sslmode=prefer", AddressError::SslMode),
            ("postgres://u:pa55word@h/d?sslrootcert=ca.pem", AddressError::RootCertificate),
            ("postgres:///d", AddressError::Host),
        ] {
            assert_eq!(parse(url).unwrap_err(), error, "{url}");
        }
        for url in ["postgres://u:pa55word@h:port/d", "postgres://u:pa55word@h/d?nonsense=1"] {
            let error = parse(url).unwrap_err();
            assert!(matches!(error, AddressError::Malformed(_)), "{error}");
            assert!(!error.to_string().contains("pa55word"), "{error}");
        }
        assert!(!format!("{:?}", parse("postgres://u:pa55word@h/d").unwrap()).contains("pa55word"));
    }
}
