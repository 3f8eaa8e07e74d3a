//! The paths of transactions.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::answers::{ChargeRefusals, Refusals, SearchRefusals, Success, several};
use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::request::{At, Caller, Sent, SentWhole};
use crate::api::fluidpay::session::Session;
use crate::api::fluidpay::transactions::{self, SearchBody, TransactionAnswer, TransactionBody};
use crate::state::AppState;

/// `POST /api/transaction`.
#[utoipa::path(
    post,
    path = "/api/transaction",
    summary = "Charges a card, a bank account, a token or a customer.",
    description = "A transaction that is declined is an answer with 200, too: `response` and `response_code` tell.",
    request_body(
        content = TransactionBody,
        example = json!({
            "type": "sale",
            "amount": 1299,
            "payment_method": {"card": {"number": "4111111111111111", "expiration_date": "12/30", "cvc": "123"}},
            "order_id": "someOrderID",
            "billing_address": {"first_name": "John", "last_name": "Smith", "country": "US"}
        })
    ),
    responses(
        (status = 200, description = "The transaction, approved or declined.", body = Success<TransactionAnswer>),
        ChargeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_transaction(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    SentWhole(members, request): SentWhole,
) -> Result<Response, Failure> {
    let body = TransactionBody::read(members)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    transactions::create(&session, request, body).await.map(|answer| Json(answer).into_response())
}

/// `GET /api/transaction/{transaction}`.
#[utoipa::path(
    get,
    path = "/api/transaction/{transaction}",
    summary = "One transaction, as a list of one.",
    params(("transaction" = String, Path, description = "The transaction's id.", example = "d3bfel2cunifubaumn00")),
    responses(
        (status = 200, description = "The transaction.", body = Success<Vec<TransactionAnswer>>),
        Refusals,
    ),
)]
pub(in crate::api::fluidpay) async fn read_transaction(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(transaction): At<String>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    Ok(several(vec![transactions::read(&session, transaction).await?], 1))
}

/// `POST /api/transaction/search`.
#[utoipa::path(
    post,
    path = "/api/transaction/search",
    summary = "Searches transactions, newest first; all members must fit.",
    request_body = SearchBody,
    responses(
        (status = 200, description = "A page of the transactions that fit.", body = Success<Vec<TransactionAnswer>>),
        SearchRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn search_transactions(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = SearchBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (found, total) = transactions::find(&session, body).await?;
    Ok(several(found, total))
}
