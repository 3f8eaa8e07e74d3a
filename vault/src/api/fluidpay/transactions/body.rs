//! What "Process a Transaction" takes.

use std::net::IpAddr;

use instrument::card::CardDraft;
use instrument::{Draft, Secret};
use serde_json::{Map, Value};
use utoipa::ToSchema as _;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::ObjectBuilder;
use zeroize::Zeroizing;

use super::PROCESSOR_ID;
use super::address::{self, TransactionAddress};
use crate::api::fluidpay::address::{self as addresses, AddressBody};
use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::payment::{self, AchBody, ClearPayment, TokenBody};
use crate::api::fluidpay::schemas::{self, schema_of};
use crate::api::free_text;
use crate::api::members::{self, Members, TEXT_MAX_CHARS};
use crate::domain::{Capture, Currency, MethodKind, Money};

/// How long an idempotency key is good for when the request does not say, in seconds ("5 minutes").
const IDEMPOTENCY_DEFAULT_SECS: u32 = 300;
/// The longest time an idempotency key may be good for, in seconds: a day. Our reading; none is documented.
const IDEMPOTENCY_MAX_SECS: u32 = 86_400;
/// The longest order id and purchase order number ("up to 17 alphanumeric characters").
const ORDER_ID_MAX_CHARS: usize = 17;

/// The largest amount: what a JSON number holds exactly.
const MAX_MINOR: i64 = (1 << 53) - 1;

/// Amounts in cents that only describe what the amount consists of: kept and shown again.
pub(super) const AMOUNTS: [&str; 7] = [
    "tax_amount",
    "shipping_amount",
    "discount_amount",
    "tip_amount",
    "surcharge",
    "national_tax_amount",
    "duty_amount",
];

/// Texts for processors and statements: kept, and those that answers have are shown again.
pub(super) const TEXTS: [&str; 11] = [
    "po_number",
    "vendor_id",
    "ship_from_postal_code",
    "summary_commodity_code",
    "merchant_vat_registration_number",
    "customer_vat_registration_number",
    "card_on_file_indicator",
    "initiated_by",
    "initial_transaction_id",
    "stored_credential_indicator",
    "billing_method",
];

/// What is to be done with the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransactionType {
    /// Taken at once.
    Sale,
    /// Only set aside.
    Authorize,
}

impl TransactionType {
    /// Whether the money is taken.
    pub(super) const fn capture(self) -> Capture {
        match self {
            Self::Sale => Capture::Automatic,
            Self::Authorize => Capture::Manual,
        }
    }
}

/// The body of "Process a Transaction".
pub(in crate::api::fluidpay) struct TransactionBody {
    pub(super) kind: TransactionType,
    pub(super) amount: Money,
    pub(super) base_amount: i64,
    pub(super) paid_by: PaidBy,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) order_id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) billing: Option<TransactionAddress>,
    pub(super) shipping: Option<TransactionAddress>,
    /// Everything that is only kept and shown again, by its name.
    pub(super) kept: Map<String, Value>,
}

/// A request that may be sent again.
pub(super) struct Idempotency {
    pub(super) key: String,
    pub(super) lifetime_secs: u32,
}

/// What pays: exactly one member of `payment_method`.
pub(in crate::api::fluidpay) enum PaidBy {
    /// A card with its security code, or a bank account, in clear.
    Clear(ClearPayment),
    /// A one-time token.
    Token(TokenBody),
    /// A stored payment method of a customer.
    Customer(CustomerBody),
}

/// The member `customer` of `payment_method`.
pub(in crate::api::fluidpay) struct CustomerBody {
    pub(super) id: String,
    pub(super) method_id: Option<String>,
    pub(super) kind: Option<MethodKind>,
    pub(super) billing_address_id: Option<String>,
    pub(super) shipping_address_id: Option<String>,
}

schema_of!(
    TransactionBody,
    "NewTransaction",
    schemas::list(
        &["type", "payment_method"],
        [
            ("type", schemas::required_literal(&["sale", "authorize"]).examples(["sale"]).into()),
            ("amount", amount().examples([1299]).into()),
            ("base_amount", amount().into()),
            ("currency", schemas::text(3).pattern(Some("^([A-Za-z]{3})?$")).examples(["USD"]).into()),
            ("payment_method", Ref::from_schema_name(PaidBy::name()).into()),
            ("idempotency_key", schemas::text(36).pattern(Some("^([-0-9A-Fa-f]{36})?$")).into()),
            ("idempotency_time", schemas::whole(0, IDEMPOTENCY_MAX_SECS.into()).into()),
            ("order_id", schemas::text(ORDER_ID_MAX_CHARS).examples(["someOrderID"]).into()),
            ("description", schemas::text(TEXT_MAX_CHARS).into()),
            ("tax_exempt", schemas::truth().into()),
            ("email_receipt", schemas::truth().into()),
            ("email_address", schemas::text(TEXT_MAX_CHARS).into()),
            ("ip_address", schemas::text(TEXT_MAX_CHARS).examples(["4.2.2.2"]).into()),
            ("processor_id", schemas::literal(&[PROCESSOR_ID]).into()),
            ("billing_address", schemas::optional(AddressBody::schema_with(address::LINES))),
            ("shipping_address", schemas::optional(AddressBody::schema_with(address::LINES))),
        ]
        .into_iter()
        .chain(AMOUNTS.map(|name| (name, amount().into())))
        .chain(TEXTS.map(|name| (name, schemas::text(TEXT_MAX_CHARS).into())))
    )
);

schema_of!(
    PaidBy,
    "PaymentMethod",
    schemas::object(
        &[],
        [
            (
                "card",
                schemas::optional(schemas::object(
                    &["number", "expiration_date"],
                    [
                        ("number", payment::card_number()),
                        ("expiration_date", payment::expiration_date()),
                        ("cvc", schemas::text(TEXT_MAX_CHARS).examples(["123"]).into()),
                        ("entry_type", schemas::literal(&["keyed"]).into()),
                    ],
                )),
            ),
            ("ach", schemas::nested::<AchBody>()),
            ("token", schemas::text(TEXT_MAX_CHARS).into()),
            (
                "customer",
                schemas::optional(schemas::object(
                    &["id"],
                    [
                        ("id", schemas::required_text(TEXT_MAX_CHARS).into()),
                        ("payment_method_id", schemas::text(TEXT_MAX_CHARS).into()),
                        ("payment_method_type", schemas::literal(&["card", "ach"]).into()),
                        ("billing_address_id", schemas::text(TEXT_MAX_CHARS).into()),
                        ("shipping_address_id", schemas::text(TEXT_MAX_CHARS).into()),
                    ],
                )),
            ),
        ],
    )
);

fn amount() -> ObjectBuilder {
    schemas::whole(0, MAX_MINOR)
}

impl TransactionBody {
    /// Reads the body.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(in crate::api::fluidpay) fn read(mut members: Members) -> Result<Self, Failure> {
        let kind = transaction_type(&mut members)?;
        let currency = currency(&mut members)?;
        let amount = cents(&mut members, "amount")?;
        let base_amount = cents(&mut members, "base_amount")?;
        let Some(charged) = amount.or(base_amount) else {
            return Err(members::required("amount").into());
        };
        if charged == 0 {
            return Err(Failure::invalid("amount", "out_of_range", "amount must be at least 1 cent"));
        }
        let amount = Money::of_minor(charged, currency).ok_or_else(|| too_much("amount"))?;
        let idempotency = idempotency(&mut members)?;
        let order_id = short(&mut members, "order_id")?;
        let description = free_text::take(&mut members, "description", TEXT_MAX_CHARS)?;
        let mut kept = Map::new();
        for name in AMOUNTS {
            if let Some(cents) = cents(&mut members, name)? {
                kept.insert(name.to_owned(), cents.into());
            }
        }
        for name in TEXTS {
            let text = free_text::take(&mut members, name, TEXT_MAX_CHARS)?;
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                kept.insert(name.to_owned(), text.into());
            }
        }
        for name in ["tax_exempt", "email_receipt"] {
            if let Some(truth) = members.boolean(name)? {
                kept.insert(name.to_owned(), truth.into());
            }
        }
        contact(&mut members, &mut kept)?;
        processor(&mut members)?;
        let billing = members.object("billing_address")?.map(TransactionAddress::read).transpose()?;
        let shipping = members.object("shipping_address")?.map(TransactionAddress::read).transpose()?;
        let paid_by = members.object("payment_method")?;
        let paid_by = paid_by.ok_or_else(|| members::required("payment_method"))?;
        members.finish()?;
        Ok(Self {
            kind,
            amount,
            base_amount: base_amount.unwrap_or(charged),
            paid_by: PaidBy::read(paid_by)?,
            idempotency,
            order_id,
            description: description.filter(|text| !text.is_empty()),
            billing,
            shipping,
            kept,
        })
    }
}

impl PaidBy {
    /// The member's name, which answers repeat as `payment_method`.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Clear(ClearPayment { draft: Draft::Card(_), .. }) => "card",
            Self::Clear(ClearPayment { draft: Draft::BankAccount(_), .. }) => "ach",
            Self::Token(_) => "token",
            Self::Customer(_) => "customer",
        }
    }

    fn read(mut members: Members) -> Result<Self, Failure> {
        const ACCEPTED: &str = "card, ach, token, customer";
        let path = members.own_path().to_owned();
        for name in ["terminal", "apm", "apple_pay_token", "google_pay_token"] {
            if members.has(name) {
                let path = members.path(name);
                let msg = format!("{path} cannot be charged through this vault; send one of {ACCEPTED}");
                return Err(Failure::invalid(path, "payment_method_unsupported", msg));
            }
        }
        let card = members.object("card")?;
        let ach = members.object("ach")?;
        let token = members.text("token", TEXT_MAX_CHARS)?;
        let customer = members.object("customer")?;
        members.finish()?;
        match (card, ach, token, customer) {
            (Some(card), None, None, None) => Ok(Self::Clear(read_card(card)?)),
            (None, Some(ach), None, None) => Ok(Self::Clear(payment::read_ach(ach)?)),
            (None, None, Some(token), None) => {
                let path = format!("{path}.token");
                if token.is_empty() {
                    return Err(members::required(&path).into());
                }
                Ok(Self::Token(TokenBody { token, path, flags: None }))
            }
            (None, None, None, Some(customer)) => Ok(Self::Customer(CustomerBody::read(customer)?)),
            (None, None, None, None) => {
                let msg = format!("{path} must hold one of {ACCEPTED}");
                Err(Failure::invalid(path, "required", msg))
            }
            _ => {
                let msg = format!("{path} must hold exactly one of {ACCEPTED}");
                Err(Failure::invalid(path, "one_of", msg))
            }
        }
    }
}

impl CustomerBody {
    fn read(mut members: Members) -> Result<Self, Failure> {
        let id = members.required_text("id", TEXT_MAX_CHARS)?.as_str().to_owned();
        let type_path = members.path("payment_method_type");
        let given = |text: Option<Zeroizing<String>>| {
            text.filter(|text| !text.is_empty()).map(|text| text.as_str().to_owned())
        };
        let kind = given(members.text("payment_method_type", TEXT_MAX_CHARS)?);
        let kind = kind.map(|text| payment::kind_at(&type_path, &text)).transpose()?;
        let body = Self {
            id,
            kind,
            method_id: given(members.text("payment_method_id", TEXT_MAX_CHARS)?),
            billing_address_id: given(members.text("billing_address_id", TEXT_MAX_CHARS)?),
            shipping_address_id: given(members.text("shipping_address_id", TEXT_MAX_CHARS)?),
        };
        members.finish()?;
        Ok(body)
    }
}

/// A card of a transaction, which may carry its security code: it is asked about and never kept.
fn read_card(mut members: Members) -> Result<ClearPayment, Failure> {
    let cvc = members.text("cvc", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
    // Whether somebody typed or swiped it is the processor's interest; only typed cards come here.
    let entry_path = members.path("entry_type");
    match members.text("entry_type", TEXT_MAX_CHARS)?.as_deref().map(String::as_str) {
        None | Some("" | "keyed") => {}
        Some(_) => return Err(members::unknown_value(&entry_path, &["keyed"]).into()),
    }
    let path = members.own_path().to_owned();
    let card = payment::read_number_and_expiry(&mut members)?;
    members.finish()?;
    let code = cvc.map(|code| Secret::new(code.as_str().to_owned()));
    Ok(ClearPayment { draft: Draft::Card(CardDraft { code, ..card }), path, flags: Vec::new() })
}

fn transaction_type(members: &mut Members) -> Result<TransactionType, Failure> {
    let text = members.required_text("type", TEXT_MAX_CHARS)?;
    match text.as_str() {
        "sale" => Ok(TransactionType::Sale),
        "authorize" => Ok(TransactionType::Authorize),
        "verification" | "credit" => Err(Failure::invalid(
            "type",
            "transaction_type_unsupported",
            "type can be \"sale\" or \"authorize\" here; nothing was charged",
        )),
        _ => Err(members::unknown_value("type", &["sale", "authorize"]).into()),
    }
}

fn currency(members: &mut Members) -> Result<Currency, Failure> {
    let Some(text) = members.text("currency", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()) else {
        return Ok(Currency::USD);
    };
    Currency::parse(&text).ok_or_else(|| {
        let msg = "currency must be a code of ISO 4217, for example \"USD\"";
        Failure::invalid("currency", "invalid_currency", msg)
    })
}

/// A whole number of minor units, zero or more.
fn cents(members: &mut Members, name: &str) -> Result<Option<i64>, Failure> {
    let path = members.path(name);
    let Some(cents) = members.integer(name)? else { return Ok(None) };
    // No currency changes how much a JSON number holds.
    if Money::of_minor(cents, Currency::USD).is_none() {
        return Err(too_much(&path));
    }
    Ok(Some(cents))
}

fn too_much(path: &str) -> Failure {
    let msg =
        format!("{path} must be a whole number of cents, zero or more, that a JSON number holds exactly");
    Failure::invalid(path, "out_of_range", msg)
}

fn idempotency(members: &mut Members) -> Result<Option<Idempotency>, Failure> {
    let key = members.text("idempotency_key", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
    let lifetime = members.integer("idempotency_time")?;
    let lifetime_secs = match lifetime.map(u32::try_from) {
        // The SDKs write 0 for "not given".
        None | Some(Ok(0)) => IDEMPOTENCY_DEFAULT_SECS,
        Some(Ok(secs)) if secs <= IDEMPOTENCY_MAX_SECS => secs,
        Some(Ok(_) | Err(_)) => {
            let msg =
                format!("idempotency_time must be a number of seconds from 0 to {IDEMPOTENCY_MAX_SECS}");
            return Err(Failure::invalid("idempotency_time", "out_of_range", msg));
        }
    };
    let Some(key) = key else { return Ok(None) };
    if !is_uuid(&key) {
        let msg = "idempotency_key must be a UUID, drawn anew for every transaction";
        return Err(Failure::invalid("idempotency_key", "idempotency_key_invalid", msg));
    }
    // The same UUID in capitals is the same UUID (RFC 9562, section 4).
    Ok(Some(Idempotency { key: key.to_ascii_lowercase(), lifetime_secs }))
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// An order id: documented as alphanumeric, and taken with any sign that no card number hides behind.
fn short(members: &mut Members, name: &str) -> Result<Option<String>, Failure> {
    let text = free_text::take(members, name, ORDER_ID_MAX_CHARS)?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn contact(members: &mut Members, kept: &mut Map<String, Value>) -> Result<(), Failure> {
    if let Some(text) = members.text("ip_address", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()) {
        let address: IpAddr = text.parse().map_err(|_| {
            let msg = "ip_address must be an IPv4 or IPv6 address without a port";
            Failure::invalid("ip_address", "invalid_ip_address", msg)
        })?;
        kept.insert("ip_address".to_owned(), address.to_string().into());
    }
    if let Some(email) = addresses::email(members, "email_address")?.filter(|text| !text.is_empty()) {
        kept.insert("email_address".to_owned(), email.into());
    }
    Ok(())
}

/// There is one processor, whose id may be named.
fn processor(members: &mut Members) -> Result<(), Failure> {
    match members.text("processor_id", TEXT_MAX_CHARS)?.as_deref().map(String::as_str) {
        None | Some("" | PROCESSOR_ID) => Ok(()),
        Some(_) => Err(members::unknown_value("processor_id", &[PROCESSOR_ID]).into()),
    }
}
