//! `/v1/payment-methods`.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::{
        ChangeProblems, Deleted, Holds, ListAnswer, MandateAnswer, PaymentMethodAnswer, Problems,
        SessionShown,
    },
    paging::{self, ListQuery},
};
use crate::{
    api::{auth::SecretCaller, body::JsonBody, path::PathId},
    clock::rfc3339,
    domain::{CustomerId, Holding, PaymentMethod, PaymentMethodId, TenantId},
    problem::Problem,
    state::AppState,
    store::{Change, StoreError},
    vaulting::{Fingerprints, NewPaymentMethod, Shown, Vaulting},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMethod {
    token: String,
    #[serde(default)]
    customer_id: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Attachment {
    customer_id: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MethodsQuery {
    /// How many to list, from 1 to 100; 10 if it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The id to go on behind: `next` of the page before.
    starting_after: Option<String>,
    /// Only those of this customer.
    customer_id: Option<String>,
    /// `true`: only those that belong to nobody.
    #[param(pattern = "^true$")]
    orphan: Option<String>,
}

/// Makes a payment method of a token: a customer's, or an orphan.
#[utoipa::path(
    post,
    operation_id = "create_payment_method",
    path = "/payment-methods",
    summary = "Makes a payment method of a token: a customer's, or an orphan.",
    request_body = NewMethod,
    responses((status = 201, description = "The new payment method.", body = PaymentMethodAnswer), ChangeProblems),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    JsonBody(body): JsonBody<NewMethod>,
) -> Result<(StatusCode, Json<PaymentMethodAnswer>), Problem> {
    let vaulting = state.vaulting();
    let opened = vaulting.open_token(&caller.tenant, &body.token).await?;
    let id = PaymentMethodId::generate(vaulting.random())?;
    let new = NewPaymentMethod::new(id, body.customer_id.map(CustomerId::new));
    let (method, changes) = vaulting.spend(&caller.tenant, opened, new)?;
    let mut changes = Vec::from(changes);
    changes.extend(method.customer_id.clone().map(|customer| Change::DefaultPaymentMethodIfNone {
        customer,
        id: method.id.clone(),
        now_ms: vaulting.now_ms(),
    }));
    vaulting.apply(&caller.tenant, changes).await.map_err(about_customer)?;
    Ok((StatusCode::CREATED, Json(shown(vaulting, &caller.tenant, &method)?)))
}

/// Reads a payment method.
#[utoipa::path(
    get,
    operation_id = "read_payment_method",
    path = "/payment-methods/{id}",
    summary = "One payment method.",
    params(("id" = String, Path, description = "The payment method's id.", max_length = 64)),
    responses((status = 200, description = "The payment method.", body = PaymentMethodAnswer), Problems),
)]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<PaymentMethodAnswer>, Problem> {
    let method = existing(state.vaulting(), &caller.tenant, &PaymentMethodId::new(id)).await?;
    Ok(Json(shown(state.vaulting(), &caller.tenant, &method)?))
}

/// Lists payment methods, newest first: of one customer, the orphans, or all.
#[utoipa::path(
    get,
    operation_id = "list_payment_methods",
    path = "/payment-methods",
    summary = "Payment methods, newest first: of one customer, the orphans, or all.",
    params(MethodsQuery),
    responses((status = 200, description = "A page.", body = ListAnswer<PaymentMethodAnswer>), Problems),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: SecretCaller,
    ListQuery(query): ListQuery<MethodsQuery>,
) -> Result<Json<ListAnswer<PaymentMethodAnswer>>, Problem> {
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
#[utoipa::path(
    post,
    operation_id = "attach_payment_method",
    path = "/payment-methods/{id}/attach",
    summary = "Gives an orphan to a customer, once.",
    params(("id" = String, Path, description = "The payment method's id.", max_length = 64)),
    request_body = Attachment,
    responses((status = 200, description = "The payment method as it is now.", body = PaymentMethodAnswer), ChangeProblems),
)]
pub(super) async fn attach(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
    JsonBody(body): JsonBody<Attachment>,
) -> Result<Json<PaymentMethodAnswer>, Problem> {
    let vaulting = state.vaulting();
    let (id, customer, now_ms) =
        (PaymentMethodId::new(id), CustomerId::new(body.customer_id), vaulting.now_ms());
    let changes = vec![
        Change::AttachPaymentMethod { id: id.clone(), customer: customer.clone(), now_ms },
        Change::DefaultPaymentMethodIfNone { customer, id: id.clone(), now_ms },
    ];
    vaulting.apply(&caller.tenant, changes).await.map_err(about_customer)?;
    let method = existing(vaulting, &caller.tenant, &id).await?;
    Ok(Json(shown(vaulting, &caller.tenant, &method)?))
}

/// Deletes a payment method.
#[utoipa::path(
    delete,
    operation_id = "delete_payment_method",
    path = "/payment-methods/{id}",
    summary = "Deletes a payment method.",
    params(("id" = String, Path, description = "The payment method's id.", max_length = 64)),
    responses((status = 200, description = "It is gone.", body = Deleted), Problems),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<Deleted>, Problem> {
    let vaulting = state.vaulting();
    let change =
        Change::DeletePaymentMethod { id: PaymentMethodId::new(id.as_str()), now_ms: vaulting.now_ms() };
    vaulting.apply(&caller.tenant, vec![change]).await?;
    Ok(Json(Deleted { id, deleted: true }))
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

fn shown(
    vaulting: &Vaulting,
    tenant: &TenantId,
    method: &PaymentMethod,
) -> Result<PaymentMethodAnswer, Problem> {
    let (holder, mandate, unreadable) = match vaulting.shown(tenant, method)? {
        Shown::Readable { holder, mandate, .. } => (holder, mandate, false),
        Shown::Unreadable => (None, None, true),
    };
    let Fingerprints { now, before } = vaulting.fingerprints(tenant, method)?;
    Ok(PaymentMethodAnswer {
        id: method.id.to_string(),
        object: "payment_method",
        kind: method.kind().as_str(),
        customer_id: method.customer_id.as_ref().map(ToString::to_string),
        orphan: method.customer_id.is_none(),
        fingerprint: now,
        previous_fingerprint: before,
        created_at: rfc3339(method.created_at_ms),
        updated_at: rfc3339(method.updated_at_ms),
        holds: Holds::of(&method.display, holder),
        mandate: mandate.map(|kept| MandateAnswer::of(*kept)),
        session: method.display.session().map(SessionShown::of),
        unreadable,
    })
}
