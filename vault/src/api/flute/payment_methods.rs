//! Payment methods of V2. The id of one is Flute's token: permanent, and good for as many payments as there
//! are. One without a customer is an orphan.

use axum::Json;
use axum::response::Response;
use serde::Serialize;
use serde_json::Map;
use utoipa::ToSchema;

use super::customers;
use super::entity::EntityId;
use super::failure::{Failure, Spelling};
use super::instrument_body::{self, AchDetails, CardDetails};
use super::method_view::{IsDefault, MethodAnswer};
use super::paging::{PageInfo, Paging};
use super::profile;
use super::request::{At, Call, answered, empty};
use crate::api::members::{Members, Misfit};
use crate::api::once::Composed;
use crate::domain::{
    CustomerId, Holding, MethodOrder, MethodOrderBy, MethodSearch, PaymentMethod, PaymentMethodId,
};
use crate::store::Change;
use crate::vaulting::{Checked, NewPaymentMethod};

/// A new card.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewCard {
    #[serde(flatten)]
    card: CardDetails,
    /// Whose it is; without it, it is an orphan.
    #[schema(value_type = Option<String>)]
    customer_id: Option<EntityId>,
    /// What the merchant calls it.
    #[schema(max_length = 255)]
    payment_name: Option<String>,
}

/// A new bank account.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewAccount {
    #[serde(flatten)]
    account: AchDetails,
    /// Whose it is; without it, it is an orphan.
    #[schema(value_type = Option<String>)]
    customer_id: Option<EntityId>,
    /// What the merchant calls it.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// The company the account is of; a payment with an orphan of a company needs it here or in its
    /// `contactInfo`.
    #[schema(max_length = 255)]
    company_name: Option<String>,
}

/// A change of a payment method.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MethodUpdate {
    /// What the merchant calls it; `null` clears it.
    #[schema(max_length = 255)]
    #[expect(dead_code, reason = "read as a member of a JSON merge patch")]
    payment_name: Option<String>,
}

/// The id of a new payment method.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MethodCreated {
    /// The id; it is also the token.
    payment_method_id: String,
}

/// A part of the list of payment methods.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MethodPage {
    /// The payment methods.
    items: Vec<MethodAnswer>,
    /// Where they stand in the list.
    page_info: PageInfo,
}

/// What a list of payment methods can be sorted by.
const SORT_BY: &[&str] = &["createdOn", "name", "paymentName"];

impl NewCard {
    fn read(mut members: Members) -> Result<Self, Misfit> {
        let new = Self {
            card: CardDetails::take(&mut members, Spelling::V2)?,
            customer_id: EntityId::take(&mut members, "customerId")?,
            payment_name: instrument_body::method_name(&mut members)?,
        };
        members.finish()?;
        Ok(new)
    }
}

impl NewAccount {
    fn read(mut members: Members) -> Result<Self, Misfit> {
        let new = Self {
            account: AchDetails::take(&mut members)?,
            customer_id: EntityId::take(&mut members, "customerId")?,
            name: instrument_body::method_name(&mut members)?,
            company_name: profile::text(&mut members, "companyName")?,
        };
        members.finish()?;
        Ok(new)
    }
}

/// Keeps a card, for a customer or as an orphan.
#[utoipa::path(
    post, path = "/v2/payment-methods/cards", tag = "Payment methods",
    request_body = NewCard,
    responses((status = 200, description = "Kept", body = MethodCreated)),
)]
pub(super) async fn create_card(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let new = NewCard::read(call.members()?)?;
        let checked = new.card.checked(&call.vaulting, "", Spelling::V2)?;
        let (id, changes) =
            kept(&call, checked, new.customer_id.as_ref(), new.payment_name, Map::new()).await?;
        answered(&MethodCreated { payment_method_id: id.to_string() }, changes)
    })
    .await
}

/// Keeps a bank account, for a customer or as an orphan.
#[utoipa::path(
    post, path = "/v2/payment-methods/ach", tag = "Payment methods",
    request_body = NewAccount,
    responses((status = 200, description = "Kept", body = MethodCreated)),
)]
pub(super) async fn create_ach(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let new = NewAccount::read(call.members()?)?;
        let checked = new.account.checked(&call.vaulting, "", None)?;
        let extra = new.account.extra(new.company_name);
        let (id, changes) = kept(&call, checked, new.customer_id.as_ref(), new.name, extra).await?;
        answered(&MethodCreated { payment_method_id: id.to_string() }, changes)
    })
    .await
}

/// Shows payment methods: those of one customer, or all of them, orphans among them.
#[utoipa::path(
    get, path = "/v2/payment-methods", tag = "Payment methods",
    params(
        ("pageIndex" = Option<u32>, Query, minimum = 0, maximum = 10_000_000, description = "Which part, counted from zero"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 20 if it is not given"),
        ("asc" = Option<bool>, Query, description = "Whether the smallest comes first; true if it is not given"),
        ("sortBy" = Option<String>, Query, description = "createdOn or name"),
        ("search" = Option<String>, Query, description = "Occurs in the name, or is the last four digits"),
        ("createdFrom" = Option<String>, Query, description = "Not created before"),
        ("createdTo" = Option<String>, Query, description = "Not created after"),
        ("customerId" = Option<String>, Query, description = "Of this customer"),
    ),
    responses((status = 200, description = "A part of the list", body = MethodPage)),
)]
pub(super) async fn list(call: Call) -> Result<Json<MethodPage>, Failure> {
    let mut query = call.query()?;
    let paging = Paging::take(&mut query)?;
    let holding = match query.id("customerId")? {
        Some(id) => Holding::Customer(customers::record(&call, &id).await?.customer.id),
        None => Holding::Any,
    };
    let by = match query.word("sortBy", SORT_BY)? {
        Some("name" | "paymentName") => MethodOrderBy::Name,
        Some(_) | None => MethodOrderBy::Created,
    };
    let search = MethodSearch {
        holding,
        contains: query.text("search")?.map(|text| text.to_string()),
        created: customers::created(&mut query)?,
        order: MethodOrder { by, direction: customers::direction(&mut query)? },
        limit: paging.limit(),
        offset: paging.offset(),
        ..MethodSearch::default()
    };
    let found = call.vaulting.store().search_payment_methods(&call.tenant, &search).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for method in &found.items {
        items.push(shown(&call, method).await?);
    }
    Ok(Json(MethodPage { items, page_info: paging.info(found.total) }))
}

/// Shows a payment method.
#[utoipa::path(
    get, path = "/v2/payment-methods/{paymentMethodId}", tag = "Payment methods",
    params(("paymentMethodId" = String, Path, description = "The payment method's id")),
    responses((status = 200, description = "The payment method", body = MethodAnswer)),
)]
pub(super) async fn read(At(id): At<EntityId>, call: Call) -> Result<Json<MethodAnswer>, Failure> {
    let method = method(&call, &id).await?;
    Ok(Json(shown(&call, &method).await?))
}

/// Renames a payment method.
#[utoipa::path(
    patch, path = "/v2/payment-methods/{paymentMethodId}", tag = "Payment methods",
    params(("paymentMethodId" = String, Path, description = "The payment method's id")),
    request_body = MethodUpdate,
    responses((status = 200, description = "Renamed")),
)]
pub(super) async fn rename(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async { renamed(&call, method(&call, &id).await?) }).await
}

/// Deletes a payment method, number and all. Its transactions stay.
#[utoipa::path(
    delete, path = "/v2/payment-methods/{paymentMethodId}", tag = "Payment methods",
    params(("paymentMethodId" = String, Path, description = "The payment method's id")),
    responses((status = 200, description = "Deleted")),
)]
pub(super) async fn delete(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async { Ok(deleted(&call, method(&call, &id).await?)) }).await
}

/// Makes a payment method its customer's default. An orphan cannot be one.
#[utoipa::path(
    post, path = "/v2/payment-methods/{paymentMethodId}/set-default", tag = "Payment methods",
    params(
        ("paymentMethodId" = String, Path, description = "The payment method's id"),
        ("customerId" = String, Query, description = "Its customer"),
    ),
    responses((status = 200, description = "It is the default")),
)]
pub(super) async fn set_default(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        call.no_members()?;
        let customer = call.query()?.id("customerId")?;
        let customer =
            customer.ok_or_else(|| Failure::invalid("customerId", "required", "CustomerId is required."))?;
        made_default(&call, &customer, method(&call, &id).await?).await
    })
    .await
}

/// Shows the payment methods of a customer, as the older V2 does.
#[utoipa::path(
    get, path = "/v2/customers/{customerId}/payment-methods", tag = "Older V2",
    params(("customerId" = String, Path, description = "The customer's id")),
    responses((status = 200, description = "All of them", body = OlderMethodList)),
)]
pub(super) async fn list_of_customer(
    At(customer): At<EntityId>,
    call: Call,
) -> Result<Json<OlderMethodList>, Failure> {
    let record = customers::record(&call, &customer).await?;
    let default = record.customer.default_payment_method_id.as_ref();
    let mut items = Vec::with_capacity(record.payment_methods.len());
    for method in &record.payment_methods {
        let default = IsDefault::of(method, default);
        items.push(MethodAnswer::of(&call.vaulting, &call.tenant, method, default)?);
    }
    Ok(Json(OlderMethodList { total: items.len() as u64, items }))
}

/// All payment methods of a customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OlderMethodList {
    /// The payment methods.
    items: Vec<MethodAnswer>,
    /// How many there are.
    total: u64,
}

/// Keeps a card or bank account for a customer, as the older V2 does.
#[utoipa::path(
    post, path = "/v2/customers/{customerId}/payment-methods", tag = "Older V2",
    params(("customerId" = String, Path, description = "The customer's id")),
    request_body(content = NewCard, description = "A card; or the members of a bank account"),
    responses((status = 200, description = "Kept", body = MethodCreated)),
)]
pub(super) async fn create_for_customer(At(customer): At<EntityId>, call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let members = call.members()?;
        let (checked, of, name, extra) = if members.has("routingNumber") || members.has("accountNumber") {
            let new = NewAccount::read(members)?;
            let checked = new.account.checked(&call.vaulting, "", None)?;
            let extra = new.account.extra(new.company_name);
            (checked, new.customer_id, new.name, extra)
        } else {
            let new = NewCard::read(members)?;
            (
                new.card.checked(&call.vaulting, "", Spelling::V2)?,
                new.customer_id,
                new.payment_name,
                Map::new(),
            )
        };
        if of.is_some_and(|of| of != customer) {
            let message = "CustomerId is not the customer in the path.";
            return Err(Failure::invalid("customerId", "unknown_id", message));
        }
        let (id, changes) = kept(&call, checked, Some(&customer), name, extra).await?;
        answered(&MethodCreated { payment_method_id: id.to_string() }, changes)
    })
    .await
}

/// Renames a payment method of a customer, as the older V2 does.
#[utoipa::path(
    put, path = "/v2/customers/{customerId}/payment-methods/{paymentMethodId}", tag = "Older V2",
    params(
        ("customerId" = String, Path, description = "The customer's id"),
        ("paymentMethodId" = String, Path, description = "The payment method's id"),
    ),
    request_body = MethodUpdate,
    responses((status = 200, description = "Renamed")),
)]
pub(super) async fn rename_of_customer(
    At((customer, id)): At<(EntityId, EntityId)>,
    call: Call,
) -> Result<Response, Failure> {
    call.done(|| async { renamed(&call, method_of(&call, &customer, &id).await?) }).await
}

/// Deletes a payment method of a customer, as the older V2 does.
#[utoipa::path(
    delete, path = "/v2/customers/{customerId}/payment-methods/{paymentMethodId}", tag = "Older V2",
    params(
        ("customerId" = String, Path, description = "The customer's id"),
        ("paymentMethodId" = String, Path, description = "The payment method's id"),
    ),
    responses((status = 200, description = "Deleted")),
)]
pub(super) async fn delete_of_customer(
    At((customer, id)): At<(EntityId, EntityId)>,
    call: Call,
) -> Result<Response, Failure> {
    call.done(|| async { Ok(deleted(&call, method_of(&call, &customer, &id).await?)) }).await
}

/// Makes a payment method its customer's default, as the older V2 does.
#[utoipa::path(
    put, path = "/v2/customers/{customerId}/payment-methods/{paymentMethodId}/set-default", tag = "Older V2",
    params(
        ("customerId" = String, Path, description = "The customer's id"),
        ("paymentMethodId" = String, Path, description = "The payment method's id"),
    ),
    responses((status = 200, description = "It is the default")),
)]
pub(super) async fn set_default_of_customer(
    At((customer, id)): At<(EntityId, EntityId)>,
    call: Call,
) -> Result<Response, Failure> {
    call.done(|| async {
        call.no_members()?;
        made_default(&call, &customer, method_of(&call, &customer, &id).await?).await
    })
    .await
}

/// The changes that keep an instrument, and the id it gets. The first payment method of a customer becomes
/// the default.
///
/// # Errors
/// 404 if there is no such customer.
pub(super) async fn kept(
    call: &Call,
    checked: Checked,
    customer: Option<&EntityId>,
    name: Option<String>,
    extra: Map<String, serde_json::Value>,
) -> Result<(PaymentMethodId, Vec<Change>), Failure> {
    let id = PaymentMethodId::new(EntityId::generate(call.vaulting.random())?.as_str());
    let customer_id = match customer {
        Some(customer) => Some(customers::record(call, customer).await?.customer.id),
        None => None,
    };
    let new = NewPaymentMethod { name, extra, ..NewPaymentMethod::new(id.clone(), customer_id.clone()) };
    let method = call.vaulting.payment_method(&call.tenant, checked, new)?;
    let mut changes = vec![Change::InsertPaymentMethod(method)];
    if let Some(customer) = customer_id {
        let (id, now_ms) = (id.clone(), call.vaulting.now_ms());
        changes.push(Change::DefaultPaymentMethodIfNone { customer, id, now_ms });
    }
    Ok((id, changes))
}

/// A payment method of this merchant.
///
/// # Errors
/// 404 if there is none.
pub(super) async fn method(call: &Call, id: &EntityId) -> Result<PaymentMethod, Failure> {
    let found =
        call.vaulting.store().payment_method(&call.tenant, &PaymentMethodId::new(id.as_str())).await?;
    found.ok_or_else(|| Failure::missing(Some(id.as_str())))
}

/// A payment method of a customer of this merchant.
///
/// # Errors
/// 404 if there is none, or it is somebody else's.
pub(super) async fn method_of(
    call: &Call,
    customer: &EntityId,
    id: &EntityId,
) -> Result<PaymentMethod, Failure> {
    let found = customers::record(call, customer).await?.payment_methods.into_iter();
    let mut found = found.filter(|method| method.id.as_str() == id.as_str());
    found.next().ok_or_else(|| Failure::missing(Some(id.as_str())))
}

/// The changes that delete a payment method.
pub(super) fn deleted(call: &Call, method: PaymentMethod) -> Composed {
    empty(vec![Change::DeletePaymentMethod { id: method.id, now_ms: call.vaulting.now_ms() }])
}

async fn shown(call: &Call, method: &PaymentMethod) -> Result<MethodAnswer, Failure> {
    let default = match &method.customer_id {
        None => IsDefault::No,
        Some(id) => {
            let customer = call.vaulting.store().customer(&call.tenant, id).await?;
            let default = customer.and_then(|customer| customer.default_payment_method_id);
            IsDefault::of(method, default.as_ref())
        }
    };
    Ok(MethodAnswer::of(&call.vaulting, &call.tenant, method, default)?)
}

fn renamed(call: &Call, mut method: PaymentMethod) -> Result<Composed, Failure> {
    let mut patch = call.patch()?;
    let name = instrument_body::method_name(&mut patch.set)?;
    let name = patch.merged("paymentName", name);
    patch.set.finish()?;
    let Some(name) = name else { return Ok(empty(Vec::new())) };
    method.name = name;
    method.updated_at_ms = call.vaulting.now_ms().max(method.updated_at_ms);
    Ok(empty(vec![Change::UpdatePaymentMethod(method)]))
}

async fn made_default(call: &Call, customer: &EntityId, method: PaymentMethod) -> Result<Composed, Failure> {
    let record = customers::record(call, customer).await?;
    match &method.customer_id {
        None => {
            let message = "An orphan payment method has no customer and cannot be a default.";
            Err(Failure::invalid("paymentMethodId", "orphan_default", message))
        }
        Some(id) if *id != record.customer.id => Err(Failure::missing(Some(method.id.as_str()))),
        Some(_) => {
            let customer = CustomerId::new(customer.as_str());
            let now_ms = call.vaulting.now_ms();
            Ok(empty(vec![Change::DefaultPaymentMethod { customer, id: method.id, now_ms }]))
        }
    }
}
