//! The vault's HPKE key pairs: one for each day, published for two, then destroyed.
//!
//! Browsers believe a key only if a root has signed a statement about it. With `--dev` the vault makes a pair a day, and the
//! root of development signs it. In production pairs are made ahead, by a command; what was signed for them elsewhere is
//! installed by another, and a pair without that is not published.

use std::sync::{Arc, PoisonError, RwLock};

use seal::{COMPONENT, KeyId, PrivateKey, PublicKey, Statement, Suite};

use super::{KekRing, KeyringError, RootSigner, SealingSuites};
use crate::{
    domain::{Origin, TenantId},
    random::{self, Random},
    store::{Change, SealingKey, Store, StoreError},
};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// How long browsers may seal to a key.
const LIFETIME_MS: i64 = 48 * HOUR_MS;

/// How often there is a new one.
const EVERY_MS: i64 = 24 * HOUR_MS;

/// So long before the last signed key ends, whoever runs the vault is told every day.
pub const SHORT_MS: i64 = 14 * 24 * HOUR_MS;

/// How long after its end a key still opens what was sealed at the last moment. After that it is
/// destroyed, and recorded traffic with it: HPKE's base mode has no other forward secrecy.
const GRACE_MS: i64 = HOUR_MS;

/// The end of what a key opens. What was sealed to it must be remembered until then: afterwards nobody
/// can send it again, because nobody can open it.
const fn opens_until_ms(expires_at_ms: i64) -> i64 {
    expires_at_ms.saturating_add(GRACE_MS)
}

/// Who makes sealing keys, and who signs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// The vault, one a day, and the root of development.
    Daily,
    /// Commands, ahead of time; and a root that is kept elsewhere.
    Requested,
}

/// The unwrapped sealing keys, newest first.
pub struct SealingKeys {
    supply: Supply,
    suites: SealingSuites,
    keys: RwLock<Vec<Unwrapped>>,
}

struct Unwrapped {
    key: Arc<PrivateKey>,
    starts_at_ms: i64,
    expires_at_ms: i64,
    statement: Option<String>,
}

/// A sealing key as browsers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The public half.
    pub key: PublicKey,
    /// Until when it may be used, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
    /// What the root has signed of it.
    pub statement: String,
}

/// A pair without a statement, and what there should be a statement of.
pub struct Request {
    /// The pair, to be kept.
    pub pair: SealingKey,
    /// What is to be signed.
    pub statement: Statement,
}

impl SealingKeys {
    pub(super) fn new(supply: Supply, suites: SealingSuites) -> Self {
        Self { supply, suites, keys: RwLock::default() }
    }

    /// Which suites keys are made of and opened with.
    #[must_use]
    pub const fn suites(&self) -> SealingSuites {
        self.suites
    }

    /// The keys browsers may seal to now, newest first: those of the suite that this vault makes, and that a root has signed
    /// for it. Nobody is told of another suite's, so that nobody goes back to them.
    #[must_use]
    pub fn published(&self, vault: &Origin, now_ms: i64) -> Vec<PublishedKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let good = keys.iter().filter(|key| self.is_made(key) && key.is_good(now_ms));
        let signed = good.filter_map(|key| {
            let statement = match self.supply {
                Supply::Daily => RootSigner::development().sign(&key.statement(vault, self.suites)),
                Supply::Requested => key.statement.clone()?,
            };
            Some(PublishedKey { key: key.key.public(), expires_at_ms: key.expires_at_ms, statement })
        });
        signed.take(at_once(self.suites.made())).collect()
    }

    /// Whether a key is of the suite that this vault makes.
    fn is_made(&self, key: &Unwrapped) -> bool {
        key.key.suite() == self.suites.made()
    }

    /// How many keys browsers may seal to now.
    #[must_use]
    pub fn good(&self, now_ms: i64) -> usize {
        let is_good = |key: &&Unwrapped| {
            let is_signed = self.supply == Supply::Daily || key.statement.is_some();
            is_signed && self.is_made(key) && key.is_good(now_ms)
        };
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().filter(is_good).count()
    }

    /// For how long there will be a signed key without a gap, in milliseconds; nothing where they make themselves.
    #[must_use]
    pub fn last_for_ms(&self, now_ms: i64) -> Option<i64> {
        match self.supply {
            Supply::Daily => return None,
            Supply::Requested => {}
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut until_ms = now_ms;
        // Newest first: each round finds the one that reaches furthest.
        while let Some(key) = keys.iter().find(|key| {
            let is_signed = key.statement.is_some() && self.is_made(key);
            is_signed && key.is_good(until_ms)
        }) {
            until_ms = key.expires_at_ms;
        }
        Some(until_ms.saturating_sub(now_ms))
    }

    /// Uses the private half of a key that is not over yet, and tells until when it opens, in
    /// milliseconds since the Unix epoch; `None` if there is no such key.
    pub fn with_private<T>(
        &self,
        id: KeyId,
        now_ms: i64,
        open: impl FnOnce(&PrivateKey) -> T,
    ) -> Option<(T, i64)> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .map(|key| (key, opens_until_ms(key.expires_at_ms)))
            .find(|(key, until_ms)| key.key.id() == id && *until_ms > now_ms)
            .map(|(key, until_ms)| (open(&key.key), until_ms))
    }

    /// Uses the private half of the newest key that has begun and is not over; `None` if there is none.
    pub(super) fn with_newest<T>(
        &self,
        now_ms: i64,
        derive: impl FnOnce(&PrivateKey) -> T,
    ) -> Option<(KeyId, T)> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.is_good(now_ms)).map(|key| (key.key.id(), derive(&key.key)))
    }

    /// Whether there is a key of this name, good or over.
    #[must_use]
    pub fn knows(&self, id: KeyId) -> bool {
        self.unwrapped(id).is_some()
    }

    fn unwrapped(&self, id: KeyId) -> Option<Arc<PrivateKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.key.id() == id).map(|key| Arc::clone(&key.key))
    }

    /// Takes up what the store holds: other vaults make keys, too.
    pub(super) async fn reload(&self, keks: &KekRing, store: &dyn Store) -> Result<(), KeyringError> {
        let stored = store.sealing_keys().await?;
        self.take_up(keks, &stored).await
    }

    /// Has the keys be those that are stored. One that does not open here keeps none of the others away.
    async fn take_up(&self, keks: &KekRing, stored: &[SealingKey]) -> Result<(), KeyringError> {
        let (mut keys, mut outcome) = (Vec::new(), Ok(()));
        for pair in stored {
            // What is unwrapped stays so: no provider is asked again, whatever becomes of the wrapped form.
            let key = match self.unwrapped(KeyId::new(pair.id)) {
                Some(known) => Ok(known),
                None => unwrap(keks, pair).await.map(Arc::new),
            };
            match key {
                Ok(key) => keys.push(Unwrapped::new(key, pair)),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        outcome
    }

    pub(super) async fn rotate(
        &self,
        keks: &KekRing,
        store: &dyn Store,
        now_ms: i64,
        random: &dyn Random,
    ) -> Result<(), KeyringError> {
        let mut stored = store.sealing_keys().await?;
        let mut changes = Vec::new();
        // Also a key from the future is replaced: the clock has been set back.
        let is_new = |key: &SealingKey| {
            key.suite == self.suites.made().number() && (0..EVERY_MS).contains(&(now_ms - key.starts_at_ms))
        };
        if self.supply == Supply::Daily && !stored.iter().any(is_new) {
            let new = generate(keks, self.suites.made(), now_ms, now_ms, random).await?;
            changes.push(Change::InsertSealingKey(new.clone()));
            stored.insert(0, new);
        }
        let over = |key: &SealingKey| opens_until_ms(key.expires_at_ms) < now_ms;
        if stored.iter().any(over) {
            changes.push(Change::DeleteSealingKeys { expired_before_ms: now_ms - GRACE_MS });
            stored.retain(|key| !over(key));
        }
        if !changes.is_empty() {
            store.apply(&TenantId::vault(), changes).await?;
        }
        self.take_up(keks, &stored).await
    }
}

impl Unwrapped {
    fn new(key: Arc<PrivateKey>, stored: &SealingKey) -> Self {
        Self {
            key,
            starts_at_ms: stored.starts_at_ms,
            expires_at_ms: stored.expires_at_ms,
            statement: stored.statement.clone(),
        }
    }

    /// Whether it has begun and is not over.
    const fn is_good(&self, now_ms: i64) -> bool {
        self.starts_at_ms <= now_ms && now_ms < self.expires_at_ms
    }

    fn statement(&self, vault: &Origin, suites: SealingSuites) -> Statement {
        statement(self.key.public(), self.starts_at_ms, self.expires_at_ms, vault, suites)
    }
}

/// How many keys browsers are told of at most. One of X-Wing takes 3.5 kB of the list, and only whose clock is wrong by more
/// than the day that is forgiven would need the one before.
const fn at_once(suite: Suite) -> usize {
    match suite {
        Suite::X25519 => usize::MAX,
        Suite::XWing => 1,
    }
}

/// The pairs of the suite that a vault makes, which it needs for the coming days: those that wait for a signature already, and new ones for days that
/// have none. Days are those of UTC, beginning with today; a pair begins with its day and ends with the next.
pub(super) async fn requests(
    keks: &KekRing,
    stored: &[SealingKey],
    vault: &Origin,
    suites: SealingSuites,
    now_ms: i64,
    days: u16,
    random: &dyn Random,
) -> Result<Vec<(Request, Standing)>, KeyringError> {
    let today_ms = now_ms - now_ms.rem_euclid(EVERY_MS);
    let mut requests = Vec::new();
    for day in 0..i64::from(days) {
        let starts_at_ms = today_ms + day * EVERY_MS;
        let of_day =
            |key: &&SealingKey| key.suite == suites.made().number() && key.starts_at_ms == starts_at_ms;
        if stored.iter().filter(of_day).any(|key| key.statement.is_some()) {
            continue;
        }
        let (pair, standing) = match stored.iter().find(of_day) {
            Some(pair) => (pair.clone(), Standing::Kept),
            None => (generate(keks, suites.made(), now_ms, starts_at_ms, random).await?, Standing::New),
        };
        let public = unwrap(keks, &pair).await?.public();
        let statement = statement(public, pair.starts_at_ms, pair.expires_at_ms, vault, suites);
        requests.push((Request { pair, statement }, standing));
    }
    Ok(requests)
}

/// Whether the store has a pair already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Kept,
    /// It is to keep it.
    New,
}

/// The public half of a stored pair.
pub(super) async fn public_of(keks: &KekRing, stored: &SealingKey) -> Result<PublicKey, KeyringError> {
    Ok(unwrap(keks, stored).await?.public())
}

fn statement(
    key: PublicKey,
    starts_at_ms: i64,
    expires_at_ms: i64,
    vault: &Origin,
    suites: SealingSuites,
) -> Statement {
    Statement {
        key,
        not_before_ms: u64::try_from(starts_at_ms).unwrap_or(0),
        not_after_ms: u64::try_from(expires_at_ms).unwrap_or(0),
        suites: suites.good(),
        component: COMPONENT,
        vault: vault.as_str().to_owned(),
    }
}

/// Whether the sealing keys that a store holds open under a key-encryption key.
pub(super) async fn check(keks: &KekRing, store: &dyn Store) -> Result<(), KeyringError> {
    let mut failure = None;
    for key in store.sealing_keys().await? {
        match unwrap(keks, &key).await {
            Ok(_) => return Ok(()),
            // It may be the one that somebody's hand was in.
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn generate(
    keks: &KekRing,
    suite: Suite,
    now_ms: i64,
    starts_at_ms: i64,
    random: &dyn Random,
) -> Result<SealingKey, KeyringError> {
    let id = random::bytes::<8>(random)?;
    // Any 32 bytes are an X25519 private key (RFC 7748, section 5), and the seed of an X-Wing pair.
    let private = random::bytes::<32>(random)?;
    let wrapped = keks.wrap(&name(&id), &private, random).await?;
    Ok(SealingKey {
        id: *id,
        suite: suite.number(),
        wrapped,
        created_at_ms: now_ms,
        starts_at_ms,
        expires_at_ms: starts_at_ms + LIFETIME_MS,
        statement: None,
    })
}

async fn unwrap(keks: &KekRing, stored: &SealingKey) -> Result<PrivateKey, KeyringError> {
    let suite = Suite::from_number(stored.suite).ok_or(StoreError::Corrupt("the suite of a sealing key"))?;
    let private = keks.unwrap(&name(&stored.id), &stored.wrapped).await?;
    Ok(PrivateKey::from_bytes(suite, KeyId::new(stored.id), private.as_slice())
        .map_err(|_| StoreError::Corrupt("a sealing key"))?)
}

pub(super) fn name(id: &[u8; 8]) -> String {
    format!("sealing-key/{}", KeyId::new(*id).to_text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keyring::Kek, random::SystemRandom};

    const DAY_MS: i64 = 86_400_000;
    const NOW_MS: i64 = 20_000 * DAY_MS + 7;

    fn vault() -> Origin {
        Origin::parse("https://vault.example").unwrap()
    }

    async fn keys(supply: Supply, days: &[(i64, Option<&str>)]) -> SealingKeys {
        let (keks, keys) = (
            KekRing::from(Kek::generate(&SystemRandom).unwrap()),
            SealingKeys::new(supply, SealingSuites::X25519),
        );
        let mut stored = Vec::new();
        for (day, statement) in days {
            let mut pair =
                generate(&keks, Suite::X25519, NOW_MS, (20_000 + day) * DAY_MS, &SystemRandom).await.unwrap();
            pair.statement = statement.map(str::to_owned);
            stored.push(pair);
        }
        stored.sort_by_key(|pair| std::cmp::Reverse(pair.starts_at_ms));
        keys.take_up(&keks, &stored).await.unwrap();
        keys
    }

    #[tokio::test]
    async fn only_signed_keys_of_today_are_published_newest_first() {
        let days = [(-2, Some("over")), (-1, Some("old")), (0, Some("new")), (1, Some("tomorrow"))];
        let published = async |supply, days: &[_]| {
            let keys = keys(supply, days).await.published(&vault(), NOW_MS);
            keys.into_iter().map(|key| key.statement).collect::<Vec<_>>()
        };
        assert_eq!(published(Supply::Requested, &days).await, ["new", "old"]);
        assert_eq!(published(Supply::Requested, &[(0, None)]).await, Vec::<String>::new());
        let good = async |supply, days: &[_]| keys(supply, days).await.good(NOW_MS);
        assert_eq!(good(Supply::Requested, &days).await, 2);
        assert_eq!(good(Supply::Requested, &[(0, None)]).await, 0);
        assert_eq!(good(Supply::Daily, &[(0, None)]).await, 1);
        // The vault of a developer signs by itself.
        let signed = published(Supply::Daily, &[(0, None)]).await.remove(0);
        let statement = seal::Signed::from_text(&signed).unwrap().checked(&seal::root::DEVELOPMENT).unwrap();
        let key = statement.key_for("https://vault.example", u64::try_from(NOW_MS).unwrap()).unwrap();
        assert_eq!(key.to_text().len(), 43);
    }

    #[tokio::test]
    async fn a_key_is_sealed_to_until_its_last_moment_and_opens_for_an_hour_longer() {
        let keys = keys(Supply::Requested, &[(0, Some("signed"))]).await;
        let id = keys.published(&vault(), NOW_MS)[0].key.id();
        let (start_ms, end_ms, hour_ms) = (20_000 * DAY_MS, 20_002 * DAY_MS, 3_600_000);
        let moments = [
            (start_ms - 1, 0, true),
            (start_ms, 1, true),
            (end_ms - 1, 1, true),
            (end_ms, 0, true),
            (end_ms + hour_ms - 1, 0, true),
            (end_ms + hour_ms, 0, false),
        ];
        for (now_ms, good, opens) in moments {
            assert_eq!(keys.published(&vault(), now_ms).len(), good, "{now_ms}");
            assert_eq!(keys.good(now_ms), good, "{now_ms}");
            let newest = keys.with_newest(now_ms, PrivateKey::id);
            assert_eq!(newest, (good == 1).then_some((id, id)), "{now_ms}");
            let opened = keys.with_private(id, now_ms, PrivateKey::id);
            assert_eq!(opened, opens.then_some((id, end_ms + hour_ms)), "{now_ms}");
        }
        assert!(keys.with_private(KeyId::new([0; 8]), NOW_MS, PrivateKey::id).is_none());
    }

    #[tokio::test]
    async fn pairs_are_asked_for_from_today_on_where_nothing_is_signed_yet() {
        let keks = KekRing::from(Kek::generate(&SystemRandom).unwrap());
        let on = async |day: i64, suite, statement: Option<&str>| {
            let starts_at_ms = (20_000 + day) * DAY_MS;
            let mut pair = generate(&keks, suite, NOW_MS, starts_at_ms, &SystemRandom).await.unwrap();
            pair.statement = statement.map(str::to_owned);
            pair
        };
        let stored = [
            on(-1, Suite::X25519, None).await,
            on(0, Suite::X25519, Some("signed")).await,
            on(1, Suite::X25519, None).await,
            on(2, Suite::XWing, Some("signed")).await,
        ];
        let asked = async |suites, days| {
            let found = requests(&keks, &stored, &vault(), suites, NOW_MS, days, &SystemRandom).await;
            let found = found.unwrap().into_iter().map(|(Request { pair, statement }, standing)| {
                assert_eq!(statement.not_before_ms, u64::try_from(pair.starts_at_ms).unwrap());
                assert_eq!(statement.not_after_ms, statement.not_before_ms + 172_800_000);
                assert_eq!(pair.expires_at_ms - pair.starts_at_ms, 2 * DAY_MS);
                assert_eq!((statement.vault.as_str(), pair.statement), ("https://vault.example", None));
                assert_eq!(pair.suite, suites.made().number());
                (pair.starts_at_ms / DAY_MS - 20_000, standing, stored.iter().any(|key| key.id == pair.id))
            });
            found.collect::<Vec<_>>()
        };
        let (kept, new) = (Standing::Kept, Standing::New);
        assert_eq!(asked(SealingSuites::X25519, 1).await, []);
        assert_eq!(asked(SealingSuites::X25519, 3).await, [(1, kept, true), (2, new, false)]);
        assert_eq!(asked(SealingSuites::XWing, 3).await, [(0, new, false), (1, new, false)]);
    }

    #[tokio::test]
    async fn a_pair_opens_under_its_own_name_only() {
        let keks = KekRing::from(Kek::generate(&SystemRandom).unwrap());
        let [mut one, other] = [
            generate(&keks, Suite::X25519, NOW_MS, NOW_MS, &SystemRandom).await.unwrap(),
            generate(&keks, Suite::X25519, NOW_MS, NOW_MS, &SystemRandom).await.unwrap(),
        ];
        assert!(public_of(&keks, &one).await.is_ok());
        one.wrapped = other.wrapped;
        assert!(matches!(public_of(&keks, &one).await, Err(KeyringError::WrongKek)));
    }

    #[tokio::test]
    async fn no_key_of_another_suite_is_published_nor_counted() {
        let keks = KekRing::from(Kek::generate(&SystemRandom).unwrap());
        let mut stored = Vec::new();
        for (day, suite) in [(0, Suite::XWing), (-1, Suite::XWing), (-1, Suite::X25519)] {
            let starts_at_ms = (20_000 + day) * DAY_MS;
            let mut pair = generate(&keks, suite, NOW_MS, starts_at_ms, &SystemRandom).await.unwrap();
            pair.statement = Some(format!("{suite:?} {day}"));
            stored.push(pair);
        }
        let of = async |suites| {
            let keys = SealingKeys::new(Supply::Requested, suites);
            keys.take_up(&keks, &stored).await.unwrap();
            let published = keys.published(&vault(), NOW_MS).into_iter().map(|key| key.statement);
            (published.collect::<Vec<_>>(), keys.good(NOW_MS), keys.last_for_ms(NOW_MS), keys.suites())
        };
        let x25519 = SealingSuites::X25519;
        assert_eq!(of(x25519).await, (vec!["X25519 -1".to_owned()], 1, Some(DAY_MS - 7), x25519));
        let until_ms = Some(2 * DAY_MS - 7);
        // Of X-Wing one is told of, as each is long.
        for suites in [SealingSuites::XWing, SealingSuites::XWingOnly] {
            assert_eq!(of(suites).await, (vec!["XWing 0".to_owned()], 2, until_ms, suites));
        }
    }

    #[tokio::test]
    async fn how_long_the_signed_keys_last_ends_at_the_first_gap() {
        let last = async |supply, days: &[_]| keys(supply, days).await.last_for_ms(NOW_MS);
        let good = Some("signed");
        assert_eq!(last(Supply::Daily, &[(0, None)]).await, None);
        assert_eq!(last(Supply::Requested, &[]).await, Some(0));
        assert_eq!(last(Supply::Requested, &[(0, None), (1, good)]).await, Some(0));
        assert_eq!(last(Supply::Requested, &[(0, good)]).await, Some(2 * DAY_MS - 7));
        // A key lasts two days: one missing day is no gap, two are.
        assert_eq!(last(Supply::Requested, &[(0, good), (2, good)]).await, Some(4 * DAY_MS - 7));
        assert_eq!(last(Supply::Requested, &[(0, good), (1, None), (3, good)]).await, Some(2 * DAY_MS - 7));
    }

    #[tokio::test]
    async fn what_is_unwrapped_stays_so_and_takes_its_statement_up() {
        let [old, new] = [(); 2].map(|()| KekRing::from(Kek::generate(&SystemRandom).unwrap()));
        let keys = SealingKeys::new(Supply::Requested, SealingSuites::X25519);
        let mut pair = generate(&old, Suite::X25519, NOW_MS, 20_000 * DAY_MS, &SystemRandom).await.unwrap();
        keys.take_up(&old, std::slice::from_ref(&pair)).await.unwrap();
        // Somebody wraps it under a key that this vault does not have, and another vault makes a further one.
        let private = old.unwrap(&name(&pair.id), &pair.wrapped).await.unwrap();
        pair.wrapped = new.wrap(&name(&pair.id), &private, &SystemRandom).await.unwrap();
        pair.statement = Some("signed".to_owned());
        let other = generate(&new, Suite::X25519, NOW_MS, 20_000 * DAY_MS, &SystemRandom).await.unwrap();
        assert!(matches!(keys.take_up(&old, &[other, pair.clone()]).await, Err(KeyringError::WrongKek)));
        let published = keys.published(&vault(), NOW_MS);
        assert_eq!(published.iter().map(|key| key.key.id()).collect::<Vec<_>>(), [KeyId::new(pair.id)]);
        assert_eq!(published[0].statement, "signed");
        // What is destroyed in the store is so here.
        keys.take_up(&old, &[]).await.unwrap();
        assert!(!keys.knows(KeyId::new(pair.id)));
    }
}
