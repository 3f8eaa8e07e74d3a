//! Payment sources as requests of this face send them.
//!
//! | type | mandatory | optional |
//! |---|---|---|
//! | `card` | `card_name`, `card_number`, `expire_month`, `expire_year` | `card_ccv` |
//! | `bank_account` | `account_name`, `account_number`, and `account_routing` or `account_bsb` | `account_type`, `account_holder_type`, `account_bank_name` |
//! | `bsb` | `account_name`, `account_number`, `account_bsb` | `account_bank_name` |
//! | `checkout` | `checkout_token` | `checkout_email`, `checkout_holder` |

use instrument::card::{SecurityCode, scheme_of};
use instrument::{BankDraft, CardDraft, Draft, FieldName, Reason, Rejected, Secret};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::fields::Fields;
use crate::api::free_text;
use crate::domain::{BsbAccount, BsbRejected, CheckoutAgreement, Source};
use crate::vaulting::{Checked, Vaulting, VaultingError};

/// The types of payment sources.
const TYPES: &[&str] = &["card", "bank_account", "bsb", "checkout"];

/// What a request says it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Card,
    BankAccount,
    Bsb,
    Checkout,
}

impl Type {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "card" => Some(Self::Card),
            "bank_account" => Some(Self::BankAccount),
            "bsb" => Some(Self::Bsb),
            // The first is of the API's documents, the second of the vendor's SDK for .NET.
            "checkout" | "checkout_token" => Some(Self::Checkout),
            _ => None,
        }
    }

    /// Reads `type` where it is mandatory.
    ///
    /// # Errors
    /// `required_error`, or `validation_error` with the types that there are.
    pub(super) fn mandatory(fields: &mut Fields) -> Result<Self, Failure> {
        let path = fields.path("type");
        let text = fields.mandatory("type")?;
        Self::parse(&text).ok_or_else(|| unknown_type(&path))
    }

    /// Reads `type` where it is optional: without it, a card is meant.
    ///
    /// # Errors
    /// `validation_error` for a gift card, which Paydock has and the vault has not.
    pub(super) fn optional(fields: &mut Fields) -> Result<Self, Failure> {
        let path = fields.path("type");
        match fields.optional("type") {
            Some(text) if text.as_str() == "gift_card" => Err(unknown_type(&path)),
            Some(text) => Ok(Self::parse(&text).unwrap_or(Self::Card)),
            None => Ok(Self::Card),
        }
    }

    /// Whether a stored payment method is of this type.
    pub(super) const fn fits(self, source: &Source) -> bool {
        match source {
            Source::Instrument(instrument::Instrument::Card(_)) => matches!(self, Self::Card),
            Source::Instrument(instrument::Instrument::BankAccount(_)) => matches!(self, Self::BankAccount),
            Source::Bsb(_) => matches!(self, Self::BankAccount | Self::Bsb),
            Source::Checkout(_) => matches!(self, Self::Checkout),
        }
    }
}

fn unknown_type(path: &str) -> Failure {
    crate::api::members::unknown_value(path, TYPES).into()
}

/// Reads and checks the numbers of a payment source.
///
/// # Errors
/// The first mandatory member that is missing or wrong.
pub(super) fn read(vaulting: &Vaulting, fields: &mut Fields, of: Type) -> Result<Checked, Failure> {
    match of {
        Type::Card => card(vaulting, fields),
        Type::BankAccount if fields.has("account_bsb") && !fields.has("account_routing") => {
            bsb(vaulting, fields)
        }
        Type::BankAccount => bank_account(vaulting, fields),
        Type::Bsb => bsb(vaulting, fields),
        Type::Checkout => checkout(vaulting, fields),
    }
}

fn card(vaulting: &Vaulting, fields: &mut Fields) -> Result<Checked, Failure> {
    let holder = fields.mandatory("card_name")?;
    let number = fields.mandatory("card_number")?;
    let month = fields.mandatory_digits("expire_month")?;
    let year = fields.mandatory_digits("expire_year")?;
    let expiry = expiry(&month, &year).map_err(|(name, reason)| {
        let path = fields.path(name);
        refused(&path, reason)
    })?;
    // Optional, so a code that this card cannot have is disregarded.
    let code = fields.optional_digits("card_ccv");
    let code = code.filter(|code| SecurityCode::parse(code, scheme_of(&number)).is_ok());
    let draft = CardDraft {
        number: secret(&number),
        expiry: secret(&expiry),
        code: code.map(|code| secret(&code)),
        holder: Some(secret(&holder)),
        preferred_scheme: None,
    };
    checked(vaulting, fields, Draft::Card(draft))
}

fn bank_account(vaulting: &Vaulting, fields: &mut Fields) -> Result<Checked, Failure> {
    let holder = fields.mandatory("account_name")?;
    let account_number = fields.mandatory("account_number")?;
    let routing_number = fields.mandatory("account_routing")?;
    let account_type = fields.optional("account_type").and_then(|text| account_type(&text));
    let holder_type = fields.optional("account_holder_type").and_then(|text| holder_type(&text));
    let draft = BankDraft {
        routing_number: secret(&routing_number),
        account_number: secret(&account_number),
        account_type: account_type.unwrap_or("checking").to_owned(),
        account_holder_type: holder_type.map(str::to_owned),
        holder: Some(secret(&holder)),
        sec_code: None,
        mandate: None,
    };
    checked(vaulting, fields, Draft::BankAccount(draft))
}

fn bsb(vaulting: &Vaulting, fields: &mut Fields) -> Result<Checked, Failure> {
    let name_path = fields.path("account_name");
    let name = fields.mandatory("account_name")?;
    free_text::refuse_card_number(&name_path, &name)?;
    let account_number = fields.mandatory("account_number")?;
    let bsb = fields.mandatory("account_bsb")?;
    let account = BsbAccount::parse(&bsb, &account_number, &name).map_err(|rejected| {
        let member = match rejected {
            BsbRejected::Bsb => "account_bsb",
            BsbRejected::AccountNumber => "account_number",
            BsbRejected::AccountName => "account_name",
        };
        let path = fields.path(member);
        Failure::invalid(&path, "bad_format", format!("{path}: {rejected}")).classified("shopper")
    })?;
    Ok(vaulting.check_source(Source::Bsb(account)))
}

fn checkout(vaulting: &Vaulting, fields: &mut Fields) -> Result<Checked, Failure> {
    let token = fields.mandatory("checkout_token")?;
    let email = fields.email("checkout_email")?.filter(|text| !text.is_empty());
    let holder = fields.free_text("checkout_holder")?.filter(|text| !text.is_empty());
    let agreement = CheckoutAgreement::new(secret(&token), email, holder);
    Ok(vaulting.check_source(Source::Checkout(agreement)))
}

/// Checks a draft, and names the member that is wrong as this face calls it.
///
/// # Errors
/// `validation_error` at the member's path.
pub(super) fn checked(vaulting: &Vaulting, fields: &Fields, draft: Draft) -> Result<Checked, Failure> {
    let is_card = matches!(draft, Draft::Card(_));
    vaulting.check(draft).map_err(|error| match error {
        VaultingError::Rejected { rejected: Rejected { field, reason }, .. } => {
            let path = fields.path(member_of(field, reason, is_card));
            refused(&path, reason)
        }
        error => error.into(),
    })
}

/// What this face calls a field of a draft.
fn member_of(field: FieldName, reason: Reason, is_card: bool) -> &'static str {
    match field {
        FieldName::Number | FieldName::PreferredScheme => "card_number",
        FieldName::Expiry if reason == Reason::BadMonth => "expire_month",
        FieldName::Expiry => "expire_year",
        FieldName::Code => "card_ccv",
        FieldName::Holder if is_card => "card_name",
        FieldName::Holder => "account_name",
        FieldName::RoutingNumber => "account_routing",
        FieldName::AccountNumber | FieldName::AccountNumberConfirmation => "account_number",
        FieldName::AccountType | FieldName::SecCode | FieldName::Consent => "account_type",
        FieldName::AccountHolderType => "account_holder_type",
    }
}

fn refused(path: &str, reason: Reason) -> Failure {
    Failure::invalid(path, reason.as_str(), format!("{path}: {}", reason.message())).classified("shopper")
}

/// `MM/YY` or `MM/YYYY` of `mm` and `yyyy`; two digits of a year are taken too, as the SDKs' fixtures send
/// them.
///
/// # Errors
/// The member that is wrong, and why.
pub(super) fn expiry(month: &str, year: &str) -> Result<Zeroizing<String>, (&'static str, Reason)> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let month: u8 = Some(month)
        .filter(|text| (1..=2).contains(&text.len()) && is_digits(text))
        .and_then(|text| text.parse().ok())
        .filter(|month| (1..=12).contains(month))
        .ok_or(("expire_month", Reason::BadMonth))?;
    if !matches!(year.len(), 2 | 4) || !is_digits(year) {
        return Err(("expire_year", Reason::BadFormat));
    }
    Ok(Zeroizing::new(format!("{month:02}/{year}")))
}

/// The account types that the vault knows; no public document lists Paydock's.
fn account_type(text: &str) -> Option<&'static str> {
    ["checking", "savings"].into_iter().find(|known| known.eq_ignore_ascii_case(text))
}

/// The holder types that the vault knows; no public document lists Paydock's.
fn holder_type(text: &str) -> Option<&'static str> {
    let known = [
        ("personal", "personal"),
        ("individual", "personal"),
        ("business", "business"),
        ("company", "business"),
    ];
    known.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, meaning)| meaning)
}

/// A text on its way into a draft, which wipes it.
pub(super) fn secret(text: &Zeroizing<String>) -> Secret<String> {
    Secret::new(text.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_read_from_its_two_members() {
        assert_eq!(expiry("12", "2030").unwrap().as_str(), "12/2030");
        assert_eq!(expiry("1", "30").unwrap().as_str(), "01/30");
        for (month, year, member) in [
            ("13", "2030", "expire_month"),
            ("0", "2030", "expire_month"),
            ("", "2030", "expire_month"),
            ("1a", "2030", "expire_month"),
            ("012", "2030", "expire_month"),
            ("12", "203", "expire_year"),
            ("12", "", "expire_year"),
            ("12", "20x0", "expire_year"),
        ] {
            assert_eq!(expiry(month, year).unwrap_err().0, member, "{month}/{year}");
        }
    }

    #[test]
    fn types_are_those_of_the_documents() {
        for text in TYPES {
            assert!(Type::parse(text).is_some(), "{text}");
        }
        assert_eq!(Type::parse("checkout_token"), Some(Type::Checkout));
        assert_eq!(Type::parse("Card"), None);
    }
}
