//! `/v1/customers`.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCustomer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    first_name: Patch<String>,
    #[serde(default)]
    last_name: Patch<String>,
    #[serde(default)]
    company: Patch<String>,
    #[serde(default)]
    email: Patch<String>,
    #[serde(default)]
    phone: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Members>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerPatch {
    #[serde(default)]
    first_name: Patch<String>,
    #[serde(default)]
    last_name: Patch<String>,
    #[serde(default)]
    company: Patch<String>,
    #[serde(default)]
    email: Patch<String>,
    #[serde(default)]
    phone: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Members>,
    #[serde(default)]
    default_payment_method: Patch<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomersQuery {
    limit: Option<String>,
    starting_after: Option<String>,
}

/// Creates a customer; with a token, also its first payment method, in one transaction.
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    JsonBody(body): JsonBody<NewCustomer>,
) -> Result<(StatusCode, Json<Value>), Problem> {
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
            let new = NewPaymentMethod {
                id: PaymentMethodId::generate(vaulting.random())?,
                customer_id: Some(customer.id.clone()),
                flags: Vec::new(),
            };
            customer.default_payment_method_id = Some(new.id.clone());
            let (_, [spend, insert]) = vaulting.spend(&caller.tenant, opened, new)?;
            vec![spend, Change::InsertCustomer(customer.clone()), insert]
        }
    };
    vaulting.store().apply(&caller.tenant, changes).await?;
    Ok((StatusCode::CREATED, Json(shown(&customer))))
}

pub(super) async fn read(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Value>, Problem> {
    Ok(Json(shown(&existing(state.vaulting(), &caller.tenant, &CustomerId::new(id)).await?)))
}

/// Lists customers, newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    caller: SecretCaller,
    ListQuery(query): ListQuery<CustomersQuery>,
) -> Result<Json<Value>, Problem> {
    let page = paging::page(query.limit.as_deref(), query.starting_after)?;
    let listed = state.vaulting().store().customers(&caller.tenant, &page).await?;
    Ok(Json(paging::list(&listed, |customer| Ok(shown(customer)))?))
}

/// Changes what is named, clears what is `null`, leaves the rest.
pub(super) async fn update(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<CustomerPatch>,
) -> Result<Json<Value>, Problem> {
    let (vaulting, id) = (state.vaulting(), CustomerId::new(id));
    let mut patience = Patience::new(vaulting.random());
    loop {
        let old = existing(vaulting, &caller.tenant, &id).await?;
        // Never before the last change: it must not run backwards when the clock does.
        let now_ms = vaulting.now_ms().max(old.updated_at_ms);
        let mut new = patched(old, patch.clone())?;
        new.updated_at_ms = now_ms;
        let change = Change::UpdateCustomer(new.clone());
        match vaulting.store().apply(&caller.tenant, vec![change]).await {
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
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Value>, Problem> {
    let change = Change::DeleteCustomer(CustomerId::new(id.as_str()));
    state.vaulting().store().apply(&caller.tenant, vec![change]).await?;
    Ok(Json(json!({ "id": id, "deleted": true })))
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

fn shown(customer: &Customer) -> Value {
    json!({
        "id": customer.id.as_str(),
        "object": "customer",
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "company": customer.company,
        "email": customer.email,
        "phone": customer.phone,
        "description": customer.description,
        "default_payment_method": customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str),
        "metadata": customer.metadata,
        "created_at": rfc3339(customer.created_at_ms),
        "updated_at": rfc3339(customer.updated_at_ms),
    })
}
