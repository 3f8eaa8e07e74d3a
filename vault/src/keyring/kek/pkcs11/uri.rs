//! The name of a key in a module (RFC 7512), as far as one key needs it.

use std::{borrow::Cow, path::PathBuf};

use percent_encoding::percent_decode_str;

/// Which module, token and key, and where the PIN is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pkcs11Uri {
    /// The label of the token.
    pub(super) token: String,
    /// Its serial number, where labels are not enough.
    pub(super) serial: Option<String>,
    /// The label of the key.
    pub(super) object: String,
    /// The id of the key, where labels are not enough.
    pub(super) id: Option<Vec<u8>>,
    /// The module: a shared library.
    pub(super) module_path: PathBuf,
    /// The file with the PIN; none for a token that needs no login.
    pub(super) pin_source: Option<PathBuf>,
}

/// Not such a name; whoever runs the vault can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs11UriError {
    /// No PKCS #11 URI.
    #[error("it does not begin with pkcs11:")]
    Scheme,
    /// A part that is no name and value, or not percent-encoded UTF-8.
    #[error("one of its parts is no name=value, or is not percent-encoded")]
    Part,
    /// A part that is not known here.
    #[error(
        "it has a part that is not token, serial, object or id, and behind the question mark module-path or pin-source"
    )]
    Unknown,
    /// A PIN that everybody can read.
    #[error(
        "a PIN does not belong into it, where everybody on the machine sees it: set pin-source to a file"
    )]
    PinValue,
    /// A part is missing.
    #[error("{0} is missing in it")]
    Missing(&'static str),
}

impl Pkcs11Uri {
    /// Reads `pkcs11:token=…;object=…?module-path=…&pin-source=…`.
    ///
    /// # Errors
    ///
    /// [`Pkcs11UriError`] if it is anything else.
    pub fn parse(text: &str) -> Result<Self, Pkcs11UriError> {
        let rest = text.strip_prefix("pkcs11:").ok_or(Pkcs11UriError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut token, mut serial, mut object, mut id) = (None, None, None, None);
        for part in path.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(Pkcs11UriError::Part)?;
            match name {
                "token" => token = Some(decoded(value)?),
                "serial" => serial = Some(decoded(value)?),
                "object" => object = Some(decoded(value)?),
                "id" => id = Some(Cow::from(percent_decode_str(value)).into_owned()),
                _ => return Err(Pkcs11UriError::Unknown),
            }
        }
        let (mut module_path, mut pin_source) = (None, None);
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(Pkcs11UriError::Part)?;
            match name {
                "module-path" => module_path = Some(PathBuf::from(decoded(value)?)),
                "pin-source" => {
                    let file = decoded(value)?;
                    pin_source = Some(PathBuf::from(file.strip_prefix("file:").unwrap_or(&file)));
                }
                "pin-value" => return Err(Pkcs11UriError::PinValue),
                _ => return Err(Pkcs11UriError::Unknown),
            }
        }
        Ok(Self {
            token: token.ok_or(Pkcs11UriError::Missing("token"))?,
            serial,
            object: object.ok_or(Pkcs11UriError::Missing("object"))?,
            id,
            module_path: module_path.ok_or(Pkcs11UriError::Missing("module-path"))?,
            pin_source,
        })
    }
}

fn decoded(value: &str) -> Result<String, Pkcs11UriError> {
    percent_decode_str(value).decode_utf8().map(Cow::into_owned).map_err(|_| Pkcs11UriError::Part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_module_token_and_key() {
        let text = "pkcs11:token=My%20token;serial=12ab;object=kek;id=%01%ff?module-path=/lib/p11.so&pin-source=file:/etc/pin";
        let uri = Pkcs11Uri::parse(text).unwrap();
        assert_eq!((uri.token.as_str(), uri.object.as_str()), ("My token", "kek"));
        assert_eq!((uri.serial.as_deref(), uri.id.as_deref()), (Some("12ab"), Some(&[1, 255][..])));
        assert_eq!(uri.module_path, PathBuf::from("/lib/p11.so"));
        assert_eq!(uri.pin_source, Some(PathBuf::from("/etc/pin")));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, error) in [
            ("file:x", Pkcs11UriError::Scheme),
            ("pkcs11:object=k?module-path=m", Pkcs11UriError::Missing("token")),
            ("pkcs11:token=t?module-path=m", Pkcs11UriError::Missing("object")),
            ("pkcs11:token=t;object=k", Pkcs11UriError::Missing("module-path")),
            ("pkcs11:token=t;object=k?module-path=m&pin-value=1234", Pkcs11UriError::PinValue),
            ("pkcs11:token=t;object=k;model=x?module-path=m", Pkcs11UriError::Unknown),
            ("pkcs11:token=t;object?module-path=m", Pkcs11UriError::Part),
            ("pkcs11:token=%ff;object=k?module-path=m", Pkcs11UriError::Part),
        ] {
            assert_eq!(Pkcs11Uri::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
