//! Customers of V2, and the older paths of V2 where they do no harm.

use serde::Serialize;
use utoipa::ToSchema;

use super::customer_view::{CustomerAnswer, CustomerSummary};
use super::entity::EntityId;
use super::failure::{Failure, Spelling};
use super::instrument_body::{self, AchDetails, CardDetails};
use super::paging::{PageInfo, Paging};
use super::profile::{Names, Profile};
use super::request::{At, Call, answered, empty};
use crate::api::members::{Json as Value, Members, Misfit, wrong_type};
use crate::domain::{
    Comparison, Criterion, Customer, CustomerId, Direction, Order, OrderBy, PaymentMethodId, Search,
    SearchField, TimeRange,
};
use crate::store::{Change, CustomerRecord};
use crate::vaulting::{Checked, NewPaymentMethod};

use axum::Json;
use axum::response::Response;

/// The most payment methods that come with a new customer: a body of the longest kind holds about so many.
const METHODS_AT_MOST: usize = 50;

/// A new customer.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewCustomer {
    #[serde(flatten)]
    profile: Profile,
    /// Cards that the customer has from the start; the first payment method becomes the default.
    #[schema(value_type = Option<Vec<NamedCard>>)]
    payment_methods_cards: Vec<NamedCard>,
    /// Bank accounts that the customer has from the start.
    #[schema(value_type = Option<Vec<NamedAccount>>)]
    payment_methods_ach_accounts: Vec<NamedAccount>,
}

/// A card with a name.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NamedCard {
    /// What the merchant calls it.
    payment_name: Option<String>,
    #[serde(flatten)]
    card: CardDetails,
    #[schema(ignore)]
    path: String,
}

/// A bank account with a name.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NamedAccount {
    /// What the merchant calls it.
    payment_name: Option<String>,
    #[serde(flatten)]
    account: AchDetails,
    #[schema(ignore)]
    path: String,
}

/// The id of a new customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CustomerCreated {
    /// The id.
    customer_id: String,
}

/// A part of the list of customers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CustomerPage {
    /// The customers.
    items: Vec<CustomerSummary>,
    /// Where they stand in the list.
    page_info: PageInfo,
}

/// What a list of customers can be sorted by.
const SORT_BY: &[&str] =
    &["createdOn", "firstName", "lastName", "fullName", "companyName", "email", "externalId"];

impl NewCustomer {
    fn read(mut members: Members) -> Result<Self, Misfit> {
        let profile = Profile::take(&mut members, Names::Required)?;
        // An example in Flute's document spells the list of cards in the second way.
        let cards = if members.has("paymentMethodsCards") {
            "paymentMethodsCards"
        } else {
            "paymentMethodsCreditCards"
        };
        let payment_methods_cards = items(&mut members, cards, |members, path| {
            let payment_name = instrument_body::method_name(members)?;
            Ok(NamedCard { payment_name, card: CardDetails::take(members, Spelling::V2)?, path })
        })?;
        let payment_methods_ach_accounts =
            items(&mut members, "paymentMethodsAchAccounts", |members, path| {
                let payment_name = instrument_body::method_name(members)?;
                Ok(NamedAccount { payment_name, account: AchDetails::take(members)?, path })
            })?;
        members.finish()?;
        Ok(Self { profile, payment_methods_cards, payment_methods_ach_accounts })
    }

    /// The changes that keep the customer with everything that came along.
    fn changes(self, call: &Call, id: CustomerId) -> Result<Vec<Change>, Failure> {
        let (vaulting, now_ms) = (&call.vaulting, call.vaulting.now_ms());
        let kept = self.profile.kept(Customer::new(id.clone(), now_ms), &[], now_ms, vaulting.random())?;
        let mut customer = kept.customer;
        let mut methods: Vec<Change> = Vec::new();
        let mut add = |checked: Checked, name: Option<String>, extra| -> Result<(), Failure> {
            let method_id = PaymentMethodId::new(EntityId::generate(vaulting.random())?.as_str());
            if customer.default_payment_method_id.is_none() {
                customer.default_payment_method_id = Some(method_id.clone());
            }
            let new = NewPaymentMethod { name, extra, ..NewPaymentMethod::new(method_id, Some(id.clone())) };
            let method = vaulting.payment_method(&call.tenant, checked, new)?;
            methods.push(Change::InsertPaymentMethod(method));
            Ok(())
        };
        for NamedCard { payment_name, card, path } in self.payment_methods_cards {
            add(card.checked(vaulting, &path, Spelling::V2)?, payment_name, serde_json::Map::new())?;
        }
        for NamedAccount { payment_name, account, path } in self.payment_methods_ach_accounts {
            add(account.checked(vaulting, &path, None)?, payment_name, account.extra(None))?;
        }
        let addresses = kept.before;
        Ok([Change::InsertCustomer(customer)].into_iter().chain(addresses).chain(methods).collect())
    }
}

/// Creates a customer, with payment methods if there are any.
#[utoipa::path(
    post, path = "/v2/customers", tag = "Customers",
    request_body = NewCustomer,
    responses((status = 200, description = "Created", body = CustomerCreated)),
)]
pub(super) async fn create(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let new = NewCustomer::read(call.members()?)?;
        let id = CustomerId::new(EntityId::generate(call.vaulting.random())?.as_str());
        let changes = new.changes(&call, id.clone())?;
        answered(&CustomerCreated { customer_id: id.to_string() }, changes)
    })
    .await
}

/// Shows customers.
#[utoipa::path(
    get, path = "/v2/customers", tag = "Customers",
    params(
        ("pageIndex" = Option<u32>, Query, minimum = 0, maximum = 10_000_000, description = "Which part, counted from zero"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 20 if it is not given"),
        ("asc" = Option<bool>, Query, description = "Whether the smallest comes first; true if it is not given"),
        ("sortBy" = Option<String>, Query, description = "createdOn, firstName, lastName, fullName, companyName, email or externalId"),
        ("fullName" = Option<String>, Query, description = "Occurs in first and last name"),
        ("email" = Option<String>, Query, description = "Occurs in the e-mail address"),
        ("companyName" = Option<String>, Query, description = "Occurs in the company's name"),
        ("mobilePhoneNumber" = Option<String>, Query, description = "Occurs in the phone number"),
        ("createdFrom" = Option<String>, Query, description = "Not created before"),
        ("createdTo" = Option<String>, Query, description = "Not created after"),
    ),
    responses((status = 200, description = "A part of the list", body = CustomerPage)),
)]
pub(super) async fn list(call: Call) -> Result<Json<CustomerPage>, Failure> {
    let mut query = call.query()?;
    let paging = Paging::take(&mut query)?;
    let mut criteria = Vec::new();
    for (name, field) in [
        ("fullName", SearchField::FullName),
        ("email", SearchField::Email),
        ("companyName", SearchField::Company),
        ("mobilePhoneNumber", SearchField::Phone),
    ] {
        if let Some(value) = query.text(name)? {
            let value = value.to_string();
            criteria.push(Criterion { field, comparison: Comparison::Contains, value });
        }
    }
    let by = match query.word("sortBy", SORT_BY)? {
        Some("firstName" | "fullName") => OrderBy::FirstName,
        Some("lastName") => OrderBy::LastName,
        Some("companyName") => OrderBy::Company,
        Some("email") => OrderBy::Email,
        Some("externalId") => OrderBy::Reference,
        Some(_) | None => OrderBy::Created,
    };
    let search = Search {
        criteria,
        created: created(&mut query)?,
        order: Order { by, direction: direction(&mut query)? },
        limit: paging.limit(),
        offset: paging.offset(),
        ..Search::default()
    };
    let found = call.vaulting.store().search_customers(&call.tenant, &search).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for customer in found.items {
        // One that was deleted since the search is left out.
        if let Some(record) = call.vaulting.store().customer_record(&call.tenant, &customer.id).await? {
            items.push(CustomerSummary::of(&call.vaulting, &call.tenant, &record).await?);
        }
    }
    Ok(Json(CustomerPage { items, page_info: paging.info(found.total) }))
}

/// Shows a customer with its payment methods and what its payments come to.
#[utoipa::path(
    get, path = "/v2/customers/{customerId}", tag = "Customers",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "The customer", body = CustomerAnswer)),
)]
pub(super) async fn read(At(id): At<EntityId>, call: Call) -> Result<Json<CustomerAnswer>, Failure> {
    let record = record(&call, &id).await?;
    Ok(Json(CustomerAnswer::of(&call.vaulting, &call.tenant, &record).await?))
}

/// Changes a customer: what is left out stays, `null` clears; addresses likewise.
#[utoipa::path(
    patch, path = "/v2/customers/{customerId}", tag = "Customers",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body = Profile,
    responses((status = 200, description = "Changed")),
)]
pub(super) async fn update(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let mut patch = call.patch()?;
        let record = record(&call, &id).await?;
        let profile = Profile::of(&record).patched(&mut patch)?;
        patch.set.finish()?;
        Ok(empty(revised(&call, profile, record)?))
    })
    .await
}

/// Replaces a customer's profile, as the older V2 does: what is left out is wiped.
#[utoipa::path(
    put, path = "/v2/customers/{customerId}", tag = "Older V2",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body = Profile,
    responses((status = 200, description = "Replaced")),
)]
pub(super) async fn replace(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    replaced(&call, &id, Names::Required).await
}

/// Deletes a customer with all its addresses and payment methods. Its transactions stay.
#[utoipa::path(
    delete, path = "/v2/customers/{customerId}", tag = "Customers",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "Deleted")),
)]
pub(super) async fn delete(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    deleted(&call, &id).await
}

/// Replaces a customer's profile; what is left out is wiped.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn replaced(call: &Call, id: &EntityId, names: Names) -> Result<Response, Failure> {
    call.done(|| async {
        let mut members = call.members()?;
        let profile = Profile::take(&mut members, names)?;
        members.finish()?;
        Ok(empty(revised(call, profile, record(call, id).await?)?))
    })
    .await
}

/// Deletes a customer.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn deleted(call: &Call, id: &EntityId) -> Result<Response, Failure> {
    let outcome = call.done(|| async {
        // Looked up first, so that a customer who is archived by another face's doing is not found either.
        let record = record(call, id).await?;
        Ok(empty(vec![Change::DeleteCustomer(record.customer.id)]))
    });
    outcome.await
}

/// A customer of this merchant with everything that belongs to it.
///
/// # Errors
/// 404 if there is none.
pub(super) async fn record(call: &Call, id: &EntityId) -> Result<CustomerRecord, Failure> {
    let found = call.vaulting.store().customer_record(&call.tenant, &CustomerId::new(id.as_str())).await?;
    found.ok_or_else(|| Failure::missing(Some(id.as_str())))
}

/// Takes `createdFrom` and `createdTo`.
///
/// # Errors
/// `invalid_date`.
pub(super) fn created(query: &mut super::parameters::Parameters) -> Result<TimeRange, Misfit> {
    Ok(TimeRange { from_ms: query.moment("createdFrom")?, until_ms: query.moment("createdTo")? })
}

/// Takes `asc`, which is true if it is not given.
///
/// # Errors
/// `unknown_value`.
pub(super) fn direction(query: &mut super::parameters::Parameters) -> Result<Direction, Misfit> {
    Ok(if query.truth("asc")?.unwrap_or(true) { Direction::Ascending } else { Direction::Descending })
}

fn revised(call: &Call, profile: Profile, record: CustomerRecord) -> Result<Vec<Change>, Failure> {
    let now_ms = call.vaulting.now_ms();
    let kept = profile.kept(record.customer, &record.addresses, now_ms, call.vaulting.random())?;
    let update = Change::UpdateCustomer(kept.customer);
    Ok(kept.before.into_iter().chain([update]).chain(kept.after).collect())
}

fn items<T>(
    members: &mut Members,
    name: &str,
    read: impl Fn(&mut Members, String) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    let path = members.path(name);
    let items = match members.value(name) {
        None => return Ok(Vec::new()),
        Some(Value::List(items)) => items,
        Some(
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Fraction(_)
            | Value::Text(_)
            | Value::Object(_),
        ) => return Err(wrong_type(&path, "an array of objects")),
    };
    if items.len() > METHODS_AT_MOST {
        let message = format!("{path} must have at most {METHODS_AT_MOST} items");
        return Err(Misfit::invalid(&path, "too_long", message));
    }
    let mut read_items = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut members = Members::of_value(&path, item)?;
        read_items.push(read(&mut members, path)?);
        members.finish()?;
    }
    Ok(read_items)
}
