//! Addresses of customers.

use super::{AddressId, CustomerId};

/// A postal address with the contact that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The id, in the form of the face that created the address.
    pub id: AddressId,
    /// Whose address it is.
    pub customer_id: CustomerId,
    /// Addressee's first name.
    pub first_name: Option<String>,
    /// Addressee's last name.
    pub last_name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub line_1: Option<String>,
    /// What else the postman must know.
    pub line_2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
}

impl Address {
    /// An address of which nothing is known yet.
    #[must_use]
    pub const fn new(id: AddressId, customer_id: CustomerId, now_ms: i64) -> Self {
        Self {
            id,
            customer_id,
            first_name: None,
            last_name: None,
            company: None,
            line_1: None,
            line_2: None,
            city: None,
            state: None,
            postal_code: None,
            country: None,
            email: None,
            phone: None,
            fax: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }
}
