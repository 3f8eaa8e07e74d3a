//! Payment sessions: what the merchant's server decides before the shopper types. The page completes one with
//! `POST /v1/tokens` of the vault, which seals the card; [`crate::vaulting::Session`] says how.

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::amounts;
use super::customers;
use super::entity::EntityId;
use super::failure::Failure;
use super::moment;
use super::profile;
use super::request::{At, Call, answered, empty};
use super::transaction_view::{self, SessionTransaction};
use crate::api::free_text;
use crate::api::members::{Json as Member, Members, Misfit, required, unknown_value, wrong_type};
use crate::domain::{Currency, Display, Money, PaymentId, PaymentMethodId};
use crate::store::Change;
use crate::vaulting::{CustomerHandling, Session, SessionError, SessionMode, SessionStatus};

/// The most members of `metadata`.
const METADATA_AT_MOST: usize = 50;

/// What a session is for, how far it is, and whose the payment method becomes.
const MODES: [(&str, SessionMode); 3] = [
    ("Payment", SessionMode::Payment),
    ("SaveMethod", SessionMode::SaveMethod),
    ("PaymentAndSave", SessionMode::PaymentAndSave),
];

/// A new payment session.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read member by member")]
pub(super) struct NewSession {
    /// How much is charged: more than zero, or zero in the mode `SaveMethod`; null leaves it open.
    #[schema(minimum = 0)]
    amount: Option<f64>,
    /// What the session is for; `Payment` if it is not given. V1 numbers them from 1.
    #[schema(value_type = Option<Mode>)]
    mode: Option<String>,
    /// Kept and shown; there is nobody here to verify an address.
    skip_address_verification: Option<bool>,
    /// The merchant's own reference.
    #[schema(max_length = 36)]
    reference_id: Option<String>,
    /// A tip that is charged too.
    #[schema(exclusive_minimum = 0)]
    tip_amount: Option<f64>,
    /// Whose the payment method becomes.
    customer_id: Option<String>,
    /// Whether a customer is made of the payer if none is given.
    #[schema(value_type = Option<Handling>)]
    customer_handling: Option<String>,
    /// Where the payer goes afterwards; kept and shown.
    return_url: Option<String>,
    /// Which kinds of instruments the session takes; all of them if it is not given.
    payment_methods: Option<AcceptedMethods>,
    /// The merchant's own texts, each under its name.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// Kept and shown.
    #[schema(max_length = 255)]
    after_completion_message: Option<String>,
    /// Until when the session can be completed; in the future.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Kept and shown.
    #[schema(max_length = 255)]
    page_name: Option<String>,
    /// Kept and shown.
    #[schema(max_length = 255)]
    payment_notes: Option<String>,
}

/// What a session is for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member that is read by name or number")]
enum Mode {
    Payment,
    SaveMethod,
    PaymentAndSave,
}

/// Whose a payment method becomes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member that is read by name")]
enum Handling {
    CreateCustomer,
    TokenOnly,
}

/// Which kinds of instruments a session takes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptedMethods {
    /// Cards.
    card: Option<AcceptedMethod>,
    /// Bank accounts.
    ach: Option<AcceptedMethod>,
}

/// Whether a kind of instrument is taken.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AcceptedMethod {
    /// It is, unless this is false.
    enabled: Option<bool>,
    /// Kept and shown; there is one processor here.
    processor_id: Option<String>,
}

/// A new session's id.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SessionCreated {
    /// The id, for the page.
    id: String,
    /// Which kinds of instruments it takes.
    payment_methods: AcceptedMethods,
}

/// A payment session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SessionAnswer {
    /// The id.
    id: String,
    /// `Created`, `Cancelled`, `Completed` or `Failed`.
    status: &'static str,
    /// `Payment`, `SaveMethod` or `PaymentAndSave`.
    mode: &'static str,
    /// How much is charged, without the tip; null if it is open.
    amount: Option<f64>,
    /// Always `USD`: sessions name no currency.
    currency_code: String,
    /// The tip.
    tip_amount: Option<f64>,
    /// Whose the payment method is or becomes.
    customer_id: Option<String>,
    /// Whether a customer is made of the payer.
    customer_handling: Option<&'static str>,
    /// The merchant's own reference.
    reference_id: Option<String>,
    /// As it was sent.
    skip_address_verification: bool,
    /// As it was sent.
    return_url: Option<String>,
    /// Which kinds of instruments it takes.
    payment_methods: AcceptedMethods,
    /// As it was sent.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// As it was sent.
    after_completion_message: Option<String>,
    /// As it was sent.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// As it was sent.
    page_name: Option<String>,
    /// As it was sent.
    payment_notes: Option<String>,
    /// The payment method that the session made.
    vaulted_payment_method_id: Option<String>,
    /// The last two digits of the account number, if it is a bank account.
    ach_account_last2: Option<String>,
    /// The last two digits of the routing number, if it is a bank account.
    ach_routing_last2: Option<String>,
    /// The payment that the session made.
    transaction_details: Option<SessionTransaction>,
    /// When the session was created.
    #[schema(format = DateTime)]
    created_on: String,
}

/// A new session's id, as V1 shows it.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct V1SessionCreated {
    /// The id, for the page.
    id: String,
}

/// A payment session, as V1 shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct V1Session {
    /// 1 created, 2 cancelled, 3 completed, 4 failed.
    status_id: u8,
    /// The same as a word.
    status: &'static str,
    /// Whose the payment method is or becomes.
    customer_id: Option<String>,
    /// 1 payment, 2 saving, 3 both.
    mode: u8,
    /// As it was sent.
    skip_address_verification: bool,
    /// The merchant's own reference.
    reference_id: Option<String>,
    /// The payment method that the session made.
    vaulted_payment_method_id: Option<String>,
    /// The payment that the session made.
    transaction_details: Option<SessionTransaction>,
}

/// Creates a payment session.
#[utoipa::path(
    post, path = "/v2/payment-sessions", tag = "Payment sessions",
    request_body = NewSession,
    responses((status = 200, description = "Created", body = SessionCreated)),
)]
pub(super) async fn create(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let session = read_new(&call).await?;
        let payment_methods = accepted(&session);
        let (id, changes) = kept(&call, &session)?;
        answered(&SessionCreated { id, payment_methods }, changes)
    })
    .await
}

/// Creates a payment session, as V1 does.
#[utoipa::path(
    post, path = "/pay-int-api/payment-sessions", tag = "V1",
    request_body = NewSession,
    responses((status = 200, description = "Created", body = V1SessionCreated)),
)]
pub(super) async fn create_v1(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let (id, changes) = kept(&call, &read_new(&call).await?)?;
        answered(&V1SessionCreated { id }, changes)
    })
    .await
}

/// Shows a payment session.
#[utoipa::path(
    get, path = "/v2/payment-sessions/{paymentSessionId}", tag = "Payment sessions",
    params(("paymentSessionId" = String, Path, description = "The session's id")),
    responses((status = 200, description = "The session", body = SessionAnswer)),
)]
pub(super) async fn read(At(id): At<EntityId>, call: Call) -> Result<Json<SessionAnswer>, Failure> {
    let (session, document) = found(&call, &id).await?;
    let currency = Currency::parse(&session.currency).unwrap_or(Currency::USD);
    let amount = |minor| Money::of_minor(minor, currency).map(|money| money.as_f64());
    let (ach_account_last2, ach_routing_last2) = account_tails(&call, &session).await?;
    let text = |name: &str| session.shown.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Json(SessionAnswer {
        id: id.as_str().to_owned(),
        status: status(&call, &session).1,
        mode: mode(session.mode).1,
        amount: session.amount_minor.and_then(amount),
        currency_code: session.currency.clone(),
        tip_amount: Some(session.tip_minor).filter(|minor| *minor > 0).and_then(amount),
        customer_id: session.customer_id.clone(),
        customer_handling: session.customer_handling.map(|handling| match handling {
            CustomerHandling::CreateCustomer => "CreateCustomer",
            CustomerHandling::TokenOnly => "TokenOnly",
        }),
        reference_id: session.reference.clone(),
        skip_address_verification: skips_verification(&session),
        return_url: text("returnUrl"),
        payment_methods: accepted(&session),
        metadata: session.shown.get("metadata").cloned(),
        after_completion_message: text("afterCompletionMessage"),
        expires_at: session.expires_at_ms.map(moment::text_of_ms),
        page_name: text("pageName"),
        payment_notes: text("paymentNotes"),
        vaulted_payment_method_id: session.payment_method_id.clone(),
        ach_account_last2,
        ach_routing_last2,
        transaction_details: transaction(&call, &session).await?,
        created_on: moment::text_of_ms(document.created_at_ms),
    }))
}

/// Shows a payment session, as V1 does.
#[utoipa::path(
    get, path = "/pay-int-api/payment-sessions/{paymentSessionId}", tag = "V1",
    params(("paymentSessionId" = String, Path, description = "The session's id")),
    responses((status = 200, description = "The session", body = V1Session)),
)]
pub(super) async fn read_v1(At(id): At<EntityId>, call: Call) -> Result<Json<V1Session>, Failure> {
    let (session, _) = found(&call, &id).await?;
    let (status_id, status) = status(&call, &session);
    Ok(Json(V1Session {
        status_id,
        status,
        customer_id: session.customer_id.clone(),
        mode: mode(session.mode).0,
        skip_address_verification: skips_verification(&session),
        reference_id: session.reference.clone(),
        vaulted_payment_method_id: session.payment_method_id.clone(),
        transaction_details: transaction(&call, &session).await?,
    }))
}

/// Gives a payment session up; only while it waits.
#[utoipa::path(
    post, path = "/v2/payment-sessions/{paymentSessionId}/cancel", tag = "Payment sessions",
    params(("paymentSessionId" = String, Path, description = "The session's id")),
    responses((status = 200, description = "Cancelled")),
)]
pub(super) async fn cancel(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    cancelled(&call, &id).await
}

/// Gives a payment session up, as V1 does.
#[utoipa::path(
    post, path = "/pay-int-api/payment-sessions/{paymentSessionId}/cancel", tag = "V1",
    params(("paymentSessionId" = String, Path, description = "The session's id")),
    responses((status = 200, description = "Cancelled")),
)]
pub(super) async fn cancel_v1(At(id): At<EntityId>, call: Call) -> Result<Response, Failure> {
    cancelled(&call, &id).await
}

async fn cancelled(call: &Call, id: &EntityId) -> Result<Response, Failure> {
    call.done(|| async {
        call.no_members()?;
        let (mut session, document) = found(call, id).await?;
        let now_ms = call.vaulting.now_ms();
        if session.status_at(now_ms) != SessionStatus::Created {
            // Flute's own sentence, which merchants' code may look for.
            let message = "Payment Session can be canceled only in Created status";
            return Err(Failure::invalid("status", "session_over", message));
        }
        session.status = SessionStatus::Cancelled;
        Ok(empty(vec![session.replacing(&document, now_ms)?]))
    })
    .await
}

async fn read_new(call: &Call) -> Result<Session, Failure> {
    let mut members = call.members()?;
    let mode = read_mode(&mut members)?;
    let amount_minor = amounts::money(&mut members, "amount", Currency::USD)?.map(|money| money.minor);
    let amount_minor = match (mode, amount_minor) {
        (SessionMode::SaveMethod, None | Some(0)) => Some(0),
        (SessionMode::SaveMethod, Some(_)) => {
            return Err(Failure::invalid(
                "amount",
                "out_of_range",
                "Amount must be zero in the mode SaveMethod.",
            ));
        }
        (SessionMode::Payment | SessionMode::PaymentAndSave, Some(0)) => {
            let message = "Amount must be more than zero in this mode; null leaves it open.";
            return Err(Failure::invalid("amount", "out_of_range", message));
        }
        (SessionMode::Payment | SessionMode::PaymentAndSave, amount) => amount,
    };
    let tip = amounts::money(&mut members, "tipAmount", Currency::USD)?;
    if tip.is_some_and(|tip| tip.minor == 0 || !mode.charges()) {
        let message = "TipAmount must be more than zero, and belongs to a payment.";
        return Err(Failure::invalid("tipAmount", "out_of_range", message));
    }
    let customer_id = EntityId::take(&mut members, "customerId")?;
    let customer_handling = match members.text("customerHandling", 32)?.as_deref().map(String::as_str) {
        None | Some("") => None,
        Some("CreateCustomer") => Some(CustomerHandling::CreateCustomer),
        Some("TokenOnly") => Some(CustomerHandling::TokenOnly),
        Some(_) => return Err(unknown_value("customerHandling", &["CreateCustomer", "TokenOnly"]).into()),
    };
    if customer_id.is_some() && customer_handling == Some(CustomerHandling::TokenOnly) {
        let message = "CustomerHandling TokenOnly attaches no customer; leave CustomerId out.";
        return Err(Failure::invalid("customerHandling", "one_of", message));
    }
    let reference = reference(&mut members)?;
    let expires_at_ms =
        members.text("expiresAt", 64)?.map(|text| moment::parse("expiresAt", &text)).transpose()?;
    if expires_at_ms.is_some_and(|end_ms| end_ms <= call.vaulting.now_ms()) {
        return Err(Failure::invalid("expiresAt", "invalid_date", "ExpiresAt must be in the future."));
    }
    let (accepts, payment_methods) = read_accepted(&mut members)?;
    let mut shown = Map::new();
    shown.insert("paymentMethods".to_owned(), payment_methods);
    let skips = members.boolean("skipAddressVerification")?.unwrap_or(false);
    shown.insert("skipAddressVerification".to_owned(), skips.into());
    for name in ["afterCompletionMessage", "pageName", "paymentNotes"] {
        if let Some(text) = profile::text(&mut members, name)? {
            shown.insert(name.to_owned(), text.into());
        }
    }
    if let Some(url) = return_url(&mut members)? {
        shown.insert("returnUrl".to_owned(), url.into());
    }
    if let Some(metadata) = metadata(&mut members)? {
        shown.insert("metadata".to_owned(), metadata);
    }
    members.finish()?;
    if let Some(id) = &customer_id {
        customers::record(call, id).await?;
    }
    Ok(Session {
        mode,
        status: SessionStatus::Created,
        amount_minor,
        tip_minor: tip.map_or(0, |tip| tip.minor),
        currency: Currency::USD.as_str().to_owned(),
        customer_id: customer_id.map(|id| id.as_str().to_owned()),
        customer_handling,
        reference,
        accepts,
        expires_at_ms,
        shown,
        payment_method_id: None,
        payment_id: None,
        outcome: None,
    })
}

fn kept(call: &Call, session: &Session) -> Result<(String, Vec<Change>), Failure> {
    let id = EntityId::generate(call.vaulting.random())?.as_str().to_owned();
    let document = session.document(&id, call.vaulting.now_ms())?;
    Ok((id, vec![Change::InsertDocument(document)]))
}

async fn found(call: &Call, id: &EntityId) -> Result<(Session, crate::domain::Document), Failure> {
    match call.vaulting.session(&call.tenant, id.as_str()).await {
        Ok(found) => Ok(found),
        Err(SessionError::Vaulting(error)) => Err(error.into()),
        Err(
            SessionError::Unknown
            | SessionError::Over
            | SessionError::KindNotAccepted(_)
            | SessionError::AmountOpen
            | SessionError::NotApproved(_)
            | SessionError::Unsupported,
        ) => Err(Failure::missing(Some(id.as_str()))),
    }
}

fn read_mode(members: &mut Members) -> Result<SessionMode, Misfit> {
    let names = MODES.map(|(name, _)| name);
    let found = match members.value("mode") {
        None | Some(Member::Null) => Some(SessionMode::Payment),
        Some(Member::Text(text)) => {
            MODES.iter().find(|(name, _)| *name == text.as_str()).map(|(_, mode)| *mode)
        }
        Some(Member::Integer(id)) => {
            usize::try_from(id).ok().and_then(|id| MODES.get(id.checked_sub(1)?)).map(|(_, mode)| *mode)
        }
        Some(Member::Bool(_) | Member::Fraction(_) | Member::List(_) | Member::Object(_)) => None,
    };
    found.ok_or_else(|| unknown_value("mode", &names))
}

/// V1's number and V2's word.
const fn mode(mode: SessionMode) -> (u8, &'static str) {
    match mode {
        SessionMode::Payment => (1, "Payment"),
        SessionMode::SaveMethod => (2, "SaveMethod"),
        SessionMode::PaymentAndSave => (3, "PaymentAndSave"),
    }
}

/// V1's number and V2's word.
fn status(call: &Call, session: &Session) -> (u8, &'static str) {
    match session.status_at(call.vaulting.now_ms()) {
        SessionStatus::Created => (1, "Created"),
        SessionStatus::Cancelled => (2, "Cancelled"),
        SessionStatus::Completed => (3, "Completed"),
        SessionStatus::Failed => (4, "Failed"),
    }
}

/// Takes the merchant's reference of a payment.
///
/// # Errors
/// What is wrong with any text.
pub(super) fn reference(members: &mut Members) -> Result<Option<String>, Misfit> {
    Ok(free_text::take(members, "referenceId", 36)?.filter(|text| !text.is_empty()))
}

/// The kinds that are taken, by their stable names, and what is shown of them.
fn read_accepted(members: &mut Members) -> Result<(Vec<String>, Value), Misfit> {
    let Some(mut named) = members.object("paymentMethods")? else {
        let all = json!({ "card": { "enabled": true }, "ach": { "enabled": true } });
        return Ok((vec!["card".to_owned(), "ach".to_owned()], all));
    };
    let (mut accepts, mut shown) = (Vec::new(), Map::new());
    for name in ["card", "ach"] {
        let Some(mut one) = named.object(name)? else { continue };
        // Naming a kind without saying more is offering it.
        let enabled = one.boolean("enabled")?.unwrap_or(true);
        let processor = EntityId::take_uuid(&mut one, "processorId")?;
        one.finish()?;
        if enabled {
            accepts.push(name.to_owned());
        }
        let processor = processor.map(|id| id.as_str().to_owned());
        shown.insert(name.to_owned(), json!({ "enabled": enabled, "processorId": processor }));
    }
    named.finish()?;
    if accepts.is_empty() {
        let message = "paymentMethods must enable card or ach";
        return Err(Misfit::invalid("paymentMethods", "one_of", message));
    }
    Ok((accepts, Value::Object(shown)))
}

fn accepted(session: &Session) -> AcceptedMethods {
    let shown = session.shown.get("paymentMethods").cloned().unwrap_or_default();
    serde_json::from_value(shown).unwrap_or(AcceptedMethods { card: None, ach: None })
}

fn skips_verification(session: &Session) -> bool {
    session.shown.get("skipAddressVerification") == Some(&Value::Bool(true))
}

fn return_url(members: &mut Members) -> Result<Option<String>, Misfit> {
    let Some(text) = free_text::take(members, "returnUrl", 2_048)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && (text.starts_with("https://") || text.starts_with("http://")) {
        return Ok(Some(text));
    }
    Err(Misfit::invalid("returnUrl", "bad_format", "returnUrl must begin with https:// or http://"))
}

fn metadata(members: &mut Members) -> Result<Option<Value>, Misfit> {
    let Some(named) = members.object("metadata")? else { return Ok(None) };
    let entries = named.into_rest();
    if entries.len() > METADATA_AT_MOST {
        let message = format!("metadata must have at most {METADATA_AT_MOST} members");
        return Err(Misfit::invalid("metadata", "too_long", message));
    }
    let mut metadata = Map::new();
    for (name, value) in entries {
        if name.is_empty() {
            return Err(required("metadata"));
        }
        free_text::refuse_card_number("metadata", &name)?;
        let Member::Text(text) = value else { return Err(wrong_type("metadata", "an object of strings")) };
        free_text::refuse_card_number("metadata", &text)?;
        metadata.insert(name, text.as_str().into());
    }
    Ok(Some(Value::Object(metadata)))
}

/// The last two digits of account and routing number, if the session made a bank account.
async fn account_tails(call: &Call, session: &Session) -> Result<(Option<String>, Option<String>), Failure> {
    let Some(id) = &session.payment_method_id else { return Ok((None, None)) };
    let id = PaymentMethodId::new(id.as_str());
    let method = call.vaulting.store().payment_method(&call.tenant, &id).await?;
    let Some(Display::BankAccount(account)) = method.map(|method| method.display) else {
        return Ok((None, None));
    };
    let tail = |last4: &str| last4.get(last4.len().saturating_sub(2)..).map(str::to_owned);
    Ok((tail(&account.last4), tail(&account.routing_last4)))
}

async fn transaction(call: &Call, session: &Session) -> Result<Option<SessionTransaction>, Failure> {
    let Some(id) = &session.payment_id else { return Ok(None) };
    let payment = call.vaulting.store().payment(&call.tenant, &PaymentId::new(id.as_str())).await?;
    Ok(payment.as_ref().map(transaction_view::of_session))
}
