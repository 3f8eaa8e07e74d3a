//! Addresses as this face writes them: twelve texts, an id and a hash.

use utoipa::openapi::{RefOr, Schema};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::schemas::{self, schema_of};
use crate::api::free_text;
use crate::api::members::{Members, TEXT_MAX_CHARS};
use crate::domain::Address;

/// The longest e-mail address (RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets).
const EMAIL_MAX_CHARS: usize = 254;

/// The longest phone or fax number: 15 digits (ITU-T E.164) with room for spaces and punctuation.
const PHONE_MAX_CHARS: usize = 32;

/// The address members of a request; `None` means that the member was not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AddressBody {
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) company: Option<String>,
    pub(super) line_1: Option<String>,
    pub(super) line_2: Option<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) fax: Option<String>,
}

schema_of!(AddressBody, "Address", AddressBody::schema_with(["line_1", "line_2"]));

impl AddressBody {
    /// The schema of an address whose two lines have the names given.
    pub(super) fn schema_with([line_1, line_2]: [&str; 2]) -> RefOr<Schema> {
        let text = || schemas::text(TEXT_MAX_CHARS).into();
        let phone =
            || schemas::text(PHONE_MAX_CHARS).pattern(Some("^[-0-9 +().]*$")).examples(["5555555555"]).into();
        schemas::object(
            &[],
            [
                ("first_name", schemas::text(TEXT_MAX_CHARS).examples(["John"]).into()),
                ("last_name", schemas::text(TEXT_MAX_CHARS).examples(["Smith"]).into()),
                ("company", text()),
                (line_1, schemas::text(TEXT_MAX_CHARS).examples(["123 Some St"]).into()),
                (line_2, text()),
                ("city", schemas::text(TEXT_MAX_CHARS).examples(["Some Town"]).into()),
                ("state", schemas::text(TEXT_MAX_CHARS).examples(["IL"]).into()),
                ("postal_code", schemas::text(TEXT_MAX_CHARS).examples(["60187"]).into()),
                ("country", schemas::text(2).pattern(Some("^([A-Za-z]{2})?$")).examples(["US"]).into()),
                ("email", schemas::text(EMAIL_MAX_CHARS).examples(["user@somesite.com"]).into()),
                ("phone", phone()),
                ("fax", phone()),
            ],
        )
    }

    /// Reads the members of an address and nothing else.
    ///
    /// # Errors
    /// A `Failure` naming the first member that breaks a rule.
    pub(super) fn read(members: Members) -> Result<Self, Failure> {
        Self::read_as(members, ["line_1", "line_2"])
    }

    /// Reads the members of an address whose two lines have the names given.
    ///
    /// # Errors
    /// A `Failure` naming the first member that breaks a rule.
    pub(super) fn read_as(mut members: Members, [line_1, line_2]: [&str; 2]) -> Result<Self, Failure> {
        let body = Self {
            first_name: free_text::take(&mut members, "first_name", TEXT_MAX_CHARS)?,
            last_name: free_text::take(&mut members, "last_name", TEXT_MAX_CHARS)?,
            company: free_text::take(&mut members, "company", TEXT_MAX_CHARS)?,
            line_1: free_text::take(&mut members, line_1, TEXT_MAX_CHARS)?,
            line_2: free_text::take(&mut members, line_2, TEXT_MAX_CHARS)?,
            city: free_text::take(&mut members, "city", TEXT_MAX_CHARS)?,
            state: free_text::take(&mut members, "state", TEXT_MAX_CHARS)?,
            postal_code: free_text::take(&mut members, "postal_code", TEXT_MAX_CHARS)?,
            country: country(&mut members)?,
            email: email(&mut members, "email")?,
            phone: phone(&mut members, "phone")?,
            fax: phone(&mut members, "fax")?,
        };
        members.finish()?;
        Ok(body)
    }

    /// Writes the members that were sent into an address; an empty text removes what was there.
    pub(super) fn write_into(self, address: &mut Address) {
        for (sent, kept) in [
            (self.first_name, &mut address.first_name),
            (self.last_name, &mut address.last_name),
            (self.company, &mut address.company),
            (self.line_1, &mut address.line_1),
            (self.line_2, &mut address.line_2),
            (self.city, &mut address.city),
            (self.state, &mut address.state),
            (self.postal_code, &mut address.postal_code),
            (self.country, &mut address.country),
            (self.email, &mut address.email),
            (self.phone, &mut address.phone),
            (self.fax, &mut address.fax),
        ] {
            if let Some(text) = sent {
                *kept = Some(text).filter(|text| !text.is_empty());
            }
        }
    }
}

/// Takes `country`: empty, or two letters (ISO 3166-1 alpha-2, as in the document's "US").
fn country(members: &mut Members) -> Result<Option<String>, Failure> {
    let path = members.path("country");
    let text = plain(members.text("country", TEXT_MAX_CHARS)?);
    match text {
        Some(code) if !code.is_empty() => {
            if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) {
                Ok(Some(code.to_ascii_uppercase()))
            } else {
                let msg = format!("{path} must be a code of two letters, for example \"US\"");
                Err(Failure::invalid(&path, "invalid_country", msg))
            }
        }
        Some(_) | None => Ok(text),
    }
}

/// Takes an e-mail address: empty, or of the form `name@host.tld`, without a card number in it.
///
/// # Errors
/// A `Failure` at the member's path.
pub(super) fn email(members: &mut Members, name: &str) -> Result<Option<String>, Failure> {
    let path = members.path(name);
    let text = free_text::take(members, name, EMAIL_MAX_CHARS)?;
    match &text {
        Some(email) if !email.is_empty() && !is_email(email) => {
            let msg = format!("{path} must be a valid e-mail address, for example \"example@mail.com\"");
            Err(Failure::invalid(&path, "invalid_email", msg))
        }
        Some(_) | None => Ok(text),
    }
}

/// Takes a phone or fax number: digits, which may be grouped with `+ - ( ) .` and spaces, and are not
/// those of a card.
fn phone(members: &mut Members, name: &str) -> Result<Option<String>, Failure> {
    let path = members.path(name);
    let text = plain(members.text(name, PHONE_MAX_CHARS)?);
    match &text {
        Some(number) if !number.is_empty() => {
            let digits = number.bytes().filter(u8::is_ascii_digit).count();
            let grouped = number.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
            // E.164 allows 15 digits: a longer run is no phone number, but may well be a card number.
            if !grouped || !(1..=15).contains(&digits) {
                let msg = format!("{path} must be a phone number of 1 to 15 digits");
                return Err(Failure::invalid(&path, "invalid_phone", msg));
            }
            free_text::refuse_card_as_phone(&path, number)?;
            Ok(text)
        }
        Some(_) | None => Ok(text),
    }
}

fn plain(text: Option<Zeroizing<String>>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

/// Whether a text is an e-mail address as the HTML standard defines it, with a dot in the host.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    local_ok && host.contains('.') && host.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AddressBody, Failure> {
        AddressBody::read(Members::of_body(text.as_bytes()).unwrap())
    }

    #[test]
    fn the_sample_address_is_read() {
        let body = read(
            r#"{"city":"Some Town","company":"Some Business","country":"us","email":"user@somesite.com",
                "fax":"555555555","first_name":"John","last_name":"Smith","line_1":"","line_2":"",
                "phone":"5555555555","postal_code":"60187","state":"IL"}"#,
        )
        .unwrap();
        assert_eq!(body.country.as_deref(), Some("US"));
        assert_eq!(body.line_1.as_deref(), Some(""));
        assert_eq!(body.email.as_deref(), Some("user@somesite.com"));
    }

    #[test]
    fn a_member_not_sent_stays_unsaid() {
        assert_eq!(read("{}").unwrap(), AddressBody::default());
    }

    #[test]
    fn email_country_phone_and_length_rules_hold() {
        for (body, code, field) in [
            (r#"{"email":"user"}"#, "invalid_email", "email"),
            (r#"{"email":"user@host"}"#, "invalid_email", "email"),
            (r#"{"email":"a b@host.com"}"#, "invalid_email", "email"),
            (r#"{"email":"user@-host.com"}"#, "invalid_email", "email"),
            (r#"{"country":"USA"}"#, "invalid_country", "country"),
            (r#"{"phone":"call me"}"#, "invalid_phone", "phone"),
            (r#"{"fax":"4111111111111111"}"#, "invalid_phone", "fax"),
            (r#"{"line_1":"4111 1111 1111 1111"}"#, "contains_card_number", "line_1"),
            (r#"{"line_2":"4111.1111.1111.1111"}"#, "contains_card_number", "line_2"),
            (r#"{"email":"4111111111111111@mail.com"}"#, "contains_card_number", "email"),
            (r#"{"email":"a.4111_1111_1111_1111@mail.com"}"#, "contains_card_number", "email"),
            (r#"{"phone":"378282246310005"}"#, "contains_card_number", "phone"),
            (r#"{"fax":"+3782 822463 10005"}"#, "contains_card_number", "fax"),
            (r#"{"hash":"x"}"#, "unknown_field", "hash"),
        ] {
            let failure = read(body).unwrap_err();
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{body}");
        }
        let long = format!(r#"{{"city":"{}"}}"#, "x".repeat(256));
        assert_eq!(read(&long).unwrap_err().code(), "too_long");
        assert!(read(r#"{"email":"","country":"","phone":""}"#).is_ok());
        assert!(read(r#"{"phone":"+1 (321) 654-0987"}"#).is_ok());
    }
}
