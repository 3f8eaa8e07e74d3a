//! Addresses as Flute writes them, and the rows they are kept in.

use instrument::payer::Country;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::Patch;
use crate::api::free_text;
use crate::api::members::{Json, Members, Misfit, TEXT_MAX_CHARS};
use crate::domain::{Address, AddressId, CustomerId};

/// A postal address; no member is required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PostalAddress {
    /// Street and number.
    #[schema(max_length = 255)]
    address_line1: Option<String>,
    /// What else the postman must know.
    #[schema(max_length = 255)]
    address_line2: Option<String>,
    /// City.
    #[schema(max_length = 255)]
    city: Option<String>,
    /// Postal code.
    #[schema(min_length = 2, max_length = 15)]
    postal_code: Option<String>,
    /// State: two letters in the USA, ISO 3166-2 elsewhere.
    #[schema(max_length = 255)]
    state_code: Option<String>,
    /// Country: two letters of ISO 3166-1.
    #[schema(examples("US"))]
    country_code: Option<String>,
}

/// What a JSON merge patch makes of an address.
pub(super) enum AddressPatch {
    /// There is none any more.
    Cleared,
    /// Some members change: the new ones, and the names of those that go.
    Merged(PostalAddress, Vec<&'static str>),
}

/// The members, in the order of the document.
const NAMES: [&str; 6] = ["addressLine1", "addressLine2", "city", "postalCode", "stateCode", "countryCode"];

impl PostalAddress {
    /// Takes an address; one without a single value is none.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(members: &mut Members, name: &str) -> Result<Option<Self>, Misfit> {
        let Some(inner) = members.object(name)? else { return Ok(None) };
        Self::read(inner).map(|address| Some(address).filter(|address| *address != Self::default()))
    }

    fn read(mut members: Members) -> Result<Self, Misfit> {
        // The second spelling is that of the older V2 and of V1.
        let address = Self {
            address_line1: either(&mut members, "addressLine1", "line1")?,
            address_line2: either(&mut members, "addressLine2", "line2")?,
            city: text(&mut members, "city")?,
            postal_code: postal_code(&mut members)?,
            state_code: either(&mut members, "stateCode", "stateName")?,
            country_code: country_code(&mut members)?,
        };
        // V1 numbers states; which number is which is not public.
        members.integer("stateId")?;
        members.finish()?;
        Ok(address)
    }

    /// The address of a row.
    pub(super) fn of(row: &Address) -> Self {
        Self {
            address_line1: row.line_1.clone(),
            address_line2: row.line_2.clone(),
            city: row.city.clone(),
            postal_code: row.postal_code.clone(),
            state_code: row.state.clone(),
            country_code: row.country.clone(),
        }
    }

    /// The row with this address in it; the contact that another face keeps there stays.
    pub(super) fn in_row(self, row: &Address, now_ms: i64) -> Address {
        Address {
            line_1: self.address_line1,
            line_2: self.address_line2,
            city: self.city,
            postal_code: self.postal_code,
            state: self.state_code,
            country: self.country_code,
            updated_at_ms: now_ms.max(row.updated_at_ms),
            ..row.clone()
        }
    }

    /// A new row.
    pub(super) fn new_row(self, id: AddressId, customer: CustomerId, now_ms: i64) -> Address {
        self.in_row(&Address::new(id, customer, now_ms), now_ms)
    }

    /// The address after a patch.
    pub(super) fn patched(current: Option<Self>, patch: AddressPatch) -> Option<Self> {
        let (set, cleared) = match patch {
            AddressPatch::Cleared => return None,
            AddressPatch::Merged(set, cleared) => (set, cleared),
        };
        let current = current.unwrap_or_default();
        let merged = |name, new: Option<String>, old| {
            if cleared.contains(&name) { None } else { new.or(old) }
        };
        let address = Self {
            address_line1: merged("addressLine1", set.address_line1, current.address_line1),
            address_line2: merged("addressLine2", set.address_line2, current.address_line2),
            city: merged("city", set.city, current.city),
            postal_code: merged("postalCode", set.postal_code, current.postal_code),
            state_code: merged("stateCode", set.state_code, current.state_code),
            country_code: merged("countryCode", set.country_code, current.country_code),
        };
        Some(address).filter(|address| *address != Self::default())
    }
}

impl AddressPatch {
    /// Takes what a patch says of an address; `None` if it says nothing.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(patch: &mut Patch, name: &str) -> Result<Option<Self>, Misfit> {
        if patch.clears(name) {
            return Ok(Some(Self::Cleared));
        }
        let path = patch.set.path(name);
        match patch.set.value(name) {
            None => Ok(None),
            Some(Json::Object(members)) => {
                let inner = Patch::of(&path, members)?;
                let cleared = NAMES.into_iter().filter(|name| inner.clears(name)).collect();
                Ok(Some(Self::Merged(PostalAddress::read(inner.set)?, cleared)))
            }
            Some(other) => Members::of_value(&path, other).map(|_| None),
        }
    }
}

fn text(members: &mut Members, name: &str) -> Result<Option<String>, Misfit> {
    Ok(free_text::take(members, name, TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()))
}

fn either(members: &mut Members, name: &str, other: &str) -> Result<Option<String>, Misfit> {
    let first = text(members, name)?;
    let second = text(members, other)?;
    Ok(first.or(second))
}

fn postal_code(members: &mut Members) -> Result<Option<String>, Misfit> {
    let path = members.path("postalCode");
    let Some(code) = text(members, "postalCode")? else { return Ok(None) };
    if (2..=15).contains(&code.chars().count()) {
        return Ok(Some(code));
    }
    Err(Misfit::invalid(&path, "out_of_range", format!("{path} must have 2 to 15 characters")))
}

fn country_code(members: &mut Members) -> Result<Option<String>, Misfit> {
    // V1 numbers countries; the only public number is that of the USA.
    let id_path = members.path("countryId");
    let by_id = match members.integer("countryId")? {
        None => None,
        Some(1) => Some("US".to_owned()),
        Some(_) => {
            let message = format!("{id_path} is known to be 1 for the USA; name others by countryCode");
            return Err(Misfit::invalid(&id_path, "invalid_country", message));
        }
    };
    let path = members.path("countryCode");
    let Some(code) = text(members, "countryCode")? else { return Ok(by_id) };
    match Country::parse(&code) {
        Ok(country) => Ok(Some(country.as_str().to_owned())),
        Err(_) => {
            let message = format!("{path} must be a country code of two letters, for example \"US\"");
            Err(Misfit::invalid(&path, "invalid_country", message))
        }
    }
}
