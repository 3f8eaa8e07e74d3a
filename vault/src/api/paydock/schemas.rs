//! The bodies of requests, for the OpenAPI document. They are read by hand, by the rule of [`super::fields`]:
//! what is optional and of another type is disregarded.
#![expect(dead_code, reason = "these describe bodies that are read by hand")]

use serde_json::Value;
use utoipa::ToSchema;

/// A payment source in clear: of which the members of its type are mandatory.
#[derive(ToSchema)]
pub(super) struct SourceBody {
    /// `card`, `bank_account`, `bsb` or `checkout`; without it, a card.
    #[schema(examples("card"))]
    r#type: Option<String>,
    /// The merchant's gateway, or `not_configured`.
    #[schema(examples("not_configured"))]
    gateway_id: Option<String>,
    #[schema(examples("Ada Lovelace"))]
    card_name: Option<String>,
    #[schema(examples("4111111111111111"))]
    card_number: Option<String>,
    #[schema(examples("12"))]
    expire_month: Option<String>,
    #[schema(examples("2030"))]
    expire_year: Option<String>,
    #[schema(examples("123"))]
    card_ccv: Option<String>,
    account_name: Option<String>,
    account_number: Option<String>,
    /// The routing number of a US account.
    account_routing: Option<String>,
    /// The BSB of an Australian account.
    account_bsb: Option<String>,
    account_type: Option<String>,
    account_holder_type: Option<String>,
    account_bank_name: Option<String>,
    checkout_token: Option<String>,
    checkout_email: Option<String>,
    checkout_holder: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    /// E.164.
    #[schema(examples("+12345678901"))]
    phone: Option<String>,
    phone2: Option<String>,
    address_line1: Option<String>,
    address_line2: Option<String>,
    address_line3: Option<String>,
    address_city: Option<String>,
    address_state: Option<String>,
    /// Two letters.
    #[schema(examples("AU"))]
    address_country: Option<String>,
    address_postcode: Option<String>,
    address_company: Option<String>,
}

/// What a vault token is made of: a one-time token, or a payment source in clear.
#[derive(ToSchema)]
pub(super) struct VaultBody {
    /// A one-time token; without it, the members of a payment source are taken.
    token: Option<String>,
    #[schema(inline)]
    #[serde(flatten)]
    source: SourceBody,
}

/// What changes of a vault token; all of it is optional.
#[derive(ToSchema)]
pub(super) struct VaultChange {
    card_name: Option<String>,
    expire_month: Option<String>,
    expire_year: Option<String>,
    account_name: Option<String>,
    account_bank_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    phone2: Option<String>,
    address_line1: Option<String>,
    address_line2: Option<String>,
    address_city: Option<String>,
    address_state: Option<String>,
    address_country: Option<String>,
    address_postcode: Option<String>,
    address_company: Option<String>,
}

/// A payment source of a customer: a vault token, or in clear.
#[derive(ToSchema)]
pub(super) struct CustomerSourceBody {
    /// The vault token, in flows 3 and 4.
    vault_token: Option<String>,
    #[schema(inline)]
    #[serde(flatten)]
    source: SourceBody,
}

/// A customer: with a one-time token, or a payment source.
#[derive(ToSchema)]
pub(super) struct CustomerBody {
    /// A one-time token, in flow 2.
    token: Option<String>,
    payment_source: Option<CustomerSourceBody>,
    reference: Option<String>,
    description: Option<String>,
    company_name: Option<String>,
    #[schema(examples("Ada"))]
    first_name: Option<String>,
    #[schema(examples("Lovelace"))]
    last_name: Option<String>,
    #[schema(examples("ada@example.com"))]
    email: Option<String>,
    /// E.164.
    #[schema(examples("+12345678901"))]
    phone: Option<String>,
    #[schema(value_type = Option<Object>)]
    meta: Option<Value>,
    /// Which payment source is charged unless another is named; only in an update.
    default_source: Option<String>,
}

/// A charge, paid by exactly one of `token`, `customer_id` and `customer.payment_source`; a customer and a
/// vault token may come together.
#[derive(ToSchema)]
pub(super) struct ChargeRequest {
    /// In whole units of the currency; a number, or the same as a string.
    #[schema(value_type = f64, examples(10.5))]
    amount: f64,
    /// ISO 4217.
    #[schema(examples("AUD"))]
    currency: String,
    reference: Option<String>,
    description: Option<String>,
    /// Whether the money is taken or only set aside, if the query does not say.
    capture: Option<bool>,
    /// A one-time token.
    token: Option<String>,
    customer_id: Option<String>,
    /// Another payment source of the customer than the default.
    payment_source_id: Option<String>,
    customer: Option<ChargedCustomerBody>,
    #[schema(value_type = Option<Object>)]
    meta: Option<Value>,
}

/// Who pays, if it is no stored customer.
#[derive(ToSchema)]
pub(super) struct ChargedCustomerBody {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    phone2: Option<String>,
    reference: Option<String>,
    payment_source: Option<CustomerSourceBody>,
}
