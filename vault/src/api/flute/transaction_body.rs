//! A transaction as requests ask for it.

use utoipa::ToSchema;

use super::address::PostalAddress;
use super::amounts::{Amounts, ExtraAmounts};
use super::entity::EntityId;
use super::failure::Spelling;
use super::instrument_body::{self, AchDetails, CardDetails, SecCode};
use super::profile;
use super::sessions;
use crate::api::members::{Json, Members, Misfit, required, unknown_value, wrong_type};
use crate::domain::Capture;

/// A new transaction.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read into `Wanted`")]
pub(super) struct NewTransaction {
    /// Kept and shown; there is one processor here, so it may be left out.
    payment_processor_id: Option<String>,
    /// What is charged, before anything is added or taken off.
    #[schema(exclusive_minimum = 0)]
    base_amount: f64,
    /// Of what; `USD` if it is not given.
    #[schema(min_length = 3, max_length = 3, examples("USD"))]
    currency_code: Option<String>,
    /// The merchant's own reference.
    #[schema(max_length = 36)]
    reference_id: Option<String>,
    /// Kept, and not shown.
    is_customer_initiated_transaction: Option<bool>,
    /// Kept and shown.
    #[schema(value_type = Option<PricingType>)]
    pricing_type: Option<String>,
    /// What is added, or taken off.
    extra_amounts: Option<ExtraAmounts>,
    /// Level 2 and 3 data of commercial cards; checked by name and not kept.
    #[schema(value_type = Option<Object>)]
    transaction_enhanced_data: Option<serde_json::Value>,
    /// Where bills go; checked and not kept.
    billing_address: Option<PostalAddress>,
    /// Where goods go; checked and not kept.
    shipping_address: Option<PostalAddress>,
    /// Who pays; checked and not kept.
    contact_info: Option<Contact>,
    /// Who pays, if they are a customer. Without `paymentMethodId` or data, their default pays.
    customer_id: Option<String>,
    /// What pays; also inside `transactionDetails`.
    payment_method_id: Option<String>,
    /// What pays.
    transaction_details: Option<TransactionDetails>,
    /// Accepted.
    device_id: Option<String>,
    /// Accepted.
    #[schema(value_type = Option<Platform>)]
    platform: Option<String>,
    /// Accepted.
    #[schema(max_length = 255)]
    app_version: Option<String>,
    /// Accepted.
    #[schema(max_length = 255)]
    sdk_version: Option<String>,
}

/// What pays: exactly one of the two.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read into `Wanted`")]
pub(super) struct TransactionDetails {
    /// A card.
    card_data: Option<CardData>,
    /// A bank account.
    ach_data: Option<AchData>,
}

/// A card that pays: one that is kept, or one that is not.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read into `Wanted`")]
pub(super) struct CardData {
    /// `Auto` takes the money, which is the default; `Manual` sets it aside.
    #[schema(value_type = Option<CaptureMethod>)]
    capture_method: Option<String>,
    /// One that is kept.
    payment_method_id: Option<String>,
    /// One that is not.
    payment_method_details: Option<CardDetails>,
}

/// A bank account that pays: one that is kept, or one that is not.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a body that is read into `Wanted`")]
pub(super) struct AchData {
    /// One that is kept.
    payment_method_id: Option<String>,
    /// One that is not.
    payment_method_details: Option<AchDetails>,
    /// The ACH standard entry class.
    sec_code: SecCode,
    /// Kept and shown.
    is_same_day_processing: Option<bool>,
    /// Who ordered the payment, by IP address.
    #[schema(max_length = 45, examples("203.0.113.45"))]
    requester_ip_address: String,
}

/// Who pays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Contact {
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// Company.
    pub(super) company_name: Option<String>,
    /// E-mail address.
    #[expect(dead_code, reason = "checked, and not kept")]
    email: Option<String>,
    /// Phone number.
    #[schema(pattern = r"^(\+\d{1,20})?$")]
    mobile_phone_number: Option<String>,
    /// Whether text messages are welcome.
    #[expect(dead_code, reason = "checked, and not kept")]
    has_sms_consent: Option<bool>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member that is read by name")]
enum PricingType {
    Card,
    Cash,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member that is read by name")]
enum CaptureMethod {
    Auto,
    Manual,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member that is read by name")]
enum Platform {
    #[serde(rename = "iOS")]
    Ios,
    Android,
}

/// What a request wants to have charged, and how.
pub(super) struct Wanted {
    pub(super) amounts: Amounts,
    pub(super) reference: Option<String>,
    pub(super) pricing_type: Option<String>,
    pub(super) processor_id: Option<EntityId>,
    pub(super) customer_initiated: bool,
    pub(super) customer_id: Option<EntityId>,
    pub(super) payment_method_id: Option<EntityId>,
    pub(super) data: Option<Data>,
    pub(super) contact: Option<Contact>,
    pub(super) has_billing_address: bool,
}

/// What `transactionDetails` says.
pub(super) enum Data {
    /// A card.
    Card {
        /// Whether the money is taken.
        capture: Capture,
        /// One that is not kept.
        details: Option<CardDetails>,
    },
    /// A bank account.
    Ach {
        /// The entry class.
        sec_code: SecCode,
        /// As it was sent.
        same_day: bool,
        /// One that is not kept.
        details: Option<AchDetails>,
    },
}

/// The members of `transactionEnhancedData`.
const ENHANCED: [&str; 6] =
    ["salesTaxRate", "invoiceNumber", "purchaseOrder", "shippingCharges", "dutyCharges", "products"];

impl Wanted {
    /// Reads a request's body.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Misfit> {
        let amounts = Amounts::take(&mut members)?;
        let customer_id = EntityId::take(&mut members, "customerId")?;
        let above = EntityId::take(&mut members, "paymentMethodId")?;
        let (inside, data) = details(&mut members)?;
        let payment_method_id = match (above, inside) {
            (Some(above), Some(inside)) if above != inside => {
                let message = "transactionDetails and paymentMethodId must name the same payment method";
                return Err(Misfit::invalid("paymentMethodId", "one_of", message));
            }
            (above, inside) => above.or(inside),
        };
        let sent = data.as_ref().is_some_and(|data| match data {
            Data::Card { details, .. } => details.is_some(),
            Data::Ach { details, .. } => details.is_some(),
        });
        if payment_method_id.is_some() && sent {
            let message = "either paymentMethodId or paymentMethodDetails must be given, not both";
            return Err(Misfit::invalid("transactionDetails", "one_of", message));
        }
        if payment_method_id.is_none() && customer_id.is_none() && !sent {
            let message = "one of customerId, paymentMethodId and paymentMethodDetails must be given";
            return Err(Misfit::invalid("transactionDetails", "one_of", message));
        }
        let has_billing_address = PostalAddress::take(&mut members, "billingAddress")?.is_some();
        PostalAddress::take(&mut members, "shippingAddress")?;
        let wanted = Self {
            amounts,
            reference: sessions::reference(&mut members)?,
            pricing_type: word(&mut members, "pricingType", &["Card", "Cash"])?,
            processor_id: EntityId::take_uuid(&mut members, "paymentProcessorId")?,
            customer_initiated: members.boolean("isCustomerInitiatedTransaction")?.unwrap_or(false),
            customer_id,
            payment_method_id,
            data,
            contact: Contact::take(&mut members)?,
            has_billing_address,
        };
        enhanced(&mut members)?;
        EntityId::take_uuid(&mut members, "deviceId")?;
        word(&mut members, "platform", &["iOS", "Android"])?;
        profile::text(&mut members, "appVersion")?;
        profile::text(&mut members, "sdkVersion")?;
        members.finish()?;
        Ok(wanted)
    }
}

impl Contact {
    fn take(members: &mut Members) -> Result<Option<Self>, Misfit> {
        let Some(mut inner) = members.object("contactInfo")? else { return Ok(None) };
        let contact = Self {
            first_name: profile::text(&mut inner, "firstName")?,
            last_name: profile::text(&mut inner, "lastName")?,
            company_name: profile::text(&mut inner, "companyName")?,
            email: profile::email(&mut inner)?,
            mobile_phone_number: profile::phone(&mut inner)?,
            has_sms_consent: inner.boolean("hasSmsConsent")?,
        };
        inner.finish()?;
        Ok(Some(contact))
    }

    /// Refuses a contact that is too little for a bank account that is not kept: it needs a phone number, and
    /// the name of a person or a company.
    ///
    /// # Errors
    /// `required`, at what is missing.
    pub(super) fn suffices(&self) -> Result<(), Misfit> {
        if self.mobile_phone_number.is_none() {
            return Err(required("contactInfo.mobilePhoneNumber"));
        }
        let person = self.first_name.is_some() && self.last_name.is_some();
        if person || self.company_name.is_some() { Ok(()) } else { Err(required("contactInfo.companyName")) }
    }
}

/// What `transactionDetails` names and says.
fn details(members: &mut Members) -> Result<(Option<EntityId>, Option<Data>), Misfit> {
    let Some(mut details) = members.object("transactionDetails")? else { return Ok((None, None)) };
    let card = details.object("cardData")?;
    let ach = details.object("achData")?;
    details.finish()?;
    match (card, ach) {
        (Some(_), Some(_)) => {
            let message = "transactionDetails must hold either cardData or achData";
            Err(Misfit::invalid("transactionDetails", "one_of", message))
        }
        (None, None) => Ok((None, None)),
        (Some(mut card), None) => {
            let capture = match word(&mut card, "captureMethod", &["Auto", "Manual"])?.as_deref() {
                Some("Manual") => Capture::Manual,
                Some(_) | None => Capture::Automatic,
            };
            let id = EntityId::take(&mut card, "paymentMethodId")?;
            let details = match card.object("paymentMethodDetails")? {
                None => None,
                Some(mut inner) => {
                    let details = CardDetails::take(&mut inner, Spelling::V2)?;
                    inner.finish()?;
                    Some(details)
                }
            };
            card.finish()?;
            Ok((id, Some(Data::Card { capture, details })))
        }
        (None, Some(mut ach)) => {
            let sec_code = SecCode::take(&mut ach)?;
            instrument_body::requester(&mut ach)?;
            let same_day = ach.boolean("isSameDayProcessing")?.unwrap_or(false);
            let id = EntityId::take(&mut ach, "paymentMethodId")?;
            let details = match ach.object("paymentMethodDetails")? {
                None => None,
                Some(mut inner) => {
                    let details = AchDetails::take(&mut inner)?;
                    inner.finish()?;
                    Some(details)
                }
            };
            ach.finish()?;
            Ok((id, Some(Data::Ach { sec_code, same_day, details })))
        }
    }
}

fn word(members: &mut Members, name: &str, accepted: &[&str]) -> Result<Option<String>, Misfit> {
    let path = members.path(name);
    let Some(text) = members.text(name, 32)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    if accepted.contains(&text.as_str()) {
        Ok(Some(text.to_string()))
    } else {
        Err(unknown_value(&path, accepted))
    }
}

fn enhanced(members: &mut Members) -> Result<(), Misfit> {
    let Some(mut data) = members.object("transactionEnhancedData")? else { return Ok(()) };
    for name in ENHANCED {
        let path = data.path(name);
        match (name, data.value(name)) {
            (_, None | Some(Json::Null)) => {}
            ("products", Some(Json::List(_))) => {}
            ("products", Some(_)) => return Err(wrong_type(&path, "an array of objects")),
            ("invoiceNumber" | "purchaseOrder", Some(Json::Text(_))) => {}
            ("invoiceNumber" | "purchaseOrder", Some(_)) => return Err(wrong_type(&path, "a string")),
            (_, Some(Json::Integer(_) | Json::Fraction(_))) => {}
            (_, Some(Json::Bool(_) | Json::Text(_) | Json::List(_) | Json::Object(_))) => {
                return Err(wrong_type(&path, "a number"));
            }
        }
    }
    data.finish()
}
