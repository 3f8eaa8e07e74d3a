//! Cards that nobody has, sealed as a browser seals them.

use getrandom::{SysRng, rand_core::UnwrapErr};
use instrument::{CardDraft, Draft, Kind, Secret, YearMonth};
use serde_json::json;

use super::{Target, connection::Call};
use crate::{
    clock::lenient_month,
    random::{self, RandomFailed, SystemRandom},
};

/// Where the drawn numbers begin: the range of Visa's that gateways publish their test numbers in.
const RANGE: &str = "400000";

/// Digits drawn behind the range; the check digit comes behind them.
const DRAWN: usize = 9;

/// How long a card is good, in years from now.
const YEARS: u16 = 5;

/// No card could be made.
#[derive(Debug, thiserror::Error)]
pub enum NoCard {
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The machine's clock is off by centuries.
    #[error("the machine's clock shows no date that cards are made for")]
    Clock,
    /// The vault's key is no key.
    #[error("the vault's sealing key cannot be used")]
    SealingKey,
}

/// Draws cards and seals them for a vault.
pub(super) struct Sealer<'a> {
    target: &'a Target,
    key: &'a seal::PublicKey,
    today: YearMonth,
}

impl<'a> Sealer<'a> {
    pub(super) fn new(target: &'a Target, key: &'a seal::PublicKey, now_ms: i64) -> Result<Self, NoCard> {
        Ok(Self { target, key, today: lenient_month(now_ms).ok_or(NoCard::Clock)? })
    }

    /// A request for a token for a card of its own.
    pub(super) fn call(&mut self) -> Result<Call, NoCard> {
        let number = number()?;
        let code = random::text(&SystemRandom, b"0123456789", 3)?;
        let draft = Draft::Card(CardDraft {
            number: Secret::new(number),
            expiry: Secret::new(format!(
                "{:02}/{:02}",
                self.today.month(),
                (self.today.year() + YEARS) % 100
            )),
            code: Some(Secret::new(code.to_string())),
            holder: None,
            preferred_scheme: None,
        });
        let card = draft.finish(self.today).map_err(|_| NoCard::Clock)?;
        let attempt = random::hex(&SystemRandom, 32)?;
        let context = seal::Context {
            publishable_key: self.target.publishable.expose(),
            frame_origin: self.target.vault.as_str(),
            page_origin: self.target.page.as_str(),
            kind: Kind::Card,
            idempotency_key: &attempt,
        };
        let envelope =
            seal::seal(card, self.key, &context, &mut UnwrapErr(SysRng)).map_err(|_| NoCard::SealingKey)?;
        let body = json!({
            "envelope": envelope.to_text(),
            "kind": "card",
            "page_origin": self.target.page.as_str(),
        });
        Ok(Call::post("/v1/tokens", &self.target.publishable, Some(&attempt), body.to_string()))
    }
}

/// A number with a right check digit, which ten tries at the last digit find.
fn number() -> Result<String, NoCard> {
    let drawn = random::text(&SystemRandom, b"0123456789", DRAWN)?;
    (b'0'..=b'9')
        .map(|last| [RANGE, drawn.as_str(), char::from(last).encode_utf8(&mut [0; 4])].concat())
        .find(|number| instrument::card::detect(number).luhn_ok)
        .ok_or(NoCard::Clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cards_and_differ() {
        let numbers: std::collections::HashSet<_> = (0..100).map(|_| number().unwrap()).collect();
        assert!(numbers.len() > 90);
        assert!(numbers.iter().all(|number| number.len() == 16 && instrument::card::detect(number).luhn_ok));
    }
}
