//! Security codes of unspent tokens: in memory, for a while, and nowhere else.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use instrument::card::SecurityCode;
use subtle::ConstantTimeEq as _;

/// The longest that a code is kept, in milliseconds, whatever its token's dialect: the time a shopper may need between
/// typing and paying.
const LONGEST_MS: i64 = 15 * 60 * 1000;

/// How many codes are kept at most, of about 200 bytes each; the one that ends first makes room. More tokens than this in
/// fifteen minutes are more than a hundred each second.
const AT_MOST: usize = 100_000;

/// What becomes of security codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecurityCodes {
    /// They are kept in the memory of the vault that made the token.
    #[default]
    Memory,
    /// They travel, sealed, in the text of the token that a browser gets, and any vault can use them. Those of tokens that a
    /// merchant's server asks for are kept in memory: answers to servers are remembered, on a disk.
    Carried,
    /// They are checked for their form and dropped.
    Off,
}

impl SecurityCodes {
    /// Reads the name of a choice.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "memory" => Some(Self::Memory),
            "carried" => Some(Self::Carried),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Codes by the keyed hashes of their tokens. Each is overwritten when it is taken out, and all when the vault ends.
#[derive(Default)]
pub(super) struct Codes {
    choice: SecurityCodes,
    kept: Mutex<Kept>,
}

/// When the time of a code is over, of a token that was issued now.
pub(super) const fn ends_at_ms(now_ms: i64, expires_at_ms: i64) -> i64 {
    let longest_ms = now_ms.saturating_add(LONGEST_MS);
    if expires_at_ms < longest_ms { expires_at_ms } else { longest_ms }
}

#[derive(Default)]
struct Kept {
    codes: HashMap<[u8; 32], (SecurityCode, i64)>,
    by_end: BTreeSet<(i64, [u8; 32])>,
}

/// Whether a code is the one that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// It is, or nothing was kept.
    Same,
    /// Another one is kept.
    Other,
}

impl Codes {
    pub(super) fn new(choice: SecurityCodes) -> Self {
        Self { choice, kept: Mutex::default() }
    }

    /// What becomes of codes.
    pub(super) const fn choice(&self) -> SecurityCodes {
        self.choice
    }

    /// Keeps a code until its token expires, fifteen minutes at most.
    pub(super) fn keep(&self, mac: [u8; 32], code: SecurityCode, now_ms: i64, expires_at_ms: i64) {
        match self.choice {
            SecurityCodes::Off => {}
            SecurityCodes::Memory | SecurityCodes::Carried => {
                self.lock().insert(mac, code, ends_at_ms(now_ms, expires_at_ms));
            }
        }
    }

    /// Tells whether a token that is asked for again was asked for with the same code; where none is kept any more,
    /// because the vault was started again, the one that came is.
    pub(super) fn keep_again(
        &self,
        mac: [u8; 32],
        code: Option<SecurityCode>,
        now_ms: i64,
        expires_at_ms: i64,
    ) -> Kin {
        let kept = self.code(&mac, now_ms);
        match (kept, code) {
            // EXPOSE: two codes are compared, in the same time whatever they are.
            (Some(kept), Some(code))
                if !bool::from(kept.expose().as_bytes().ct_eq(code.expose().as_bytes())) =>
            {
                Kin::Other
            }
            (Some(_), None) => Kin::Other,
            (None, Some(code)) => {
                self.keep(mac, code, now_ms, expires_at_ms);
                Kin::Same
            }
            (Some(_), Some(_)) | (None, None) => Kin::Same,
        }
    }

    /// The code of a token, if it is kept.
    pub(super) fn code(&self, mac: &[u8; 32], now_ms: i64) -> Option<SecurityCode> {
        let kept = self.lock();
        let (code, _) = kept.codes.get(mac).filter(|(_, ends_at_ms)| *ends_at_ms > now_ms)?;
        // EXPOSE: it is copied for the one request that uses it.
        SecurityCode::parse(code.expose(), None).ok()
    }

    /// How many are kept.
    pub(super) fn count(&self) -> usize {
        self.lock().codes.len()
    }

    /// Forgets codes whose time is over.
    pub(super) fn forget_over(&self, now_ms: i64) {
        let mut kept = self.lock();
        while let Some((ends_at_ms, mac)) = kept.by_end.first().copied()
            && ends_at_ms <= now_ms
        {
            kept.remove(&mac);
        }
    }

    /// Forgets the code of a token that is spent.
    pub(super) fn forget(&self, mac: &[u8; 32]) {
        self.lock().remove(mac);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, mac: [u8; 32], code: SecurityCode, ends_at_ms: i64) {
        self.remove(&mac);
        while self.codes.len() >= AT_MOST
            && let Some((_, first)) = self.by_end.first().copied()
        {
            self.remove(&first);
        }
        self.codes.insert(mac, (code, ends_at_ms));
        self.by_end.insert((ends_at_ms, mac));
    }

    fn remove(&mut self, mac: &[u8; 32]) {
        if let Some((_, ends_at_ms)) = self.codes.remove(mac) {
            self.by_end.remove(&(ends_at_ms, *mac));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> SecurityCode {
        SecurityCode::parse(text, None).unwrap()
    }

    fn is_kept(codes: &Codes, mac: u8, now_ms: i64) -> bool {
        codes.code(&[mac; 32], now_ms).is_some()
    }

    #[test]
    fn a_code_is_kept_for_its_token_and_fifteen_minutes_at_most() {
        let codes = Codes::new(SecurityCodes::Memory);
        codes.keep([1; 32], code("919"), 0, 100);
        codes.keep([2; 32], code("828"), 0, i64::MAX);
        assert_eq!(codes.code(&[1; 32], 99).unwrap().expose(), "919");
        assert!(!is_kept(&codes, 1, 100) && !is_kept(&codes, 3, 0));
        assert!(is_kept(&codes, 2, LONGEST_MS - 1) && !is_kept(&codes, 2, LONGEST_MS));
        codes.forget_over(100);
        assert_eq!(codes.lock().codes.len(), 1);
        codes.forget(&[2; 32]);
        assert_eq!(codes.count(), 0);
        assert!(codes.lock().by_end.is_empty());
    }

    #[test]
    fn an_attempt_that_is_repeated_has_the_same_code() {
        let codes = Codes::new(SecurityCodes::Memory);
        codes.keep([1; 32], code("919"), 0, 100);
        assert_eq!(codes.keep_again([1; 32], Some(code("919")), 1, 100), Kin::Same);
        assert_eq!(codes.keep_again([1; 32], Some(code("910")), 1, 100), Kin::Other);
        assert_eq!(codes.keep_again([1; 32], None, 1, 100), Kin::Other);
        // After a start the repetition brings it back.
        assert_eq!(codes.keep_again([2; 32], Some(code("919")), 1, 100), Kin::Same);
        assert!(is_kept(&codes, 2, 1));
    }

    #[test]
    fn the_first_to_end_makes_room_and_nothing_is_kept_when_that_is_asked_for() {
        let codes = Codes::new(SecurityCodes::Memory);
        for index in 0..=AT_MOST {
            let mut mac = [0; 32];
            mac[..8].copy_from_slice(&index.to_be_bytes());
            codes.keep(mac, code("919"), 0, i64::try_from(index).unwrap() + 1);
        }
        assert_eq!(codes.count(), AT_MOST);
        assert_eq!(codes.lock().by_end.len(), AT_MOST);
        assert!(!is_kept(&codes, 0, 0));
        let off = Codes::new(SecurityCodes::Off);
        off.keep([1; 32], code("919"), 0, 100);
        assert!(!is_kept(&off, 1, 0));
    }
}
