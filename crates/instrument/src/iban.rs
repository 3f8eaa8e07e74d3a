//! European and other accounts named by an IBAN (ISO 13616), debited over SEPA: the third kind of instrument.
//!
//! No dialect takes one yet, so it is none of [`crate::Kind`], and nothing of it is linked into the browser
//! module.

use core::fmt;

use zeroize::Zeroizing;

use crate::card::HolderName;
use crate::digits::Glyph;
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The most characters that an IBAN has (ISO 13616-1).
pub const MAX_CHARS: usize = 34;

/// The length in each country that has IBANs, from the registry that SWIFT keeps for ISO 13616: a code of two
/// letters and two digits of length, one behind the other.
const LENGTHS: &[u8] = b"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28\
    EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20\
    LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29\
    RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// An IBAN whose country, length and check digits fit. Overwritten when dropped.
///
/// ```
/// use instrument::iban::Iban;
/// let iban = Iban::parse("de89 3704 0044 0532 0130 00").unwrap();
/// assert_eq!((iban.country(), iban.masked().as_str()), ("DE", "DE89**************3000"));
/// ```
pub struct Iban(Secret<String>);

impl Iban {
    /// Reads an IBAN in upper or lower case; spaces, dashes and invisible marks are skipped.
    ///
    /// # Errors
    /// `required`, `bad_characters`, `unknown_country`, `too_short`, `too_long`, `bad_format` or `check_digits`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let mut chars = characters(text)?;
        match problem(&chars) {
            Some(reason) => Err(reason),
            None => Ok(Self(Secret::new(core::mem::take(&mut *chars)))),
        }
    }

    /// The characters, in upper case and without spaces.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.0.expose()
    }

    /// The country of the bank.
    pub fn country(&self) -> &str {
        self.expose().get(..2).unwrap_or_default()
    }

    /// The last four characters.
    pub fn last4(&self) -> &str {
        crate::card::pan::last4(self.expose())
    }

    /// Country, check digits, stars and the last four characters.
    pub fn masked(&self) -> String {
        let text = self.expose();
        let mut masked = String::with_capacity(MAX_CHARS);
        masked.push_str(text.get(..4).unwrap_or_default());
        for _ in 8..text.len() {
            masked.push('*');
        }
        masked.push_str(self.last4());
        masked
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iban([REDACTED])")
    }
}

/// An account named by an IBAN as it was entered, unchecked.
#[derive(Debug)]
pub struct IbanDraft {
    /// The IBAN.
    pub iban: Secret<String>,
    /// The owner's name, which a mandate needs.
    pub holder: Secret<String>,
}

impl IbanDraft {
    /// Checks both parts; the only way to an [`IbanAccount`].
    ///
    /// # Errors
    /// The first part that is wrong, and why.
    pub fn finish(self) -> Result<IbanAccount, IbanRejected> {
        let refuse = |part| move |reason| IbanRejected { part, reason };
        // EXPOSE: parsing is the one thing that needs the entered text.
        let iban = Iban::parse(self.iban.expose()).map_err(refuse(IbanPart::Iban))?;
        let holder = HolderName::parse(self.holder.expose()).map_err(refuse(IbanPart::Holder))?;
        Ok(IbanAccount { iban, holder })
    }
}

/// A valid account named by an IBAN.
#[derive(Debug)]
pub struct IbanAccount {
    iban: Iban,
    holder: HolderName,
}

impl IbanAccount {
    /// The IBAN.
    pub const fn iban(&self) -> &Iban {
        &self.iban
    }

    /// The owner's name.
    pub const fn holder(&self) -> &HolderName {
        &self.holder
    }
}

/// A part of such an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IbanPart {
    /// The IBAN.
    Iban,
    /// The owner's name.
    Holder,
}

/// A refused account: which part, and why. Holds nothing that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IbanRejected {
    /// The part that was refused.
    pub part: IbanPart,
    /// Why it was refused.
    pub reason: Reason,
}

/// What is thought of an IBAN as it stands: the country is judged from its second letter on.
pub fn inspect(text: &str) -> Verdict {
    match Iban::parse(text) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

fn characters(text: &str) -> Result<Zeroizing<String>, Reason> {
    // Room for everything at once: a growing string would leave copies behind.
    let mut chars = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        match Glyph::of(c) {
            Glyph::Digit(value) => crate::digits::push(&mut chars, value),
            Glyph::Separator => {}
            Glyph::Foreign if c.is_ascii_alphabetic() => chars.push(c.to_ascii_uppercase()),
            Glyph::Foreign => return Err(Reason::BadCharacters),
        }
    }
    Ok(chars)
}

fn problem(chars: &str) -> Option<Reason> {
    let bytes = chars.as_bytes();
    let expected = match bytes {
        [] => return Some(Reason::Required),
        [letter] if letter.is_ascii_uppercase() => return Some(Reason::TooShort),
        [first, second, ..] => match length([*first, *second]) {
            Some(length) => length,
            None => return Some(Reason::UnknownCountry),
        },
        [_] => return Some(Reason::UnknownCountry),
    };
    if bytes.iter().skip(2).take(2).any(|byte| !byte.is_ascii_digit()) {
        return Some(Reason::BadFormat);
    }
    if bytes.len() < expected {
        return Some(Reason::TooShort);
    }
    if bytes.len() > expected {
        return Some(Reason::TooLong);
    }
    // 00, 01 and 99 leave the remainder 1 as well, but are never given out.
    let given = bytes.get(2..4).unwrap_or_default();
    if [b"00", b"01", b"99"].iter().any(|never| given == *never) || remainder(bytes) != 1 {
        return Some(Reason::CheckDigits);
    }
    None
}

/// How many characters an IBAN of a country has.
fn length(country: [u8; 2]) -> Option<usize> {
    let (rows, _) = LENGTHS.as_chunks::<4>();
    rows.iter().find_map(|[first, second, tens, ones]| {
        ([*first, *second] == country).then(|| usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))
    })
}

/// The remainder by 97 with the first four characters behind the others and letters as 10 to 35 (ISO 7064).
fn remainder(bytes: &[u8]) -> u32 {
    let (head, tail) = bytes.split_at_checked(4).unwrap_or((bytes, &[]));
    tail.iter().chain(head).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples that the registry prints for these countries.
    const EXAMPLES: [&str; 14] = [
        "AT611904300234573201",
        "BE68539007547034",
        "CH9300762011623852957",
        "DE89370400440532013000",
        "DK5000400440116243",
        "ES9121000418450200051332",
        "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",
        "IE29AIBK93115212345678",
        "IT60X0542811101000000123456",
        "MT84MALT011000012345MTLCAST001S",
        "NL91ABNA0417164300",
        "NO9386011117947",
        "SE4550000000058398257466",
    ];

    #[test]
    fn the_registrys_examples_pass_and_no_single_change_does() {
        for text in EXAMPLES {
            assert_eq!(Iban::parse(text).unwrap().expose(), text);
            assert_eq!(inspect(&text.to_lowercase()), Verdict::Complete);
            for at in 4..text.len() {
                let mut wrong = text.as_bytes().to_vec();
                wrong[at] = if wrong[at] == b'9' {
                    b'0'
                } else if wrong[at] == b'Z' {
                    b'A'
                } else {
                    wrong[at] + 1
                };
                let wrong = String::from_utf8(wrong).unwrap();
                assert!(Iban::parse(&wrong).is_err(), "{wrong}");
            }
            // Typed key by key, it is never called wrong before its end.
            for len in 1..text.len() {
                let typed = text.get(..len).unwrap();
                assert_eq!(inspect(typed), Verdict::Partial, "{typed}");
            }
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, reason) in [
            ("", Reason::Required),
            ("1", Reason::UnknownCountry),
            ("XX", Reason::UnknownCountry),
            ("US00 1234", Reason::UnknownCountry),
            ("DEA9", Reason::BadFormat),
            ("DE89 3704 0044 0532 0130 000", Reason::TooLong),
            ("DE88 3704 0044 0532 0130 00", Reason::CheckDigits),
            ("DE89/3704", Reason::BadCharacters),
        ] {
            assert_eq!(Iban::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn check_digits_that_are_never_given_out_are_refused() {
        // The remainder does not tell 02 from 99, nor 98 from 01.
        let body = "370400440532013";
        for account in 0..1000 {
            for digits in ["00", "01", "99"] {
                let text = format!("DE{digits}{body}{account:03}");
                assert_eq!(Iban::parse(&text).unwrap_err(), Reason::CheckDigits, "{text}");
            }
        }
    }

    #[test]
    fn the_table_is_sorted_and_plausible() {
        let (rows, rest) = LENGTHS.as_chunks::<4>();
        assert!(rest.is_empty() && rows.is_sorted_by_key(|row| [row[0], row[1]]));
        assert!(rows.windows(2).all(|pair| pair[0][..2] != pair[1][..2]));
        assert_eq!(rows.len(), 89);
        for row in rows {
            let length = length([row[0], row[1]]).unwrap();
            assert!((15..=MAX_CHARS).contains(&length));
        }
    }

    #[test]
    fn an_account_needs_both_parts_and_prints_neither() {
        let draft = |iban: &str, holder: &str| IbanDraft {
            iban: Secret::new(iban.to_owned()),
            holder: Secret::new(holder.to_owned()),
        };
        let account = draft("GB29 NWBK 6016 1331 9268 19", "Ada Lovelace").finish().unwrap();
        assert_eq!((account.iban().last4(), account.holder().as_str()), ("6819", "Ada Lovelace"));
        assert!(!format!("{account:?}").contains("NWBK"));
        let refusal = draft("GB29 NWBK 6016 1331 9268 19", "").finish().unwrap_err();
        assert_eq!(refusal, IbanRejected { part: IbanPart::Holder, reason: Reason::Required });
        let refusal = draft("GB29", "Ada").finish().unwrap_err();
        assert_eq!(refusal, IbanRejected { part: IbanPart::Iban, reason: Reason::TooShort });
    }
}
