//! What customers and payment methods can be searched by.

use super::Holding;

/// A search among the customers of one merchant; all criteria must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What must hold of the customer.
    pub criteria: Vec<Criterion>,
    /// A text that must occur in one of some fields.
    pub anywhere: Option<Anywhere>,
    /// Whether archived ones are among them.
    pub lifecycle: Lifecycle,
    /// When it was created.
    pub created: TimeRange,
    /// When it was last changed.
    pub updated: TimeRange,
    /// What comes first.
    pub order: Order,
    /// How many to return.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// A text that must occur in one of some fields, in upper or lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anywhere {
    /// What must occur; the empty text occurs everywhere.
    pub needle: String,
    /// Where.
    pub fields: Vec<SearchField>,
}

/// Whether archived things are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// Only those that are not archived.
    #[default]
    Active,
    /// Only those that are.
    Archived,
    /// All.
    Any,
}

/// In which order customers are listed; those that are equal by it, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What is compared.
    pub by: OrderBy,
    /// Which end comes first.
    pub direction: Direction,
}

/// What customers are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// When they were created.
    #[default]
    Created,
    /// When they were last changed.
    Updated,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Company.
    Company,
    /// E-mail address.
    Email,
    /// The merchant's reference.
    Reference,
}

/// Which end of an order comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, or oldest.
    Ascending,
    /// The largest, or newest.
    #[default]
    Descending,
}

/// A search among the payment methods of one merchant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodSearch {
    /// Whose they are.
    pub holding: Holding,
    /// Whether archived ones are among them.
    pub lifecycle: Lifecycle,
    /// What must occur in the name or be the last four digits, in upper or lower case.
    pub contains: Option<String>,
    /// When it was created.
    pub created: TimeRange,
    /// What comes first.
    pub order: MethodOrder,
    /// How many to return.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// In which order payment methods are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MethodOrder {
    /// What is compared.
    pub by: MethodOrderBy,
    /// Which end comes first.
    pub direction: Direction,
}

/// What payment methods are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MethodOrderBy {
    /// When they were created.
    #[default]
    Created,
    /// What the merchant calls them.
    Name,
}

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// What is compared.
    pub field: SearchField,
    /// How.
    pub comparison: Comparison,
    /// With what. Equal to the empty text means: not given.
    pub value: String,
}

/// How a criterion compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The customer, or any of its addresses, has exactly this value, byte by byte.
    Equals,
    /// Neither the customer nor any of its addresses has this value: the opposite of
    /// [`Equals`](Self::Equals).
    Differs,
    /// The customer, or any of its addresses, has a value in which this one occurs, in upper or lower case.
    Contains,
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
    /// First and last name with a space between them; only of the customer itself.
    FullName,
    /// Company.
    Company,
    /// The merchant's reference.
    Reference,
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
    /// The id of any payment method of the customer.
    PaymentMethodId,
    /// The id of the default billing address.
    BillingAddressId,
    /// The id of the default shipping address.
    ShippingAddressId,
}

impl SearchField {
    /// Every field.
    pub const ALL: [Self; 20] = [
        Self::Id,
        Self::AddressId,
        Self::FirstName,
        Self::LastName,
        Self::FullName,
        Self::Company,
        Self::Reference,
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
        Self::PaymentMethodId,
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
