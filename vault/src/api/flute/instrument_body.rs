//! Cards and bank accounts as requests send them in clear.

use std::net::IpAddr;

use instrument::{BankDraft, CardDraft, Draft, Secret};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::failure::{Failure, Spelling};
use super::profile;
use crate::api::members::{Json, Members, Misfit, required, unknown_value};
use crate::vaulting::{Checked, Vaulting};

/// Longer than any number with separators.
const NUMBER_MAX_CHARS: usize = 64;

/// A card.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardDetails {
    /// The number, digits only.
    #[schema(value_type = String, pattern = r"^\d{12,19}$", examples("4111111111111111"))]
    card_number: Zeroizing<String>,
    /// Three or four digits; never kept.
    #[schema(value_type = Option<String>, examples("123"))]
    security_code: Option<Zeroizing<String>>,
    /// Month of expiry.
    #[schema(minimum = 1, maximum = 12, examples(12))]
    expiration_month: u8,
    /// Year of expiry, four digits.
    #[schema(minimum = 1000, maximum = 9999, examples(2030))]
    expiration_year: u16,
}

/// A bank account.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AchDetails {
    /// Nine digits.
    #[schema(value_type = String, examples("021000021"))]
    routing_number: Zeroizing<String>,
    /// The account number.
    #[schema(value_type = String, examples("1234567890"))]
    account_number: Zeroizing<String>,
    /// Whose account it is.
    account_holder_type: AccountHolderType,
    /// What it is for.
    account_type: AccountType,
    /// Nine digits; only the last four are kept.
    #[schema(value_type = Option<String>, examples("12-3456789"))]
    tax_id: Option<Zeroizing<String>>,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
pub(super) enum AccountHolderType {
    /// A company's; 1 in V1.
    Business,
    /// A person's; 2 in V1.
    Personal,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
pub(super) enum AccountType {
    /// Payments; 1 in V1.
    Checking,
    /// Saving; 2 in V1.
    Savings,
}

/// The ACH standard entry class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
pub(super) enum SecCode {
    /// Ordered over the internet; 1 in V1.
    Web,
    /// Prearranged; 2 in V1.
    #[serde(rename = "PPD")]
    Ppd,
    /// Of a company; 3 in V1.
    #[serde(rename = "CCD")]
    Ccd,
    /// Ordered by telephone; 4 in V1.
    Telephone,
}

impl CardDetails {
    /// Takes the members of a card.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(members: &mut Members, spelling: Spelling) -> Result<Self, Misfit> {
        let number = match spelling {
            Spelling::V2 => "cardNumber",
            Spelling::V1 => "pan",
        };
        let path = members.path(number);
        let card_number = members.required_text(number, NUMBER_MAX_CHARS)?;
        if !card_number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misfit::invalid(&path, "not_digits", format!("{path} must be digits only")));
        }
        Ok(Self {
            card_number,
            security_code: members.text("securityCode", NUMBER_MAX_CHARS)?.filter(|code| !code.is_empty()),
            expiration_month: ranged(members, "expirationMonth", 1, 12)?,
            expiration_year: ranged(members, "expirationYear", 1_000, 9_999)?,
        })
    }

    /// Checks the card.
    ///
    /// # Errors
    /// 400 at the member that is wrong, below the path given.
    pub(super) fn checked(
        &self,
        vaulting: &Vaulting,
        path: &str,
        spelling: Spelling,
    ) -> Result<Checked, Failure> {
        let expiry = format!("{:02}/{}", self.expiration_month, self.expiration_year);
        let secret = |text: &Zeroizing<String>| Secret::new(text.to_string());
        let draft = Draft::Card(CardDraft {
            number: secret(&self.card_number),
            expiry: Secret::new(expiry),
            code: self.security_code.as_ref().map(secret),
            holder: None,
            preferred_scheme: None,
        });
        vaulting.check(draft).map_err(|error| Failure::checked(path, spelling, error))
    }
}

impl AchDetails {
    /// Takes the members of a bank account.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(members: &mut Members) -> Result<Self, Misfit> {
        Ok(Self {
            routing_number: members.required_text("routingNumber", NUMBER_MAX_CHARS)?,
            account_number: members.required_text("accountNumber", NUMBER_MAX_CHARS)?,
            account_holder_type: choice(
                members,
                "accountHolderType",
                &[("Business", AccountHolderType::Business), ("Personal", AccountHolderType::Personal)],
            )?,
            account_type: choice(
                members,
                "accountType",
                &[("Checking", AccountType::Checking), ("Savings", AccountType::Savings)],
            )?,
            tax_id: tax_id(members)?,
        })
    }

    /// Checks the account.
    ///
    /// # Errors
    /// 400 at the member that is wrong, below the path given.
    pub(super) fn checked(
        &self,
        vaulting: &Vaulting,
        path: &str,
        sec_code: Option<SecCode>,
    ) -> Result<Checked, Failure> {
        let secret = |text: &Zeroizing<String>| Secret::new(text.to_string());
        let draft = Draft::BankAccount(BankDraft {
            routing_number: secret(&self.routing_number),
            account_number: secret(&self.account_number),
            account_type: match self.account_type {
                AccountType::Checking => "checking".to_owned(),
                AccountType::Savings => "savings".to_owned(),
            },
            account_holder_type: Some(match self.account_holder_type {
                AccountHolderType::Business => "business".to_owned(),
                AccountHolderType::Personal => "personal".to_owned(),
            }),
            holder: None,
            sec_code: sec_code.map(|code| code.in_domain().to_owned()),
            mandate: None,
        });
        vaulting.check(draft).map_err(|error| Failure::checked(path, Spelling::V2, error))
    }

    /// What a payment method keeps of the account besides the instrument, under this face's name.
    pub(super) fn extra(&self, company_name: Option<String>) -> Map<String, Value> {
        let mut kept = Map::new();
        if let Some(tax_id) = &self.tax_id {
            kept.insert("taxIdMask".to_owned(), masked(tax_id).into());
        }
        if let Some(company_name) = company_name {
            kept.insert("companyName".to_owned(), company_name.into());
        }
        let mut extra = Map::new();
        if !kept.is_empty() {
            extra.insert("flute".to_owned(), kept.into());
        }
        extra
    }
}

impl SecCode {
    /// Every class, by Flute's name.
    const NAMED: [(&str, Self); 4] =
        [("Web", Self::Web), ("PPD", Self::Ppd), ("CCD", Self::Ccd), ("Telephone", Self::Telephone)];

    /// Takes the class of an ACH payment, which must be there.
    ///
    /// # Errors
    /// `required` or `unknown_value`.
    pub(super) fn take(members: &mut Members) -> Result<Self, Misfit> {
        choice(members, "secCode", &Self::NAMED)
    }

    /// Flute's name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "Web",
            Self::Ppd => "PPD",
            Self::Ccd => "CCD",
            Self::Telephone => "Telephone",
        }
    }

    /// Reads the name that the vault's own instruments have.
    pub(super) fn of_domain(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().map(|(_, code)| code).find(|code| code.in_domain() == name)
    }

    /// The name the vault's own instruments have.
    pub(super) const fn in_domain(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Ppd => "ppd",
            Self::Ccd => "ccd",
            Self::Telephone => "tel",
        }
    }
}

/// The address of the person or program that ordered an ACH payment, which must be there.
///
/// # Errors
/// `required`, or `bad_format` if it is no IP address.
pub(super) fn requester(members: &mut Members) -> Result<(), Misfit> {
    let path = members.path("requesterIpAddress");
    let text = members.required_text("requesterIpAddress", 45)?;
    match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(Misfit::invalid(&path, "bad_format", format!("{path} must be an IPv4 or IPv6 address")))
        }
    }
}

/// Takes the name of a payment method: `paymentName` here, `name` there.
///
/// # Errors
/// What is wrong with any text.
pub(super) fn method_name(members: &mut Members) -> Result<Option<String>, Misfit> {
    let name = profile::text(members, "name")?;
    Ok(profile::text(members, "paymentName")?.or(name))
}

/// Takes a word or, as V1 writes them, its number counted from 1.
fn choice<T: Copy>(members: &mut Members, name: &str, accepted: &[(&str, T)]) -> Result<T, Misfit> {
    let path = members.path(name);
    let names: Vec<&str> = accepted.iter().map(|(name, _)| *name).collect();
    let found = match members.value(name) {
        None | Some(Json::Null) => return Err(required(&path)),
        Some(Json::Integer(id)) => {
            usize::try_from(id).ok().and_then(|id| accepted.get(id.checked_sub(1)?)).map(|(_, value)| *value)
        }
        Some(Json::Text(text)) => {
            accepted.iter().find(|(name, _)| *name == text.as_str()).map(|(_, value)| *value)
        }
        Some(Json::Bool(_) | Json::Fraction(_) | Json::List(_) | Json::Object(_)) => None,
    };
    found.ok_or_else(|| unknown_value(&path, &names))
}

fn ranged<T: TryFrom<i64>>(members: &mut Members, name: &str, least: i64, most: i64) -> Result<T, Misfit> {
    let path = members.path(name);
    let number = members.integer(name)?.ok_or_else(|| required(&path))?;
    let found = Some(number).filter(|number| (least..=most).contains(number));
    found.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        Misfit::invalid(&path, "out_of_range", format!("{path} must be from {least} to {most}"))
    })
}

/// Takes a tax id of the USA: nine digits, with or without dashes.
fn tax_id(members: &mut Members) -> Result<Option<Zeroizing<String>>, Misfit> {
    let path = members.path("taxId");
    let Some(text) = members.text("taxId", NUMBER_MAX_CHARS)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Ok(Some(text));
    }
    Err(Misfit::invalid(&path, "bad_format", format!("{path} must be nine digits, with or without dashes")))
}

/// `12-3456789` as `**-***6789`.
fn masked(tax_id: &str) -> String {
    let mut left = tax_id.bytes().filter(u8::is_ascii_digit).count();
    let mask = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        left -= 1;
        if left < 4 { c } else { '*' }
    };
    tax_id.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(change: &str) -> Result<AchDetails, Misfit> {
        let mut body: Value = serde_json::from_str(
            r#"{"routingNumber":"021000021","accountNumber":"1234567890","accountHolderType":"Business",
                "accountType":"Checking","taxId":"12-3456789"}"#,
        )
        .unwrap();
        let change: Value = serde_json::from_str(change).unwrap();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        AchDetails::take(&mut Members::of_body(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn words_and_the_numbers_of_v1_mean_the_same() {
        for body in ["{}", r#"{"accountHolderType":1,"accountType":1}"#] {
            let account = account(body).unwrap();
            assert_eq!(account.account_holder_type, AccountHolderType::Business);
            assert_eq!(account.account_type, AccountType::Checking);
        }
        assert_eq!(account(r#"{"accountType":2}"#).unwrap().account_type, AccountType::Savings);
        for body in [r#"{"accountType":0}"#, r#"{"accountType":3}"#, r#"{"accountType":"checking"}"#] {
            let Err(misfit) = account(body) else { panic!("{body} was accepted") };
            assert_eq!((misfit.path.as_str(), misfit.code), ("accountType", "unknown_value"));
        }
    }

    #[test]
    fn of_a_tax_id_only_four_digits_are_kept() {
        let extra = account("{}").unwrap().extra(Some("Acme".to_owned()));
        assert_eq!(extra["flute"]["taxIdMask"], "**-***6789");
        assert_eq!(extra["flute"]["companyName"], "Acme");
        assert_eq!(masked("123456789"), "*****6789");
        let Err(misfit) = account(r#"{"taxId":"4111111111111111"}"#) else { panic!("it was accepted") };
        assert_eq!((misfit.path.as_str(), misfit.code), ("taxId", "bad_format"));
    }
}
