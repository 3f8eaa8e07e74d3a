//! An address of a transaction: the same texts as a customer's, with two names that differ.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::fluidpay::address::AddressBody;
use crate::api::fluidpay::failure::Failure;
use crate::api::members::Members;
use crate::domain::Address;

/// The names of the two lines that customers' addresses call `line_1` and `line_2`.
pub(super) const LINES: [&str; 2] = ["address_line_1", "address_line_2"];

/// An address as transactions write it. What was not given is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub(in crate::api::fluidpay) struct TransactionAddress {
    first_name: String,
    last_name: String,
    company: String,
    address_line_1: String,
    address_line_2: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
    phone: String,
    fax: String,
    email: String,
}

impl TransactionAddress {
    /// Reads `billing_address` or `shipping_address`, by the rules of the customers' addresses.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(members: Members) -> Result<Self, Failure> {
        let body = AddressBody::read_as(members, LINES)?;
        let own = |text: Option<String>| text.unwrap_or_default();
        Ok(Self {
            first_name: own(body.first_name),
            last_name: own(body.last_name),
            company: own(body.company),
            address_line_1: own(body.line_1),
            address_line_2: own(body.line_2),
            city: own(body.city),
            state: own(body.state),
            postal_code: own(body.postal_code),
            country: own(body.country),
            phone: own(body.phone),
            fax: own(body.fax),
            email: own(body.email),
        })
    }
}

impl From<&Address> for TransactionAddress {
    fn from(address: &Address) -> Self {
        let own = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            first_name: own(&address.first_name),
            last_name: own(&address.last_name),
            company: own(&address.company),
            address_line_1: own(&address.line_1),
            address_line_2: own(&address.line_2),
            city: own(&address.city),
            state: own(&address.state),
            postal_code: own(&address.postal_code),
            country: own(&address.country),
            phone: own(&address.phone),
            fax: own(&address.fax),
            email: own(&address.email),
        }
    }
}
