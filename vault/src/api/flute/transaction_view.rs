//! What is shown of transactions.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::amounts::{AmountDetails, Amounts};
use super::failure::Failure;
use super::instrument_body::SecCode;
use super::method_view::{self, MethodType};
use super::moment;
use crate::domain::{
    Capture, Decline, Display, Fault, MethodKind, Outcome, Payment, PaymentMethod, TenantId,
};
use crate::vaulting::Vaulting;

/// What creating a transaction comes to; a decline is no failure.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionCreated {
    /// The id.
    transaction_id: String,
    /// `Captured`, `Authorized`, `Declined` or `Failed`.
    transaction_status: &'static str,
    /// `Sale`, `Authorization` or `AchDebit`.
    transaction_type: &'static str,
    /// When it was decided.
    #[schema(format = DateTime)]
    transaction_date_time: String,
    /// How much was asked for in all.
    processed_amount: f64,
    /// Of what.
    currency_code: String,
    /// The parts of it.
    amount_details: AmountDetails,
    /// What the processor said.
    processor_response: ProcessorResponse,
    /// The merchant's own reference.
    reference_id: Option<String>,
    /// Who paid.
    customer_id: Option<String>,
    /// With what, if it is kept.
    payment_method_id: Option<String>,
    /// Always null.
    response_details: Nothing,
    /// Always null: nobody verified an address.
    address_verification_service_response: Nothing,
    /// Always null.
    receipt: Nothing,
}

/// A transaction, in a list or on its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransactionAnswer {
    /// The id.
    transaction_id: String,
    /// When it was decided.
    #[schema(format = DateTime)]
    transaction_date_time: String,
    /// `Captured`, `Authorized`, `Declined` or `Failed`.
    transaction_status: &'static str,
    /// `Sale`, `Authorization` or `AchDebit`.
    transaction_type: &'static str,
    /// `Local` for a card that is kept.
    card_token_type: Option<&'static str>,
    /// What paid.
    payment_method_type: MethodType,
    /// The merchant's own reference.
    reference_id: Option<String>,
    /// Always null: nothing here refers to another transaction.
    original_transaction_id: Nothing,
    /// How much was asked for in all.
    processed_amount: f64,
    /// Of what.
    currency_code: String,
    /// As it was sent.
    pricing_type: Option<String>,
    /// Always null: the access token says whose it is.
    merchant_id: Nothing,
    /// As it was sent.
    payment_processor_id: Option<String>,
    /// Who paid.
    customer_id: Option<String>,
    /// Always null: there are no settlements here.
    batch_id: Nothing,
    /// The parts of the amount.
    amount_breakdown: AmountDetails,
    /// Of a card.
    card_details: Option<TransactionCard>,
    /// Of a bank account.
    ach_details: Option<TransactionAccount>,
    /// What the processor said.
    processor_response: ProcessorResponse,
    /// Who made it.
    source: TransactionSource,
}

/// A transaction with everything that is known of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WholeTransaction {
    #[serde(flatten)]
    transaction: TransactionAnswer,
    /// Why it was not approved.
    decline_details: Option<DeclineDetails>,
    /// Always null: nobody verified an address.
    address_verification_service_response: Nothing,
    /// Always null: there are no refunds here.
    refund_details: Nothing,
    /// What happened to it.
    transaction_events: Vec<TransactionEvent>,
}

/// The payment of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SessionTransaction {
    /// The id.
    transaction_id: String,
    /// `Captured`, `Authorized`, `Declined` or `Failed`.
    transaction_status: &'static str,
    /// How much was asked for in all.
    amount: f64,
    /// Of what.
    currency_code: String,
    /// What the processor said.
    processor_response: ProcessorResponse,
    /// What happened to it.
    history: Vec<TransactionEvent>,
}

/// What the processor said.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProcessorResponse {
    /// Who decided; `sandbox` moves no money.
    #[schema(examples("sandbox"))]
    processor_name: String,
    /// `00` for an approved card, `1` for an approved account, or why not.
    #[schema(examples("00"))]
    response_code: &'static str,
    /// The same as a word.
    response_message: &'static str,
    /// The same in a sentence.
    response_definition: &'static str,
}

/// Why a transaction was not approved.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeclineDetails {
    /// The code.
    code: &'static str,
    /// What it means.
    message: &'static str,
}

/// Something that happened to a transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionEvent {
    /// `Sale` or `Authorization`.
    transaction_event_type: &'static str,
    /// `Approved`, `Declined` or `Failed`.
    transaction_event_status: &'static str,
    /// When.
    #[schema(format = DateTime)]
    transaction_event_date_time: String,
    /// How much it was about.
    processed_amount: f64,
    /// Always null.
    original_transaction_id: Nothing,
    /// Why it was not approved.
    decline_details: Option<DeclineDetails>,
}

/// Who made a transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionSource {
    /// `ApiKey`, or `WebComponent` for a payment session.
    source_type: &'static str,
    /// The payment session.
    source_id: Option<String>,
    /// The face of the vault it came through.
    source_name: &'static str,
}

/// The card of a transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionCard {
    /// The payment method, if it was kept.
    payment_method_id: Option<String>,
    /// The last four digits, if it is still kept: a payment keeps none.
    masked_card_number: Option<String>,
    /// The scheme.
    card_brand: &'static str,
    /// Always `Unknown`: nobody was asked.
    card_type: &'static str,
    /// Always `Unknown`.
    card_processed_as_type: &'static str,
    /// Always `Internet`.
    card_data_source: &'static str,
    /// Always null: the cardholder was not there.
    cardholder_verification_method: Nothing,
}

/// The bank account of a transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionAccount {
    /// The payment method, if it was kept.
    payment_method_id: Option<String>,
    /// The last four digits, if it is still kept: a payment keeps none.
    masked_account_number: Option<String>,
    /// The last four digits of the routing number, likewise.
    account_routing_number: Option<String>,
    /// `Business` or `Personal`, likewise.
    account_holder_type: Option<&'static str>,
    /// `Checking` or `Savings`, likewise.
    account_type: Option<&'static str>,
    /// The ACH standard entry class.
    sec_code: Option<&'static str>,
    /// As it was sent.
    is_same_day_processing: bool,
}

/// Always null.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Nothing;

impl PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Nothing {}

impl TransactionCreated {
    /// Shows a payment that was just made.
    pub(super) fn of(payment: &Payment) -> Self {
        Self {
            transaction_id: payment.id.to_string(),
            transaction_status: status(payment),
            transaction_type: transaction_type(payment),
            transaction_date_time: moment::text_of_ms(payment.created_at_ms),
            processed_amount: payment.amount.as_f64(),
            currency_code: payment.amount.currency.as_str().to_owned(),
            amount_details: Amounts::of(payment.amount, kept(payment)).shown(),
            processor_response: ProcessorResponse::of(payment),
            reference_id: payment.reference.clone(),
            customer_id: payment.customer_id.as_ref().map(ToString::to_string),
            payment_method_id: payment.payment_method_id.as_ref().map(ToString::to_string),
            response_details: Nothing,
            address_verification_service_response: Nothing,
            receipt: Nothing,
        }
    }
}

impl TransactionAnswer {
    /// Shows a payment.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        payment: &Payment,
    ) -> Result<Self, Failure> {
        let method = match &payment.payment_method_id {
            Some(id) => vaulting.store().any_payment_method(tenant, id).await?,
            None => None,
        };
        let text = |name: &str| {
            let text = kept(payment).and_then(|kept| kept.get(name)).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        Ok(Self {
            transaction_id: payment.id.to_string(),
            transaction_date_time: moment::text_of_ms(payment.created_at_ms),
            transaction_status: status(payment),
            transaction_type: transaction_type(payment),
            card_token_type: (payment.kind == MethodKind::Card && payment.payment_method_id.is_some())
                .then_some("Local"),
            payment_method_type: MethodType::of(payment.kind),
            reference_id: payment.reference.clone(),
            original_transaction_id: Nothing,
            processed_amount: payment.amount.as_f64(),
            currency_code: payment.amount.currency.as_str().to_owned(),
            pricing_type: text("pricingType"),
            merchant_id: Nothing,
            payment_processor_id: text("paymentProcessorId"),
            customer_id: payment.customer_id.as_ref().map(ToString::to_string),
            batch_id: Nothing,
            amount_breakdown: Amounts::of(payment.amount, kept(payment)).shown(),
            card_details: TransactionCard::of(payment, method.as_ref()),
            ach_details: TransactionAccount::of(payment, method.as_ref()),
            processor_response: ProcessorResponse::of(payment),
            source: TransactionSource::of(payment),
        })
    }
}

impl WholeTransaction {
    /// Shows a payment with everything that is known of it.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        payment: &Payment,
    ) -> Result<Self, Failure> {
        Ok(Self {
            transaction: TransactionAnswer::of(vaulting, tenant, payment).await?,
            decline_details: DeclineDetails::of(payment.outcome),
            address_verification_service_response: Nothing,
            refund_details: Nothing,
            transaction_events: vec![TransactionEvent::of(payment)],
        })
    }
}

/// Shows the payment of a session.
pub(super) fn of_session(payment: &Payment) -> SessionTransaction {
    SessionTransaction {
        transaction_id: payment.id.to_string(),
        transaction_status: status(payment),
        amount: payment.amount.as_f64(),
        currency_code: payment.amount.currency.as_str().to_owned(),
        processor_response: ProcessorResponse::of(payment),
        history: vec![TransactionEvent::of(payment)],
    }
}

/// Flute's word for what came of a payment.
pub(super) const fn status(payment: &Payment) -> &'static str {
    match (payment.outcome, payment.capture) {
        (Outcome::Approved, Capture::Automatic) => "Captured",
        (Outcome::Approved, Capture::Manual) => "Authorized",
        (Outcome::Declined(_), _) => "Declined",
        (Outcome::Failed(_), _) => "Failed",
    }
}

/// Who made a payment, in Flute's word.
pub(super) fn source_type(payment: &Payment) -> &'static str {
    let source = kept(payment).and_then(|kept| kept.get("sourceType")).and_then(Value::as_str);
    if source == Some("WebComponent") { "WebComponent" } else { "ApiKey" }
}

impl ProcessorResponse {
    fn of(payment: &Payment) -> Self {
        let (response_code, response_message, response_definition) = response(payment.outcome, payment.kind);
        Self {
            processor_name: payment.processor.clone(),
            response_code,
            response_message,
            response_definition,
        }
    }
}

impl DeclineDetails {
    fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Approved => None,
            Outcome::Declined(decline) => {
                Some(Self { code: decline_code(decline), message: decline.message() })
            }
            Outcome::Failed(fault) => Some(Self { code: fault_code(fault), message: fault.message() }),
        }
    }
}

impl TransactionEvent {
    fn of(payment: &Payment) -> Self {
        Self {
            transaction_event_type: match payment.capture {
                Capture::Automatic => "Sale",
                Capture::Manual => "Authorization",
            },
            transaction_event_status: match payment.outcome {
                Outcome::Approved => "Approved",
                Outcome::Declined(_) => "Declined",
                Outcome::Failed(_) => "Failed",
            },
            transaction_event_date_time: moment::text_of_ms(payment.created_at_ms),
            processed_amount: payment.amount.as_f64(),
            original_transaction_id: Nothing,
            decline_details: DeclineDetails::of(payment.outcome),
        }
    }
}

impl TransactionSource {
    fn of(payment: &Payment) -> Self {
        let session = kept(payment).and_then(|kept| kept.get("sessionId")).and_then(Value::as_str);
        Self {
            source_type: source_type(payment),
            source_id: session.map(str::to_owned),
            source_name: payment.face.as_str(),
        }
    }
}

impl TransactionCard {
    fn of(payment: &Payment, method: Option<&PaymentMethod>) -> Option<Self> {
        if payment.kind != MethodKind::Card {
            return None;
        }
        let shown = method.and_then(|method| match &method.display {
            Display::Card(card) => Some(card),
            Display::BankAccount(_) | Display::Bsb(_) | Display::Checkout(_) => None,
        });
        let scheme = kept(payment).and_then(|kept| kept.get("cardScheme")).and_then(Value::as_str);
        let scheme = scheme.or(shown.map(|card| card.scheme.as_str())).unwrap_or_default();
        Some(Self {
            payment_method_id: payment.payment_method_id.as_ref().map(ToString::to_string),
            masked_card_number: shown.map(|card| method_view::card_mask(&card.last4)),
            card_brand: method_view::card_type(scheme),
            card_type: "Unknown",
            card_processed_as_type: "Unknown",
            card_data_source: "Internet",
            cardholder_verification_method: Nothing,
        })
    }
}

impl TransactionAccount {
    fn of(payment: &Payment, method: Option<&PaymentMethod>) -> Option<Self> {
        if payment.kind != MethodKind::BankAccount {
            return None;
        }
        let shown = method.and_then(|method| match &method.display {
            Display::BankAccount(account) => Some(account),
            Display::Card(_) | Display::Bsb(_) | Display::Checkout(_) => None,
        });
        let said = |name: &str| kept(payment).and_then(|kept| kept.get(name));
        let sec_code = said("secCode").and_then(Value::as_str);
        let sec_code = sec_code.or(shown.map(|account| account.sec_code.as_str()));
        Some(Self {
            payment_method_id: payment.payment_method_id.as_ref().map(ToString::to_string),
            masked_account_number: shown.map(|account| method_view::account_mask(&account.last4)),
            account_routing_number: shown.map(|account| method_view::account_mask(&account.routing_last4)),
            account_holder_type: shown.map(|account| method_view::holder_type(&account.holder_type)),
            account_type: shown.map(|account| method_view::account_type(&account.account_type)),
            sec_code: sec_code.and_then(SecCode::of_domain).map(SecCode::as_str),
            is_same_day_processing: said("isSameDayProcessing") == Some(&Value::Bool(true)),
        })
    }
}

/// What this face keeps of a payment.
fn kept(payment: &Payment) -> Option<&Map<String, Value>> {
    payment.extra.get("flute").and_then(Value::as_object)
}

const fn transaction_type(payment: &Payment) -> &'static str {
    match (payment.kind, payment.capture) {
        (MethodKind::BankAccount, _) => "AchDebit",
        (MethodKind::Card | MethodKind::Bsb | MethodKind::Checkout, Capture::Automatic) => "Sale",
        (MethodKind::Card | MethodKind::Bsb | MethodKind::Checkout, Capture::Manual) => "Authorization",
    }
}

/// Code, word and sentence. The codes of approvals are those of Flute's examples; the others are ISO 8583
/// response codes, as Flute's test cards carry them in their digits.
const fn response(outcome: Outcome, kind: MethodKind) -> (&'static str, &'static str, &'static str) {
    match outcome {
        Outcome::Approved => match kind {
            MethodKind::BankAccount => ("1", "Approved", "The payment was approved."),
            MethodKind::Card | MethodKind::Bsb | MethodKind::Checkout => {
                ("00", "Approved", "The payment was approved.")
            }
        },
        Outcome::Declined(decline) => (decline_code(decline), "Declined", decline.message()),
        Outcome::Failed(fault) => (fault_code(fault), "Failed", fault.message()),
    }
}

const fn decline_code(decline: Decline) -> &'static str {
    match decline {
        Decline::DoNotHonor | Decline::Generic => "05",
        Decline::InsufficientFunds => "51",
        Decline::InvalidNumber => "14",
        Decline::ExpiredCard => "54",
        // The number that Flute publishes has 04 where the others have their ISO code, which would be 41.
        Decline::LostCard => "04",
        Decline::StolenCard => "43",
        Decline::RestrictedCard => "62",
        Decline::NotPermitted => "57",
        Decline::ReferToIssuer => "01",
        Decline::CodeMismatch => "99",
        Decline::BinNotFound => "DeclineBinNotFound",
    }
}

const fn fault_code(fault: Fault) -> &'static str {
    match fault {
        Fault::Timeout => "91",
        Fault::SystemError => "96",
        Fault::ProcessorError => "19",
    }
}
