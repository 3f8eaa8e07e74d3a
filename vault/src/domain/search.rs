//! What customers can be searched by.

/// A search among the customers of one merchant; all criteria must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What must hold of the customer.
    pub criteria: Vec<Criterion>,
    /// When it was created.
    pub created: TimeRange,
    /// When it was last changed.
    pub updated: TimeRange,
    /// How many to return.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// What is compared.
    pub field: SearchField,
    /// How.
    pub comparison: Comparison,
    /// With what; compared exactly, byte by byte. Equal to the empty text means: not given.
    pub value: String,
}

/// How a criterion compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The customer, or any of its addresses, has exactly this value.
    Equals,
    /// Neither the customer nor any of its addresses has this value: the opposite of
    /// [`Equals`](Self::Equals).
    Differs,
}

/// What a criterion compares.
///
/// Names, company, contact: of the customer itself and of any of its addresses. Fields of an address:
/// of any of the addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchField {
    /// The customer's id.
    Id,
    /// The id of any address.
    AddressId,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Company.
    Company,
    /// First line of an address.
    AddressLine1,
    /// Second line of an address.
    AddressLine2,
    /// City.
    City,
    /// State or region.
    State,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Fax number.
    Fax,
    /// `card` or `ach`: the kind of any payment method of the customer.
    PaymentMethodType,
    /// The id of the default billing address.
    BillingAddressId,
    /// The id of the default shipping address.
    ShippingAddressId,
}

impl SearchField {
    /// Every field.
    pub const ALL: [Self; 17] = [
        Self::Id,
        Self::AddressId,
        Self::FirstName,
        Self::LastName,
        Self::Company,
        Self::AddressLine1,
        Self::AddressLine2,
        Self::City,
        Self::State,
        Self::PostalCode,
        Self::Country,
        Self::Email,
        Self::Phone,
        Self::Fax,
        Self::PaymentMethodType,
        Self::BillingAddressId,
        Self::ShippingAddressId,
    ];
}

/// A stretch of time; open where a bound is missing, both bounds included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// Not before this, in milliseconds since the Unix epoch.
    pub from_ms: Option<i64>,
    /// Not after this, in milliseconds since the Unix epoch.
    pub until_ms: Option<i64>,
}
