//! The key-encryption keys that are open: one wraps, all unwrap.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Freshness, KekFailure, KekId, KeyEncryption};
use crate::random::Random;

/// The form of a wrapped key that names its key-encryption key.
const FORM: u8 = 1;

/// How long a wrapped key was before there were ids: nonce, key and tag.
const FIRST_FORM_LEN: usize = 12 + 32 + 16;

/// The key-encryption keys that are open.
#[derive(Clone)]
pub struct KekRing {
    wraps: Arc<dyn KeyEncryption>,
    /// Those that only unwrap.
    others: Vec<Arc<dyn KeyEncryption>>,
}

/// What wrapped a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrappedBy {
    /// The key-encryption key with this id.
    Id(KekId),
    /// A local one, before there were ids.
    FirstForm,
    /// What is stored is no wrapped key.
    Nothing,
}

impl<K: KeyEncryption + 'static> From<K> for KekRing {
    fn from(kek: K) -> Self {
        Self::new(Arc::new(kek))
    }
}

impl KekRing {
    /// With one key.
    #[must_use]
    pub fn new(wraps: Arc<dyn KeyEncryption>) -> Self {
        Self { wraps, others: Vec::new() }
    }

    /// The same, with a key that only unwraps.
    #[must_use]
    pub fn also(mut self, other: Arc<dyn KeyEncryption>) -> Self {
        self.others.push(other);
        self
    }

    /// The same, with all keys of another ring, which only unwrap.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.others.push(Arc::clone(&other.wraps));
        self.others.extend(other.others.iter().map(Arc::clone));
        self
    }

    /// The key that wraps.
    #[must_use]
    pub fn current(&self) -> &dyn KeyEncryption {
        &*self.wraps
    }

    /// The key that wraps, for another ring.
    #[must_use]
    pub fn share_current(&self) -> Arc<dyn KeyEncryption> {
        Arc::clone(&self.wraps)
    }

    /// The open key with an id.
    #[must_use]
    pub fn find(&self, id: KekId) -> Option<&dyn KeyEncryption> {
        self.all().find(|kek| kek.id() == id)
    }

    /// What wrapped a key.
    #[must_use]
    pub fn wrapped_by(wrapped: &[u8]) -> WrappedBy {
        match parse(wrapped) {
            Some((Some(id), _)) => WrappedBy::Id(id),
            Some((None, _)) => WrappedBy::FirstForm,
            None => WrappedBy::Nothing,
        }
    }

    /// Which version of its key the provider wrapped with, where it counts versions itself.
    #[must_use]
    pub fn version_of(&self, wrapped: &[u8]) -> Option<u32> {
        let (id, body) = parse(wrapped)?;
        self.find(id?)?.version_of(body)
    }

    /// Whether a key is wrapped as [`wrap`](Self::wrap) would do it now.
    ///
    /// # Errors
    ///
    /// [`KekFailure`] if the provider does not say.
    pub async fn freshness(&self, wrapped: &[u8]) -> Result<Freshness, KekFailure> {
        match parse(wrapped) {
            Some((Some(id), body)) if id == self.wraps.id() => self.wraps.is_outdated(body).await,
            Some(_) | None => Ok(Freshness::Outdated),
        }
    }

    /// Wraps a key under the one that wraps.
    pub(in crate::keyring) async fn wrap(
        &self,
        name: &str,
        key: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Vec<u8>, KekFailure> {
        let body = self.wraps.wrap(name, key, random).await?;
        let wrapped = [&[FORM], self.wraps.id().0.as_slice(), &body].concat();
        if wrapped.len() == FIRST_FORM_LEN {
            return Err(KekFailure::Nonsense("a wrapped key of an impossible length".to_owned()));
        }
        Ok(wrapped)
    }

    /// Unwraps a key with the one that wrapped it.
    pub(in crate::keyring) async fn unwrap(
        &self,
        name: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
        let (id, body) = parse(wrapped).ok_or(KekFailure::WrongKey)?;
        let mut failure = KekFailure::WrongKey;
        // Before there were ids only local keys wrapped; which of them did is found by trying.
        let may_have = |kek: &&dyn KeyEncryption| id.map_or(kek.provider() == "local", |id| kek.id() == id);
        for kek in self.all().filter(may_have) {
            match kek.unwrap(name, body).await {
                Ok(key) => return Ok(key),
                Err(KekFailure::WrongKey) => {}
                Err(other) => failure = other,
            }
        }
        Err(failure)
    }

    fn all(&self) -> impl Iterator<Item = &dyn KeyEncryption> {
        std::iter::once(&self.wraps).chain(&self.others).map(|kek| &**kek)
    }
}

/// The id that a wrapped key names, none in the first form, and what the provider made.
fn parse(wrapped: &[u8]) -> Option<(Option<KekId>, &[u8])> {
    if wrapped.len() == FIRST_FORM_LEN {
        return Some((None, wrapped));
    }
    let rest = wrapped.strip_prefix(&[FORM])?;
    let (id, body) = rest.split_first_chunk::<{ KekId::LEN }>()?;
    Some((Some(KekId(*id)), body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keyring::Kek, random::SystemRandom};

    fn kek() -> Arc<Kek> {
        Arc::new(Kek::generate(&SystemRandom).unwrap())
    }

    #[tokio::test]
    async fn a_wrapped_key_names_its_key_and_opens_as_long_as_that_is_there() {
        let (old, new) = (kek(), kek());
        let before = KekRing::new(old.clone());
        let wrapped = before.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
        assert_eq!(KekRing::wrapped_by(&wrapped), WrappedBy::Id(old.id()));

        let between = KekRing::new(new.clone()).also(old.clone());
        assert_eq!(*between.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
        assert_eq!(between.unwrap("b", &wrapped).await, Err(KekFailure::WrongKey));
        assert_eq!(between.freshness(&wrapped).await, Ok(Freshness::Outdated));
        let again = between.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
        assert_eq!(between.freshness(&again).await, Ok(Freshness::Newest));

        let after = KekRing::new(new.clone());
        assert_eq!(*after.unwrap("a", &again).await.unwrap(), [5; 32]);
        assert_eq!(after.unwrap("a", &wrapped).await, Err(KekFailure::WrongKey));
    }

    #[tokio::test]
    async fn what_was_wrapped_before_there_were_ids_opens_with_whichever_key_it_was() {
        let (old, new) = (kek(), kek());
        let wrapped = old.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
        assert_eq!(wrapped.len(), FIRST_FORM_LEN);
        assert_eq!(KekRing::wrapped_by(&wrapped), WrappedBy::FirstForm);
        let ring = KekRing::new(new.clone()).also(old);
        assert_eq!(*ring.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
        assert_eq!(ring.freshness(&wrapped).await, Ok(Freshness::Outdated));
        assert_eq!(KekRing::new(new).unwrap("a", &wrapped).await, Err(KekFailure::WrongKey));
    }

    #[tokio::test]
    async fn what_is_no_wrapped_key_opens_with_none() {
        let ring = KekRing::new(kek());
        let wrapped = ring.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
        for len in 0..wrapped.len() {
            assert_eq!(ring.unwrap("a", &wrapped[..len]).await, Err(KekFailure::WrongKey), "{len}");
        }
        assert_eq!(KekRing::wrapped_by(b""), WrappedBy::Nothing);
        assert_eq!(KekRing::wrapped_by(&[2; 69]), WrappedBy::Nothing);
    }
}
