//! What Paydock answers when a payment is refused.
//!
//! The codes are those of its page "API error codes"; no public document says which refusal has which, so
//! the assignment is our reading. The status codes are those of ISO 8583 that issuers answer.

use super::charge_answer::ChargeAnswer;
use super::failed_answer::{
    Details, ErrorBody, ErrorSummary, FailedAnswer, FailedResource, PaymentDetails, SummaryDetails,
};
use crate::domain::{Decline, Fault, Outcome};

/// How Paydock tells of a refused payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Paydock's code.
    pub(super) code: &'static str,
    /// The sentence that goes with it.
    pub(super) message: &'static str,
    /// What the issuer answered, in ISO 8583, and what it means.
    pub(super) status_code: Option<(&'static str, &'static str)>,
    /// The processor's own code.
    pub(super) specific_code: &'static str,
    /// The processor's own sentence.
    pub(super) specific_description: &'static str,
    /// Who can mend it.
    pub(super) classification: &'static str,
}

const DECLINED: (&str, &str) = ("transaction_declined", "Transaction Declined");
const DECLINED_HARD: (&str, &str) = ("transaction_declined_hard", "Transaction Declined");
const INVALID: (&str, &str) = ("credit_card_invalid_or_expired", "Credit Card Invalid Or Expired");
const FUNDS: (&str, &str) = ("insufficient_funds", "Insufficient Funds");

impl Refusal {
    /// The refusal of an outcome; none if it was approved.
    pub(super) const fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Approved => None,
            Outcome::Declined(decline) => Some(Self::of_decline(decline)),
            Outcome::Failed(fault) => Some(Self::of_fault(fault)),
        }
    }

    const fn of_decline(decline: Decline) -> Self {
        let ((code, message), status_code) = match decline {
            Decline::DoNotHonor | Decline::Generic => (DECLINED, ("05", "Do not honour")),
            Decline::InsufficientFunds => (FUNDS, ("51", "Insufficient funds")),
            Decline::InvalidNumber => (INVALID, ("14", "Invalid card number")),
            Decline::ExpiredCard => (INVALID, ("54", "Expired card")),
            Decline::LostCard => (DECLINED_HARD, ("41", "Lost card")),
            Decline::StolenCard => (DECLINED_HARD, ("43", "Stolen card")),
            Decline::RestrictedCard => (DECLINED, ("62", "Restricted card")),
            Decline::NotPermitted => (DECLINED, ("57", "Transaction not permitted to cardholder")),
            Decline::ReferToIssuer => (DECLINED, ("01", "Refer to card issuer")),
            Decline::CodeMismatch => (DECLINED, ("82", "Security code does not match")),
            Decline::BinNotFound => (INVALID, ("15", "No such issuer")),
        };
        Self {
            code,
            message,
            status_code: Some(status_code),
            specific_code: decline.as_str(),
            specific_description: decline.message(),
            classification: "shopper",
        }
    }

    const fn of_fault(fault: Fault) -> Self {
        let (code, message) = match fault {
            Fault::ProcessorError | Fault::Timeout => ("gateway_error", "Gateway Error"),
            Fault::SystemError => ("system_error", "System Error"),
        };
        Self {
            code,
            message,
            status_code: None,
            specific_code: fault.as_str(),
            specific_description: fault.message(),
            classification: "gateway",
        }
    }

    /// The answer that tells of a refused charge, which is stored.
    pub(super) fn answer(&self, charge: &ChargeAnswer) -> FailedAnswer {
        FailedAnswer {
            status: 400,
            error: ErrorBody {
                message: self.message.to_owned(),
                code: self.code,
                path: None,
                details: Details::Payment(vec![PaymentDetails {
                    gateway_specific_code: self.specific_code,
                    gateway_specific_description: self.specific_description,
                }]),
                reason: self.specific_code,
                classification: self.classification,
            },
            resource: FailedResource {
                r#type: "charge",
                // Only maps with keys that are no text cannot be written, and an answer has none.
                data: serde_json::to_value(charge).ok(),
            },
            error_summary: ErrorSummary {
                message: self.message.to_owned(),
                code: self.code,
                status_code: self.status_code.map(|(code, _)| code),
                status_code_description: self.status_code.map(|(_, description)| description),
                details: SummaryDetails {
                    path: None,
                    gateway_specific_code: Some(self.specific_code),
                    gateway_specific_description: Some(self.specific_description),
                    messages: vec![self.message.to_owned()],
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of the page that tell of refused payments.
    const DOCUMENTED: [&str; 8] = [
        "gateway_error",
        "insufficient_funds",
        "credit_card_invalid_or_expired",
        "transaction_declined",
        "transaction_declined_hard",
        "fraud_warning",
        "system_error",
        "unknown",
    ];

    #[test]
    fn every_refusal_has_a_documented_code() {
        let outcomes = Decline::ALL.map(Outcome::Declined).into_iter().chain(Fault::ALL.map(Outcome::Failed));
        for outcome in outcomes {
            let refusal = Refusal::of(outcome).unwrap();
            assert!(DOCUMENTED.contains(&refusal.code), "{outcome:?}");
        }
        assert_eq!(Refusal::of(Outcome::Approved), None);
    }
}
