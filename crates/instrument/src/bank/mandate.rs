//! [`Mandate`]: what an account holder agreed to, as evidence that can be checked later.
//!
//! The browser shows a text that the vault made, and seals with the account what the text was made of and a hash of
//! what was shown. The vault makes the text again and refuses the account if the hash differs. The hash
//! is SHA-256 over a form that is easy to write down again, which [`canonical`] defines.

mod terms;
mod wording;

use core::fmt;

use sha2::{Digest, Sha256};

pub use terms::{
    Amount, BadTerm, Date, EnteredTerms, Frequency, MAX_CENTS, MAX_CONTACT_BYTES, MAX_MERCHANT_BYTES,
    MAX_TERMS_BYTES, Terms,
};
pub use wording::{MAX_LOCALE_LEN, Wording};

use super::SecCode;
use terms::two_digits;

/// The first line of the canonical form; another form would have another one.
const FORM: &str = "tessera-mandate-1\n";

/// The most milliseconds since the Unix epoch that have a year of four digits.
const LAST_MS: u64 = 253_402_300_799_999;

/// What an account holder agreed to: the terms, the wording they were put into, when, and the hash of it all.
/// It holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    terms: String,
    locale: String,
    version: u16,
    accepted_at_ms: u64,
    sha256: [u8; 32],
}

impl Mandate {
    /// The agreement to a text as it was shown, in a wording of this language and version, made of these terms
    /// ([`Terms::to_record`]), at this time in milliseconds since the Unix epoch. None if it is longer than a
    /// record has room for.
    pub fn agree(
        terms: &str,
        locale: &str,
        version: u16,
        text: &str,
        class: SecCode,
        accepted_at_ms: u64,
    ) -> Option<Self> {
        let fits = terms.len() <= MAX_TERMS_BYTES && locale.len() <= MAX_LOCALE_LEN;
        let sha256 = hash(version, locale, accepted_at_ms, class, text);
        let (terms, locale) = (terms.to_owned(), locale.to_owned());
        fits.then_some(Self { terms, locale, version, accepted_at_ms, sha256 })
    }

    /// The agreement to the text that these terms make with this wording. None where there is no text to agree
    /// to: see [`Wording::text`].
    pub fn accept(terms: &Terms, wording: &Wording, class: SecCode, accepted_at_ms: u64) -> Option<Self> {
        let text = wording.text(terms, class)?;
        Self::agree(&terms.to_record(), wording.locale(), wording.version(), &text, class, accepted_at_ms)
    }

    /// Makes the text again.
    ///
    /// # Errors
    /// [`Altered`] unless it is, to the letter, the text that was agreed to, with its language, version, time
    /// and entry class.
    pub fn text(&self, wording: &Wording, class: SecCode) -> Result<String, Altered> {
        let same = wording.locale() == self.locale && wording.version() == self.version;
        let terms = self.terms().filter(|_| same).ok_or(Altered)?;
        let text = wording.text(&terms, class).ok_or(Altered)?;
        let again = hash(self.version, &self.locale, self.accepted_at_ms, class, &text);
        if again == self.sha256 { Ok(text) } else { Err(Altered) }
    }

    /// What was agreed to, if what stands there are terms.
    pub fn terms(&self) -> Option<Terms> {
        Terms::from_record(&self.terms)
    }

    /// The language of the text.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The version of the wording.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// When, in milliseconds since the Unix epoch, by the clock of the account holder's device.
    pub const fn accepted_at_ms(&self) -> u64 {
        self.accepted_at_ms
    }

    /// The hash.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Appends the bytes that travel with the account; at most 245.
    pub(crate) fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.accepted_at_ms.to_be_bytes());
        bytes.extend_from_slice(&self.sha256);
        bytes.push(self.locale.len() as u8);
        bytes.extend_from_slice(self.locale.as_bytes());
        bytes.extend_from_slice(self.terms.as_bytes());
    }

    /// Reads what [`Mandate::encode`] wrote. Whether it is a mandate, [`Mandate::text`] says.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first_chunk()?;
        let (accepted_at_ms, bytes) = bytes.split_first_chunk()?;
        let (sha256, bytes) = bytes.split_first_chunk()?;
        let (len, bytes) = bytes.split_first()?;
        let (locale, terms) = bytes.split_at_checked(usize::from(*len))?;
        let mandate = Self {
            terms: String::from_utf8(terms.to_owned()).ok()?,
            locale: String::from_utf8(locale.to_owned()).ok()?,
            version: u16::from_be_bytes(*version),
            accepted_at_ms: u64::from_be_bytes(*accepted_at_ms),
            sha256: *sha256,
        };
        let fits = !locale.is_empty() && locale.len() <= MAX_LOCALE_LEN && mandate.accepted_at_ms <= LAST_MS;
        (fits && mandate.terms().is_some()).then_some(mandate)
    }
}

/// What was agreed to is not what these bytes say; deliberately without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Altered;

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the authorisation is not the one that its hash was made of")
    }
}

impl core::error::Error for Altered {}

/// The bytes that are hashed: a line that names the form, then version, language, time, entry class and text, each
/// behind the number of its bytes in decimal and a colon, and each ended by a line feed.
///
/// ```
/// use instrument::bank::mandate::canonical;
/// assert_eq!(
///     canonical(1, "en", 1_796_000_000_123, "web", "I agree."),
///     "tessera-mandate-1\n1:1\n2:en\n24:2026-11-30T00:53:20.123Z\n3:web\n8:I agree.\n"
/// );
/// ```
pub fn canonical(version: u16, locale: &str, accepted_at_ms: u64, class: &str, text: &str) -> String {
    let mut form = FORM.to_owned();
    let mut number = String::new();
    decimal(&mut number, u64::from(version));
    for part in [number.as_str(), locale, &instant(accepted_at_ms), class, text] {
        decimal(&mut form, part.len() as u64);
        form.push(':');
        form.push_str(part);
        form.push('\n');
    }
    form
}

/// The RFC 3339 text of a time, in UTC, with milliseconds; from 1970 until the year 9999.
pub fn instant(at_ms: u64) -> String {
    let at_ms = at_ms.min(LAST_MS);
    let (days, mut rest_ms) = (at_ms / 86_400_000, at_ms % 86_400_000);
    // Years are counted from March of the year 0, so that leap days are last (Richards, 2013).
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let mut text = String::new();
    decimal(&mut text, year + era * 400);
    for (before, part) in [('-', month), ('-', day)] {
        text.push(before);
        two_digits(&mut text, part as u8);
    }
    for (before, unit_ms) in [('T', 3_600_000), (':', 60_000), (':', 1_000)] {
        text.push(before);
        two_digits(&mut text, (rest_ms / unit_ms) as u8);
        rest_ms %= unit_ms;
    }
    text.push('.');
    text.push(char::from(b'0' + (rest_ms / 100) as u8));
    two_digits(&mut text, (rest_ms % 100) as u8);
    text.push('Z');
    text
}

fn hash(version: u16, locale: &str, accepted_at_ms: u64, class: SecCode, text: &str) -> [u8; 32] {
    Sha256::digest(canonical(version, locale, accepted_at_ms, class.as_str(), text)).into()
}

/// Appends a number; shorter than the standard library's way, which can also pad and align.
fn decimal(text: &mut String, value: u64) {
    if value > 9 {
        decimal(text, value / 10);
    }
    text.push(char::from(b'0' + (value % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::wordings;

    fn terms() -> Terms {
        EnteredTerms {
            merchant: "Blue Bottle Books",
            contact: "billing@bluebottle.example",
            amount: "25.00",
            currency: "USD",
            frequency: "monthly",
            date: "2026-12-01",
        }
        .finish()
        .unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// `docs/mandates.md` shows this example; its hash was made with another program.
    #[test]
    fn the_worked_example_of_the_documentation() {
        let wording = wordings::find("en", 1).unwrap();
        let mandate = Mandate::accept(&terms(), &wording, SecCode::Web, 1_796_000_000_123).unwrap();
        let text = mandate.text(&wording, SecCode::Web).unwrap();
        let documentation = include_str!("../../../../docs/mandates.md");
        assert!(documentation.contains(&format!("\n{text}\n")), "{text}");
        let form = canonical(1, "en", 1_796_000_000_123, "web", &text);
        assert!(documentation.contains(&format!("\n{form}```")), "{form}");
        assert!(documentation.contains(&hex(mandate.sha256())), "{}", hex(mandate.sha256()));
    }

    #[test]
    fn only_what_was_agreed_to_is_made_again() {
        let wording = wordings::find("en", 1).unwrap();
        let mandate = Mandate::accept(&terms(), &wording, SecCode::Web, 1_796_000_000_123).unwrap();
        let other_file = Wording::new("en", &wordings::ALL[0].1.replace("I authorize", "I allow")).unwrap();
        assert_eq!(mandate.text(&other_file, SecCode::Web), Err(Altered));
        let other_locale = Wording::new("fr", wordings::ALL[0].1).unwrap();
        assert_eq!(mandate.text(&other_locale, SecCode::Web), Err(Altered));
        for class in [SecCode::Ppd, SecCode::Ccd, SecCode::Tel] {
            assert_eq!(mandate.text(&wording, class), Err(Altered));
        }
        let later = Mandate { accepted_at_ms: mandate.accepted_at_ms + 1, ..mandate.clone() };
        assert_eq!(later.text(&wording, SecCode::Web), Err(Altered));
        let dearer = Mandate { terms: mandate.terms.replace("2500", "2501"), ..mandate.clone() };
        assert!(dearer.terms().is_some());
        assert_eq!(dearer.text(&wording, SecCode::Web), Err(Altered));
        assert_eq!(Mandate::accept(&terms(), &wording, SecCode::Tel, 0), None);
    }

    #[test]
    fn times_are_written_as_everybody_writes_them() {
        for (at_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_399_323_042, "2026-11-23T02:02:03.042Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (LAST_MS, "9999-12-31T23:59:59.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(instant(at_ms), text);
        }
    }

    #[test]
    fn the_longest_one_has_its_length_in_one_byte() {
        let longest = EnteredTerms {
            merchant: &"é".repeat(50),
            contact: &"x".repeat(MAX_CONTACT_BYTES),
            amount: "99999999.99",
            currency: "USD",
            frequency: "monthly",
            date: "2026-12-01",
        };
        let wording = Wording::new("zh-Hant-TW1", wordings::ALL[0].1).unwrap();
        let mandate = Mandate::accept(&longest.finish().unwrap(), &wording, SecCode::Web, LAST_MS).unwrap();
        let mut bytes = Vec::new();
        mandate.encode(&mut bytes);
        assert_eq!(bytes.len(), 2 + 8 + 32 + 1 + MAX_LOCALE_LEN + MAX_TERMS_BYTES);
        assert_eq!(bytes.len(), 245);
        assert_eq!(Mandate::decode(&bytes), Some(mandate));
        let long = "x".repeat(MAX_TERMS_BYTES + 1);
        assert_eq!(Mandate::agree(&long, "en", 1, "", SecCode::Web, 0), None);
        assert_eq!(Mandate::agree("", "aaaaaaaaaaaa", 1, "", SecCode::Web, 0), None);
    }
}
