//! The built-in processor: approves and declines by the test cards that the gateways publish.
//!
//! It moves no money, and every answer about a payment names it. Any card or account that stands in no
//! list is approved, as FluidPay documents for its own sandbox.

use async_trait::async_trait;
use instrument::Instrument;

use crate::domain::{Charge, Decline, Face, Fault, Outcome, Processor, Source};

/// The processor that decides by published test cards.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sandbox;

#[async_trait]
impl Processor for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn charge(&self, charge: &Charge<'_>) -> Outcome {
        let Source::Instrument(Instrument::Card(card)) = charge.source else { return Outcome::Approved };
        // EXPOSE: the number is compared with published ones and goes nowhere.
        let number = card.number().expose();
        let expiry = (card.expiry().month(), card.expiry().year());
        let applies = |test: &&TestCard| {
            test.number == number
                && test.only_on.is_none_or(|face| face == charge.face)
                && test.expiry.is_none_or(|test| test == expiry)
        };
        TEST_CARDS.iter().find(applies).map_or(Outcome::Approved, |test| test.outcome)
    }
}

/// A card that a gateway publishes for tests.
struct TestCard {
    number: &'static str,
    /// Month and year, where the gateway lets them decide.
    expiry: Option<(u8, u16)>,
    /// Where alone it has this meaning, because another gateway publishes the number with another one.
    only_on: Option<Face>,
    outcome: Outcome,
}

const fn declined(number: &'static str, decline: Decline) -> TestCard {
    TestCard { number, expiry: None, only_on: None, outcome: Outcome::Declined(decline) }
}

const fn failed(number: &'static str, fault: Fault) -> TestCard {
    TestCard { number, expiry: None, only_on: None, outcome: Outcome::Failed(fault) }
}

/// PowerBoard's test cards are declined with this expiry: May 2039.
const fn declined_in_may_2039(number: &'static str) -> TestCard {
    TestCard {
        number,
        expiry: Some((5, 2039)),
        only_on: Some(Face::Paydock),
        outcome: Outcome::Declined(Decline::Generic),
    }
}

static TEST_CARDS: &[TestCard] = &[
    // Flute, "Testing scenarios" and the AGENTS.md of its SDK. The last two digits of the middle group are
    // ISO 8583 response codes.
    declined("4000000010050005", Decline::DoNotHonor),
    declined("4000000010510008", Decline::InsufficientFunds),
    declined("4000000010140004", Decline::InvalidNumber),
    declined("4000000010540005", Decline::ExpiredCard),
    declined("4000000010040006", Decline::LostCard),
    declined("4000000010430009", Decline::StolenCard),
    declined("4000000010620005", Decline::RestrictedCard),
    declined("4000000010570002", Decline::NotPermitted),
    declined("4000000020010007", Decline::ReferToIssuer),
    declined("4000000010990002", Decline::CodeMismatch),
    failed("4000000020910008", Fault::Timeout),
    failed("4000000020960003", Fault::SystemError),
    failed("4000000020190007", Fault::ProcessorError),
    // Flute's sandbox does not know the issuer of this one; FluidPay's approves it.
    TestCard {
        number: "5555555555554444",
        expiry: None,
        only_on: Some(Face::Flute),
        outcome: Outcome::Declined(Decline::BinNotFound),
    },
    // FluidPay, "Test data".
    declined("4000000000000002", Decline::Generic),
    declined("4000000000009995", Decline::InsufficientFunds),
    declined("4000000000009987", Decline::LostCard),
    declined("4000000000009979", Decline::StolenCard),
    // PowerBoard (Paydock's white label), "Test case scenarios".
    declined_in_may_2039("5111111111111118"),
    declined_in_may_2039("4012000033330026"),
    declined_in_may_2039("371449635398431"),
];

#[cfg(test)]
mod tests {
    use instrument::card::CardDraft;
    use instrument::{Draft, Secret, YearMonth};

    use super::*;
    use crate::domain::{Capture, Currency, Money, PaymentId};

    async fn outcome(number: &str, expiry: &str, face: Face) -> Outcome {
        let draft = Draft::Card(CardDraft {
            number: Secret::new(number.to_owned()),
            expiry: Secret::new(expiry.to_owned()),
            code: None,
            holder: None,
            preferred_scheme: None,
        });
        let source = Source::Instrument(draft.finish(YearMonth::new(2026, 11).unwrap()).unwrap());
        let charge = Charge {
            id: &PaymentId::new("p"),
            face,
            source: &source,
            amount: Money { minor: 1, currency: Currency::USD },
            capture: Capture::Automatic,
        };
        Sandbox.charge(&charge).await
    }

    #[tokio::test]
    async fn published_cards_decide_and_nothing_else() {
        for test in TEST_CARDS {
            let (month, year) = test.expiry.unwrap_or((12, 2030));
            let face = test.only_on.unwrap_or(Face::Native);
            let expiry = format!("{month:02}/{year}");
            assert_eq!(outcome(test.number, &expiry, face).await, test.outcome, "{}", test.number);
        }
        for number in ["4111111111111111", "5555555555554444", "4005519200000004", "378282246310005"] {
            assert_eq!(outcome(number, "12/2030", Face::Native).await, Outcome::Approved, "{number}");
        }
        assert_eq!(outcome("5111111111111118", "01/2039", Face::Paydock).await, Outcome::Approved);
        assert_eq!(outcome("371449635398431", "05/2039", Face::FluidPay).await, Outcome::Approved);
    }
}
