//! Where key-encryption keys are.

use std::{fmt, path::PathBuf};

use zeroize::Zeroizing;

use super::{Mode, PlaceArgs};
use crate::keyring::{Pkcs11Uri, TransitAddress};

/// Where a key-encryption key is.
#[derive(Clone)]
pub enum KekSource {
    /// In a file.
    File(PathBuf),
    /// In the environment.
    Text(Zeroizing<String>),
    /// In files with shares, of which some make it.
    Shares(Vec<PathBuf>),
    /// In the transit engine of HashiCorp Vault or OpenBao.
    Transit(TransitAddress),
    /// In a hardware security module.
    Pkcs11(Pkcs11Uri),
    /// In the data directory, generated when missing; only with `--dev`.
    DataDir,
}

impl KekSource {
    /// Reads a source as it is named in a flag.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("file:") {
            Ok(Self::File(PathBuf::from(path)))
        } else if let Some(paths) = text.strip_prefix("shares:") {
            Ok(Self::Shares(paths.split(';').map(PathBuf::from).collect()))
        } else if text.starts_with("transit:") {
            TransitAddress::parse(text).map(Self::Transit).map_err(|error| error.to_string())
        } else if text.starts_with("pkcs11:") {
            Pkcs11Uri::parse(text).map(Self::Pkcs11).map_err(|error| error.to_string())
        } else {
            Err("it begins with file:, shares:, transit: or pkcs11:".to_owned())
        }
    }
}

impl fmt::Debug for KekSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Text(_) => f.write_str("Text([REDACTED])"),
            Self::Shares(paths) => write!(f, "Shares({paths:?})"),
            Self::Transit(address) => write!(f, "{address:?}"),
            Self::Pkcs11(uri) => write!(f, "{uri:?}"),
            Self::DataDir => f.write_str("DataDir"),
        }
    }
}

/// The key that wraps.
pub(super) fn kek_source(
    args: &PlaceArgs,
    mode: Mode,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Option<KekSource> {
    let file = args.kek_file.clone().or_else(|| set("TESSERA_KEK_FILE"));
    let text = set("TESSERA_KEK").map(Zeroizing::new);
    let shares = match args.kek_share.as_slice() {
        [] => set("TESSERA_KEK_SHARES").map(|list| list.split(';').map(PathBuf::from).collect()),
        given => Some(given.iter().map(PathBuf::from).collect()),
    };
    let mut given: Vec<_> = file.map(PathBuf::from).map(KekSource::File).into_iter().collect();
    given.extend(text.map(KekSource::Text));
    given.extend(shares.map(KekSource::Shares));
    if let Some(source) = args.kek.clone().or_else(|| set("TESSERA_KEK_SOURCE")) {
        match KekSource::parse(&source) {
            Ok(source) => given.push(source),
            Err(error) => {
                errors.push(format!("--kek (TESSERA_KEK_SOURCE) is not right: {error}"));
                return None;
            }
        }
    }
    match (given.pop(), given.is_empty(), mode) {
        (Some(source), true, _) => Some(source),
        (Some(_), false, _) => {
            errors.push(
                "the key-encryption key is given twice: set one of TESSERA_KEK_FILE, TESSERA_KEK, TESSERA_KEK_SHARES \
                 and TESSERA_KEK_SOURCE; those that only unwrap belong into --also-kek"
                    .to_owned(),
            );
            None
        }
        (None, _, Mode::Development) => Some(KekSource::DataDir),
        (None, _, Mode::Production) => {
            errors.push(
                "the key-encryption key is missing: set TESSERA_KEK_FILE to a file that holds it, or TESSERA_KEK \
                 to the key itself (32 random bytes in base64url), TESSERA_KEK_SHARES to files with shares of it, or \
                 TESSERA_KEK_SOURCE to the place that keeps it; --dev generates one"
                    .to_owned(),
            );
            None
        }
    }
}

/// The keys that only unwrap.
pub(super) fn also_keks(
    args: &PlaceArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Vec<KekSource> {
    let mut texts = args.also_kek.clone();
    if texts.is_empty() {
        texts.extend(
            set("TESSERA_ALSO_KEKS").iter().flat_map(|list| list.split_whitespace()).map(str::to_owned),
        );
    }
    let mut sources = Vec::new();
    for text in &texts {
        match KekSource::parse(text) {
            Ok(source) => sources.push(source),
            Err(error) => errors.push(format!("an --also-kek (TESSERA_ALSO_KEKS) is not right: {error}")),
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        args: &PlaceArgs,
        environment: &[(&str, &str)],
    ) -> Result<(KekSource, Vec<KekSource>), Vec<String>> {
        let set = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let mut errors = Vec::new();
        let kek = kek_source(args, Mode::Production, &set, &mut errors);
        let old = also_keks(args, &set, &mut errors);
        kek.filter(|_| errors.is_empty()).map(|kek| (kek, old)).ok_or(errors)
    }

    #[test]
    fn a_source_is_named_in_one_way_or_another() {
        let shares = PlaceArgs { kek_share: vec!["a".to_owned(), "b".to_owned()], ..PlaceArgs::default() };
        assert!(matches!(read(&shares, &[]).unwrap().0, KekSource::Shares(paths) if paths.len() == 2));
        let environment = [("TESSERA_KEK_SHARES", "a;b;c"), ("TESSERA_ALSO_KEKS", "file:x shares:y;z")];
        let (kek, old) = read(&PlaceArgs::default(), &environment).unwrap();
        assert!(matches!(kek, KekSource::Shares(paths) if paths.len() == 3));
        assert!(matches!(old.as_slice(), [KekSource::File(_), KekSource::Shares(_)]), "{old:?}");
        let transit = "transit:https://h/v1/transit/keys/k?token-file=t";
        assert!(matches!(
            read(&PlaceArgs::default(), &[("TESSERA_KEK_SOURCE", transit)]),
            Ok((KekSource::Transit(_), _))
        ));
        let module = "pkcs11:token=t;object=k?module-path=m";
        assert!(matches!(
            read(&PlaceArgs::default(), &[("TESSERA_KEK_SOURCE", module)]),
            Ok((KekSource::Pkcs11(_), _))
        ));
    }

    #[test]
    fn two_sources_or_none_are_refused() {
        let both = [("TESSERA_KEK", "k"), ("TESSERA_KEK_SHARES", "a;b")];
        assert!(read(&PlaceArgs::default(), &both).unwrap_err()[0].contains("given twice"));
        assert!(read(&PlaceArgs::default(), &[]).unwrap_err()[0].contains("missing"));
        let wrong = [("TESSERA_KEK_SOURCE", "kms:x"), ("TESSERA_ALSO_KEKS", "pkcs11:x")];
        assert_eq!(read(&PlaceArgs::default(), &wrong).unwrap_err().len(), 2);
    }
}
