//! Who a customer is: the members that V2 and V1 share, read and kept.

use instrument::Reason;
use instrument::payer::Email;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::address::{AddressPatch, PostalAddress};
use super::entity::EntityId;
use super::failure::Failure;
use super::request::Patch;
use crate::api::free_text;
use crate::api::members::{Members, Misfit, TEXT_MAX_CHARS, required};
use crate::domain::{Address, AddressId, Customer, CustomerId};
use crate::random::Random;
use crate::store::{Change, CustomerRecord};

/// What a customer's `extra` is kept under.
const FACE: &str = "flute";

/// Who a customer is.
#[derive(Clone, Debug, Default, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    /// First name; required by V2.
    #[schema(min_length = 1, max_length = 255)]
    pub(super) first_name: Option<String>,
    /// Last name; required by V2.
    #[schema(min_length = 1, max_length = 255)]
    pub(super) last_name: Option<String>,
    /// Company.
    #[schema(max_length = 255)]
    pub(super) company_name: Option<String>,
    /// E-mail address.
    #[schema(max_length = 254)]
    pub(super) email: Option<String>,
    /// Phone number: `+` and up to twenty digits.
    #[schema(pattern = r"^(\+\d{1,20})?$")]
    pub(super) mobile_phone_number: Option<String>,
    /// Whether the customer agreed to text messages.
    #[schema(value_type = Option<bool>)]
    pub(super) has_sms_consent: bool,
    /// Whether goods go where bills go.
    #[schema(value_type = Option<bool>)]
    pub(super) should_use_billing_as_shipping_address: bool,
    /// Where bills go.
    pub(super) billing_address: Option<PostalAddress>,
    /// Where goods go.
    pub(super) shipping_address: Option<PostalAddress>,
}

/// Which names must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// First and last name, as in V2.
    Required,
    /// None, as in V1.
    Optional,
}

/// A customer with its addresses, ready to be kept.
pub(super) struct Kept {
    /// The customer; its addresses are named in it.
    pub(super) customer: Customer,
    /// What must be there before the customer names it.
    pub(super) before: Vec<Change>,
    /// What goes once the customer does not name it any more.
    pub(super) after: Vec<Change>,
}

impl Profile {
    /// Takes the members that make up a whole profile.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(members: &mut Members, names: Names) -> Result<Self, Misfit> {
        let name = |members: &mut Members, name: &str| -> Result<Option<String>, Misfit> {
            let path = members.path(name);
            // An empty name is one that is not there, and says so.
            let sent = members.has(name);
            match (text(members, name)?, names) {
                (None, Names::Required) => Err(required(&path)),
                (None, Names::Optional) if sent => Err(required(&path)),
                (found, Names::Required | Names::Optional) => Ok(found),
            }
        };
        Ok(Self {
            first_name: name(members, "firstName")?,
            last_name: name(members, "lastName")?,
            company_name: text(members, "companyName")?,
            email: email(members)?,
            mobile_phone_number: phone(members)?,
            has_sms_consent: sms_consent(members)?.unwrap_or(false),
            should_use_billing_as_shipping_address: shared_address(members)?.unwrap_or(false),
            billing_address: PostalAddress::take(members, "billingAddress")?,
            shipping_address: PostalAddress::take(members, "shippingAddress")?,
        })
    }

    /// The profile of a stored customer.
    pub(super) fn of(record: &CustomerRecord) -> Self {
        let customer = &record.customer;
        let row = |id: &Option<AddressId>| {
            let id = id.as_ref()?;
            record.addresses.iter().find(|row| row.id == *id).map(PostalAddress::of)
        };
        let flag =
            |name: &str| customer.extra.get(FACE).and_then(|extra| extra.get(name)) == Some(&json!(true));
        Self {
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            company_name: customer.company.clone(),
            email: customer.email.clone(),
            mobile_phone_number: customer.phone.clone(),
            has_sms_consent: flag("hasSmsConsent"),
            should_use_billing_as_shipping_address: flag("shouldUseBillingAsShippingAddress"),
            billing_address: row(&customer.default_billing_address_id),
            shipping_address: row(&customer.default_shipping_address_id),
        }
    }

    /// The profile after a patch: what is left out stays, and `null` clears.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn patched(mut self, patch: &mut Patch) -> Result<Self, Misfit> {
        for (name, slot) in [("firstName", &mut self.first_name), ("lastName", &mut self.last_name)] {
            let path = patch.set.path(name);
            // An empty name is one that is not there.
            let sent = patch.set.has(name);
            match (text(&mut patch.set, name)?, sent || patch.clears(name)) {
                (Some(new), _) => *slot = Some(new),
                (None, true) => return Err(required(&path)),
                (None, false) => {}
            }
        }
        let company = text(&mut patch.set, "companyName")?;
        let email = email(&mut patch.set)?;
        let phone = phone(&mut patch.set)?;
        for (name, slot, new) in [
            ("companyName", &mut self.company_name, company),
            ("email", &mut self.email, email),
            ("mobilePhoneNumber", &mut self.mobile_phone_number, phone),
        ] {
            if let Some(merged) = patch.merged(name, new) {
                *slot = merged;
            }
        }
        let consent = sms_consent(&mut patch.set)?;
        if let Some(consent) = patch.merged("hasSmsConsent", consent) {
            self.has_sms_consent = consent.unwrap_or(false);
        }
        let shared = shared_address(&mut patch.set)?;
        if let Some(shared) = patch.merged("shouldUseBillingAsShippingAddress", shared) {
            let shared = shared.unwrap_or(false);
            if self.should_use_billing_as_shipping_address && !shared {
                // It was the billing address, and is none of its own.
                self.shipping_address = None;
            }
            self.should_use_billing_as_shipping_address = shared;
        }
        for (name, slot) in
            [("billingAddress", &mut self.billing_address), ("shippingAddress", &mut self.shipping_address)]
        {
            if let Some(patch) = AddressPatch::take(patch, name)? {
                *slot = PostalAddress::patched(slot.take(), patch);
            }
        }
        Ok(self)
    }

    /// Puts the profile into a customer, whatever was there before. What only other faces know of the
    /// customer stays.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub(super) fn kept(
        self,
        mut customer: Customer,
        addresses: &[Address],
        now_ms: i64,
        random: &dyn Random,
    ) -> Result<Kept, Failure> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let old_billing = customer.default_billing_address_id.take();
        let old_shipping = customer.default_shipping_address_id.take();
        let row = |id: &Option<AddressId>| addresses.iter().find(|row| Some(&row.id) == id.as_ref());
        let billing_row = row(&old_billing);
        // A row that both share is the billing address's.
        let shipping_row = row(&old_shipping).filter(|_| old_shipping != old_billing);

        let mut place = |address: Option<PostalAddress>, row: Option<&Address>, customer_id: &CustomerId| {
            let Some(address) = address else { return Ok::<_, Failure>(None) };
            let (id, kept) = match row {
                Some(row) => (row.id.clone(), Change::UpdateAddress(address.in_row(row, now_ms))),
                None => {
                    let id = AddressId::new(EntityId::generate(random)?.as_str());
                    let row = address.new_row(id.clone(), customer_id.clone(), now_ms);
                    (id, Change::InsertAddress(row))
                }
            };
            before.push(kept);
            Ok(Some(id))
        };
        let shared = self.should_use_billing_as_shipping_address;
        let billing = place(self.billing_address, billing_row, &customer.id)?;
        let shipping = if shared && billing.is_some() {
            billing.clone()
        } else {
            place(self.shipping_address, shipping_row, &customer.id)?
        };
        for old in [billing_row, shipping_row].into_iter().flatten() {
            if billing.as_ref() != Some(&old.id) && shipping.as_ref() != Some(&old.id) {
                let (customer, id) = (customer.id.clone(), old.id.clone());
                after.push(Change::DeleteAddress { customer, id, now_ms });
            }
        }

        customer.default_billing_address_id = billing;
        customer.default_shipping_address_id = shipping;
        customer.first_name = self.first_name;
        customer.last_name = self.last_name;
        customer.company = self.company_name;
        customer.email = self.email;
        customer.phone = self.mobile_phone_number;
        let mut extra = Map::new();
        extra.insert("hasSmsConsent".to_owned(), self.has_sms_consent.into());
        extra.insert("shouldUseBillingAsShippingAddress".to_owned(), shared.into());
        customer.extra.insert(FACE.to_owned(), Value::Object(extra));
        // Never before the last change: it must not run backwards when the clock does.
        customer.updated_at_ms = now_ms.max(customer.updated_at_ms);
        Ok(Kept { customer, before, after })
    }
}

/// Takes an e-mail address.
///
/// # Errors
/// `invalid_email`, or what is wrong with any text.
pub(super) fn email(members: &mut Members) -> Result<Option<String>, Misfit> {
    let path = members.path("email");
    let Some(text) = text(members, "email")? else { return Ok(None) };
    match Email::parse(&text) {
        Ok(email) => Ok(Some(email.as_str().to_owned())),
        Err(Reason::ContainsCardNumber) => Err(free_text::card_number(&path)),
        // Flute's own sentence, but for the full stop, which every message gets.
        Err(_) => {
            Err(Misfit::invalid(&path, "invalid_email", "'Email' is not a valid email address".to_owned()))
        }
    }
}

/// Takes a phone number: `+` and up to twenty digits.
///
/// # Errors
/// `invalid_phone`, or what is wrong with any text.
pub(super) fn phone(members: &mut Members) -> Result<Option<String>, Misfit> {
    // The second spelling is that of the older V2.
    let name = if members.has("mobilePhoneNumber") { "mobilePhoneNumber" } else { "mobileNumber" };
    let path = members.path(name);
    let Some(text) = members.text(name, TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    free_text::refuse_card_as_phone(&path, &text)?;
    let digits = text.strip_prefix('+').unwrap_or_default();
    if (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Some(text.to_string()));
    }
    let message = format!("{path} must be + and up to 20 digits, for example \"+14155552309\"");
    Err(Misfit::invalid(&path, "invalid_phone", message))
}

/// Takes a free text; an empty one is none.
///
/// # Errors
/// What is wrong with any text, or `contains_card_number`.
pub(super) fn text(members: &mut Members, name: &str) -> Result<Option<String>, Misfit> {
    Ok(free_text::take(members, name, TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()))
}

fn sms_consent(members: &mut Members) -> Result<Option<bool>, Misfit> {
    let v1 = members.boolean("isMobileNumberSmsNotificationsEnabled")?;
    Ok(members.boolean("hasSmsConsent")?.or(v1))
}

fn shared_address(members: &mut Members) -> Result<Option<bool>, Misfit> {
    let v1 = members.boolean("useBillingAsShippingAddress")?;
    Ok(members.boolean("shouldUseBillingAsShippingAddress")?.or(v1))
}
