//! What an account's owner agreed to, as it is kept with a token and then with a payment method.

use instrument::bank::mandate::{Altered, Mandate, Terms, canonical};
use instrument::bank::{SecCode, wordings};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How far ahead of the vault's clock a device's clock may be, in milliseconds: a day, because some show their own
/// time zone's hours as if they were those of UTC.
const MOST_AHEAD_MS: u64 = 24 * 60 * 60 * 1000;

/// How old an agreement may be when it arrives, in milliseconds: seven days, which is longer than any form stays
/// open while its sealing key is good.
const MOST_BEHIND_MS: u64 = 7 * MOST_AHEAD_MS;

/// The evidence of an agreement: everything that its hash was made of, and when it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateRecord {
    /// What the owner read.
    pub text: String,
    /// The version of the wording.
    pub version: u16,
    /// The language.
    pub locale: String,
    /// When the owner agreed, by their device, in milliseconds since the Unix epoch.
    pub accepted_at_ms: u64,
    /// When the vault got it, by its own clock, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// `web`, `ppd` or `ccd`.
    pub sec_code: String,
    /// The hash, in lower-case hexadecimal.
    pub sha256: String,
    /// What the text was made of.
    pub terms: TermsRecord,
}

/// What a merchant may debit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsRecord {
    /// Who debits.
    pub merchant: String,
    /// Where the merchant hears of a revocation.
    pub contact: Option<String>,
    /// Dollars and cents, or `varying`.
    pub amount: String,
    /// `USD`.
    pub currency: String,
    /// The name of a frequency.
    pub frequency: String,
    /// The first day of a debit.
    pub date: String,
}

/// Why an agreement is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MandateRefused {
    /// There is no such wording: a form of another version of the vault.
    #[error("there is no wording of this language and version")]
    WordingUnknown,
    /// The hash is not that of the text.
    #[error("the hash is not that of the text that the terms make")]
    Altered,
    /// The owner's device shows a wrong time.
    #[error("the time of the agreement lies too far from the vault's")]
    Time,
}

impl MandateRecord {
    /// Takes an agreement that has just come: makes its text again and compares the hash.
    ///
    /// # Errors
    ///
    /// [`MandateRefused`], which says why not.
    pub fn take(mandate: &Mandate, class: SecCode, now_ms: i64) -> Result<Self, MandateRefused> {
        let now = u64::try_from(now_ms).unwrap_or(0);
        let earliest = now.saturating_sub(MOST_BEHIND_MS);
        if !(earliest..=now.saturating_add(MOST_AHEAD_MS)).contains(&mandate.accepted_at_ms()) {
            return Err(MandateRefused::Time);
        }
        let wording = wordings::find(mandate.locale(), mandate.version());
        let wording = wording.ok_or(MandateRefused::WordingUnknown)?;
        let text = mandate.text(&wording, class).map_err(|Altered| MandateRefused::Altered)?;
        Self::of(mandate, class, text, now_ms).ok_or(MandateRefused::Altered)
    }

    /// Whether this is, to the letter, the evidence of an agreement that was sealed with its account.
    #[must_use]
    pub fn is_of(&self, mandate: &Mandate, class: SecCode) -> bool {
        let form = canonical(self.version, &self.locale, self.accepted_at_ms, &self.sec_code, &self.text);
        let again = Self::of(mandate, class, self.text.clone(), self.received_at_ms);
        again.is_some_and(|again| *self == again) && hex(&Sha256::digest(form.as_bytes())) == self.sha256
    }

    fn of(mandate: &Mandate, class: SecCode, text: String, received_at_ms: i64) -> Option<Self> {
        Some(Self {
            text,
            version: mandate.version(),
            locale: mandate.locale().to_owned(),
            accepted_at_ms: mandate.accepted_at_ms(),
            received_at_ms,
            sec_code: class.as_str().to_owned(),
            sha256: hex(mandate.sha256()),
            terms: TermsRecord::of(&mandate.terms()?),
        })
    }
}

impl TermsRecord {
    fn of(terms: &Terms) -> Self {
        Self {
            merchant: terms.merchant().to_owned(),
            contact: terms.contact().map(str::to_owned),
            amount: terms.amount().to_text().unwrap_or_else(|| "varying".to_owned()),
            currency: "USD".to_owned(),
            frequency: terms.frequency().as_str().to_owned(),
            date: terms.date().to_text(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use instrument::bank::mandate::EnteredTerms;

    use super::*;

    const NOW_MS: i64 = 1_796_000_000_123;

    fn mandate(at_ms: u64) -> Mandate {
        let terms = EnteredTerms {
            merchant: "Blue Bottle Books",
            contact: "",
            amount: "varying",
            currency: "USD",
            frequency: "monthly",
            date: "2026-12-01",
        };
        let wording = wordings::find("en", 1).unwrap();
        Mandate::accept(&terms.finish().unwrap(), &wording, SecCode::Web, at_ms).unwrap()
    }

    #[test]
    fn evidence_is_only_of_what_was_agreed_to() {
        let now = u64::try_from(NOW_MS).unwrap();
        let kept = MandateRecord::take(&mandate(now), SecCode::Web, NOW_MS + 900).unwrap();
        assert!(kept.is_of(&mandate(now), SecCode::Web));
        assert_eq!((kept.terms.amount.as_str(), kept.received_at_ms), ("varying", NOW_MS + 900));
        assert!(!kept.is_of(&mandate(now + 1), SecCode::Web));
        assert!(!kept.is_of(&mandate(now), SecCode::Ppd));
        let changes: [fn(&mut MandateRecord); 5] = [
            |kept| kept.text.push('!'),
            |kept| kept.locale.push('x'),
            |kept| kept.sec_code = "ppd".to_owned(),
            |kept| kept.sha256 = "0".repeat(64),
            |kept| kept.terms.amount = "25.00".to_owned(),
        ];
        for change in changes {
            let mut changed = kept.clone();
            change(&mut changed);
            assert!(!changed.is_of(&mandate(now), SecCode::Web), "{changed:?}");
        }
        assert_eq!(MandateRecord::take(&mandate(now), SecCode::Ppd, NOW_MS), Err(MandateRefused::Altered));
    }

    #[test]
    fn a_clock_may_be_wrong_but_not_by_much() {
        let now = u64::try_from(NOW_MS).unwrap();
        for (at_ms, taken) in [
            (now + MOST_AHEAD_MS, true),
            (now + MOST_AHEAD_MS + 1, false),
            (now - MOST_BEHIND_MS, true),
            (now - MOST_BEHIND_MS - 1, false),
            (0, false),
        ] {
            let outcome = MandateRecord::take(&mandate(at_ms), SecCode::Web, NOW_MS);
            assert_eq!(outcome.is_ok(), taken, "{at_ms}");
            assert!(outcome.is_ok() || outcome == Err(MandateRefused::Time));
        }
    }
}
