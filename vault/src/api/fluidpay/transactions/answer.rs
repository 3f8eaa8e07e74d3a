//! A transaction as the answers of this face show it, and what of it only this face keeps.

use instrument::Instrument;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::address::TransactionAddress;
use super::response_code::{self, Verdict};
use crate::api::fluidpay::moment;
use crate::domain::{Capture, Face, MethodKind, Outcome, Payment};

/// What only this face knows of a payment, kept under its name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Kept {
    /// Which member of `payment_method` paid.
    pub(super) payment_method: String,
    /// The amount before fees; there are none here.
    pub(super) base_amount: Option<i64>,
    pub(super) idempotency_key: String,
    pub(super) idempotency_time: u32,
    pub(super) billing_address: TransactionAddress,
    pub(super) shipping_address: TransactionAddress,
    /// What may be shown of the instrument: never a whole number.
    pub(super) instrument: Option<ShownInstrument>,
    /// Members that are kept to be shown again, by their names.
    #[serde(flatten)]
    pub(super) more: Map<String, Value>,
}

impl Kept {
    /// What this face keeps, in the form payments have it.
    pub(super) fn into_extra(self) -> Map<String, Value> {
        let mut extra = Map::new();
        // Only maps with keys that are no text cannot be written, and this one has none.
        if let Ok(kept) = serde_json::to_value(self) {
            extra.insert(Face::FluidPay.as_str().to_owned(), kept);
        }
        extra
    }

    /// What this face kept of a payment; nothing, if another face made it.
    fn of(payment: &Payment) -> Self {
        let kept = payment.extra.get(Face::FluidPay.as_str());
        kept.and_then(|kept| Self::deserialize(kept).ok()).unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        self.more.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn cents(&self, name: &str) -> i64 {
        self.more.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    fn truth(&self, name: &str) -> bool {
        self.more.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

/// What may be shown of an instrument that paid.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum ShownInstrument {
    /// Of a card.
    Card {
        card_type: String,
        first_six: String,
        last_four: String,
        masked_card: String,
        /// `MM/YY`.
        expiration_date: String,
        /// Whether a security code was sent along.
        has_code: bool,
    },
    /// Of a bank account.
    Ach { account_type: String, sec_code: String, masked_account_number: String, routing_number: String },
}

impl ShownInstrument {
    /// What may be shown of an instrument.
    pub(super) fn of(instrument: &Instrument) -> Self {
        match instrument {
            Instrument::Card(card) => {
                let number = card.number();
                Self::Card {
                    card_type: number.scheme().id.to_owned(),
                    first_six: number.bin().chars().take(6).collect(),
                    last_four: number.last4().to_owned(),
                    masked_card: number.masked(),
                    expiration_date: format!(
                        "{:02}/{:02}",
                        card.expiry().month(),
                        card.expiry().year() % 100
                    ),
                    has_code: card.code().is_some(),
                }
            }
            Instrument::BankAccount(account) => Self::Ach {
                account_type: account.account_type().as_str().to_owned(),
                sec_code: account.sec_code().as_str().to_owned(),
                masked_account_number: account.account().masked(),
                // A routing number has nine digits (ABA), of which four are shown.
                routing_number: format!("*****{}", account.routing().last4()),
            },
        }
    }
}

/// The payment as it is stored: with the kind of card, and without its digits and expiry.
pub(super) fn without_digits(mut payment: Payment) -> Payment {
    let kept = payment.extra.get_mut(Face::FluidPay.as_str()).and_then(|kept| kept.get_mut("instrument"));
    if let Some(Value::Object(instrument)) = kept {
        for name in [
            "first_six",
            "last_four",
            "masked_card",
            "expiration_date",
            "masked_account_number",
            "routing_number",
        ] {
            if let Some(digits) = instrument.get_mut(name) {
                *digits = Value::from("");
            }
        }
    }
    payment
}

/// The `data` of an answer about one transaction: the members of the documentation's sample.
#[derive(Serialize, ToSchema)]
pub(in crate::api::fluidpay) struct TransactionAnswer {
    id: String,
    user_id: String,
    user_name: String,
    merchant_id: String,
    merchant_name: String,
    idempotency_key: String,
    idempotency_time: u32,
    #[schema(examples("sale"))]
    r#type: &'static str,
    /// `pending_settlement`, `authorized` or `declined`.
    #[schema(examples("pending_settlement"))]
    status: &'static str,
    /// `approved` or `declined`.
    #[schema(examples("approved"))]
    response: &'static str,
    /// 100 to 199 approved, 200 to 299 declined by the issuer, 400 to 499 an error of the processor.
    #[schema(examples(100))]
    response_code: i32,
    /// In cents.
    #[schema(examples(1299))]
    amount: i64,
    base_amount: i64,
    amount_authorized: i64,
    amount_captured: i64,
    amount_settled: i64,
    amount_refunded: i64,
    payment_adjustment: i64,
    tip_amount: i64,
    processor_id: String,
    processor_type: String,
    /// Which processor decided; `sandbox` moves no money.
    #[schema(examples("sandbox"))]
    processor_name: String,
    /// How it was paid: `card`, `ach`, `token` or `customer`.
    payment_method: String,
    /// What paid: `card` or `ach`.
    payment_type: &'static str,
    features: Vec<String>,
    national_tax_amount: i64,
    duty_amount: i64,
    ship_from_postal_code: String,
    summary_commodity_code: String,
    merchant_vat_registration_number: String,
    customer_vat_registration_number: String,
    tax_amount: i64,
    tax_exempt: bool,
    shipping_amount: i64,
    surcharge: i64,
    discount_amount: i64,
    service_fee: i64,
    /// In lower case, as in the sample.
    #[schema(examples("usd"))]
    currency: String,
    description: String,
    settlement_batch_id: String,
    order_id: String,
    po_number: String,
    ip_address: String,
    transaction_source: &'static str,
    email_receipt: bool,
    email_address: String,
    customer_id: String,
    customer_payment_type: &'static str,
    customer_payment_id: String,
    subscription_id: String,
    referenced_transaction_id: String,
    response_body: ResponseBody,
    billing_address: TransactionAddress,
    shipping_address: TransactionAddress,
    created_at: String,
    updated_at: String,
    captured_at: Option<String>,
    settled_at: Option<String>,
}

/// What the processor said, under the kind of instrument that paid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResponseBody {
    Card(CardResponse),
    Ach(AchResponse),
}

#[derive(Serialize, ToSchema)]
struct CardResponse {
    id: String,
    card_type: String,
    first_six: String,
    last_four: String,
    #[schema(examples("411111******1111"))]
    masked_card: String,
    expiration_date: String,
    response: &'static str,
    response_code: i32,
    auth_code: String,
    /// As an issuer writes it (ISO 8583, field 39).
    processor_response_code: &'static str,
    processor_response_text: &'static str,
    processor_transaction_id: String,
    processor_type: String,
    processor_id: String,
    avs_response_code: String,
    /// `M` if the security code is right, `N` if it is wrong, empty if nobody looked.
    cvv_response_code: &'static str,
    processor_specific: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct AchResponse {
    id: String,
    account_type: String,
    masked_account_number: String,
    routing_number: String,
    sec_code: String,
    response: &'static str,
    response_code: i32,
    auth_code: String,
    processor_response_code: &'static str,
    processor_response_text: &'static str,
    processor_type: String,
    processor_id: String,
    processor_specific: Map<String, Value>,
    created_at: String,
    updated_at: String,
}

/// The answer that shows a payment.
pub(super) fn answer(owner_id: &str, payment: &Payment) -> TransactionAnswer {
    let kept = Kept::of(payment);
    let verdict = response_code::of(payment.outcome);
    let is_approved = payment.outcome == Outcome::Approved;
    let is_captured = is_approved && payment.capture == Capture::Automatic;
    let (r#type, approved_status) = match payment.capture {
        Capture::Automatic => ("sale", "pending_settlement"),
        Capture::Manual => ("authorize", "authorized"),
    };
    let minor = payment.amount.minor;
    let created_at = moment::text_of_ms(payment.created_at_ms);
    let id = |id: Option<String>| id.unwrap_or_default();
    TransactionAnswer {
        id: payment.id.to_string(),
        user_id: owner_id.to_owned(),
        user_name: String::new(),
        merchant_id: owner_id.to_owned(),
        merchant_name: String::new(),
        idempotency_key: kept.idempotency_key.clone(),
        idempotency_time: kept.idempotency_time,
        r#type,
        status: if is_approved { approved_status } else { "declined" },
        response: verdict.response,
        response_code: verdict.response_code,
        amount: minor,
        base_amount: kept.base_amount.unwrap_or(minor),
        amount_authorized: if is_approved { minor } else { 0 },
        amount_captured: if is_captured { minor } else { 0 },
        amount_settled: 0,
        amount_refunded: 0,
        payment_adjustment: 0,
        tip_amount: kept.cents("tip_amount"),
        processor_id: payment.processor.clone(),
        processor_type: payment.processor.clone(),
        processor_name: payment.processor.clone(),
        payment_method: kept.payment_method.clone(),
        payment_type: payment.kind.as_str(),
        features: Vec::new(),
        national_tax_amount: kept.cents("national_tax_amount"),
        duty_amount: kept.cents("duty_amount"),
        ship_from_postal_code: kept.text("ship_from_postal_code"),
        summary_commodity_code: kept.text("summary_commodity_code"),
        merchant_vat_registration_number: kept.text("merchant_vat_registration_number"),
        customer_vat_registration_number: kept.text("customer_vat_registration_number"),
        tax_amount: kept.cents("tax_amount"),
        tax_exempt: kept.truth("tax_exempt"),
        shipping_amount: kept.cents("shipping_amount"),
        surcharge: kept.cents("surcharge"),
        discount_amount: kept.cents("discount_amount"),
        service_fee: 0,
        currency: payment.amount.currency.as_str().to_ascii_lowercase(),
        description: payment.description.clone().unwrap_or_default(),
        settlement_batch_id: String::new(),
        order_id: payment.reference.clone().unwrap_or_default(),
        po_number: kept.text("po_number"),
        ip_address: kept.text("ip_address"),
        transaction_source: "api",
        email_receipt: kept.truth("email_receipt"),
        email_address: kept.text("email_address"),
        customer_id: id(payment.customer_id.as_ref().map(ToString::to_string)),
        customer_payment_type: if payment.payment_method_id.is_some() { payment.kind.as_str() } else { "" },
        customer_payment_id: id(payment.payment_method_id.as_ref().map(ToString::to_string)),
        subscription_id: String::new(),
        referenced_transaction_id: String::new(),
        response_body: response_body(payment, &kept, verdict, &created_at),
        billing_address: kept.billing_address,
        shipping_address: kept.shipping_address,
        updated_at: created_at.clone(),
        captured_at: is_captured.then(|| created_at.clone()),
        settled_at: None,
        created_at,
    }
}

fn response_body(payment: &Payment, kept: &Kept, verdict: Verdict, at: &str) -> ResponseBody {
    let shown = kept.instrument.clone().unwrap_or_else(|| blank(payment.kind));
    let Verdict { response, response_code, processor_code, text } = verdict;
    let (id, processor, at) = (payment.id.to_string(), payment.processor.clone(), at.to_owned());
    match shown {
        ShownInstrument::Card { card_type, first_six, last_four, masked_card, expiration_date, has_code } => {
            // The sandbox says that a code is wrong, and only that.
            let cvv_response_code = match (has_code, response_code) {
                (_, response_code::INVALID_CODE) => "N",
                (true, 100) => "M",
                (true | false, _) => "",
            };
            ResponseBody::Card(CardResponse {
                processor_transaction_id: id.clone(),
                id,
                card_type,
                first_six,
                last_four,
                masked_card,
                expiration_date,
                response,
                response_code,
                auth_code: String::new(),
                processor_response_code: processor_code,
                processor_response_text: text,
                processor_type: processor.clone(),
                processor_id: processor,
                avs_response_code: String::new(),
                cvv_response_code,
                processor_specific: String::new(),
                created_at: at.clone(),
                updated_at: at,
            })
        }
        ShownInstrument::Ach { account_type, sec_code, masked_account_number, routing_number } => {
            ResponseBody::Ach(AchResponse {
                id,
                account_type,
                masked_account_number,
                routing_number,
                sec_code,
                response,
                response_code,
                auth_code: String::new(),
                processor_response_code: processor_code,
                processor_response_text: text,
                processor_type: processor.clone(),
                processor_id: processor,
                processor_specific: Map::new(),
                created_at: at.clone(),
                updated_at: at,
            })
        }
    }
}

/// What is shown of an instrument that another face charged.
fn blank(kind: MethodKind) -> ShownInstrument {
    let own = String::new;
    match kind {
        MethodKind::Card | MethodKind::Checkout => ShownInstrument::Card {
            card_type: own(),
            first_six: own(),
            last_four: own(),
            masked_card: own(),
            expiration_date: own(),
            has_code: false,
        },
        MethodKind::BankAccount | MethodKind::Bsb => ShownInstrument::Ach {
            account_type: own(),
            sec_code: own(),
            masked_account_number: own(),
            routing_number: own(),
        },
    }
}
