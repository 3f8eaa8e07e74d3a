//! Payments: that money was asked for, of whom, and what came of it. Never the card.

use serde_json::{Map, Value};

use super::{
    Currency, CustomerId, Face, MethodKind, Money, PaymentId, PaymentMethodId, TimeRange, search::Direction,
};

/// A payment that was asked for, approved or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The id, in the form of the face that made it.
    pub id: PaymentId,
    /// The face that made it.
    pub face: Face,
    /// Who paid, if it is known.
    pub customer_id: Option<CustomerId>,
    /// With what; `None` if the instrument came with the request and was not kept.
    pub payment_method_id: Option<PaymentMethodId>,
    /// What kind of instrument paid.
    pub kind: MethodKind,
    /// How much.
    pub amount: Money,
    /// Whether the money was taken or only set aside.
    pub capture: Capture,
    /// What came of it.
    pub outcome: Outcome,
    /// The name of the processor that decided.
    pub processor: String,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// What the merchant says of it.
    pub description: Option<String>,
    /// Free data of the merchant's.
    pub metadata: Map<String, Value>,
    /// What only one face knows of it, under that face's name.
    pub extra: Map<String, Value>,
    /// When it was decided, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
}

/// Whether money is taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Taken.
    Automatic,
    /// Only set aside, to be taken later.
    Manual,
}

impl Capture {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Automatic, Self::Manual];

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capture| capture.as_str() == text)
    }
}

/// What came of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The issuer agreed.
    Approved,
    /// The issuer refused.
    Declined(Decline),
    /// Nobody decided.
    Failed(Fault),
}

impl Outcome {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined(_) => "declined",
            Self::Failed(_) => "failed",
        }
    }

    /// The stable code: `approved`, or why not.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined(decline) => decline.as_str(),
            Self::Failed(fault) => fault.as_str(),
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let declines = Decline::ALL.into_iter().map(Self::Declined);
        let faults = Fault::ALL.into_iter().map(Self::Failed);
        [Self::Approved].into_iter().chain(declines).chain(faults).find(|outcome| outcome.code() == code)
    }
}

/// Why an issuer refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decline {
    /// Without a reason.
    DoNotHonor,
    /// Not enough money.
    InsufficientFunds,
    /// The issuer does not know the number.
    InvalidNumber,
    /// The card has expired.
    ExpiredCard,
    /// The card was reported lost.
    LostCard,
    /// The card was reported stolen.
    StolenCard,
    /// The card is restricted.
    RestrictedCard,
    /// The cardholder may not make such a payment.
    NotPermitted,
    /// The issuer wants to be called.
    ReferToIssuer,
    /// The security code is wrong.
    CodeMismatch,
    /// No issuer is known for the number.
    BinNotFound,
    /// Any other reason.
    Generic,
}

impl Decline {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::DoNotHonor,
        Self::InsufficientFunds,
        Self::InvalidNumber,
        Self::ExpiredCard,
        Self::LostCard,
        Self::StolenCard,
        Self::RestrictedCard,
        Self::NotPermitted,
        Self::ReferToIssuer,
        Self::CodeMismatch,
        Self::BinNotFound,
        Self::Generic,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DoNotHonor => "do_not_honor",
            Self::InsufficientFunds => "insufficient_funds",
            Self::InvalidNumber => "invalid_number",
            Self::ExpiredCard => "expired_card",
            Self::LostCard => "lost_card",
            Self::StolenCard => "stolen_card",
            Self::RestrictedCard => "restricted_card",
            Self::NotPermitted => "not_permitted",
            Self::ReferToIssuer => "refer_to_issuer",
            Self::CodeMismatch => "code_mismatch",
            Self::BinNotFound => "bin_not_found",
            Self::Generic => "declined",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::DoNotHonor => "The issuer refused the payment.",
            Self::InsufficientFunds => "There is not enough money on the account.",
            Self::InvalidNumber => "The issuer does not know this number.",
            Self::ExpiredCard => "The card has expired.",
            Self::LostCard => "The card was reported lost.",
            Self::StolenCard => "The card was reported stolen.",
            Self::RestrictedCard => "The card is restricted.",
            Self::NotPermitted => "The cardholder may not make such a payment.",
            Self::ReferToIssuer => "The issuer must be asked before this card can pay.",
            Self::CodeMismatch => "The security code is wrong.",
            Self::BinNotFound => "No issuer is known for this number.",
            Self::Generic => "The payment was declined.",
        }
    }
}

/// Why nobody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The processor reported an error.
    ProcessorError,
    /// The issuer did not answer in time.
    Timeout,
    /// A system behind the processor does not work.
    SystemError,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 3] = [Self::ProcessorError, Self::Timeout, Self::SystemError];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessorError => "processor_error",
            Self::Timeout => "issuer_timeout",
            Self::SystemError => "system_error",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::ProcessorError => "The processor reported an error. Nothing was charged.",
            Self::Timeout => "The issuer did not answer in time. Nothing was charged.",
            Self::SystemError => "A system behind the processor does not work. Nothing was charged.",
        }
    }
}

/// What a customer's payments come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentTotals {
    /// How many there are, whatever came of them.
    pub count: u64,
    /// How many were approved.
    pub approved_count: u64,
    /// How much money was taken, in each currency; what was only set aside does not count.
    pub collected: Vec<Money>,
    /// When the last one was decided, in milliseconds since the Unix epoch.
    pub last_at_ms: Option<i64>,
}

impl PaymentTotals {
    /// How much money was taken in one currency.
    #[must_use]
    pub fn collected_in(&self, currency: Currency) -> Money {
        let found = self.collected.iter().find(|money| money.currency == currency);
        found.copied().unwrap_or(Money { minor: 0, currency })
    }
}

/// Which payments are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentSearch {
    /// Only those of one customer.
    pub customer: Option<CustomerId>,
    /// Only those with one payment method.
    pub payment_method: Option<PaymentMethodId>,
    /// Only those that one face made.
    pub face: Option<Face>,
    /// When they were decided.
    pub created: TimeRange,
    /// Newest or oldest first.
    pub direction: Direction,
    /// How many to return.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_reads_back_and_no_code_stands_for_two() {
        let all = [Outcome::Approved]
            .into_iter()
            .chain(Decline::ALL.map(Outcome::Declined))
            .chain(Fault::ALL.map(Outcome::Failed));
        for outcome in all {
            assert_eq!(Outcome::parse(outcome.code()), Some(outcome));
        }
        assert_eq!(Outcome::parse("refunded"), None);
    }
}
