//! The FluidPay face: every operation of the gateway's "Customer Vault" document, mounted at `/fluidpay`.
//!
//! Code written for the gateway changes its base URL and nothing else. Where the document is silent, or
//! the other public sources (the vendor's Dart SDK, sibling gateways' documentation) say something
//! different, this face does the following:
//!
//! | matter | document | other sources | here |
//! |---|---|---|---|
//! | get one customer | `GET /api/vault/{id}` | the same | that, and `GET /api/vault/customer/{id}` |
//! | delete a customer | `DELETE /api/vault/{id}` | the same | that, and `DELETE /api/vault/customer/{id}` |
//! | key | not said | `Authorization: <key>`, or `Bearer` | both; a publishable key is refused with 403 |
//! | errors | not said | `{"status":"failed","msg"}` | that, with `code`, `field`, `classification` added |
//! | default payment | five members, no rule | none | exactly one of them |
//! | generated id | the sample is a UUID | none | a UUID of version 4; addresses and payment methods get xids |
//! | `id_format` | named, no example | none | `<xid>_<card or ach>_<last four>`; needs a payment |
//! | `notes` on creation | only on update | the SDK has it not | accepted |
//! | `null` members | not said | the SDK writes every member it has | `null` counts as not sent |
//! | body of `/token` | the table of the card | none | `{"token":"..."}`, and `flags` |
//! | body of `/ach` | the table of the card | the SDK's `CustomerACH` | the members of `default_payment.ach`, all required |
//! | `flags` of a payment method | on update | the SDK: always | on creation too; in answers when there are any |
//! | `cvc` of a card | no such member | the SDK's `CustomerCard` has one | refused as unknown; codes are never stored |
//! | update of an address, card, ach | defaults `""` | the SDK sends changes only | what is not sent stays; `""` clears an address member |
//! | expiration date in answers | `2020-12-31T00:00:00Z` | `11/22` | as in the document |
//! | ach in answers | `[]` | the SDK: `masked_account_number`, `routing_number`, `account_type`, `sec_code` | those, both numbers masked |
//! | `sec_code` | `web`, `ccd`, `ppd` | `tel` in the Tokenizer's settings | the three; a token may bring `tel` |
//! | search operator | `=` or `!=`, default `""` | none | missing or `""` is `=`; `!=` drops the customers that `=` would keep |
//! | search by `payment_method_id` | no | the SDK has it | accepted |
//! | search `offset` | 1-1000, default 0 | 0 | 0 to 1000 |
//! | search dates | no format | none | RFC 3339 to the letter, or a whole day in UTC; both ends included |
//! | `validate`, `currency` on attaching | no | the SDK's query | accepted; there is no processor here to ask, so nothing more is validated |
//! | same billing and shipping address | one address in the sample | none | equal ones become one address |
//! | only address of a customer | used by default | none | becomes both defaults, also when the others are deleted |
//! | deleted default address | not said | none | the only one left takes over; with more left the default is cleared |
//! | first payment method | not said | none | becomes the default if there is none |
//! | deleted default payment method | not said | none | the default is cleared |
//! | update by token of another type | not said | none | refused, and the token stays unspent |
//! | country, phone, fax | examples | none | two letters, kept in upper case; 1 to 15 digits with punctuation |
//! | card numbers in other members | not said | none | refused, for all of them are shown in clear: the rules are in `free_text.rs` |
//! | media type of a body | not said | none | JSON whatever else is said is refused with 415; a missing header is taken for JSON |
//! | a stored number that does not open | not said | none | shown with an empty mask and `"unreadable": true`; all else goes on |
//! | wallets | two operations and two members | none | see [`wallet`] |
//!
//! Every operation that changes something is one transaction, guarded by the customer's version. When
//! another request was faster it is composed anew after a short random wait, for ten seconds at most.
//! Nothing of this face can fail after the transaction: a failed answer means that nothing was stored,
//! except the 503s of a store or a deadline that broke off in the middle. The security code of a token is
//! dropped when it is spent.

mod address;
mod addresses;
mod body;
mod customer_body;
mod customers;
mod failure;
mod free_text;
mod methods;
mod moment;
mod payment;
mod query;
mod record;
mod request;
mod search;
mod session;
pub mod wallet;
mod xid;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use instrument::Kind;
use serde::Serialize;

use self::address::AddressBody;
use self::body::Json as Value;
use self::customer_body::{CreateBody, UpdateBody};
use self::failure::Failure;
use self::methods::Source;
use self::payment::{AchChange, ApplePayBody, CardChange, NewPayment, TokenBody, WalletBody};
use self::record::RecordAnswer;
use self::request::{At, Caller, Sent};
use self::search::SearchBody;
use self::session::Session;
use self::wallet::Wallets;
use crate::domain::{AddressId, CustomerId, PaymentMethodId, TenantId};
use crate::state::AppState;

/// The routes, to be nested under `/fluidpay`, with the wallets that the environment configures.
pub fn router() -> Router<AppState> {
    router_with(Wallets::from_environment())
}

/// The routes, with the wallets given.
pub fn router_with(wallets: Wallets) -> Router<AppState> {
    let record = || get(get_customer).delete(delete_customer);
    Router::new()
        .route("/api/vault/customer", post(create_customer))
        .route("/api/vault/customer/search", post(search_customers))
        .route("/api/vault/{customer}", record())
        .route("/api/vault/customer/{customer}", record().post(update_customer))
        .route("/api/vault/customer/{customer}/address", post(create_address))
        .route(
            "/api/vault/customer/{customer}/address/{address}",
            post(update_address).delete(delete_address),
        )
        .route("/api/vault/customer/{customer}/card", post(create_card))
        .route("/api/vault/customer/{customer}/card/{method}", post(update_card).delete(delete_card))
        .route("/api/vault/customer/{customer}/ach", post(create_ach))
        .route("/api/vault/customer/{customer}/ach/{method}", post(update_ach).delete(delete_ach))
        .route("/api/vault/customer/{customer}/token", post(create_by_token))
        .route("/api/vault/customer/{customer}/token/{method}", post(update_by_token))
        .route("/api/vault/customer/{customer}/applepay", post(create_by_apple_pay))
        .route("/api/vault/customer/{customer}/googlepay", post(create_by_google_pay))
        .fallback(|| async { Failure::not_found("operation") })
        .method_not_allowed_fallback(|| async {
            Failure::plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "merchant",
                "this operation has another request method",
            )
        })
        .layer(Extension(Arc::new(wallets)))
}

/// The body of every answer that is no failure.
#[derive(Serialize)]
struct Success<T> {
    status: &'static str,
    msg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
}

async fn create_customer(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let mut body = CreateBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let source = match body.payment.take() {
        Some(payment) => Some(Source::of(&session, &wallets, payment).await?),
        None => None,
    };
    customers::create(&session, body, source).await.map(one)
}

async fn get_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    let held = session.held(&CustomerId::new(customer)).await?;
    Ok(one(session.answer(&held)))
}

async fn search_customers(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = SearchBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (found, total) = customers::find(&session, body).await?;
    let answer = Success { status: "success", msg: "success", data: Some(found), total_count: Some(total) };
    Ok(Json(answer).into_response())
}

async fn update_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = UpdateBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    customers::update(&session, &CustomerId::new(customer), &body).await.map(one)
}

async fn delete_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    customers::delete(&session, CustomerId::new(customer)).await.map(|()| done())
}

async fn create_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = AddressBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::create(&session, &CustomerId::new(customer), body).await.map(one)
}

async fn update_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, address)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = AddressBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::update(&session, &CustomerId::new(customer), &AddressId::new(address), &body).await.map(one)
}

async fn delete_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, address)): At<(String, String)>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::delete(&session, &CustomerId::new(customer), &AddressId::new(address)).await.map(|()| done())
}

async fn create_card(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Clear(payment::read_card(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

async fn create_ach(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Clear(payment::read_ach(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

async fn create_by_token(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Token(TokenBody::read(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// Takes the members of `default_payment.apple_pay`, or that member itself.
async fn create_by_apple_pay(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(mut body): Sent,
) -> Result<Response, Failure> {
    let inner = match body.object("apple_pay")? {
        Some(inner) => {
            body.finish()?;
            inner
        }
        None => body,
    };
    let payment = NewPayment::Wallet(WalletBody::Apple(ApplePayBody::read(inner)?));
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// Takes `google_pay_token`, as in `default_payment`, or Google's token itself as the body.
async fn create_by_google_pay(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(mut body): Sent,
) -> Result<Response, Failure> {
    const MEMBER: &str = "google_pay_token";
    let token = match body.value(MEMBER) {
        Some(token) => {
            body.finish()?;
            token
        }
        None if body.has("signedMessage") => Value::Object(body.into_rest()),
        None => {
            body.finish()?;
            return Err(body::required(MEMBER));
        }
    };
    let payment = NewPayment::Wallet(WalletBody::Google(token, MEMBER.to_owned()));
    attach(&state, &wallets, tenant, customer, query, payment).await
}

async fn update_card(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let change = CardChange::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_card(&session, &customer, &method, &change).await.map(one)
}

async fn update_ach(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let change = AchChange::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_ach(&session, &customer, &method, &change).await.map(one)
}

async fn update_by_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = TokenBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_by_token(&session, &customer, &method, body).await.map(one)
}

async fn delete_card(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
) -> Result<Response, Failure> {
    delete_method(&state, tenant, customer, method, Kind::Card).await
}

async fn delete_ach(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
) -> Result<Response, Failure> {
    delete_method(&state, tenant, customer, method, Kind::BankAccount).await
}

async fn attach(
    state: &AppState,
    wallets: &Wallets,
    tenant: TenantId,
    customer: String,
    query: Option<String>,
    payment: NewPayment,
) -> Result<Response, Failure> {
    query::check(query.as_deref())?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let customer = CustomerId::new(customer);
    // An unknown customer is told before anything is said about a token.
    if session.vaulting.store().customer(&session.tenant, &customer).await?.is_none() {
        return Err(Failure::not_found("customer"));
    }
    let source = Source::of(&session, wallets, payment).await?;
    methods::create(&session, &customer, source).await.map(one)
}

async fn delete_method(
    state: &AppState,
    tenant: TenantId,
    customer: String,
    method: String,
    kind: Kind,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::delete(&session, &customer, &method, kind).await.map(|()| done())
}

fn one(record: RecordAnswer) -> Response {
    let answer = Success { status: "success", msg: "success", data: Some(record), total_count: None };
    Json(answer).into_response()
}

fn done() -> Response {
    let answer = Success::<()> { status: "success", msg: "success", data: None, total_count: None };
    Json(answer).into_response()
}
