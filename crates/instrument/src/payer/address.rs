//! [`Address`]: a postal address.

use core::fmt;

use super::country::Country;
use super::postal::PostalCode;
use crate::card::holder::check;
use crate::verdict::Reason;

/// The most characters of a line, city or region.
const MAX_CHARS: usize = 100;

/// An address as it was entered, unchecked. Empty means missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressDraft {
    /// Street and house number.
    pub line1: String,
    /// Flat, floor, care of.
    pub line2: String,
    /// City.
    pub city: String,
    /// State, province or county.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: String,
}

impl AddressDraft {
    /// Checks every part; the only way to an [`Address`]. The first line, the city and the country must be
    /// there, and the postal code where [`PostalCode::is_required_in`] says so.
    ///
    /// # Errors
    /// The first part that is wrong, and why.
    pub fn finish(self) -> Result<Address, AddressRejected> {
        let refuse = |part| move |reason| AddressRejected { part, reason };
        let country = Country::parse(&self.country).map_err(refuse(AddressPart::Country))?;
        Ok(Address {
            line1: text(&self.line1).map_err(refuse(AddressPart::Line1))?,
            line2: optional(&self.line2).map_err(refuse(AddressPart::Line2))?,
            city: text(&self.city).map_err(refuse(AddressPart::City))?,
            region: optional(&self.region).map_err(refuse(AddressPart::Region))?,
            postal_code: match PostalCode::parse(&self.postal_code, country) {
                Ok(code) => Some(code),
                Err(Reason::Required) if !PostalCode::is_required_in(country) => None,
                Err(reason) => return Err(refuse(AddressPart::PostalCode)(reason)),
            },
            country,
        })
    }
}

/// A postal address whose parts were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    line1: String,
    line2: Option<String>,
    city: String,
    region: Option<String>,
    postal_code: Option<PostalCode>,
    country: Country,
}

impl Address {
    /// Street and house number.
    pub fn line1(&self) -> &str {
        &self.line1
    }

    /// Flat, floor, care of.
    pub fn line2(&self) -> Option<&str> {
        self.line2.as_deref()
    }

    /// City.
    pub fn city(&self) -> &str {
        &self.city
    }

    /// State, province or county.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Postal code.
    pub const fn postal_code(&self) -> Option<&PostalCode> {
        self.postal_code.as_ref()
    }

    /// Country.
    pub const fn country(&self) -> Country {
        self.country
    }
}

/// A part of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPart {
    /// Street and house number.
    Line1,
    /// Flat, floor, care of.
    Line2,
    /// City.
    City,
    /// State, province or county.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
}

impl AddressPart {
    /// The public name, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::City => "city",
            Self::Region => "region",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
        }
    }
}

/// A refused address: which part, and why. Holds nothing that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRejected {
    /// The part that was refused.
    pub part: AddressPart,
    /// Why it was refused.
    pub reason: Reason,
}

impl fmt::Display for AddressRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.as_str())?;
        f.write_str(": ")?;
        f.write_str(self.reason.message())
    }
}

impl core::error::Error for AddressRejected {}

fn text(entered: &str) -> Result<String, Reason> {
    check(entered, MAX_CHARS, MAX_CHARS * 4).map(str::to_owned)
}

fn optional(entered: &str) -> Result<Option<String>, Reason> {
    match text(entered) {
        Ok(text) => Ok(Some(text)),
        Err(Reason::Required) => Ok(None),
        Err(reason) => Err(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> AddressDraft {
        AddressDraft {
            line1: " 1 Main Street ".to_owned(),
            city: "Springfield".to_owned(),
            region: "IL".to_owned(),
            postal_code: "627010001".to_owned(),
            country: "us".to_owned(),
            ..AddressDraft::default()
        }
    }

    fn refusal(change: impl FnOnce(&mut AddressDraft)) -> (AddressPart, Reason) {
        let mut draft = draft();
        change(&mut draft);
        let rejected = draft.finish().unwrap_err();
        (rejected.part, rejected.reason)
    }

    #[test]
    fn cleans_what_it_takes() {
        let address = draft().finish().unwrap();
        assert_eq!(address.line1(), "1 Main Street");
        assert_eq!(address.line2(), None);
        assert_eq!((address.city(), address.region()), ("Springfield", Some("IL")));
        assert_eq!(address.postal_code().unwrap().as_str(), "62701-0001");
        assert_eq!(address.country().as_str(), "US");
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        assert_eq!(refusal(|draft| draft.line1.clear()), (AddressPart::Line1, Reason::Required));
        assert_eq!(refusal(|draft| draft.city = " ".to_owned()), (AddressPart::City, Reason::Required));
        assert_eq!(refusal(|draft| draft.postal_code.clear()), (AddressPart::PostalCode, Reason::Required));
        assert_eq!(
            refusal(|draft| draft.country = "XX".to_owned()),
            (AddressPart::Country, Reason::UnknownChoice)
        );
        let card = || "4111 1111 1111 1111".to_owned();
        for (part, reason) in [refusal(|draft| draft.line2 = card()), refusal(|draft| draft.region = card())]
        {
            assert_eq!(reason, Reason::ContainsCardNumber, "{}", part.as_str());
        }
    }

    #[test]
    fn a_country_without_codes_needs_none() {
        let mut draft = draft();
        draft.country = "AE".to_owned();
        draft.postal_code.clear();
        assert_eq!(draft.finish().unwrap().postal_code(), None);
    }
}
