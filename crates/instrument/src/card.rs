//! Payment cards: number, scheme, expiry, security code and holder.

pub(crate) mod candidates;
mod cobadge;
pub mod code;
mod detection;
pub mod expiry;
pub(crate) mod groups;
pub mod holder;
pub(crate) mod pan;
mod policy;
// What a server is sent: no browser asks, and even uncalled it costs the frame 106 bytes.
#[cfg(not(target_family = "wasm"))]
pub mod reference;
pub mod scheme;

use core::fmt;

pub use candidates::Candidate;
pub use cobadge::cobadges;
pub use code::SecurityCode;
pub use detection::{Detection, detect};
pub use expiry::Expiry;
pub use holder::{HolderName, contains_card_number};
pub use pan::CardNumber;
pub use policy::{AmexCode, CardPolicy, MaestroCode, UnionPayLuhn};
pub use scheme::{CodeRule, Grouping, Lengths, SCHEMES, Scheme, Schemes};

use candidates::{Luhn, Matches};
use groups::grouped;

use crate::digits::{Rest, normalise};
use crate::month::YearMonth;
use crate::rejected::{FieldName, Rejected};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// A card as it was entered, unchecked.
#[derive(Debug)]
pub struct CardDraft {
    /// The card number, in any form a person types.
    pub number: Secret<String>,
    /// The expiry, in any form of [`Expiry::parse`].
    pub expiry: Secret<String>,
    /// The security code, if it was asked for.
    pub code: Option<Secret<String>>,
    /// The holder's name, if it was asked for.
    pub holder: Option<Secret<String>>,
    /// The id of the scheme that the holder picked on a card that carries two.
    pub preferred_scheme: Option<String>,
}

impl CardDraft {
    /// Checks every part; the only way to a [`Card`].
    ///
    /// A missing code is allowed, because a merchant need not ask for it. One that is there must fit one
    /// of the number's schemes; where that scheme's cards can be without a code, an empty one counts as
    /// missing. A holder that is there but empty counts as missing too.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn finish(self, today: YearMonth) -> Result<Card, Rejected> {
        self.finish_under(today, &CardPolicy::DEFAULT)
    }

    /// Checks every part as [`CardDraft::finish`] does, under a merchant's policy.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn finish_under(self, today: YearMonth, policy: &CardPolicy) -> Result<Card, Rejected> {
        let refuse = |field| move |reason| Rejected { field, reason };
        // EXPOSE: parsing is the one thing that needs the entered text.
        let number =
            CardNumber::parse_under(self.number.expose(), policy).map_err(refuse(FieldName::Number))?;
        let expiry = Expiry::parse(self.expiry.expose(), today).map_err(refuse(FieldName::Expiry))?;
        let code = match &self.code {
            None => None,
            Some(code) => fitting_code(code.expose(), &number).map_err(refuse(FieldName::Code))?,
        };
        let holder = HolderName::parse_optional(self.holder.as_ref()).map_err(refuse(FieldName::Holder))?;
        let preferred = match &self.preferred_scheme {
            None => None,
            Some(id) => {
                let known = cobadges(number.expose(), policy).into_iter().find(|scheme| scheme.id == id);
                let reason = Reason::UnknownChoice;
                Some(known.ok_or(Rejected { field: FieldName::PreferredScheme, reason })?)
            }
        };
        Ok(Card { number, expiry, code, holder, preferred })
    }
}

/// A valid card.
pub struct Card {
    number: CardNumber,
    expiry: Expiry,
    code: Option<SecurityCode>,
    holder: Option<HolderName>,
    preferred: Option<&'static Scheme>,
}

impl Card {
    /// The card number.
    pub const fn number(&self) -> &CardNumber {
        &self.number
    }

    /// The month in which the card expires.
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The security code, if there is one.
    pub const fn code(&self) -> Option<&SecurityCode> {
        self.code.as_ref()
    }

    /// The holder's name, if there is one.
    pub const fn holder(&self) -> Option<&HolderName> {
        self.holder.as_ref()
    }

    /// The scheme that the holder picked, if the card carries two and one was picked.
    pub const fn preferred_scheme(&self) -> Option<&'static Scheme> {
        self.preferred
    }

    /// The same card without its security code, which must not outlive the authorisation (PCI DSS 3.3.1).
    #[must_use]
    pub fn without_code(self) -> Self {
        Self { code: None, ..self }
    }

    /// The same card with a security code that was asked for again.
    ///
    /// # Errors
    /// `too_short` or `too_long`, if no scheme of the number has such codes.
    pub fn with_code(self, code: &SecurityCode) -> Result<Self, Reason> {
        // EXPOSE: it is measured once more.
        let code = fitting_code(code.expose(), &self.number)?;
        Ok(Self { code, ..self })
    }

    /// The same card with another expiry: a renewed one.
    #[must_use]
    pub fn with_expiry(self, expiry: Expiry) -> Self {
        Self { expiry, ..self }
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card([REDACTED])")
    }
}

/// Everything that can be told about a card number as it stands.
#[derive(Clone)]
pub struct CardReport {
    /// What is thought of it.
    pub verdict: Verdict,
    /// How many digits there are.
    pub digits_len: usize,
    /// The digits in the scheme's groups.
    pub formatted: String,
    /// The scheme to show, as soon as one can be named.
    pub scheme: Option<&'static Scheme>,
    /// Every scheme that it may belong to, the one to show first.
    pub candidates: Vec<Candidate>,
    /// The BIN: 8 digits once there are 16, 6 digits once there are 6. `None` before that, and for a text
    /// that holds foreign characters, has too many digits, or begins like no card.
    pub bin: Option<String>,
    /// The last four digits. `None` unless the verdict is complete.
    pub last4: Option<String>,
}

impl fmt::Debug for CardReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardReport").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}

/// Tells everything about a card number as it stands.
///
/// ```
/// let report = instrument::card::inspect("4111 1111 1111 1111");
/// assert_eq!(report.verdict.as_str(), "complete");
/// assert_eq!(report.bin.as_deref(), Some("41111111"));
/// ```
pub fn inspect(text: &str) -> CardReport {
    inspect_under(text, &CardPolicy::DEFAULT)
}

/// Tells everything about a card number as it stands, under a merchant's policy. The candidates are those
/// that the merchant accepts.
pub fn inspect_under(text: &str, policy: &CardPolicy) -> CardReport {
    let read = normalise(text);
    let digits = read.digits.as_str();
    let found = Matches::of(digits, policy);
    let verdict = match read.rest {
        Rest::Foreign => Verdict::Invalid(Reason::NotDigits),
        Rest::Separators => found.verdict(digits),
    };
    let scheme = found.shown();
    let known = !matches!(
        verdict,
        Verdict::Invalid(
            Reason::NotDigits
                | Reason::TooLong
                | Reason::AllZeros
                | Reason::UnknownScheme
                | Reason::NotAccepted
        )
    );
    CardReport {
        verdict,
        digits_len: digits.len(),
        formatted: grouped(digits, scheme),
        scheme,
        candidates: found.candidates(Luhn::of(digits), policy),
        bin: digits.get(..pan::bin_len(digits.len())).filter(|_| known).map(str::to_owned),
        last4: (verdict == Verdict::Complete).then(|| pan::last4(digits).to_owned()),
    }
}

/// The scheme to show for the digits of a text.
pub fn scheme_of(text: &str) -> Option<&'static Scheme> {
    Matches::of(&normalise(text).digits, &CardPolicy::DEFAULT).shown()
}

fn fitting_code(text: &str, number: &CardNumber) -> Result<Option<SecurityCode>, Reason> {
    let mut refusal = Reason::Required;
    for (rank, candidate) in number.candidates().enumerate() {
        match SecurityCode::parse_under(text, Some(candidate.scheme), number.policy()) {
            Ok(code) => return Ok(Some(code)),
            Err(Reason::Required) if number.policy().code(candidate.scheme).is_optional() => return Ok(None),
            Err(reason) if rank == 0 => refusal = reason,
            Err(_) => {}
        }
    }
    Err(refusal)
}
