//! The operations on transactions: charging what pays, and reading it back.
//!
//! The seed document ends at "Customer Vault". What is here follows the vendor's quick start, its Go SDK
//! (whose fixtures are the samples of its documentation) and the documentation of its resellers; where
//! they are silent, it is our reading:
//!
//! | matter | sources | here |
//! |---|---|---|
//! | a decline | the SDK: "not an error", `"status":"success"` around `"response":"declined"` | HTTP 200, that |
//! | an error of the processor | codes 400 to 499, no word for it | HTTP 200, `declined` with such a code |
//! | `GET /api/transaction/{id}` | the sample: a list with one transaction, and `total_count` | that |
//! | masked number in later answers | shown | empty: a payment keeps nothing of a card; the payment method it names still shows it |
//! | `type` | also `verification` and `credit` | refused: `transaction_type_unsupported` |
//! | `amount`, `base_amount` | one of them; fees are added to the second | one of them; there are no fees here |
//! | what pays | also `terminal`, `apm` and wallets | refused: `payment_method_unsupported` |
//! | `customer` without a payment method | the customer's default | that |
//! | billing address | in the body, or the id of a customer's | the body's, else the id's, else the default |
//! | `idempotency_key` | a UUID, good for 300 seconds or `idempotency_time` | that, up to a day; another body under the same key is a 422 |
//! | `order_id`, `po_number` | "up to 17 alphanumeric characters" for an order id | 17 and 255 characters of any kind |
//! | Level 3, statement and card-on-file texts | many members | those of `TEXTS` and `AMOUNTS` in `body.rs`; others are refused |
//! | `auth_code`, `avs_response_code` | given by processors | empty: the sandbox has none |
//! | search without dates | the last four months | 124 days |
//! | capture, void, refund | documented | not here |

mod address;
mod answer;
mod body;
mod response_code;
mod search;

use axum::http::StatusCode;
use instrument::Instrument;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use self::address::TransactionAddress;
use self::answer::{Kept, ShownInstrument};
use self::body::CustomerBody;
use super::failure::Failure;
use super::methods;
use super::session::{Held, Session};
use super::xid;
use crate::api::once::{Composed, Repeat, once};
use crate::domain::{
    AddressId, CustomerId, Face, MethodKind, Payment, PaymentId, PaymentMethod, PaymentSearch, Source,
};
use crate::store::Change;
use crate::vaulting::{Checked, Means, OpenedToken, Order};

pub(super) use self::answer::TransactionAnswer;
pub(super) use self::body::{PaidBy, TransactionBody};
pub(super) use self::search::SearchBody;

/// The id of the one processor there is.
const PROCESSOR_ID: &str = "sandbox";

/// How many payments are read at a time while a search goes through them.
const SCAN: u32 = 500;

/// What pays, ready to be charged.
enum Ready {
    Clear(Checked),
    Token(OpenedToken, String),
    Stored(CustomerId, Box<PaymentMethod>),
}

/// Charges what the body names, and keeps the transaction, approved or not.
///
/// # Errors
/// A refusal; nothing was charged, stored or spent then.
pub(super) async fn create(
    session: &Session<'_>,
    request: Zeroizing<Vec<u8>>,
    body: TransactionBody,
) -> Result<Value, Failure> {
    let repeat = body.idempotency.as_ref().map(|idempotency| Repeat {
        face: Face::FluidPay,
        key: idempotency.key.clone(),
        request,
        lifetime_secs: idempotency.lifetime_secs,
    });
    let token_path = match &body.paid_by {
        PaidBy::Token(token) => Some(token.path.clone()),
        PaidBy::Clear(_) | PaidBy::Customer(_) => None,
    };
    let charged = once(session.vaulting, &session.tenant, repeat, async move || charge(session, body).await);
    let (_, answer) = charged.await.map_err(|failure: Failure| failure.token_at(token_path.as_deref()))?;
    Ok(answer)
}

/// One transaction of an id.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn read(session: &Session<'_>, id: String) -> Result<TransactionAnswer, Failure> {
    let payment = session.vaulting.store().payment(&session.tenant, &PaymentId::new(id)).await?;
    let payment = payment.ok_or_else(|| Failure::not_found("transaction"))?;
    Ok(answer::answer(session.tenant.as_str(), &payment))
}

/// The transactions that fit a search, newest first, and how many there are in all.
///
/// # Errors
/// What the store reports.
pub(super) async fn find(session: &Session<'_>, body: SearchBody) -> Result<(Vec<Value>, u64), Failure> {
    let mut search = PaymentSearch {
        created: body.created(session.vaulting.now_ms()),
        limit: SCAN,
        ..PaymentSearch::default()
    };
    let (mut page, mut total) = (Vec::new(), 0_u64);
    loop {
        let found = session.vaulting.store().payments(&session.tenant, &search).await?;
        let read = u32::try_from(found.items.len()).unwrap_or(SCAN);
        for payment in &found.items {
            let shown = shown(session, payment);
            if !body.fits(&shown, payment.created_at_ms) {
                continue;
            }
            total += 1;
            let is_behind = total > u64::from(body.offset);
            if is_behind && total - u64::from(body.offset) <= u64::from(body.limit) {
                page.push(shown);
            }
        }
        if read < SCAN {
            return Ok((page, total));
        }
        search.offset = search.offset.saturating_add(read);
    }
}

async fn charge(session: &Session<'_>, body: TransactionBody) -> Result<Composed, Failure> {
    let TransactionBody { kind, amount, base_amount, paid_by, idempotency, order_id, description, .. } = body;
    let mut kept = Kept {
        payment_method: paid_by.as_str().to_owned(),
        base_amount: Some(base_amount),
        billing_address: body.billing.unwrap_or_default(),
        shipping_address: body.shipping.unwrap_or_default(),
        more: body.kept,
        ..Kept::default()
    };
    if let Some(idempotency) = idempotency {
        kept.idempotency_key = idempotency.key;
        kept.idempotency_time = idempotency.lifetime_secs;
    }
    let ready = ready(session, paid_by, &mut kept).await?;
    let (customer_id, payment_method_id) = match &ready {
        Ready::Clear(_) | Ready::Token(..) => (None, None),
        Ready::Stored(customer, method) => (Some(customer.clone()), Some(method.id.clone())),
    };
    let means = match &ready {
        Ready::Clear(checked) => Means::Clear(checked),
        Ready::Token(token, _) => Means::Opened(token),
        Ready::Stored(_, method) => Means::Stored(method),
    };
    let order = Order {
        id: PaymentId::new(xid::next(session.vaulting.now_ms())),
        face: Face::FluidPay,
        customer_id,
        payment_method_id,
        amount,
        capture: kind.capture(),
        reference: order_id,
        description,
        metadata: serde_json::Map::new(),
        extra: kept.into_extra(),
    };
    let payment = session.vaulting.charge(&session.tenant, order, means).await?;
    let answer = json!({"status": "success", "msg": "success", "data": shown(session, &payment)});
    let spend = match &ready {
        Ready::Token(token, _) => Some(session.vaulting.spend_only(token)),
        Ready::Clear(_) | Ready::Stored(..) => None,
    };
    // The answer shows the mask; what is kept of a payment holds no digit of the card.
    let kept = answer::without_digits(payment);
    let changes = spend.into_iter().chain([Change::InsertPayment(kept)]).collect();
    Ok(Composed { status: StatusCode::OK, body: answer, changes })
}

/// Validates and opens what pays, and keeps what may be shown of it.
async fn ready(session: &Session<'_>, paid_by: PaidBy, kept: &mut Kept) -> Result<Ready, Failure> {
    let ready = match paid_by {
        PaidBy::Clear(clear) => Ready::Clear(methods::checked(session, clear.draft, &clear.path)?),
        PaidBy::Token(body) => {
            let opened = session.vaulting.open_token(&session.tenant, &body.token).await;
            Ready::Token(opened.map_err(|error| Failure::from(error).token_at(Some(&body.path)))?, body.path)
        }
        PaidBy::Customer(body) => stored(session, body, kept).await?,
    };
    let opened;
    let (source, path) = match &ready {
        Ready::Clear(checked) => (checked.source(), ""),
        Ready::Token(token, path) => (token.checked().source(), path.as_str()),
        Ready::Stored(_, method) => {
            opened = session.vaulting.source(&session.tenant, method)?;
            (opened.source(), "payment_method.customer")
        }
    };
    kept.instrument = Some(ShownInstrument::of(chargeable(source, path)?));
    Ok(ready)
}

/// The stored payment method that a body names, and the addresses that go with it.
async fn stored(session: &Session<'_>, body: CustomerBody, kept: &mut Kept) -> Result<Ready, Failure> {
    const PATH: &str = "payment_method.customer";
    let unknown = |member: &str, what: &str| {
        let path = format!("{PATH}.{member}");
        let msg = format!("{path} must be the id of {what}");
        Failure::invalid(path, "unknown_id", msg)
    };
    let id = CustomerId::new(body.id);
    let record = session.vaulting.store().customer_record(&session.tenant, &id).await?;
    let held = Held::from(record.ok_or_else(|| unknown("id", "a customer"))?);
    let method = match body.method_id {
        Some(id) => {
            let method = held.methods.iter().find(|method| method.id.as_str() == id);
            method.ok_or_else(|| unknown("payment_method_id", "a payment method of this customer"))?
        }
        None => default_method(&held, body.kind).ok_or_else(|| {
            let path = format!("{PATH}.payment_method_id");
            let msg = format!("{path} is required: this customer has no default payment method of that type");
            Failure::invalid(path, "required", msg)
        })?,
    };
    if body.kind.is_some_and(|kind| kind != method.kind()) {
        let path = format!("{PATH}.payment_method_type");
        let msg = format!("{path} is not the type of that payment method");
        return Err(Failure::invalid(path, "wrong_payment_type", msg));
    }
    for (named, member, default, address) in [
        (
            body.billing_address_id,
            "billing_address_id",
            &held.customer.default_billing_address_id,
            &mut kept.billing_address,
        ),
        (
            body.shipping_address_id,
            "shipping_address_id",
            &held.customer.default_shipping_address_id,
            &mut kept.shipping_address,
        ),
    ] {
        let is_named = named.is_some();
        let Some(id) = named.map(AddressId::new).or_else(|| default.clone()) else { continue };
        let found = held.addresses.iter().find(|known| known.id == id);
        match found {
            None if is_named => return Err(unknown(member, "an address of this customer")),
            Some(found) if *address == TransactionAddress::default() => *address = found.into(),
            Some(_) | None => {}
        }
    }
    Ok(Ready::Stored(held.customer.id.clone(), Box::new(method.clone())))
}

/// The default payment method; with a type, the default if it is of that type.
fn default_method(held: &Held, kind: Option<MethodKind>) -> Option<&PaymentMethod> {
    let id = held.customer.default_payment_method_id.as_ref()?;
    held.method(id).filter(|method| kind.is_none_or(|kind| kind == method.kind()))
}

/// The card or US bank account; FluidPay knows no other instrument.
fn chargeable<'a>(source: &'a Source, path: &str) -> Result<&'a Instrument, Failure> {
    match source {
        Source::Instrument(instrument) => Ok(instrument),
        Source::Bsb(_) | Source::Checkout(_) => {
            let msg = format!("{path} is neither a card nor a US bank account");
            Err(Failure::invalid(path, "wrong_payment_type", msg))
        }
    }
}

fn shown(session: &Session<'_>, payment: &Payment) -> Value {
    // Only maps with keys that are no text cannot be written, and an answer has none.
    serde_json::to_value(answer::answer(session.tenant.as_str(), payment)).unwrap_or(Value::Null)
}
