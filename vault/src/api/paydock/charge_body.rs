//! What requests say of a charge: PowerBoard's "Create a payment", flow by flow.

use zeroize::Zeroizing;

use super::failure::Failure;
use super::fields::Fields;
use super::kept::{Kept, Payer, given};
use super::payment_source::Type;
use super::request::Query;
use super::session::Session;
use super::source::Given;
use crate::api::members::Json;
use crate::domain::{Capture, Currency, Money};

/// A request to charge.
pub(super) struct ChargeBody {
    pub(super) amount: Money,
    pub(super) capture: Capture,
    pub(super) reference: Option<String>,
    pub(super) description: Option<String>,
    pub(super) payer: Payer,
    pub(super) customer_reference: Option<String>,
    pub(super) meta: serde_json::Map<String, serde_json::Value>,
    pub(super) paid_by: PaidBy,
}

/// What pays.
pub(super) enum PaidBy {
    /// Flow 1: a one-time token.
    Token(Zeroizing<String>),
    /// Flow 2: a customer, with its default payment source or the one named.
    Customer(Zeroizing<String>, Option<Zeroizing<String>>),
    /// Flows 5 and 6: a vault token, for a customer or for nobody.
    Vault(Given, Option<Zeroizing<String>>),
    /// Flow 3: a payment source in clear.
    Clear(Given),
}

/// Reads a request to charge.
///
/// # Errors
/// The first member that is mandatory and missing or wrong.
pub(super) async fn read(
    session: &Session<'_>,
    mut query: Query,
    fields: &mut Fields,
) -> Result<ChargeBody, Failure> {
    let amount = amount(fields)?;
    // The document has it in the query; a body that says it too means the same.
    let capture = query.truth("capture").or_else(|| fields.truth("capture")).unwrap_or(true);
    let reference = given(fields.free_text("reference")?);
    let description = given(fields.description("description")?);
    let meta = fields.meta("meta")?.unwrap_or_default();
    let token = fields.optional("token");
    let customer_id = fields.optional("customer_id");
    let source_id = fields.optional("payment_source_id");
    let mut customer = fields.inner("customer");
    let (payer, customer_reference) = match &mut customer {
        Some(customer) => (Payer::read(customer)?, given(customer.free_text("reference")?)),
        None => (Payer::default(), None),
    };
    let mut source = match &mut customer {
        Some(customer) => customer.inner("payment_source"),
        None => None,
    };
    let is_direct = source.as_ref().is_some_and(|source| {
        source.has("vault_token") || source.has("card_number") || source.has("account_number")
    });
    let paid_by = match (token, customer_id, &mut source) {
        (Some(_), Some(_), _) => return Err(one_of("token")),
        (Some(_), None, Some(_)) if is_direct => return Err(one_of("token")),
        (Some(token), None, beside) => {
            if let Some(beside) = beside {
                gateway(session, beside)?;
            }
            PaidBy::Token(token)
        }
        (None, customer_id, Some(source)) if is_direct => {
            gateway(session, source)?;
            if source.has("vault_token") {
                let path = source.path("vault_token");
                let vault_token = source.mandatory("vault_token")?;
                let vault = Given::vault(session, &vault_token, &path).await?;
                PaidBy::Vault(vault.updated_by(Kept::read(source)?), customer_id)
            } else if customer_id.is_some() {
                return Err(one_of("customer_id"));
            } else {
                let of = Type::optional(source)?;
                PaidBy::Clear(Given::clear(session, source, of)?)
            }
        }
        (None, Some(id), _) => PaidBy::Customer(id, source_id),
        (None, None, _) => {
            let message = "one of token, customer_id and customer.payment_source is required";
            return Err(Failure::required("token").says(message));
        }
    };
    let capture = if capture { Capture::Automatic } else { Capture::Manual };
    Ok(ChargeBody { amount, capture, reference, description, payer, customer_reference, meta, paid_by })
}

fn one_of(path: &str) -> Failure {
    let message = "a charge is paid by exactly one of token, customer_id and customer.payment_source";
    Failure::invalid(path, "one_of", message)
}

fn gateway(session: &Session<'_>, source: &mut Fields) -> Result<(), Failure> {
    let path = source.path("gateway_id");
    let gateway = source.optional("gateway_id");
    session.check_optional_gateway(&path, gateway.as_deref().map(String::as_str))
}

/// Reads `amount`, a number or the same as a text, and `currency`.
fn amount(fields: &mut Fields) -> Result<Money, Failure> {
    let refused = |reason, rule: &str| Failure::invalid("amount", reason, format!("amount must {rule}"));
    let sent = match fields.value("amount") {
        None => return Err(Failure::required("amount")),
        Some(Json::Text(text)) if text.trim().is_empty() => return Err(Failure::required("amount")),
        Some(Json::Text(text)) => text.trim().to_owned(),
        Some(Json::Integer(number)) => number.to_string(),
        // The shortest text that reads back as the same number; Rust writes no exponent.
        Some(Json::Fraction(number)) => number.to_string(),
        Some(Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_)) => {
            return Err(refused("wrong_type", "be a number"));
        }
    };
    let code = fields.mandatory("currency")?;
    let currency = Currency::parse(&code).ok_or_else(|| {
        let message = "currency must be a code of ISO 4217, for example \"AUD\"";
        Failure::invalid("currency", "invalid_currency", message)
    })?;
    let rule = "be above zero, with no more decimal places than the currency has";
    Money::from_decimal(&sent, currency)
        .filter(|money| money.minor > 0)
        .ok_or_else(|| refused("out_of_range", rule))
}
