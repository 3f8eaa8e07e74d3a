//! A customer as requests send it.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::address::{CustomerAddress, PrimaryAddress};
use super::failure::Failure;
use super::metadata;
use crate::api::free_text;
use crate::api::members::{self, Json, Members, TEXT_MAX_CHARS};

/// The longest e-mail address, in characters (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX_CHARS: usize = 254;

/// The longest text of a telephone number, in characters.
const PHONE_MAX_CHARS: usize = 40;

/// How many digits a telephone number has at most (ITU-T E.164).
const PHONE_MAX_DIGITS: usize = 15;

/// What a request says of a customer; what it leaves out stays as it is, and an empty text clears.
#[derive(Default, ToSchema)]
#[schema(
    rename_all = "camelCase",
    example = json!({
        "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com", "phoneNumber": "+1-555-0100",
        "language": "en",
        "address": {
            "country": "US", "address1": "123 Main St", "city": "Springfield", "region": "IL", "zip": "62701",
        },
    }),
)]
pub(super) struct CustomerBody {
    /// Only on updates, and only the customer's own.
    pub(super) id: Option<String>,
    /// First name.
    #[schema(max_length = 255)]
    pub(super) first_name: Option<String>,
    /// Last name.
    #[schema(max_length = 255)]
    pub(super) last_name: Option<String>,
    /// E-mail address.
    #[schema(max_length = 254)]
    pub(super) email: Option<String>,
    /// Telephone number; E.164 is recommended.
    #[schema(max_length = 40)]
    pub(super) phone_number: Option<String>,
    /// Language, as two letters of ISO 639-1.
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub(super) language: Option<String>,
    /// Where bills go unless a transaction says otherwise.
    pub(super) address: Option<CustomerAddress>,
    /// The same, nested as in the gateway's tutorial; this or `address`.
    #[schema(value_type = Option<PrimaryAddress>)]
    #[expect(dead_code, reason = "it is read into `address`; here it is only described")]
    primary_address: (),
    /// Free data of the merchant's; replaces what was there.
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Option<Map<String, Value>>,
    /// Values of custom fields; `null` takes one away.
    #[schema(value_type = Option<Object>)]
    pub(super) custom_fields: Option<CustomValues>,
    /// Which payment instrument is the default; only on updates.
    pub(super) default_payment_instrument_id: Option<String>,
    /// A mark of the merchant's; it has no effect here.
    pub(super) is_enhanced_due_diligence_required: Option<bool>,
}

/// Values of custom fields, as they were sent.
pub(super) struct CustomValues(pub(super) Vec<(String, Json)>);

impl CustomerBody {
    /// Reads the body of a creation, which names no id and no payment instrument.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read_new(members: Members) -> Result<Self, Failure> {
        let (body, rest) = Self::read(members)?;
        rest.finish()?;
        Ok(body)
    }

    /// Reads the body of an update.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read_change(members: Members) -> Result<Self, Failure> {
        let (mut body, mut rest) = Self::read(members)?;
        body.id = rest.text("id", TEXT_MAX_CHARS)?.map(|id| id.as_str().to_owned());
        body.default_payment_instrument_id =
            rest.text("defaultPaymentInstrumentId", TEXT_MAX_CHARS)?.map(|id| id.as_str().to_owned());
        rest.finish()?;
        Ok(body)
    }

    fn read(mut members: Members) -> Result<(Self, Members), Failure> {
        let address = members.object("address")?;
        let primary = members.object("primaryAddress")?;
        if address.is_some() && primary.is_some() {
            return Err(Failure::invalid("address", "one_of", "send address or primaryAddress, not both"));
        }
        let address = match (address, primary) {
            (Some(address), _) => Some(CustomerAddress::read(address)?),
            (None, Some(primary)) => CustomerAddress::read_primary(primary)?,
            (None, None) => None,
        };
        let body = Self {
            id: None,
            first_name: free_text::take(&mut members, "firstName", TEXT_MAX_CHARS)?,
            last_name: free_text::take(&mut members, "lastName", TEXT_MAX_CHARS)?,
            email: email(&mut members)?,
            phone_number: phone(&mut members)?,
            language: language(&mut members)?,
            address,
            primary_address: (),
            metadata: members
                .value("metadata")
                .map(|value| metadata::object("metadata", value))
                .transpose()?,
            custom_fields: custom_fields(&mut members)?,
            default_payment_instrument_id: None,
            is_enhanced_due_diligence_required: members.boolean("isEnhancedDueDiligenceRequired")?,
        };
        Ok((body, members))
    }
}

fn custom_fields(members: &mut Members) -> Result<Option<CustomValues>, Failure> {
    match members.value("customFields") {
        None => Ok(None),
        Some(Json::Object(values)) => Ok(Some(CustomValues(values))),
        Some(_) => Err(members::wrong_type("customFields", "an object").into()),
    }
}

fn email(members: &mut Members) -> Result<Option<String>, Failure> {
    let Some(text) = free_text::take(members, "email", EMAIL_MAX_CHARS)? else { return Ok(None) };
    let is_address = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split('.').all(|label| !label.is_empty())
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
            && !domain.contains('@')
    });
    if text.is_empty() || is_address {
        return Ok(Some(text));
    }
    Err(Failure::invalid(
        "email",
        "invalid_email",
        "email must be an e-mail address such as jane@example.com",
    ))
}

fn phone(members: &mut Members) -> Result<Option<String>, Failure> {
    const NAME: &str = "phoneNumber";
    let Some(text) = members.text(NAME, PHONE_MAX_CHARS)? else { return Ok(None) };
    free_text::refuse_card_as_phone(NAME, &text)?;
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | ' '));
    if text.is_empty() || (plain && (1..=PHONE_MAX_DIGITS).contains(&digits)) {
        return Ok(Some(text.to_owned()));
    }
    let details = "phoneNumber must have 1 to 15 digits, best in the form of E.164: +15550100";
    Err(Failure::invalid(NAME, "invalid_phone", details))
}

fn language(members: &mut Members) -> Result<Option<String>, Failure> {
    let Some(text) = free_text::take(members, "language", TEXT_MAX_CHARS)? else { return Ok(None) };
    if text.is_empty() || (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        return Ok(Some(text.to_ascii_lowercase()));
    }
    let details = "language must be two letters of ISO 639-1, for example \"en\"";
    Err(Failure::invalid("language", "invalid_language", details))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (&'static str, Option<String>) {
        let members = Members::of_body(text.as_bytes()).unwrap();
        let Err(failure) = CustomerBody::read_new(members) else { panic!("accepted {text}") };
        (failure.code(), failure.field().map(str::to_owned))
    }

    fn read(text: &str) -> CustomerBody {
        CustomerBody::read_new(Members::of_body(text.as_bytes()).unwrap())
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    #[test]
    fn telephone_numbers_of_every_page_of_the_documentation_are_taken() {
        for phone in ["+1-555-0100", "123-456-7890", "5550100", "+15550100", "(555) 010.0"] {
            assert_eq!(read(&format!(r#"{{"phoneNumber":"{phone}"}}"#)).phone_number.as_deref(), Some(phone));
        }
    }

    #[test]
    fn a_member_in_a_wrong_form_is_refused_by_its_path() {
        for (text, code, field) in [
            (r#"{"email":"jane"}"#, "invalid_email", "email"),
            (r#"{"email":"a b@example.com"}"#, "invalid_email", "email"),
            (r#"{"email":"a@b@example.com"}"#, "invalid_email", "email"),
            (r#"{"phoneNumber":"call me"}"#, "invalid_phone", "phoneNumber"),
            (r#"{"phoneNumber":"1234567890123456"}"#, "invalid_phone", "phoneNumber"),
            (r#"{"phoneNumber":"4111111111111111"}"#, "contains_card_number", "phoneNumber"),
            (r#"{"language":"english"}"#, "invalid_language", "language"),
            (r#"{"firstName":7}"#, "wrong_type", "firstName"),
            (r#"{"lastName":"4111111111111111"}"#, "contains_card_number", "lastName"),
            (r#"{"metadata":[]}"#, "wrong_type", "metadata"),
            (r#"{"customFields":"x"}"#, "wrong_type", "customFields"),
            (r#"{"address":{},"primaryAddress":{}}"#, "one_of", "address"),
            (r#"{"id":"x"}"#, "unknown_field", "id"),
            (r#"{"nickname":"x"}"#, "unknown_field", "nickname"),
        ] {
            assert_eq!(refused(text), (code, Some(field.to_owned())), "{text}");
        }
    }
}
