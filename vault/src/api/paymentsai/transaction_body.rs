//! A transaction as requests send it.

use serde_json::{Map, Value};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::address::BillingAddress;
use super::failure::Failure;
use super::metadata;
use crate::api::free_text;
use crate::api::members::{self, Json, Members, TEXT_MAX_CHARS};
use crate::domain::{Currency, CustomerId, Money, PaymentMethodId};

/// The longest idempotency key, in characters: the gateway's limit.
const KEY_MAX_CHARS: usize = 100;

/// The only type of a transaction that is done here.
pub(super) const SALE: &str = "sale";

/// What a new transaction is made of.
#[derive(ToSchema)]
#[schema(
    rename_all = "camelCase",
    example = json!({
        "type": "sale", "customerId": "c114b68a-432e-4e94-b8ba-1658ef3258e2", "currency": "USD", "amount": 47.77,
        "idempotencyKey": "order-1", "isMerchantInitiated": false,
        "paymentInstruction": {"paymentInstrumentId": "7d9f6a0e-3f8b-4c55-8f0e-2a4c1f0f6b1d"},
    }),
)]
pub(super) struct TransactionBody {
    /// The only type there is here.
    #[schema(value_type = TransactionType)]
    #[expect(dead_code, reason = "there is one value; here it is only described")]
    r#type: (),
    /// Who pays.
    #[schema(value_type = String)]
    pub(super) customer_id: CustomerId,
    /// The currency, as three letters of ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$")]
    #[expect(dead_code, reason = "it is read into `amount`; here it is only described")]
    currency: (),
    /// How much, as a decimal number of the currency: `47.77`.
    #[schema(value_type = f64, exclusive_minimum = 0)]
    pub(super) amount: Money,
    /// What pays; without it, the customer's default payment instrument.
    #[schema(value_type = Option<PaymentInstruction>)]
    pub(super) payment_instruction: Instruction,
    /// One per transaction; a repetition of the same body gets the same answer.
    #[schema(max_length = 100)]
    pub(super) idempotency_key: Option<String>,
    /// Whether the shopper is away.
    #[schema(value_type = Option<bool>)]
    pub(super) is_merchant_initiated: bool,
    /// Where the bill goes; without it, the customer's address.
    pub(super) billing_address: Option<BillingAddress>,
    /// Free data of the merchant's.
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Map<String, Value>,
    /// The merchant's website; it is kept and has no effect here.
    #[schema(max_length = 255)]
    pub(super) website_id: Option<String>,
}

/// The types of transactions that are done here.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) enum TransactionType {
    /// The money is taken at once.
    Sale,
}

/// What pays, as it is sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct PaymentInstruction {
    /// A one-time token, which is consumed; this or `paymentInstrumentId`.
    token: Option<String>,
    /// A payment instrument of the customer's; this or `token`.
    payment_instrument_id: Option<String>,
}

/// What pays.
pub(super) enum Instruction {
    /// A one-time token.
    Token(Zeroizing<String>),
    /// A payment instrument of the customer's.
    Instrument(PaymentMethodId),
    /// The customer's default payment instrument.
    Default,
}

impl TransactionBody {
    /// Reads the body of a new transaction.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read(mut body: Members) -> Result<Self, Failure> {
        let kind = body.required_text("type", TEXT_MAX_CHARS)?;
        let customer = body.required_text("customerId", TEXT_MAX_CHARS)?;
        let currency = currency(&mut body)?;
        let read = Self {
            r#type: (),
            customer_id: CustomerId::new(customer.as_str()),
            currency: (),
            amount: amount(&mut body, currency)?,
            payment_instruction: match body.object("paymentInstruction")? {
                Some(instruction) => Instruction::read(instruction)?,
                None => Instruction::Default,
            },
            idempotency_key: idempotency_key(&mut body)?,
            is_merchant_initiated: body.boolean("isMerchantInitiated")?.unwrap_or_default(),
            billing_address: body.object("billingAddress")?.map(BillingAddress::read).transpose()?,
            metadata: match body.value("metadata") {
                Some(value) => metadata::object("metadata", value)?,
                None => Map::new(),
            },
            website_id: free_text::take(&mut body, "websiteId", TEXT_MAX_CHARS)?.filter(|id| !id.is_empty()),
        };
        body.finish()?;
        if kind.as_str() != SALE {
            return Err(Failure::unprocessable(
                "type",
                "transaction_type_unsupported",
                "type must be \"sale\": authorizations, captures and refunds are not done in this vault",
            ));
        }
        Ok(read)
    }
}

impl Instruction {
    fn read(mut members: Members) -> Result<Self, Failure> {
        let path = members.own_path().to_owned();
        let token = members.text("token", TEXT_MAX_CHARS)?.filter(|token| !token.is_empty());
        let instrument = members.text("paymentInstrumentId", TEXT_MAX_CHARS)?.filter(|id| !id.is_empty());
        members.finish()?;
        match (token, instrument) {
            (Some(token), None) => Ok(Self::Token(token)),
            (None, Some(id)) => Ok(Self::Instrument(PaymentMethodId::new(id.as_str()))),
            (None, None) => Ok(Self::Default),
            (Some(_), Some(_)) => Err(Failure::invalid(
                &path,
                "one_of",
                format!("{path} must hold token or paymentInstrumentId, not both"),
            )),
        }
    }
}

fn currency(body: &mut Members) -> Result<Currency, Failure> {
    let text = body.required_text("currency", TEXT_MAX_CHARS)?;
    Currency::parse(&text).ok_or_else(|| {
        let details = "currency must be a currency of ISO 4217 as three letters, for example \"USD\"";
        Failure::invalid("currency", "invalid_currency", details)
    })
}

fn amount(body: &mut Members, currency: Currency) -> Result<Money, Failure> {
    let money = match body.value("amount") {
        None => return Err(members::required("amount").into()),
        Some(Json::Integer(number)) => Money::from_decimal(&number.to_string(), currency),
        Some(Json::Fraction(number)) => Money::from_f64(number, currency),
        Some(Json::Text(text)) => Money::from_decimal(&text, currency),
        Some(Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_)) => {
            return Err(members::wrong_type("amount", "a number").into());
        }
    };
    money.filter(|money| money.minor > 0).ok_or_else(|| {
        let details = format!(
            "amount must be more than 0, in {currency} and not in its minor unit, with at most {} decimal places",
            currency.exponent()
        );
        Failure::invalid("amount", "invalid_amount", details)
    })
}

fn idempotency_key(body: &mut Members) -> Result<Option<String>, Failure> {
    const NAME: &str = "idempotencyKey";
    let Some(key) = body.text(NAME, KEY_MAX_CHARS)? else { return Ok(None) };
    if key.chars().any(char::is_control) {
        let details = "idempotencyKey must not hold control characters";
        return Err(Failure::invalid(NAME, "control_character", details));
    }
    Ok(Some(key.as_str().to_owned()).filter(|key| !key.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TransactionBody, Failure> {
        TransactionBody::read(Members::of_body(text.as_bytes()).unwrap())
    }

    fn with(member: &str) -> Result<TransactionBody, Failure> {
        read(&format!(r#"{{"type":"sale","customerId":"c","currency":"USD"{member}}}"#))
    }

    #[test]
    fn amounts_are_decimals_of_the_currency() {
        for (written, minor) in [("47.77", 4_777), ("35", 3_500), ("35.00", 3_500), ("\"0.01\"", 1)] {
            assert_eq!(with(&format!(r#","amount":{written}"#)).unwrap().amount.minor, minor, "{written}");
        }
        for written in ["0", "-1", "1.001", "1e300", "\"x\"", "\"\"", "4111111111111111"] {
            let Err(failure) = with(&format!(r#","amount":{written}"#)) else { panic!("{written}") };
            assert_eq!((failure.code(), failure.field()), ("invalid_amount", Some("amount")), "{written}");
        }
    }

    #[test]
    fn a_member_that_is_missing_or_wrong_is_named() {
        for (text, code, field) in [
            ("{}", "required", "type"),
            (r#"{"type":"sale"}"#, "required", "customerId"),
            (r#"{"type":"sale","customerId":"c"}"#, "required", "currency"),
            (r#"{"type":"sale","customerId":"c","currency":"US"}"#, "invalid_currency", "currency"),
            (r#"{"type":"sale","customerId":"c","currency":"USD"}"#, "required", "amount"),
            (
                r#"{"type":"refund","customerId":"c","currency":"USD","amount":1}"#,
                "transaction_type_unsupported",
                "type",
            ),
        ] {
            let Err(failure) = read(text) else { panic!("{text}") };
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{text}");
        }
        for (member, code, field) in [
            (
                r#","paymentInstruction":{"token":"a","paymentInstrumentId":"b"}"#,
                "one_of",
                "paymentInstruction",
            ),
            (r#","paymentInstruction":{"card":"a"}"#, "unknown_field", "paymentInstruction.card"),
            (r#","idempotencyKey":"a\tb""#, "control_character", "idempotencyKey"),
            (r#","isMerchantInitiated":"yes""#, "wrong_type", "isMerchantInitiated"),
            (r#","billingAddress":{"address1":"x"}"#, "unknown_field", "billingAddress.address1"),
            (r#","metadata":{"n":4111111111111111}"#, "contains_card_number", "metadata"),
            (r#","tax":1"#, "unknown_field", "tax"),
        ] {
            let Err(failure) = with(&format!(r#","amount":1{member}"#)) else { panic!("{member}") };
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{member}");
        }
        let key = "k".repeat(101);
        let Err(failure) = with(&format!(r#","amount":1,"idempotencyKey":"{key}""#)) else {
            panic!("101 characters")
        };
        assert_eq!((failure.code(), failure.field()), ("too_long", Some("idempotencyKey")));
    }

    #[test]
    fn nothing_named_is_the_default_instrument() {
        for member in ["", r#","paymentInstruction":{}"#, r#","paymentInstruction":null"#] {
            let body = with(&format!(r#","amount":1{member}"#)).unwrap();
            assert!(matches!(body.payment_instruction, Instruction::Default), "{member}");
        }
    }
}
