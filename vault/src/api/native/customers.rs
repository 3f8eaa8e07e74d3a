//! `/v1/customers`.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::{ChangeProblems, CustomerAnswer, Deleted, ListAnswer, Problems},
    fields,
    metadata::{Members, merged},
    paging::{self, ListQuery},
};
use crate::{
    api::{
        auth::SecretCaller,
        body::{JsonBody, Patch},
        path::PathId,
        patience::Patience,
    },
    clock::rfc3339,
    domain::{Customer, CustomerId, PaymentMethodId, TenantId},
    problem::Problem,
    state::AppState,
    store::{Change, StoreError},
    vaulting::{NewPaymentMethod, Vaulting},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCustomer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("Ada"))]
    first_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("Lovelace"))]
    last_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    company: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("ada@example.com"))]
    email: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("+4915112345678"))]
    phone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Patch<Members>,
}

#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerPatch {
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("Ada"))]
    first_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("Lovelace"))]
    last_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    company: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("ada@example.com"))]
    email: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("+4915112345678"))]
    phone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Patch<Members>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    default_payment_method: Patch<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CustomersQuery {
    /// How many to list, from 1 to 100; 10 if it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The id to go on behind: `next` of the page before.
    starting_after: Option<String>,
}

/// Creates a customer; with a token, also its first payment method, in one transaction.
#[utoipa::path(
    post,
    operation_id = "create_customer",
    path = "/customers",
    summary = "Creates a customer; with a token, also its first payment method.",
    request_body = NewCustomer,
    responses((status = 201, description = "The new customer.", body = CustomerAnswer), ChangeProblems),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    JsonBody(body): JsonBody<NewCustomer>,
) -> Result<(StatusCode, Json<CustomerAnswer>), Problem> {
    let vaulting = state.vaulting();
    let blank = Customer::new(CustomerId::generate(vaulting.random())?, vaulting.now_ms());
    let patch = CustomerPatch {
        first_name: body.first_name,
        last_name: body.last_name,
        company: body.company,
        email: body.email,
        phone: body.phone,
        description: body.description,
        metadata: body.metadata,
        default_payment_method: Patch::Keep,
    };
    let mut customer = patched(blank, patch)?;
    let changes = match body.token {
        None => vec![Change::InsertCustomer(customer.clone())],
        Some(token) => {
            let opened = vaulting.open_token(&caller.tenant, &token).await?;
            let id = PaymentMethodId::generate(vaulting.random())?;
            let new = NewPaymentMethod::new(id, Some(customer.id.clone()));
            customer.default_payment_method_id = Some(new.id.clone());
            let (_, [spend, insert]) = vaulting.spend(&caller.tenant, opened, new)?;
            vec![spend, Change::InsertCustomer(customer.clone()), insert]
        }
    };
    vaulting.apply(&caller.tenant, changes).await?;
    Ok((StatusCode::CREATED, Json(shown(&customer))))
}

/// Reads a customer.
#[utoipa::path(
    get,
    operation_id = "read_customer",
    path = "/customers/{id}",
    summary = "One customer.",
    params(("id" = String, Path, description = "The customer's id.", max_length = 64)),
    responses((status = 200, description = "The customer.", body = CustomerAnswer), Problems),
)]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<CustomerAnswer>, Problem> {
    Ok(Json(shown(&existing(state.vaulting(), &caller.tenant, &CustomerId::new(id)).await?)))
}

/// Lists customers, newest first.
#[utoipa::path(
    get,
    operation_id = "list_customers",
    path = "/customers",
    summary = "Customers, newest first.",
    params(CustomersQuery),
    responses((status = 200, description = "A page.", body = ListAnswer<CustomerAnswer>), Problems),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: SecretCaller,
    ListQuery(query): ListQuery<CustomersQuery>,
) -> Result<Json<ListAnswer<CustomerAnswer>>, Problem> {
    let page = paging::page(query.limit.as_deref(), query.starting_after)?;
    let listed = state.vaulting().store().customers(&caller.tenant, &page).await?;
    Ok(Json(paging::list(&listed, |customer| Ok(shown(customer)))?))
}

/// Changes what is named, clears what is `null`, leaves the rest.
#[utoipa::path(
    patch,
    operation_id = "update_customer",
    path = "/customers/{id}",
    summary = "Changes what is named, clears what is `null`, leaves the rest.",
    params(("id" = String, Path, description = "The customer's id.", max_length = 64)),
    request_body = CustomerPatch,
    responses((status = 200, description = "The customer as it is now.", body = CustomerAnswer), ChangeProblems),
)]
pub(super) async fn update(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<CustomerPatch>,
) -> Result<Json<CustomerAnswer>, Problem> {
    let (vaulting, id) = (state.vaulting(), CustomerId::new(id));
    let mut patience = Patience::new(vaulting.random());
    loop {
        let old = existing(vaulting, &caller.tenant, &id).await?;
        // Never before the last change: it must not run backwards when the clock does.
        let now_ms = vaulting.now_ms().max(old.updated_at_ms);
        let mut new = patched(old, patch.clone())?;
        new.updated_at_ms = now_ms;
        let change = Change::UpdateCustomer(new.clone());
        match vaulting.apply(&caller.tenant, vec![change]).await {
            Ok(_) => return Ok(Json(shown(&new))),
            Err(error @ StoreError::CustomerChanged) => patience.wait().await.ok_or(error)?,
            Err(StoreError::PaymentMethodMissing) => {
                return Err(Problem::not_found().about("default_payment_method"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Deletes a customer with its addresses and payment methods, in one transaction.
#[utoipa::path(
    delete,
    operation_id = "delete_customer",
    path = "/customers/{id}",
    summary = "Deletes a customer with its addresses and payment methods.",
    params(("id" = String, Path, description = "The customer's id.", max_length = 64)),
    responses((status = 200, description = "It is gone.", body = Deleted), Problems),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Deleted>, Problem> {
    let change = Change::DeleteCustomer(CustomerId::new(id.as_str()));
    state.vaulting().apply(&caller.tenant, vec![change]).await?;
    Ok(Json(Deleted { id, deleted: true }))
}

async fn existing(vaulting: &Vaulting, tenant: &TenantId, id: &CustomerId) -> Result<Customer, Problem> {
    vaulting.store().customer(tenant, id).await?.ok_or_else(Problem::not_found)
}

fn patched(mut customer: Customer, patch: CustomerPatch) -> Result<Customer, Problem> {
    fields::patch(&mut customer.first_name, patch.first_name, "first_name", fields::name)?;
    fields::patch(&mut customer.last_name, patch.last_name, "last_name", fields::name)?;
    fields::patch(&mut customer.company, patch.company, "company", fields::name)?;
    fields::patch(&mut customer.email, patch.email, "email", fields::email)?;
    fields::patch(&mut customer.phone, patch.phone, "phone", fields::phone)?;
    fields::patch(&mut customer.description, patch.description, "description", fields::paragraph)?;
    match patch.metadata {
        Patch::Keep => {}
        Patch::Clear => customer.metadata.clear(),
        Patch::Set(new) => customer.metadata = merged(std::mem::take(&mut customer.metadata), &new)?,
    }
    match patch.default_payment_method {
        Patch::Keep => {}
        Patch::Clear => customer.default_payment_method_id = None,
        // Whether it is this customer's is the store's guard to say.
        Patch::Set(id) => customer.default_payment_method_id = Some(PaymentMethodId::new(id)),
    }
    Ok(customer)
}

fn shown(customer: &Customer) -> CustomerAnswer {
    CustomerAnswer {
        id: customer.id.to_string(),
        object: "customer",
        first_name: customer.first_name.clone(),
        last_name: customer.last_name.clone(),
        company: customer.company.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        description: customer.description.clone(),
        default_payment_method: customer.default_payment_method_id.as_ref().map(ToString::to_string),
        metadata: customer.metadata.clone(),
        created_at: rfc3339(customer.created_at_ms),
        updated_at: rfc3339(customer.updated_at_ms),
    }
}
