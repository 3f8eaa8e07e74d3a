//! `/v1/payment-methods`.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    paging::{self, ListQuery},
    tokens,
};
use crate::{
    api::{auth::SecretCaller, body::JsonBody, path::PathId},
    clock::rfc3339,
    domain::{CustomerId, Holding, PaymentMethod, PaymentMethodId, TenantId},
    problem::Problem,
    state::AppState,
    store::{Change, StoreError},
    vaulting::{NewPaymentMethod, Shown, Vaulting},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMethod {
    token: String,
    #[serde(default)]
    customer_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attachment {
    customer_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MethodsQuery {
    limit: Option<String>,
    starting_after: Option<String>,
    customer_id: Option<String>,
    orphan: Option<String>,
}

/// Makes a payment method of a token: a customer's, or an orphan.
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    JsonBody(body): JsonBody<NewMethod>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let vaulting = state.vaulting();
    let opened = vaulting.open_token(&caller.tenant, &body.token).await?;
    let new = NewPaymentMethod {
        id: PaymentMethodId::generate(vaulting.random())?,
        customer_id: body.customer_id.map(CustomerId::new),
        flags: Vec::new(),
    };
    let (method, changes) = vaulting.spend(&caller.tenant, opened, new)?;
    let mut changes = Vec::from(changes);
    changes.extend(method.customer_id.clone().map(|customer| Change::DefaultPaymentMethodIfNone {
        customer,
        id: method.id.clone(),
        now_ms: vaulting.now_ms(),
    }));
    vaulting.store().apply(&caller.tenant, changes).await.map_err(about_customer)?;
    Ok((StatusCode::CREATED, Json(shown(vaulting, &caller.tenant, &method)?)))
}

pub(super) async fn read(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Value>, Problem> {
    let method = existing(state.vaulting(), &caller.tenant, &PaymentMethodId::new(id)).await?;
    Ok(Json(shown(state.vaulting(), &caller.tenant, &method)?))
}

/// Lists payment methods, newest first: of one customer, the orphans, or all.
pub(super) async fn list(
    State(state): State<AppState>,
    caller: SecretCaller,
    ListQuery(query): ListQuery<MethodsQuery>,
) -> Result<Json<Value>, Problem> {
    let (vaulting, tenant) = (state.vaulting(), &caller.tenant);
    let page = paging::page(query.limit.as_deref(), query.starting_after)?;
    let holding = match (query.customer_id, query.orphan.as_deref()) {
        (None, None) => Holding::Any,
        (None, Some("true")) => Holding::Orphans,
        (Some(customer), None) => Holding::Customer(CustomerId::new(customer)),
        (Some(_), Some(_)) => {
            return Err(paging::invalid("Ask for `customer_id` or for `orphan=true`, not for both."));
        }
        (None, Some(_)) => return Err(paging::invalid("`orphan` can only be `true`.").about("orphan")),
    };
    if let Holding::Customer(customer) = &holding {
        let known = vaulting.store().customer(tenant, customer).await?;
        known.ok_or_else(|| Problem::not_found().about("customer_id"))?;
    }
    let listed = vaulting.store().payment_methods(tenant, &holding, &page).await?;
    let show = |method: &PaymentMethod| shown(vaulting, tenant, method);
    Ok(Json(paging::list(&listed, show)?))
}

/// Gives an orphan to a customer, once.
pub(super) async fn attach(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
    JsonBody(body): JsonBody<Attachment>,
) -> Result<Json<Value>, Problem> {
    let vaulting = state.vaulting();
    let (id, customer, now_ms) =
        (PaymentMethodId::new(id), CustomerId::new(body.customer_id), vaulting.now_ms());
    let changes = vec![
        Change::AttachPaymentMethod { id: id.clone(), customer: customer.clone(), now_ms },
        Change::DefaultPaymentMethodIfNone { customer, id: id.clone(), now_ms },
    ];
    vaulting.store().apply(&caller.tenant, changes).await.map_err(about_customer)?;
    let method = existing(vaulting, &caller.tenant, &id).await?;
    Ok(Json(shown(vaulting, &caller.tenant, &method)?))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Value>, Problem> {
    let vaulting = state.vaulting();
    let change =
        Change::DeletePaymentMethod { id: PaymentMethodId::new(id.as_str()), now_ms: vaulting.now_ms() };
    vaulting.store().apply(&caller.tenant, vec![change]).await?;
    Ok(Json(json!({ "id": id, "deleted": true })))
}

async fn existing(
    vaulting: &Vaulting,
    tenant: &TenantId,
    id: &PaymentMethodId,
) -> Result<PaymentMethod, Problem> {
    vaulting.store().payment_method(tenant, id).await?.ok_or_else(Problem::not_found)
}

/// Says that it is the customer who is not there, if so.
fn about_customer(error: StoreError) -> Problem {
    let problem = Problem::from(error);
    if error == StoreError::CustomerMissing { problem.about("customer_id") } else { problem }
}

fn shown(vaulting: &Vaulting, tenant: &TenantId, method: &PaymentMethod) -> Result<Value, Problem> {
    let shown = vaulting.shown(tenant, method)?;
    let mut instrument = tokens::shown(&method.display);
    if let (Shown::Readable { holder: Some(holder), .. }, Some(members)) =
        (&shown, instrument.as_object_mut())
    {
        members.insert("holder".to_owned(), holder.as_str().into());
    }
    let mut answer = json!({
        "id": method.id.as_str(),
        "object": "payment_method",
        "kind": method.kind().as_str(),
        "customer_id": method.customer_id.as_ref().map(CustomerId::as_str),
        "orphan": method.customer_id.is_none(),
        "fingerprint": method.fingerprint,
        "created_at": rfc3339(method.created_at_ms),
        "updated_at": rfc3339(method.updated_at_ms),
    });
    if let Some(members) = answer.as_object_mut() {
        members.insert(method.kind().as_str().to_owned(), instrument);
        if shown == Shown::Unreadable {
            members.insert("unreadable".to_owned(), true.into());
        }
    }
    Ok(answer)
}
