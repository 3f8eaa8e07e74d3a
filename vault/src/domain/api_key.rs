//! API keys: publishable ones for browsers, secret ones for the merchant's server.

use std::fmt;

use zeroize::Zeroizing;

use super::{Origin, Scope, TenantId};
use crate::random::{self, BASE58, Random, RandomFailed};

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `pk_`: stands in pages, may only make tokens, and only from allowed origins.
    Publishable,
    /// `sk_`: stays on the merchant's server, may do everything else.
    Secret,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Publishable, Self::Secret];

    /// What a key of that use starts with.
    #[must_use]
    pub const fn prefix(self, key_use: KeyUse) -> &'static str {
        match (self, key_use) {
            (Self::Publishable, KeyUse::Test) => "pk_test_",
            (Self::Publishable, KeyUse::Live) => "pk_live_",
            (Self::Secret, KeyUse::Test) => "sk_test_",
            (Self::Secret, KeyUse::Live) => "sk_live_",
        }
    }

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publishable => "publishable",
            Self::Secret => "secret",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a key says of the cards that come with it. To the vault both are alike; a form with a live key takes no orders to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// For trying out.
    Test,
    /// For real cards.
    Live,
}

impl KeyUse {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Test, Self::Live];
}

/// Characters of the id part, which is not secret and finds the stored row.
pub const ID_LEN: usize = 12;

/// Characters of the secret part: 58^32 is more than 2^187.
pub const SECRET_LEN: usize = 32;

/// An API key as its owner holds it: `pk_test_<12>_<32>` or `sk_test_<12>_<32>`, or with `live`, base58 characters.
#[derive(Clone)]
pub struct KeyText {
    kind: KeyKind,
    key_use: KeyUse,
    whole: Zeroizing<String>,
}

impl KeyText {
    /// Reads a key; `None` if it has not the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sorts = KeyKind::ALL.into_iter().flat_map(|kind| KeyUse::ALL.map(|key_use| (kind, key_use)));
        let (kind, key_use, rest) = sorts
            .filter_map(|(kind, key_use)| Some((kind, key_use, text.strip_prefix(kind.prefix(key_use))?)))
            .next()?;
        let (id, secret) = rest.split_once('_')?;
        let is_base58 = |part: &str| part.bytes().all(|byte| BASE58.contains(&byte));
        (id.len() == ID_LEN && secret.len() == SECRET_LEN && is_base58(id) && is_base58(secret))
            .then(|| Self { kind, key_use, whole: Zeroizing::new(text.to_owned()) })
    }

    /// Makes a new key.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(kind: KeyKind, key_use: KeyUse, random: &dyn Random) -> Result<Self, RandomFailed> {
        let id = random::text(random, BASE58, ID_LEN)?;
        let secret = random::text(random, BASE58, SECRET_LEN)?;
        let whole = Zeroizing::new([kind.prefix(key_use), id.as_str(), "_", secret.as_str()].concat());
        Ok(Self { kind, key_use, whole })
    }

    /// What the key may be used for, going by its prefix.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The part that finds the stored row.
    #[must_use]
    pub fn id(&self) -> &str {
        self.whole.split('_').nth(2).unwrap_or_default()
    }

    /// The whole key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.whole
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}_[REDACTED]", self.kind.prefix(self.key_use), self.id())
    }
}

/// A stored API key; the key itself is only there as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The id part of the key.
    pub id: String,
    /// Whose key it is.
    pub tenant: TenantId,
    /// What it may be used for.
    pub kind: KeyKind,
    /// HMAC of the whole key.
    pub mac: [u8; 32],
    /// The version of the look-up key that `mac` is of.
    pub lookup_version: u32,
    /// The origins whose pages may use a publishable key; empty for a secret one.
    pub origins: Vec<Origin>,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// What it may be used for, among what its kind allows.
    pub scopes: Vec<Scope>,
    /// From when on it is good for nothing, in milliseconds since the Unix epoch, because another one has replaced it.
    pub expires_at_ms: Option<i64>,
    /// When it was revoked, in milliseconds since the Unix epoch. It is good for nothing, whatever a clock says.
    pub revoked_at_ms: Option<i64>,
}

impl ApiKey {
    /// The names of its scopes, with spaces between them.
    #[must_use]
    pub fn scope_names(&self) -> String {
        self.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether it makes tokens in checkout sessions only.
    #[must_use]
    pub fn requires_session(&self) -> bool {
        self.scopes.contains(&Scope::SessionRequired)
    }

    /// Whether it is still good for anything.
    #[must_use]
    pub fn is_good(&self, now_ms: i64) -> bool {
        self.revoked_at_ms.is_none() && self.expires_at_ms.is_none_or(|expires_at_ms| now_ms < expires_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_generated_key_reads_back() {
        for (kind, key_use, prefix) in [
            (KeyKind::Publishable, KeyUse::Test, "pk_test_"),
            (KeyKind::Publishable, KeyUse::Live, "pk_live_"),
            (KeyKind::Secret, KeyUse::Test, "sk_test_"),
            (KeyKind::Secret, KeyUse::Live, "sk_live_"),
        ] {
            let key = KeyText::generate(kind, key_use, &SystemRandom).unwrap();
            assert!(key.expose().starts_with(prefix));
            let read = KeyText::parse(key.expose()).unwrap();
            assert_eq!((read.kind(), read.id()), (kind, key.id()));
            assert_eq!(read.id().len(), ID_LEN);
            assert!(!format!("{key:?}").contains(key.expose().rsplit('_').next().unwrap()));
        }
    }

    #[test]
    fn other_texts_are_no_keys() {
        let key = KeyText::generate(KeyKind::Secret, KeyUse::Live, &SystemRandom).unwrap();
        let shorter = key.expose().strip_suffix(|_: char| true).unwrap();
        for text in
            ["", "sk_test_", "sk_test__", shorter, "xk_test_123456789ABC_123456789ABCDEFGHJKLMNPQRSTUVWXY"]
        {
            assert!(KeyText::parse(text).is_none(), "{text}");
        }
        assert!(KeyText::parse(&key.expose().replace("sk_", "rk_")).is_none());
        assert!(KeyText::parse(&key.expose().replace("live", "last")).is_none());
        assert!(KeyText::parse(&format!("{} ", key.expose())).is_none());
    }
}
