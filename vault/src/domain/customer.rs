//! Customers: who owns payment methods and addresses.

use serde_json::{Map, Value};

use super::{AddressId, CustomerId, PaymentMethodId};

/// A customer of a merchant, with everything any of the faces can say of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The id, in the form of the face that created the customer.
    pub id: CustomerId,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, in the form the face asks for.
    pub phone: Option<String>,
    /// What the merchant says of the customer.
    pub description: Option<String>,
    /// The merchant's notes.
    pub notes: Option<String>,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// Settings named by a gateway, such as `surcharge_exempt`.
    pub flags: Vec<String>,
    /// Free data of the merchant's.
    pub metadata: Map<String, Value>,
    /// What only one face knows, under that face's name; never card data.
    pub extra: Map<String, Value>,
    /// What is charged unless something else is named.
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// Where bills go unless another address is named.
    pub default_billing_address_id: Option<AddressId>,
    /// Where goods go unless another address is named.
    pub default_shipping_address_id: Option<AddressId>,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Since when it is archived, in milliseconds since the Unix epoch: kept for old records, and good for
    /// nothing new.
    pub archived_at_ms: Option<i64>,
    /// Counts the changes; an update names the version it was made from.
    pub version: i64,
}

impl Customer {
    /// A customer of whom nothing is known yet.
    #[must_use]
    pub fn new(id: CustomerId, now_ms: i64) -> Self {
        Self {
            id,
            first_name: None,
            last_name: None,
            company: None,
            email: None,
            phone: None,
            description: None,
            notes: None,
            reference: None,
            flags: Vec::new(),
            metadata: Map::new(),
            extra: Map::new(),
            default_payment_method_id: None,
            default_billing_address_id: None,
            default_shipping_address_id: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            archived_at_ms: None,
            version: 1,
        }
    }
}
