//! What "Create Customer Record" and "Update Customer Record" take.

use zeroize::Zeroizing;

use super::address::AddressBody;
use super::failure::Failure;
use super::payment::{self, NewPayment};
use super::schemas::{self, schema_of};
use crate::api::free_text;
use crate::api::members::{self, Members, TEXT_MAX_CHARS};
use crate::domain::MethodKind;

/// The flags a customer may carry.
pub(super) const FLAGS: &[&str] = &["surcharge_exempt"];

/// The longest custom id ("Max 40 characters").
const ID_MAX_CHARS: usize = 40;

/// The longest description and notes ("max 255 characters").
const DESCRIPTION_MAX_CHARS: usize = 255;

/// How a new customer gets its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NewId {
    /// The vault makes one.
    Generated,
    /// The merchant's own.
    Custom(String),
    /// `id_format: "xid_type_last4"`; see `render_id` for our reading of it.
    XidTypeLast4,
}

/// The body of "Create Customer Record".
pub(super) struct CreateBody {
    pub(super) id: NewId,
    pub(super) description: String,
    pub(super) notes: String,
    pub(super) flags: Vec<String>,
    pub(super) payment: Option<NewPayment>,
    pub(super) billing: Option<AddressBody>,
    pub(super) shipping: Option<AddressBody>,
}

schema_of!(
    CreateBody,
    "NewCustomer",
    schemas::object(
        &[],
        [
            ("id", schemas::text(ID_MAX_CHARS).pattern(Some("^[0-9A-Za-z]*$")).into()),
            ("id_format", schemas::literal(&["xid_type_last4"]).into()),
            ("description", schemas::text(DESCRIPTION_MAX_CHARS).examples(["test description"]).into()),
            ("notes", schemas::text(DESCRIPTION_MAX_CHARS).into()),
            ("flags", schemas::flags(FLAGS)),
            ("default_payment", schemas::nested::<NewPayment>()),
            ("default_billing_address", schemas::nested::<AddressBody>()),
            ("default_shipping_address", schemas::nested::<AddressBody>()),
        ],
    )
);

impl CreateBody {
    /// Reads the body of a creation.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let id = new_id(&mut members)?;
        let description = free_text::take(&mut members, "description", DESCRIPTION_MAX_CHARS)?;
        let notes = free_text::take(&mut members, "notes", DESCRIPTION_MAX_CHARS)?;
        let flags = members.literals("flags", FLAGS)?;
        let payment = members.object("default_payment")?;
        let billing = members.object("default_billing_address")?;
        let shipping = members.object("default_shipping_address")?;
        members.finish()?;
        let payment = payment.map(NewPayment::read_default).transpose()?;
        if id == NewId::XidTypeLast4 && payment.is_none() {
            return Err(Failure::from(members::required("default_payment")).says(
                "default_payment is required with id_format \"xid_type_last4\": the id names its type and last four",
            ));
        }
        Ok(Self {
            id,
            description: description.unwrap_or_default(),
            notes: notes.unwrap_or_default(),
            flags: flags.unwrap_or_default(),
            payment,
            billing: billing.map(AddressBody::read).transpose()?,
            shipping: shipping.map(AddressBody::read).transpose()?,
        })
    }
}

/// The id an `id_format` of `xid_type_last4` asks for.
///
/// The document names the format and shows no example. Read literally, it is an xid, the type of the
/// payment method as `payment_method_type` writes it (`card` or `ach`), and the last four digits of its
/// number, joined by underscores as the name itself is: `bl6nqk69ku6897l45fp0_card_1111`.
pub(super) fn formatted_id(xid: &str, kind: MethodKind, last4: &str) -> String {
    format!("{xid}_{}_{last4}", kind.as_str())
}

/// A member of `defaults`: not sent, emptied with `""`, or set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DefaultChange {
    /// The member was not sent: the default stays.
    Keep,
    /// The member was sent empty: the default is removed.
    Clear,
    /// The id given becomes the default.
    Set(String),
}

/// The payment half of `defaults`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DefaultPaymentChange {
    /// Neither member was sent: the default stays.
    Keep,
    /// Both were sent empty: the default is removed.
    Clear,
    /// The payment method of this id and kind becomes the default.
    Set(String, MethodKind),
}

/// The body of "Update Customer Record"; what is `None` stays as it is.
#[derive(Debug)]
pub(super) struct UpdateBody {
    pub(super) description: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) flags: Option<Vec<String>>,
    pub(super) billing_address_id: DefaultChange,
    pub(super) shipping_address_id: DefaultChange,
    pub(super) payment_method: DefaultPaymentChange,
}

schema_of!(
    UpdateBody,
    "CustomerChange",
    schemas::object(
        &[],
        [
            ("description", schemas::text(DESCRIPTION_MAX_CHARS).examples(["test description"]).into()),
            ("notes", schemas::text(DESCRIPTION_MAX_CHARS).into()),
            ("flags", schemas::flags(FLAGS)),
            (
                "defaults",
                schemas::optional(schemas::object(
                    &[],
                    [
                        ("billing_address_id", schemas::text(TEXT_MAX_CHARS).into()),
                        ("shipping_address_id", schemas::text(TEXT_MAX_CHARS).into()),
                        ("payment_method_id", schemas::text(TEXT_MAX_CHARS).into()),
                        ("payment_method_type", schemas::literal(&["card", "ach"]).into()),
                    ],
                )),
            ),
        ],
    )
);

impl UpdateBody {
    /// Reads the body of an update.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let description = free_text::take(&mut members, "description", DESCRIPTION_MAX_CHARS)?;
        let notes = free_text::take(&mut members, "notes", DESCRIPTION_MAX_CHARS)?;
        let flags = members.literals("flags", FLAGS)?;
        let defaults = members.object("defaults")?;
        members.finish()?;
        let mut body = Self {
            description,
            notes,
            flags,
            billing_address_id: DefaultChange::Keep,
            shipping_address_id: DefaultChange::Keep,
            payment_method: DefaultPaymentChange::Keep,
        };
        if let Some(mut defaults) = defaults {
            body.billing_address_id = default_change(defaults.text("billing_address_id", TEXT_MAX_CHARS)?);
            body.shipping_address_id = default_change(defaults.text("shipping_address_id", TEXT_MAX_CHARS)?);
            body.payment_method = default_payment(&mut defaults)?;
            defaults.finish()?;
        }
        Ok(body)
    }
}

fn default_change(text: Option<Zeroizing<String>>) -> DefaultChange {
    match text {
        None => DefaultChange::Keep,
        Some(id) if id.is_empty() => DefaultChange::Clear,
        Some(id) => DefaultChange::Set(id.as_str().to_owned()),
    }
}

/// The both-or-none rule of `payment_method_id` and `payment_method_type`.
fn default_payment(defaults: &mut Members) -> Result<DefaultPaymentChange, Failure> {
    let id_path = defaults.path("payment_method_id");
    let type_path = defaults.path("payment_method_type");
    let id = defaults.text("payment_method_id", TEXT_MAX_CHARS)?;
    let kind = defaults.text("payment_method_type", TEXT_MAX_CHARS)?;
    match (id, kind) {
        (None, None) => Ok(DefaultPaymentChange::Keep),
        (Some(id), Some(kind)) if id.is_empty() && kind.is_empty() => Ok(DefaultPaymentChange::Clear),
        (Some(id), Some(kind)) if !id.is_empty() && !kind.is_empty() => {
            let kind = payment::kind_at(&type_path, &kind)?;
            Ok(DefaultPaymentChange::Set(id.as_str().to_owned(), kind))
        }
        (Some(id), Some(_) | None) if !id.is_empty() => Err(Failure::from(members::required(&type_path))
            .says(format!("{type_path} is required when {id_path} is present"))),
        (None | Some(_), Some(kind)) if !kind.is_empty() => Err(Failure::from(members::required(&id_path))
            .says(format!("{id_path} is required when {type_path} is present"))),
        // One of the two is "" and the other was not sent: nothing is said about the default.
        (Some(_) | None, Some(_) | None) => Ok(DefaultPaymentChange::Keep),
    }
}

fn new_id(members: &mut Members) -> Result<NewId, Failure> {
    let id = members.text("id", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
    let format = members.text("id_format", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
    match (id, format) {
        (None, None) => Ok(NewId::Generated),
        (Some(_), Some(_)) => {
            Err(Failure::invalid("id_format", "one_of", "id_format cannot be combined with a custom id"))
        }
        (None, Some(format)) if format.as_str() == "xid_type_last4" => Ok(NewId::XidTypeLast4),
        (None, Some(_)) => Err(members::unknown_value("id_format", &["xid_type_last4"]).into()),
        (Some(id), None) => {
            if id.len() > ID_MAX_CHARS || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                let msg = format!("id must have at most {ID_MAX_CHARS} characters of a-z, A-Z, 0-9");
                return Err(Failure::invalid("id", "invalid_id", msg));
            }
            // `GET /vault/customer` and `/vault/search` would not reach a customer of that name.
            if matches!(id.as_str(), "customer" | "search") {
                return Err(Failure::invalid("id", "invalid_id", "id must not be a word of the API's paths"));
            }
            free_text::refuse_card_as_id("id", &id)?;
            Ok(NewId::Custom(id.as_str().to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(text: &str) -> Result<CreateBody, Failure> {
        CreateBody::read(Members::of_body(text.as_bytes()).unwrap())
    }

    fn update(text: &str) -> Result<UpdateBody, Failure> {
        UpdateBody::read(Members::of_body(text.as_bytes()).unwrap())
    }

    #[test]
    fn an_empty_creation_is_a_customer_without_anything() {
        let body = create("{}").unwrap_or_else(|failure| panic!("{failure:?}"));
        assert_eq!(body.id, NewId::Generated);
        assert!(body.description.is_empty() && body.flags.is_empty() && body.payment.is_none());
    }

    #[test]
    fn creation_rules_are_held_with_the_path_of_the_member() {
        let card = r#""number":"4111111111111111","expiration_date":"12/30""#;
        let ach = r#""account_number":"123456789","routing_number":"021000021""#;
        for (body, code, field) in [
            (r#"{"id":"has space"}"#.to_owned(), "invalid_id", "id"),
            (format!(r#"{{"id":"{}"}}"#, "x".repeat(41)), "invalid_id", "id"),
            (r#"{"id":"under_score"}"#.to_owned(), "invalid_id", "id"),
            (r#"{"id":"customer"}"#.to_owned(), "invalid_id", "id"),
            (r#"{"id":"4111111111111111"}"#.to_owned(), "contains_card_number", "id"),
            (r#"{"id":"a4111111111111111b"}"#.to_owned(), "contains_card_number", "id"),
            (r#"{"id":"a","id_format":"xid_type_last4"}"#.to_owned(), "one_of", "id_format"),
            (r#"{"id_format":"uuid"}"#.to_owned(), "unknown_value", "id_format"),
            (r#"{"id_format":"xid_type_last4"}"#.to_owned(), "required", "default_payment"),
            (format!(r#"{{"description":"{}"}}"#, "x".repeat(256)), "too_long", "description"),
            (
                r#"{"description":"pay 4111-1111-1111-1111"}"#.to_owned(),
                "contains_card_number",
                "description",
            ),
            (r#"{"flags":["vip"]}"#.to_owned(), "unknown_value", "flags[0]"),
            (r#"{"default_payment":{}}"#.to_owned(), "required", "default_payment"),
            (
                format!(r#"{{"default_payment":{{"card":{{{card}}},"token":"x"}}}}"#),
                "one_of",
                "default_payment",
            ),
            (
                r#"{"default_payment":{"card":{"number":"4111111111111111"}}}"#.to_owned(),
                "required",
                "default_payment.card.expiration_date",
            ),
            (
                r#"{"default_payment":{"card":{"number":"4111111111111111","expiration_date":"12/2030"}}}"#
                    .to_owned(),
                "invalid_expiration_date",
                "default_payment.card.expiration_date",
            ),
            (
                format!(r#"{{"default_payment":{{"card":{{{card},"cvc":"123"}}}}}}"#),
                "unknown_field",
                "default_payment.card.cvc",
            ),
            (
                format!(r#"{{"default_payment":{{"ach":{{{ach},"sec_code":"web"}}}}}}"#),
                "required",
                "default_payment.ach.account_type",
            ),
            (
                format!(r#"{{"default_payment":{{"ach":{{{ach},"account_type":"checking"}}}}}}"#),
                "required",
                "default_payment.ach.sec_code",
            ),
            (
                format!(
                    r#"{{"default_payment":{{"ach":{{{ach},"account_type":"checking","sec_code":"tel"}}}}}}"#
                ),
                "unknown_value",
                "default_payment.ach.sec_code",
            ),
            (
                r#"{"default_payment":{"apple_pay":{"pkpaymenttoken":{}}}}"#.to_owned(),
                "required",
                "default_payment.apple_pay.key_id",
            ),
            (
                r#"{"default_payment":{"apple_pay":{"key_id":"m"}}}"#.to_owned(),
                "required",
                "default_payment.apple_pay.pkpaymenttoken",
            ),
            (
                r#"{"default_billing_address":{"email":"nobody"}}"#.to_owned(),
                "invalid_email",
                "default_billing_address.email",
            ),
        ] {
            let failure = create(&body).err().unwrap_or_else(|| panic!("accepted: {body}"));
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{body}");
        }
    }

    #[test]
    fn the_default_payment_of_an_update_is_both_or_none() {
        let set = update(r#"{"defaults":{"payment_method_id":"a","payment_method_type":"ach"}}"#).unwrap();
        assert_eq!(set.payment_method, DefaultPaymentChange::Set("a".to_owned(), MethodKind::BankAccount));
        for (body, field) in [
            (r#"{"defaults":{"payment_method_id":"a"}}"#, "defaults.payment_method_type"),
            (
                r#"{"defaults":{"payment_method_id":"a","payment_method_type":""}}"#,
                "defaults.payment_method_type",
            ),
            (r#"{"defaults":{"payment_method_type":"card"}}"#, "defaults.payment_method_id"),
            (
                r#"{"defaults":{"payment_method_id":"","payment_method_type":"card"}}"#,
                "defaults.payment_method_id",
            ),
        ] {
            let failure = update(body).unwrap_err();
            assert_eq!((failure.code(), failure.field()), ("required", Some(field)), "{body}");
        }
        let clear = update(r#"{"defaults":{"payment_method_id":"","payment_method_type":""}}"#).unwrap();
        assert_eq!(clear.payment_method, DefaultPaymentChange::Clear);
        let keep = update(r#"{"defaults":{"billing_address_id":"","shipping_address_id":"s"}}"#).unwrap();
        assert_eq!(keep.payment_method, DefaultPaymentChange::Keep);
        assert_eq!(keep.billing_address_id, DefaultChange::Clear);
        assert_eq!(keep.shipping_address_id, DefaultChange::Set("s".to_owned()));
    }

    #[test]
    fn the_formatted_id_holds_xid_type_and_last_four() {
        let id = formatted_id("bl6nqk69ku6897l45fp0", MethodKind::Card, "1111");
        assert_eq!(id, "bl6nqk69ku6897l45fp0_card_1111");
    }
}
