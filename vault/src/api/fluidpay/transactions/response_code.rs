//! How an outcome is told in FluidPay's numbers.
//!
//! The vendor's Go SDK and the documentation of its resellers list the response codes: 100 to 199 are
//! approvals, 200 to 299 declines of the issuer, 300 to 399 declines of the gateway, 400 to 499 errors of
//! the processor. Which of them stands for a restricted card, and which ISO 8583 code the sandbox gives as
//! `processor_response_code`, is our reading.

use crate::domain::{Decline, Fault, Outcome};

/// The response code of a wrong security code.
pub(super) const INVALID_CODE: i32 = 225;

/// An outcome as the answers write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// `approved` or `declined`.
    pub(super) response: &'static str,
    /// FluidPay's code.
    pub(super) response_code: i32,
    /// The code that an issuer gives for it (ISO 8583, field 39).
    pub(super) processor_code: &'static str,
    /// The same in words.
    pub(super) text: &'static str,
}

/// The verdict that an outcome is.
pub(super) const fn of(outcome: Outcome) -> Verdict {
    let (response_code, processor_code, text) = match outcome {
        Outcome::Approved => (100, "00", "APPROVAL"),
        Outcome::Declined(decline) => {
            let (response_code, processor_code) = declined(decline);
            (response_code, processor_code, decline.message())
        }
        Outcome::Failed(fault) => {
            let (response_code, processor_code) = failed(fault);
            (response_code, processor_code, fault.message())
        }
    };
    let response = match outcome {
        Outcome::Approved => "approved",
        Outcome::Declined(_) | Outcome::Failed(_) => "declined",
    };
    Verdict { response, response_code, processor_code, text }
}

const fn declined(decline: Decline) -> (i32, &'static str) {
    match decline {
        Decline::Generic => (200, "05"),
        Decline::DoNotHonor => (201, "05"),
        Decline::InsufficientFunds => (202, "51"),
        Decline::NotPermitted => (204, "57"),
        Decline::RestrictedCard => (204, "62"),
        Decline::BinNotFound => (221, "15"),
        Decline::InvalidNumber => (222, "14"),
        Decline::ExpiredCard => (223, "54"),
        Decline::CodeMismatch => (INVALID_CODE, "N7"),
        Decline::ReferToIssuer => (240, "01"),
        Decline::LostCard => (251, "41"),
        Decline::StolenCard => (252, "43"),
    }
}

const fn failed(fault: Fault) -> (i32, &'static str) {
    match fault {
        Fault::ProcessorError | Fault::SystemError => (400, "96"),
        Fault::Timeout => (421, "91"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_code_of_its_class() {
        assert_eq!(of(Outcome::Approved).response_code, 100);
        for decline in Decline::ALL {
            let verdict = of(Outcome::Declined(decline));
            assert!(
                (200..300).contains(&verdict.response_code) && verdict.response == "declined",
                "{decline:?}"
            );
        }
        for fault in Fault::ALL {
            assert!((400..500).contains(&of(Outcome::Failed(fault)).response_code), "{fault:?}");
        }
    }
}
