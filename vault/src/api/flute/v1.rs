//! Customers of V1, on its own prefix `/pay-api/v1/customers`: replacing updates, `page` and `total`, numbers
//! for enumerations.

use axum::Json;
use axum::response::Response;
use serde::Serialize;
use serde_json::Map;
use utoipa::ToSchema;

use super::customer_view::{self, CustomerAccount, CustomerCard, History};
use super::customers;
use super::entity::EntityId;
use super::failure::{Failure, Spelling};
use super::instrument_body::{self, AchDetails, CardDetails};
use super::method_view::{AchView, CardView, IsDefault, MethodType};
use super::moment;
use super::paging::Paging;
use super::payment_methods;
use super::profile::{Names, Profile};
use super::request::{At, Call, answered};
use crate::domain::{
    Anywhere, Customer, CustomerId, Display, MethodKind, Order, OrderBy, PaymentMethod, Search, SearchField,
    TimeRange,
};
use crate::store::{Change, CustomerRecord};

/// A card, as V1 spells it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read member by member")]
pub(super) struct V1Card {
    /// What the merchant calls it.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// The number, digits only.
    #[schema(pattern = r"^\d{12,19}$")]
    pan: String,
    /// Month of expiry.
    #[schema(minimum = 1, maximum = 12)]
    expiration_month: u8,
    /// Year of expiry, four digits.
    #[schema(minimum = 1000, maximum = 9999)]
    expiration_year: u16,
    /// Three or four digits; never kept.
    security_code: Option<String>,
}

/// A bank account, as V1 spells it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read member by member")]
pub(super) struct V1Account {
    /// What the merchant calls it.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// The account number.
    account_number: String,
    /// Nine digits.
    routing_number: String,
    /// 1 for checking, 2 for savings.
    #[schema(minimum = 1, maximum = 2)]
    account_type: u8,
    /// 1 for business, 2 for personal.
    #[schema(minimum = 1, maximum = 2)]
    account_holder_type: u8,
    /// Nine digits; only the last four are kept.
    tax_id: Option<String>,
}

/// The id of something new.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct V1Created {
    /// The id.
    id: String,
}

/// A customer, as V1 shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct V1Customer {
    /// The id.
    id: String,
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// Company.
    company_name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Phone number.
    mobile_phone_number: Option<String>,
    /// Whether the customer agreed to text messages.
    is_mobile_number_sms_notifications_enabled: bool,
    /// Whether goods go where bills go.
    use_billing_as_shipping_address: bool,
    /// Where bills go.
    billing_address: Option<super::address::PostalAddress>,
    /// Where goods go.
    shipping_address: Option<super::address::PostalAddress>,
    #[serde(flatten)]
    history: History,
    /// The cards.
    cards: Vec<CustomerCard>,
    /// The bank accounts.
    ach_accounts: Vec<CustomerAccount>,
    /// When the customer was created.
    #[schema(format = DateTime)]
    created_on: String,
}

/// A part of the list of customers.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct V1CustomerList {
    /// The customers.
    items: Vec<V1Customer>,
    /// How many there are in all.
    total: u64,
}

/// A payment method, as V1 shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct V1Method {
    /// The id.
    id: String,
    /// What the merchant calls it.
    name: Option<String>,
    /// 1 for a card, 2 for a bank account; null for what Flute has no word for.
    type_id: Option<u8>,
    /// `Card` or `ElectronicCheck`, or `Other`.
    type_name: &'static str,
    /// The last four digits of a card.
    pan_mask: Option<String>,
    /// Always `Local`, for a card.
    card_token_type: Option<&'static str>,
    /// Month of expiry.
    expiration_month: Option<u8>,
    /// Year of expiry.
    expiration_year: Option<u16>,
    /// The last four digits of an account.
    account_number: Option<String>,
    /// The routing number.
    routing_number: Option<String>,
    /// 1 for checking, 2 for savings.
    account_type: Option<u8>,
    /// 1 for business, 2 for personal.
    account_holder_type: Option<u8>,
    /// The last four digits of the tax id.
    tax_id: Option<String>,
    /// Whether it is the default.
    is_default: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    created_on: String,
}

/// All payment methods of a customer.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct V1MethodList {
    /// The payment methods.
    items: Vec<V1Method>,
    /// How many there are.
    total: u64,
}

/// What a list of customers can be ordered by.
const ORDER_BY: &[&str] = &["createdOn", "firstName", "lastName", "companyName", "email"];

/// Creates a customer; no member is required.
#[utoipa::path(
    post, path = "/pay-api/v1/customers", tag = "V1",
    request_body = Profile,
    responses((status = 200, description = "Created", body = V1Created)),
)]
pub(super) async fn create(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let mut members = call.members()?;
        let profile = Profile::take(&mut members, Names::Optional)?;
        members.finish()?;
        let (vaulting, now_ms) = (&call.vaulting, call.vaulting.now_ms());
        let id = CustomerId::new(EntityId::generate(vaulting.random())?.as_str());
        let kept = profile.kept(Customer::new(id.clone(), now_ms), &[], now_ms, vaulting.random())?;
        let changes = [Change::InsertCustomer(kept.customer)].into_iter().chain(kept.before).collect();
        answered(&V1Created { id: id.to_string() }, changes)
    })
    .await
}

/// Shows customers.
#[utoipa::path(
    get, path = "/pay-api/v1/customers", tag = "V1",
    params(
        ("page" = Option<u32>, Query, minimum = 0, maximum = 10_000_000, description = "Which part, counted from zero"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 20 if it is not given"),
        ("orderBy" = Option<String>, Query, description = "createdOn, firstName, lastName, companyName or email"),
        ("asc" = Option<bool>, Query, description = "Whether the smallest comes first; true if it is not given"),
        ("search" = Option<String>, Query, description = "Occurs in name, company, e-mail address or phone number"),
        ("dateFrom" = Option<String>, Query, description = "Not created before"),
        ("dateTo" = Option<String>, Query, description = "Not created after"),
    ),
    responses((status = 200, description = "A part of the list", body = V1CustomerList)),
)]
pub(super) async fn list(call: Call) -> Result<Json<V1CustomerList>, Failure> {
    let mut query = call.query()?;
    let paging = Paging::take_v1(&mut query)?;
    let by = match query.word("orderBy", ORDER_BY)? {
        Some("firstName") => OrderBy::FirstName,
        Some("lastName") => OrderBy::LastName,
        Some("companyName") => OrderBy::Company,
        Some("email") => OrderBy::Email,
        Some(_) | None => OrderBy::Created,
    };
    let anywhere = query.text("search")?.map(|needle| Anywhere {
        needle: needle.to_string(),
        fields: vec![SearchField::FullName, SearchField::Company, SearchField::Email, SearchField::Phone],
    });
    let search = Search {
        anywhere,
        created: TimeRange { from_ms: query.moment("dateFrom")?, until_ms: query.moment("dateTo")? },
        order: Order { by, direction: customers::direction(&mut query)? },
        limit: paging.limit(),
        offset: paging.offset(),
        ..Search::default()
    };
    let found = call.vaulting.store().search_customers(&call.tenant, &search).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for customer in found.items {
        // One that was deleted since the search is left out.
        if let Some(record) = call.vaulting.store().customer_record(&call.tenant, &customer.id).await? {
            items.push(shown(&call, &record).await?);
        }
    }
    Ok(Json(V1CustomerList { items, total: found.total }))
}

/// Shows a customer.
#[utoipa::path(
    get, path = "/pay-api/v1/customers/{customerId}", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "The customer", body = V1Customer)),
)]
pub(super) async fn read(At(id): At<EntityId>, call: Call) -> Result<Json<V1Customer>, Failure> {
    Ok(Json(shown(&call, &customers::record(&call, &id).await?).await?))
}

/// Replaces a customer: what is left out is wiped.
#[utoipa::path(
    put, path = "/pay-api/v1/customers/{customerId}", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body = Profile,
    responses((status = 200, description = "Replaced")),
)]
pub(super) async fn replace(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    customers::replaced(&call, &id, Names::Optional).await
}

/// Deletes a customer with all its addresses and payment methods.
#[utoipa::path(
    delete, path = "/pay-api/v1/customers/{customerId}", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "Deleted")),
)]
pub(super) async fn delete(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    customers::deleted(&call, &id).await
}

/// Keeps a card for a customer.
#[utoipa::path(
    post, path = "/pay-api/v1/customers/{customerId}/payment-methods/cards", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body = V1Card,
    responses((status = 200, description = "Kept", body = V1Created)),
)]
pub(super) async fn create_card(At(customer): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let mut members = call.members()?;
        let card = CardDetails::take(&mut members, Spelling::V1)?;
        let name = instrument_body::method_name(&mut members)?;
        members.finish()?;
        let checked = card.checked(&call.vaulting, "", Spelling::V1)?;
        let (id, changes) = payment_methods::kept(&call, checked, Some(&customer), name, Map::new()).await?;
        answered(&V1Created { id: id.to_string() }, changes)
    })
    .await
}

/// Keeps a bank account for a customer.
#[utoipa::path(
    post, path = "/pay-api/v1/customers/{customerId}/payment-methods/ach", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body = V1Account,
    responses((status = 200, description = "Kept", body = V1Created)),
)]
pub(super) async fn create_ach(At(customer): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let mut members = call.members()?;
        let account = AchDetails::take(&mut members)?;
        let name = instrument_body::method_name(&mut members)?;
        members.finish()?;
        let checked = account.checked(&call.vaulting, "", None)?;
        let extra = account.extra(None);
        let (id, changes) = payment_methods::kept(&call, checked, Some(&customer), name, extra).await?;
        answered(&V1Created { id: id.to_string() }, changes)
    })
    .await
}

/// Shows the payment methods of a customer.
#[utoipa::path(
    get, path = "/pay-api/v1/customers/{customerId}/payment-methods", tag = "V1",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "All of them", body = V1MethodList)),
)]
pub(super) async fn list_methods(
    At(customer): At<EntityId>,
    call: Call,
) -> Result<Json<V1MethodList>, Failure> {
    let record = customers::record(&call, &customer).await?;
    let default = record.customer.default_payment_method_id.as_ref();
    let mut items = Vec::with_capacity(record.payment_methods.len());
    for method in &record.payment_methods {
        items.push(shown_method(&call, method, IsDefault::of(method, default))?);
    }
    Ok(Json(V1MethodList { total: items.len() as u64, items }))
}

/// Deletes a payment method of a customer.
#[utoipa::path(
    delete, path = "/pay-api/v1/customers/{customerId}/payment-methods/{paymentMethodId}", tag = "V1",
    params(
        ("customerId" = String, Path, description = "The customer's id"),
        ("paymentMethodId" = String, Path, description = "The payment method's id"),
    ),
    responses((status = 200, description = "Deleted")),
)]
pub(super) async fn delete_method(
    At((customer, id)): At<(EntityId, EntityId)>,
    call: Call,
) -> Result<Response, Failure> {
    call.done(|| async {
        let method = payment_methods::method_of(&call, &customer, &id).await?;
        Ok(payment_methods::deleted(&call, method))
    })
    .await
}

async fn shown(call: &Call, record: &CustomerRecord) -> Result<V1Customer, Failure> {
    let history = History::of(&call.vaulting, &call.tenant, record).await?;
    let (cards, ach_accounts) = customer_view::methods(&call.vaulting, &call.tenant, record)?;
    let profile = Profile::of(record);
    Ok(V1Customer {
        id: record.customer.id.to_string(),
        first_name: profile.first_name,
        last_name: profile.last_name,
        company_name: profile.company_name,
        email: profile.email,
        mobile_phone_number: profile.mobile_phone_number,
        is_mobile_number_sms_notifications_enabled: profile.has_sms_consent,
        use_billing_as_shipping_address: profile.should_use_billing_as_shipping_address,
        billing_address: profile.billing_address,
        shipping_address: profile.shipping_address,
        history,
        cards,
        ach_accounts,
        created_on: moment::text_of_ms(record.customer.created_at_ms),
    })
}

fn shown_method(call: &Call, method: &PaymentMethod, default: IsDefault) -> Result<V1Method, Failure> {
    let card = CardView::of(method);
    let account = AchView::of(&call.vaulting, &call.tenant, method)?;
    let (account_type, account_holder_type) = match &method.display {
        Display::BankAccount(shown) => (
            Some(if shown.account_type == "savings" { 2 } else { 1 }),
            Some(if shown.holder_type == "business" { 1 } else { 2 }),
        ),
        Display::Card(_) | Display::Bsb(_) | Display::Checkout(_) => (None, None),
    };
    let (type_id, type_name) = match method.kind() {
        MethodKind::Card => (Some(1), MethodType::Card.as_str()),
        // V1's word; V2's is ACH.
        MethodKind::BankAccount => (Some(2), "ElectronicCheck"),
        MethodKind::Bsb | MethodKind::Checkout => (None, MethodType::Other.as_str()),
    };
    Ok(V1Method {
        id: method.id.to_string(),
        name: method.name.clone(),
        type_id,
        type_name,
        pan_mask: card.as_ref().map(|card| card.card_mask.clone()),
        card_token_type: card.as_ref().map(|card| card.card_token_type),
        expiration_month: card.as_ref().map(|card| card.expiration_month),
        expiration_year: card.as_ref().map(|card| card.expiration_year),
        account_number: account.as_ref().map(|account| account.account_number.clone()),
        routing_number: account.as_ref().and_then(|account| account.routing_number.clone()),
        account_type,
        account_holder_type,
        tax_id: account.and_then(|account| account.tax_id),
        is_default: default == IsDefault::Yes,
        created_on: moment::text_of_ms(method.created_at_ms),
    })
}
