//! Checkout sessions: what a merchant's server has said of one checkout before a browser asks for a token.
//!
//! A session is a text that the merchant's server hands to its page. Nothing of it is stored: whatever it says stands in
//! its bytes, which are signed as they are. Each part stands behind its length, so that no two sessions have the same
//! bytes, and what moves from one part into the next makes other bytes.

use instrument::card::{Card, Scheme};
use serde::{Deserialize, Serialize};

use super::{Currency, Money, Origin};
use crate::random::{self, BASE58, Random, RandomFailed};

/// What a session's text begins with.
pub const TEXT_PREFIX: &str = "ses_";

/// The first part of every session's bytes: another form gets another one.
const FORM: &[u8] = b"1";

/// The most BINs that each list of a session may name: with both full a session has four kilobytes, and fits into a
/// request for a token.
pub const MAX_BINS: usize = 100;

/// The digits of a BIN that a session names.
pub const BIN_DIGITS: std::ops::RangeInclusive<usize> = 6..=8;

/// The most tokens that a session may be good for.
pub const MAX_ATTEMPTS: u32 = 100;

/// The longest that a session lasts, in seconds: a day, so that a page left open overnight still works.
pub const MAX_LIFETIME_SECS: u32 = 24 * 60 * 60;

/// What a merchant's server has said of one checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSession {
    /// Drawn at random; no secret.
    pub id: String,
    /// The origin of the page.
    pub origin: Origin,
    /// How much shall be paid, in minor units of `currency`.
    pub amount_minor: Option<i64>,
    /// Of what.
    pub currency: Option<Currency>,
    /// From when on it is good for nothing, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
    /// How many entries may be tried in it, at least one.
    pub attempts: u32,
    /// The schemes whose cards are taken; all, if none is named.
    pub schemes: Vec<&'static Scheme>,
    /// The BINs whose cards are taken; all, if none is named.
    pub allowed_bins: Vec<String>,
    /// The BINs whose cards are not taken, whatever else is said.
    pub denied_bins: Vec<String>,
}

/// Bytes that are no session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSession;

impl CheckoutSession {
    /// A new id: 58^20 is more than 2^117.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn draw_id(random: &dyn Random) -> Result<String, RandomFailed> {
        random::text(random, BASE58, 20).map(|id| id.to_string())
    }

    /// Whether a text has the look of a session's, and not of something else's that is called a session.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(TEXT_PREFIX)
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let names = |names: &[String]| joined(names.iter().map(String::as_bytes));
        joined([
            FORM,
            self.id.as_bytes(),
            self.origin.as_str().as_bytes(),
            number(self.amount_minor).as_bytes(),
            self.currency.as_ref().map_or("", Currency::as_str).as_bytes(),
            self.expires_at_ms.to_string().as_bytes(),
            self.attempts.to_string().as_bytes(),
            &joined(self.schemes.iter().map(|scheme| scheme.id.as_bytes())),
            &names(&self.allowed_bins),
            &names(&self.denied_bins),
        ])
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has made.
    ///
    /// # Errors
    ///
    /// [`NoSession`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoSession> {
        let parts = split(bytes).ok_or(NoSession)?;
        let [form, id, origin, amount, currency, expires, attempts, schemes, allowed, denied] =
            parts.as_slice()
        else {
            return Err(NoSession);
        };
        if *form != FORM {
            return Err(NoSession);
        }
        let session = Self {
            id: text(id)?.to_owned(),
            origin: Origin::parse(text(origin)?).map_err(|_| NoSession)?,
            amount_minor: if_any(amount, |text| text.parse().ok())?,
            currency: if_any(currency, Currency::parse)?,
            expires_at_ms: text(expires)?.parse().map_err(|_| NoSession)?,
            attempts: text(attempts)?.parse().map_err(|_| NoSession)?,
            schemes: list(schemes, Scheme::by_id)?,
            allowed_bins: list(allowed, |bin| Some(bin.to_owned()))?,
            denied_bins: list(denied, |bin| Some(bin.to_owned()))?,
        };
        // A number can be written in several ways, and only one of them is ours.
        if session.to_bytes() == bytes { Ok(session) } else { Err(NoSession) }
    }

    /// Whether it takes a card: also one of two schemes, unless its holder has picked the other one.
    #[must_use]
    pub fn takes(&self, card: &Card) -> bool {
        let is_named = |scheme: &Scheme| self.schemes.is_empty() || self.schemes.contains(&scheme);
        let scheme = match card.preferred_scheme() {
            Some(picked) => is_named(picked),
            None => card.number().candidates().any(|candidate| is_named(candidate.scheme)),
        };
        // EXPOSE: only its first digits are looked at.
        let begins = |bin: &String| card.number().expose().starts_with(bin.as_str());
        let allowed = self.allowed_bins.is_empty() || self.allowed_bins.iter().any(begins);
        scheme && allowed && !self.denied_bins.iter().any(begins)
    }

    /// What is kept of it with a token.
    #[must_use]
    pub fn terms(&self) -> SessionTerms {
        SessionTerms {
            id: self.id.clone(),
            amount_minor: self.amount_minor,
            currency: self.currency.map(|currency| currency.as_str().to_owned()),
            expires_at_ms: self.expires_at_ms,
        }
    }
}

/// What of a session stays with the token that was made in it, and with the payment method that the token becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTerms {
    /// The session's id.
    pub id: String,
    /// How much shall be paid, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// Of what, as an ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Until when the session lasts, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

impl SessionTerms {
    /// Whether this may be paid in the session.
    #[must_use]
    pub fn allow(&self, money: Money) -> bool {
        self.amount_minor.is_none_or(|minor| minor == money.minor)
            && self.currency.as_deref().is_none_or(|currency| currency == money.currency.as_str())
    }
}

/// Each part behind its length in two bytes. No part is longer than those can say: the longest is a list of
/// [`MAX_BINS`].
fn joined<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The parts of [`joined`] bytes.
fn split(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (len, rest) = bytes.split_first_chunk::<2>()?;
        let (part, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        parts.push(part);
        bytes = rest;
    }
    Some(parts)
}

fn text(part: &[u8]) -> Result<&str, NoSession> {
    std::str::from_utf8(part).map_err(|_| NoSession)
}

fn if_any<T>(part: &[u8], read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, NoSession> {
    match text(part)? {
        "" => Ok(None),
        text => read(text).map(Some).ok_or(NoSession),
    }
}

fn list<T>(part: &[u8], read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, NoSession> {
    let items = split(part).ok_or(NoSession)?;
    items.into_iter().map(|item| read(text(item)?).ok_or(NoSession)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use instrument::{CardDraft, Draft, Instrument, Secret, YearMonth};
    use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

    use super::*;

    fn session() -> CheckoutSession {
        CheckoutSession {
            id: "3xRkPq7mT2nWvB8cYdFh".to_owned(),
            origin: Origin::parse("https://shop.example").unwrap(),
            amount_minor: Some(1299),
            currency: Some(Currency::USD),
            expires_at_ms: 1_795_399_323_042,
            attempts: 5,
            schemes: Vec::new(),
            allowed_bins: Vec::new(),
            denied_bins: Vec::new(),
        }
    }

    fn card(number: &str, preferred: Option<&str>) -> Card {
        let draft = Draft::Card(CardDraft {
            number: Secret::new(number.to_owned()),
            expiry: Secret::new("12/30".to_owned()),
            code: None,
            holder: None,
            preferred_scheme: preferred.map(str::to_owned),
        });
        let Instrument::Card(card) = draft.finish(YearMonth::new(2026, 11).unwrap()).unwrap() else {
            panic!("a card is one")
        };
        card
    }

    #[test]
    fn a_session_reads_back_and_anything_else_is_none() {
        let full = CheckoutSession {
            schemes: vec![Scheme::by_id("visa").unwrap(), Scheme::by_id("amex").unwrap()],
            allowed_bins: vec!["411111".to_owned(), "37828224".to_owned()],
            denied_bins: vec!["41111199".to_owned()],
            ..session()
        };
        let bare = CheckoutSession { amount_minor: None, currency: None, ..session() };
        for session in [&full, &bare] {
            let bytes = session.to_bytes();
            assert_eq!(CheckoutSession::from_bytes(&bytes).as_ref(), Ok(session));
            for end in 0..bytes.len() {
                assert_eq!(CheckoutSession::from_bytes(&bytes[..end]), Err(NoSession), "{end}");
            }
            assert_eq!(CheckoutSession::from_bytes(&[bytes.as_slice(), &[0, 0]].concat()), Err(NoSession));
        }
        let written = |number: &str| {
            let bytes = full.to_bytes();
            let at = bytes.windows(4).position(|window| window == b"1299").unwrap();
            let len = u8::try_from(number.len()).unwrap();
            [&bytes[..at - 2], &[0, len], number.as_bytes(), &bytes[at + 4..]].concat()
        };
        assert!(CheckoutSession::from_bytes(&written("1300")).is_ok());
        for other_way in ["+1299", "01299", " 1299", "1299 "] {
            assert_eq!(CheckoutSession::from_bytes(&written(other_way)), Err(NoSession), "{other_way}");
        }
    }

    /// Sessions whose parts are so short and so alike that bytes would meet if lengths did not keep them apart.
    fn close(random: &mut StdRng) -> CheckoutSession {
        let digits = |random: &mut StdRng| {
            let count = random.random_range(0..4);
            (0..count).map(|_| if random.random() { '1' } else { '4' }).collect::<String>()
        };
        let bins = |random: &mut StdRng| (0..random.random_range(0..3)).map(|_| digits(random)).collect();
        let schemes = ["visa", "visa", "jcb", "mir"];
        CheckoutSession {
            id: digits(random),
            origin: Origin::parse(["http://a", "http://a.b", "https://a"].choose(random).unwrap()).unwrap(),
            amount_minor: random.random::<bool>().then(|| random.random_range(0..20)),
            currency: random.random::<bool>().then_some(Currency::USD),
            expires_at_ms: random.random_range(0..20),
            attempts: random.random_range(1..20),
            schemes: (0..random.random_range(0..3))
                .filter_map(|_| Scheme::by_id(schemes.choose(random).unwrap()))
                .collect(),
            allowed_bins: bins(random),
            denied_bins: bins(random),
        }
    }

    #[test]
    fn no_two_sessions_have_the_same_bytes() {
        let seed = rand::rng().next_u64();
        let mut random = StdRng::seed_from_u64(seed);
        let mut seen: HashMap<Vec<u8>, CheckoutSession> = HashMap::new();
        for _ in 0..200_000 {
            let session = close(&mut random);
            let bytes = session.to_bytes();
            assert_eq!(CheckoutSession::from_bytes(&bytes).as_ref(), Ok(&session), "seed {seed}");
            if let Some(other) = seen.insert(bytes, session.clone()) {
                assert_eq!(other, session, "seed {seed}");
            }
        }
        // One digit that moves from a part into the next.
        let (mut one, mut other) = (session(), session());
        (one.allowed_bins, one.denied_bins) = (vec!["411111".to_owned()], Vec::new());
        (other.allowed_bins, other.denied_bins) = (Vec::new(), vec!["411111".to_owned()]);
        assert_ne!(one.to_bytes(), other.to_bytes());
        (one.amount_minor, one.expires_at_ms) = (Some(12), 991);
        (other.amount_minor, other.expires_at_ms) = (Some(129), 91);
        other.allowed_bins.clone_from(&one.allowed_bins);
        other.denied_bins.clear();
        assert_ne!(one.to_bytes(), other.to_bytes());
    }

    #[test]
    fn schemes_and_bins_decide_which_card_is_taken() {
        let with = |schemes: &[&str], allowed: &[&str], denied: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|bin| (*bin).to_owned()).collect();
            CheckoutSession {
                schemes: schemes.iter().map(|id| Scheme::by_id(id).unwrap()).collect(),
                allowed_bins: owned(allowed),
                denied_bins: owned(denied),
                ..session()
            }
        };
        let visa = card("4111111111111111", None);
        assert!(with(&[], &[], &[]).takes(&visa));
        assert!(with(&["visa"], &[], &[]).takes(&visa));
        assert!(!with(&["mastercard"], &[], &[]).takes(&visa));
        assert!(with(&[], &["411111"], &[]).takes(&visa));
        assert!(!with(&[], &["41111112"], &[]).takes(&visa));
        assert!(!with(&[], &["411111"], &["41111111"]).takes(&visa));
        assert!(!with(&[], &[], &["4111111"]).takes(&visa));
        // Fifteen digits, of which a BIN of eight is no less the beginning.
        let amex = card("378282246310005", None);
        assert!(with(&["amex"], &["37828224"], &[]).takes(&amex));
        // Both marks are on the card; what counts is the one that its holder picked.
        let dankort = with(&["dankort"], &[], &[]);
        assert!(dankort.takes(&card("4571994000062336", None)));
        assert!(dankort.takes(&card("4571994000062336", Some("dankort"))));
        assert!(!dankort.takes(&card("4571994000062336", Some("visa"))));
    }

    #[test]
    fn terms_allow_what_they_say_and_what_they_do_not_speak_of() {
        let money = |minor, currency| Money::of_minor(minor, Currency::parse(currency).unwrap()).unwrap();
        let terms = session().terms();
        assert!(terms.allow(money(1299, "USD")));
        assert!(!terms.allow(money(1298, "USD")));
        assert!(!terms.allow(money(1299, "EUR")));
        let open = SessionTerms { amount_minor: None, ..terms.clone() };
        assert!(open.allow(money(1, "USD")) && !open.allow(money(1, "EUR")));
        assert!(SessionTerms { currency: None, ..open }.allow(money(1, "EUR")));
    }
}
