//! The merchant, and the origins its pages are served from.

use std::fmt;

use super::TenantId;

/// A merchant: the owner of keys, customers and payment methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// Its id; leads every primary key.
    pub id: TenantId,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
}

/// A web origin in its serialised form: scheme, host, and the port unless it is the scheme's own.
///
/// The source of the form is the HTML standard's "serialization of an origin". The characters are
/// restricted to those of host names, so that an origin can stand in a header or in HTML as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin such as `https://shop.example` or `http://localhost:8800`.
    ///
    /// # Errors
    ///
    /// [`NotAnOrigin`] if there is a path, a user, a wildcard, an upper-case host, an unusual port form
    /// or another scheme than `http` and `https`.
    pub fn parse(text: &str) -> Result<Self, NotAnOrigin> {
        let (host_and_port, default_port) =
            match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
                (Some(rest), _) => (rest, "443"),
                (None, Some(rest)) => (rest, "80"),
                (None, None) => return Err(NotAnOrigin),
            };
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            Some(_) | None => (host_and_port, None),
        };
        let port_fits = port.is_none_or(|port| {
            port != default_port
                && !port.starts_with('0')
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok()
        });
        if port_fits && (is_host_name(host) || is_ipv6(host)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnOrigin)
        }
    }

    /// The serialised origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no origin; the merchant's configuration is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is a scheme, a lower-case host and, unless it is the usual one, a port, with nothing behind it: https://shop.example"
)]
pub struct NotAnOrigin;

fn is_host_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

fn is_ipv6(host: &str) -> bool {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|address| {
        address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for good in [
            "https://shop.example",
            "http://localhost:8800",
            "http://127.0.0.1:8700",
            "http://[::1]:8700",
            "https://[::1]",
            "https://xn--bcher-kva.example:8443",
        ] {
            assert_eq!(Origin::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "null",
            "*",
            "https://",
            "https://*.example",
            "https://shop.example/",
            "https://Shop.example",
            "https://shop.example:443",
            "http://shop.example:80",
            "https://shop.example:",
            "https://shop.example:0443",
            "https://shop.example:99999",
            "https://user@shop.example",
            "https://shop.example;script-src *",
            "https://shop.example 'self'",
            "ftp://shop.example",
            "https://-shop.example",
            "https://shop..example",
            "http://[::1",
            "http://[0:0:0:0:0:0:0:1]",
        ] {
            assert_eq!(Origin::parse(bad), Err(NotAnOrigin), "{bad}");
        }
    }
}
