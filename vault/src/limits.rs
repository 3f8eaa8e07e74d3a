//! How often browsers may ask for tokens: what makes a vault useless for trying out stolen or guessed cards.
//!
//! Publishable keys are public, so whoever wants can ask for tokens with one. Four rules bound that, each with a
//! quota of its own, and a fifth makes it dear:
//!
//! - `key`: all requests with one publishable key;
//! - `address`: all requests from one address block with one key;
//! - `bin`: new cards with the same leading digits with one key, wherever they come from. Whoever tries out the
//!   cards of one issuer from thousands of addresses meets this one;
//! - `cards`: different cards from one address block with one key. Whoever pays has a few; whoever tries out a list
//!   has all of it;
//! - `work`: new cards of one BIN with one key, and ten times as many with one key. Beyond that each asks for work, the more
//!   the more come, and only where it was done counts for `bin`. So who tries out cards without it keeps no shopper out.
//!
//! The quotas are counted in this process: two vaults on one database allow twice as much. A repetition of an
//! attempt that was answered already is not counted as a new card. `key` and `address` are judged before anything in
//! a request is looked at; the others need the envelope opened and the card checked, so their refusal says that the card
//! was well formed, which whoever knows the rules of card numbers can tell without a vault.

mod attempts;
mod cards;
mod client;
mod pressure;
mod rate;

use std::{fmt, hash::Hash, num::NonZeroU32, sync::Arc};

use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::DashMapStateStore,
};

use crate::{
    clock::Clock,
    domain::{CheckoutSession, TenantId},
};

use attempts::Attempts;
use cards::Cards;
use pressure::Pressure;

pub use attempts::NoAttemptLeft;
pub use cards::CardMark;
pub use client::{Block, Client, Peer, Proxies, ProxiesError};
pub use pressure::Level;
pub use rate::{Rate, RateError};

/// The rules: how much of each there may be; none where a rule is switched off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Requests with one publishable key.
    pub key: Option<Rate>,
    /// Requests from one address block with one key.
    pub address: Option<Rate>,
    /// New cards of one BIN with one key.
    pub bin: Option<Rate>,
    /// Different cards from one address block with one key.
    pub cards: Option<Rate>,
    /// New cards of one BIN with one key, and ten times as many of all, beyond which each asks for work.
    pub work: Option<Rate>,
}

impl Rules {
    /// What a vault starts with unless told otherwise: far above what one shop sells, far below what trying out
    /// cards takes.
    pub const DEFAULT: Self = Self {
        key: Some(Rate::per_second(100)),
        address: Some(Rate::per_minute(30)),
        bin: Some(Rate::per_minute(120)),
        cards: Some(Rate::per_hour(20)),
        work: Some(Rate::per_minute(30)),
    };

    /// Reads `key=100/s address=30/m bin=120/m cards=20/h work=30/m`: each rule at most once, and one that is not named keeps its
    /// default; `none` switches all off, and `bin=off` one.
    ///
    /// # Errors
    ///
    /// [`RulesError`] with the first word that is none of these.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        let mut rules = Self::DEFAULT;
        let mut named = Vec::new();
        for word in text.split_whitespace() {
            let unknown = || RulesError(word.to_owned());
            let (name, rate) = word.split_once('=').ok_or_else(unknown)?;
            let rule = match name {
                "key" => &mut rules.key,
                "address" => &mut rules.address,
                "bin" => &mut rules.bin,
                "cards" => &mut rules.cards,
                "work" => &mut rules.work,
                _ => return Err(unknown()),
            };
            if named.contains(&name) {
                return Err(unknown());
            }
            named.push(name);
            *rule = match rate {
                "off" => None,
                rate => Some(Rate::parse(rate).map_err(|RateError| unknown())?),
            };
            if rules.cards.is_some_and(|rate| rate.burst().get() > cards::MOST_OF_ONE) {
                return Err(unknown());
            }
        }
        Ok(rules)
    }
}

/// A rule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no rule: write `none`, or some of key=, address=, bin=, cards= and work= with `off` or a rate such as 100/s, \
     30/m or 1000/h, and no more than 1000 cards"
)]
pub struct RulesError(String);

/// What the rules need to know of a new card.
#[derive(Clone, Copy, Debug)]
pub struct NewCard<'a> {
    /// The publishable key it comes with.
    pub key_id: &'a str,
    /// Who sends it.
    pub client: Client,
    /// Its leading digits.
    pub bin: &'a str,
    /// What tells it from others: part of a keyed hash.
    pub mark: CardMark,
    /// Whether work was done for it. It was counted when that was asked for.
    pub is_worked_for: bool,
}

/// Why a new card is not taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardHeld {
    /// More come than usual: with so much work it is.
    WorkFirst(Level),
    /// There were too many like it.
    TooMany(Exceeded),
}

impl From<Exceeded> for CardHeld {
    fn from(exceeded: Exceeded) -> Self {
        Self::TooMany(exceeded)
    }
}

/// Too much of something: when there is room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// In how many seconds, at least one.
    pub retry_after_secs: u32,
}

/// How many requests with reports of violated policies are read: from one address block, and in all.
const REPORTS_OF_ONE: Rate = Rate::per_minute(30);
const REPORTS: Rate = Rate::per_second(20);

/// How many times the usual new cards of one BIN are usual of all with one key.
const WHOLE_KEY: u32 = 10;

/// The quotas, and how much of them is used.
pub struct Limits {
    reports_of_one: Quotas<Block>,
    reports: Quotas<()>,
    key: Option<Quotas<String>>,
    address: Option<Quotas<(String, Block)>>,
    bin: Option<Quotas<(String, String)>>,
    attempts: Attempts,
    cards: Option<Cards<(String, Block)>>,
    work: Option<Pressures>,
}

/// How much more comes than usual.
struct Pressures {
    bin: Pressure<(String, String)>,
    key: Pressure<String>,
}

impl Limits {
    /// Nothing used yet.
    #[must_use]
    pub fn new(rules: Rules, clock: &Arc<dyn Clock>) -> Self {
        Self {
            reports_of_one: Quotas::new(REPORTS_OF_ONE, clock),
            reports: Quotas::new(REPORTS, clock),
            key: rules.key.map(|rate| Quotas::new(rate, clock)),
            address: rules.address.map(|rate| Quotas::new(rate, clock)),
            bin: rules.bin.map(|rate| Quotas::new(rate, clock)),
            attempts: Attempts::new(clock),
            cards: rules.cards.map(|rate| Cards::new(rate, clock)),
            work: rules.work.map(|rate| Pressures {
                bin: Pressure::new(rate, clock),
                key: Pressure::new(rate.times(WHOLE_KEY), clock),
            }),
        }
    }

    /// Counts a request with a publishable key, before anything in it is looked at. Whose address is not known is
    /// counted for the key alone.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if there were too many.
    pub fn admit(&self, key_id: &str, client: Client) -> Result<(), Exceeded> {
        if let (Some(quotas), Client::At(address)) = (&self.address, client) {
            quotas.take(&(key_id.to_owned(), Block::of(address)))?;
        }
        self.key.as_ref().map_or(Ok(()), |quotas| quotas.take(&key_id.to_owned()))
    }

    /// Counts a new card, before anything is kept of it: the one way in for all of them, whatever sends it.
    ///
    /// # Errors
    ///
    /// [`CardHeld`] if more come than usual and no work was done for it, or if there were too many of this BIN, or too many
    /// others from this address block.
    pub fn admit_card(&self, card: &NewCard<'_>) -> Result<(), CardHeld> {
        let of_bin = || (card.key_id.to_owned(), card.bin.to_owned());
        if let Some(Pressures { bin, key }) = self.work.as_ref().filter(|_| !card.is_worked_for) {
            let levels = [bin.rise(&of_bin()), key.rise(&card.key_id.to_owned())];
            if let Some(level) = levels.into_iter().flatten().max() {
                return Err(CardHeld::WorkFirst(level));
            }
        }
        if let (Some(cards), Client::At(address)) = (&self.cards, card.client) {
            cards.take(&(card.key_id.to_owned(), Block::of(address)), card.mark)?;
        }
        Ok(self.bin.as_ref().map_or(Ok(()), |quotas| quotas.take(&of_bin()))?)
    }

    /// Counts an attempt in a checkout session, whatever the rules are: how many there may be, the merchant's server has
    /// said. `digest` is a keyed hash of all that is asked for; the same twice is one attempt.
    ///
    /// # Errors
    ///
    /// [`NoAttemptLeft`] if there were too many.
    pub fn admit_attempt(
        &self,
        tenant: &TenantId,
        session: &CheckoutSession,
        digest: &[u8; 32],
    ) -> Result<(), NoAttemptLeft> {
        self.attempts.take(tenant, session, digest)
    }

    /// Counts a request with reports of violated policies, whatever the rules are: nobody needs many.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if there were too many.
    pub fn admit_report(&self, client: Client) -> Result<(), Exceeded> {
        if let Client::At(address) = client {
            self.reports_of_one.take(&Block::of(address))?;
        }
        self.reports.take(&())
    }

    /// Forgets whoever has all of its quota again.
    pub fn forget(&self) {
        self.reports_of_one.forget();
        self.attempts.forget();
        if let Some(Pressures { bin, key }) = &self.work {
            bin.forget();
            key.forget();
        }
        if let Some(cards) = &self.cards {
            cards.forget();
        }
        if let Some(quotas) = &self.key {
            quotas.forget();
        }
        if let Some(quotas) = &self.address {
            quotas.forget();
        }
        if let Some(quotas) = &self.bin {
            quotas.forget();
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limits")
    }
}

/// One quota for each `Name`.
struct Quotas<Name: Hash + Eq + Clone> {
    limiter: RateLimiter<Name, DashMapStateStore<Name>, Ticks, NoOpMiddleware<Nanos>>,
    ticks: Ticks,
}

impl<Name: Hash + Eq + Clone> Quotas<Name> {
    fn new(rate: Rate, clock: &Arc<dyn Clock>) -> Self {
        let ticks = Ticks(Arc::clone(clock));
        let quota = Quota::with_period(rate.interval()).map_or_else(
            // A rate has no interval of zero.
            || Quota::per_second(NonZeroU32::MIN),
            |quota| quota.allow_burst(rate.burst()),
        );
        Self { limiter: RateLimiter::dashmap_with_clock(quota, ticks.clone()), ticks }
    }

    fn take(&self, name: &Name) -> Result<(), Exceeded> {
        self.limiter.check_key(name).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.ticks.now());
            let secs = wait.as_millis().div_ceil(1000).max(1);
            Exceeded { retry_after_secs: u32::try_from(secs).unwrap_or(u32::MAX) }
        })
    }

    fn forget(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The vault's clock, as the quotas read it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.ticks_ms().saturating_mul(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::clock::ManualClock;

    fn limits(rules: &str) -> (Limits, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(1_795_399_323_042));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        (Limits::new(Rules::parse(rules).unwrap(), &shared), clock)
    }

    fn at(address: &str) -> Client {
        Client::At(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn rules_are_read_whole_or_refused() {
        assert_eq!(Rules::parse("none").unwrap(), Rules::default());
        assert_eq!(Rules::parse("").unwrap(), Rules::DEFAULT);
        assert_eq!(Rules::parse("cards=1000/h").unwrap().cards, Some(Rate::parse("1000/h").unwrap()));
        let rules = Rules::parse("bin=off address=5/h").unwrap();
        assert_eq!(rules, Rules { bin: None, address: Some(Rate::parse("5/h").unwrap()), ..Rules::DEFAULT });
        for wrong in [
            "key",
            "key=",
            "key=0/s",
            "key=5",
            "key=5/d",
            "card=5/s",
            "key=1/s key=2/s",
            "none key=1/s",
            "cards=1001/h",
            "work=5",
            "work=5/m work=off",
        ] {
            assert!(Rules::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_quota_is_used_up_and_fills_up_again() {
        let (limits, clock) = limits("key=3/m address=off bin=off");
        for _ in 0..3 {
            limits.admit("one", Client::Unknown).unwrap();
        }
        assert_eq!(limits.admit("one", Client::Unknown), Err(Exceeded { retry_after_secs: 20 }));
        // Another key has its own.
        limits.admit("two", Client::Unknown).unwrap();
        clock.advance_ms(19_000);
        assert_eq!(limits.admit("one", Client::Unknown), Err(Exceeded { retry_after_secs: 1 }));
        clock.advance_ms(1_000);
        limits.admit("one", Client::Unknown).unwrap();
        assert!(limits.admit("one", Client::Unknown).is_err());
        clock.advance_ms(600_000);
        limits.forget();
        for _ in 0..3 {
            limits.admit("one", Client::Unknown).unwrap();
        }
        assert!(limits.admit("one", Client::Unknown).is_err(), "a long rest saves up no more than the quota");
    }

    #[test]
    fn whoever_has_its_quota_again_is_forgotten() {
        let (limits, clock) = limits("key=3/m address=2/m bin=2/m cards=2/h work=5/m");
        let client = at("198.51.100.1");
        limits.admit("one", client).unwrap();
        let (bin, mark) = ("41111111", [1; 8]);
        limits.admit_card(&NewCard { key_id: "one", client, bin, mark, is_worked_for: false }).unwrap();
        limits.admit_report(client).unwrap();
        let remembered = || {
            let of_key = limits.key.as_ref().unwrap().limiter.len();
            let of_address = limits.address.as_ref().unwrap().limiter.len();
            let of_bin = limits.bin.as_ref().unwrap().limiter.len();
            [of_key, of_address, of_bin, limits.reports_of_one.limiter.len()]
        };
        limits.forget();
        assert_eq!(remembered(), [1; 4], "not before it is so");
        clock.advance_ms(3_600_000);
        limits.forget();
        assert_eq!(remembered(), [0; 4]);
    }

    #[test]
    fn an_address_block_does_not_use_up_that_of_others() {
        let (limits, _) = limits("key=off address=2/m bin=off");
        for _ in 0..2 {
            limits.admit("one", at("2001:db8:0:1::1")).unwrap();
        }
        assert!(limits.admit("one", at("2001:db8:0:1:ffff::2")).is_err(), "the same /64");
        limits.admit("one", at("2001:db8:0:2::1")).unwrap();
        limits.admit("two", at("2001:db8:0:1::1")).unwrap();
        limits.admit("one", Client::Unknown).unwrap();
    }

    #[test]
    fn reports_are_counted_whatever_the_rules_are() {
        let (limits, clock) = limits("none");
        let accepted = |address| (0..100).filter(|_| limits.admit_report(at(address)).is_ok()).count();
        assert_eq!(accepted("198.51.100.1"), 20, "so many in a moment, from all together");
        assert_eq!(accepted("198.51.100.2"), 0);
        clock.advance_ms(1_000);
        assert_eq!(accepted("198.51.100.1"), 0, "its thirty of the minute are over");
        assert_eq!(accepted("198.51.100.3"), 20);
        assert_eq!(limits.admit_report(Client::Unknown), Err(Exceeded { retry_after_secs: 1 }));
    }

    #[test]
    fn cards_of_one_bin_are_counted_together() {
        let (limits, _) = limits("key=off address=off bin=2/m cards=off work=off");
        let admit = |key_id, bin| {
            let client = at("198.51.100.1");
            limits.admit_card(&NewCard { key_id, client, bin, mark: [1; 8], is_worked_for: false })
        };
        admit("one", "41111111").unwrap();
        admit("one", "41111111").unwrap();
        assert!(admit("one", "41111111").is_err());
        admit("one", "55555555").unwrap();
        admit("two", "41111111").unwrap();
    }

    #[test]
    fn different_cards_of_an_address_block_are_counted_for_each_key() {
        let (limits, _) = limits("key=off address=off bin=off cards=2/h work=off");
        let admit = |key_id, client, mark: u8| {
            let (bin, mark) = ("41111111", [mark; 8]);
            limits.admit_card(&NewCard { key_id, client, bin, mark, is_worked_for: false })
        };
        let here = at("2001:db8:0:1::1");
        for mark in [1, 2, 1, 2] {
            admit("one", here, mark).unwrap();
        }
        assert!(admit("one", at("2001:db8:0:1:ffff::2"), 3).is_err(), "the same /64");
        admit("one", at("2001:db8:0:2::1"), 3).unwrap();
        admit("two", here, 3).unwrap();
        for mark in 0..100 {
            admit("one", Client::Unknown, mark).unwrap();
        }
    }

    /// One card that is entered: whether it becomes a token, with or without work.
    fn enters(limits: &Limits, client: Client, bin: &str, mark: u64, works: bool) -> bool {
        let mark = mark.to_be_bytes();
        let send = |is_worked_for| {
            limits.admit("one", client)?;
            limits.admit_card(&NewCard { key_id: "one", client, bin, mark, is_worked_for })
        };
        match send(false) {
            Err(CardHeld::WorkFirst(_)) if works => send(true).is_ok(),
            outcome => outcome.is_ok(),
        }
    }

    #[test]
    fn ten_thousand_addresses_without_work_get_nothing_and_keep_no_shopper_out() {
        let (limits, clock) = limits("");
        let (mut tried, mut taken, mut shoppers, mut served) = (0, 0, 0_u32, 0_u32);
        // Five minutes of fifty cards of one issuer a second, each address twice, beside a shopper each second, every second one
        // with a card of that issuer.
        for tick in 0..15_000_u32 {
            clock.advance_ms(20);
            let [_, _, c, d] = (tick % 10_000).to_be_bytes();
            let thief = Client::At([10, 1, c, d].into());
            let got = enters(&limits, thief, "41111111", u64::from(tick), false);
            if tick >= 3_000 {
                tried += 1;
                taken += u32::from(got);
            }
            if tick % 50 == 0 {
                let [_, _, c, d] = tick.to_be_bytes();
                let shopper = Client::At([172, 16, c, d].into());
                let bin = if tick % 100 == 0 { "41111111" } else { "55555555" };
                shoppers += 1;
                served += u32::from(enters(&limits, shopper, bin, u64::from(tick) << 32, true));
            }
        }
        assert_eq!((tried, taken), (12_000, 0), "after the first minute");
        assert_eq!((shoppers, served), (300, 300));
    }
}
