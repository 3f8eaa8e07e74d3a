//! The two addresses of payments.ai, whose members have different names: a customer's and a bill's.
//!
//! "The street field is address1 (the transaction endpoint uses address instead: they are not
//! interchangeable)", says the customer document; so each is read by its own names only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::failure::Failure;
use crate::api::free_text;
use crate::api::members::{Members, TEXT_MAX_CHARS};
use crate::domain::Address;

/// The longest name of a person, a company, a city or a region, in characters.
const NAME_MAX_CHARS: usize = TEXT_MAX_CHARS;

/// The longest postal code, in characters.
const ZIP_MAX_CHARS: usize = 20;

/// A customer's address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct CustomerAddress {
    /// The country, as two letters of ISO 3166-1.
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub(super) country: Option<String>,
    /// Street and number.
    pub(super) address1: Option<String>,
    /// What else the postman must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address2: Option<String>,
    /// The city.
    pub(super) city: Option<String>,
    /// The state or region.
    pub(super) region: Option<String>,
    /// The postal code.
    pub(super) zip: Option<String>,
}

/// A customer's address as the tutorial of the gateway nests it: `primaryAddress.customerAddress`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct PrimaryAddress {
    /// The address itself.
    pub(super) customer_address: Option<NestedAddress>,
}

/// What stands in `primaryAddress.customerAddress`, where the street has either of two names.
#[derive(ToSchema)]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct NestedAddress {
    /// The country, as two letters of ISO 3166-1.
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub(super) country: Option<String>,
    /// Street and number; this or `address1`.
    pub(super) address: Option<String>,
    /// Street and number; this or `address`.
    pub(super) address1: Option<String>,
    /// What else the postman must know.
    pub(super) address2: Option<String>,
    /// The city.
    pub(super) city: Option<String>,
    /// The state or region.
    pub(super) region: Option<String>,
    /// The postal code.
    pub(super) zip: Option<String>,
}

/// The address on a bill, with the names of who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct BillingAddress {
    /// First name.
    pub(super) first_name: Option<String>,
    /// Last name.
    pub(super) last_name: Option<String>,
    /// Street and number.
    pub(super) address: Option<String>,
    /// What else the postman must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address2: Option<String>,
    /// The city.
    pub(super) city: Option<String>,
    /// The state or region.
    pub(super) region: Option<String>,
    /// The postal code; requests may also call it `zip`.
    pub(super) postal_code: Option<String>,
    /// The country, as two letters of ISO 3166-1.
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub(super) country: Option<String>,
}

impl CustomerAddress {
    /// Reads `address` of a customer.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let address1 = given(&mut members, "address1", NAME_MAX_CHARS)?;
        Self::with_street(members, address1)
    }

    /// Reads `primaryAddress` of a customer.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read_primary(mut members: Members) -> Result<Option<Self>, Failure> {
        let inner = members.object("customerAddress")?;
        members.finish()?;
        let Some(mut inner) = inner else { return Ok(None) };
        let path = inner.own_path().to_owned();
        let short = given(&mut inner, "address", NAME_MAX_CHARS)?;
        let long = given(&mut inner, "address1", NAME_MAX_CHARS)?;
        if short.is_some() && long.is_some() {
            return Err(Failure::invalid(
                &path,
                "one_of",
                format!("{path} holds the street twice: send address or address1"),
            ));
        }
        Self::with_street(inner, short.or(long)).map(Some)
    }

    fn with_street(mut members: Members, address1: Option<String>) -> Result<Self, Failure> {
        let read = Self {
            country: country(&mut members)?,
            address1,
            address2: given(&mut members, "address2", NAME_MAX_CHARS)?,
            city: given(&mut members, "city", NAME_MAX_CHARS)?,
            region: given(&mut members, "region", NAME_MAX_CHARS)?,
            zip: given(&mut members, "zip", ZIP_MAX_CHARS)?,
        };
        members.finish()?;
        Ok(read)
    }

    /// Whether nothing is said at all.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Puts this into a stored address; who lives there stays.
    pub(super) fn put_into(&self, stored: &mut Address) {
        stored.line_1.clone_from(&self.address1);
        stored.line_2.clone_from(&self.address2);
        stored.city.clone_from(&self.city);
        stored.state.clone_from(&self.region);
        stored.postal_code.clone_from(&self.zip);
        stored.country.clone_from(&self.country);
    }

    /// What this face shows of a stored address.
    pub(super) fn of(stored: &Address) -> Self {
        Self {
            country: stored.country.clone(),
            address1: stored.line_1.clone(),
            address2: stored.line_2.clone(),
            city: stored.city.clone(),
            region: stored.state.clone(),
            zip: stored.postal_code.clone(),
        }
    }
}

impl BillingAddress {
    /// Reads `billingAddress` of a token or a transaction.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let path = members.own_path().to_owned();
        let postal_code = given(&mut members, "postalCode", ZIP_MAX_CHARS)?;
        let zip = given(&mut members, "zip", ZIP_MAX_CHARS)?;
        if postal_code.is_some() && zip.is_some() {
            return Err(Failure::invalid(
                &path,
                "one_of",
                format!("{path} holds the postal code twice: send postalCode"),
            ));
        }
        let read = Self {
            first_name: given(&mut members, "firstName", NAME_MAX_CHARS)?,
            last_name: given(&mut members, "lastName", NAME_MAX_CHARS)?,
            address: given(&mut members, "address", NAME_MAX_CHARS)?,
            address2: given(&mut members, "address2", NAME_MAX_CHARS)?,
            city: given(&mut members, "city", NAME_MAX_CHARS)?,
            region: given(&mut members, "region", NAME_MAX_CHARS)?,
            postal_code: postal_code.or(zip),
            country: country(&mut members)?,
        };
        members.finish()?;
        Ok(read)
    }

    /// The bill's address of a customer's, for transactions that bring none.
    pub(super) fn of_customer(stored: &Address, first_name: Option<&str>, last_name: Option<&str>) -> Self {
        Self {
            first_name: stored.first_name.clone().or_else(|| first_name.map(str::to_owned)),
            last_name: stored.last_name.clone().or_else(|| last_name.map(str::to_owned)),
            address: stored.line_1.clone(),
            address2: stored.line_2.clone(),
            city: stored.city.clone(),
            region: stored.state.clone(),
            postal_code: stored.postal_code.clone(),
            country: stored.country.clone(),
        }
    }

    /// First and last name together, if there is one of them.
    pub(super) fn holder(&self) -> Option<String> {
        let names: Vec<&str> =
            [&self.first_name, &self.last_name].into_iter().flatten().map(|name| &**name).collect();
        Some(names.join(" ")).filter(|holder| !holder.is_empty())
    }
}

/// Takes a free text; the empty one counts as not sent.
fn given(members: &mut Members, name: &str, max_chars: usize) -> Result<Option<String>, Failure> {
    Ok(free_text::take(members, name, max_chars)?.filter(|text| !text.is_empty()))
}

fn country(members: &mut Members) -> Result<Option<String>, Failure> {
    let path = members.path("country");
    let Some(text) = given(members, "country", TEXT_MAX_CHARS)? else { return Ok(None) };
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(Some(text.to_ascii_uppercase()));
    }
    let details = format!("{path} must be a country as two letters of ISO 3166-1, for example \"US\"");
    Err(Failure::invalid(path, "invalid_country", details))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Members {
        Members::of_body(text.as_bytes()).unwrap()
    }

    #[test]
    fn each_address_has_its_own_names() {
        let address = CustomerAddress::read(members(
            r#"{"country":"us","address1":"123 Main St","city":"Springfield","region":"IL","zip":"62701"}"#,
        ))
        .unwrap();
        assert_eq!(address.country.as_deref(), Some("US"));
        assert_eq!(address.address1.as_deref(), Some("123 Main St"));
        for body in [r#"{"address":"x"}"#, r#"{"postalCode":"x"}"#] {
            assert_eq!(CustomerAddress::read(members(body)).unwrap_err().code(), "unknown_field", "{body}");
        }
        assert_eq!(BillingAddress::read(members(r#"{"address1":"x"}"#)).unwrap_err().code(), "unknown_field");
        let bill =
            BillingAddress::read(members(r#"{"firstName":"Jane","lastName":"Doe","zip":"1"}"#)).unwrap();
        assert_eq!((bill.holder().as_deref(), bill.postal_code.as_deref()), (Some("Jane Doe"), Some("1")));
    }

    #[test]
    fn the_nested_address_takes_either_name_of_the_street_and_not_both() {
        let read = |body: &str| CustomerAddress::read_primary(members(body));
        for body in [
            r#"{"customerAddress":{"address":"36 Craven St"}}"#,
            r#"{"customerAddress":{"address1":"36 Craven St"}}"#,
        ] {
            assert_eq!(read(body).unwrap().unwrap().address1.as_deref(), Some("36 Craven St"));
        }
        assert_eq!(
            read(r#"{"customerAddress":{"address":"a","address1":"b"}}"#).unwrap_err().code(),
            "one_of"
        );
        assert_eq!(read("{}").unwrap(), None);
    }

    #[test]
    fn a_wrong_country_and_a_hidden_card_number_are_refused() {
        let read = |body: &str| CustomerAddress::read(members(body)).unwrap_err();
        assert_eq!(read(r#"{"country":"USA"}"#).code(), "invalid_country");
        assert_eq!(read(r#"{"address1":"4111111111111111"}"#).code(), "contains_card_number");
    }
}
