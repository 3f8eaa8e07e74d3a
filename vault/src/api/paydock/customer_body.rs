//! What requests say of a customer: the table of Paydock's customer document, flow by flow.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::fields::Fields;
use super::kept::{Kept, Payer, given};
use super::payment_source::Type;
use super::session::Session;
use super::source::Given;
use crate::domain::Customer;

/// What a request says of the customer itself. `None` was not sent, or disregarded; the empty text clears.
#[derive(Debug, Default)]
pub(super) struct Profile {
    reference: Option<String>,
    description: Option<String>,
    company_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    meta: Option<Map<String, Value>>,
}

impl Profile {
    /// Reads the optional members.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn read(fields: &mut Fields) -> Result<Self, Failure> {
        Ok(Self {
            reference: fields.free_text("reference")?,
            description: fields.description("description")?,
            company_name: fields.free_text("company_name")?,
            first_name: fields.free_text("first_name")?,
            last_name: fields.free_text("last_name")?,
            email: fields.email("email")?,
            phone: fields.phone("phone")?,
            meta: fields.meta("meta")?,
        })
    }

    /// Takes from a one-time token what the request itself does not say.
    #[must_use]
    pub(super) fn or(mut self, payer: &Payer) -> Self {
        self.first_name = self.first_name.or_else(|| payer.first_name.clone());
        self.last_name = self.last_name.or_else(|| payer.last_name.clone());
        self.email = self.email.or_else(|| payer.email.clone());
        self.phone = self.phone.or_else(|| payer.phone.clone());
        self
    }

    /// Writes what was sent into a customer.
    pub(super) fn write(&self, customer: &mut Customer) {
        let set = |kept: &mut Option<String>, sent: &Option<String>| {
            if sent.is_some() {
                *kept = given(sent.clone());
            }
        };
        set(&mut customer.reference, &self.reference);
        set(&mut customer.description, &self.description);
        set(&mut customer.company, &self.company_name);
        set(&mut customer.first_name, &self.first_name);
        set(&mut customer.last_name, &self.last_name);
        set(&mut customer.email, &self.email);
        set(&mut customer.phone, &self.phone);
        if let Some(meta) = &self.meta {
            customer.metadata.clone_from(meta);
        }
    }
}

/// Reads the payment source of a new customer.
///
/// # Errors
/// `required_error` if there is neither `token` nor `payment_source`, and what [`optional_source`] refuses.
pub(super) async fn mandatory_source(session: &Session<'_>, fields: &mut Fields) -> Result<Given, Failure> {
    let source = optional_source(session, fields).await?;
    source.ok_or_else(|| Failure::required(fields.path("payment_source")))
}

/// Reads the payment source by one of the four flows, if the request has one.
///
/// # Errors
/// What is mandatory in that flow and missing or wrong.
pub(super) async fn optional_source(
    session: &Session<'_>,
    fields: &mut Fields,
) -> Result<Option<Given>, Failure> {
    let path = fields.path("token");
    let token = if fields.has("token") { mandatory_unless_empty(fields, "token")? } else { None };
    if let Some(token) = token {
        // Flow 2. What else the table wants of `payment_source` may stand beside the token.
        let beside = fields.inner("payment_source");
        let given = Given::token(session, &token, &path).await?;
        return Ok(Some(match beside {
            Some(beside) => beside_token(session, beside, given)?,
            None => given,
        }));
    }
    if !fields.has("payment_source") {
        return Ok(None);
    }
    let mut source = fields.mandatory_inner("payment_source")?;
    let of = Type::mandatory(&mut source)?;
    let type_path = source.path("type");
    let gateway_path = source.path("gateway_id");
    if source.has("vault_token") {
        // Flows 3 and 4: with a gateway id, and without.
        let gateway = source.optional("gateway_id");
        session.check_optional_gateway(&gateway_path, gateway.as_deref().map(String::as_str))?;
        let path = source.path("vault_token");
        let token = source.mandatory("vault_token")?;
        let given = Given::vault(session, &token, &path).await?;
        given.must_be(session, of, &type_path)?;
        return Ok(Some(given.updated_by(Kept::read(&mut source)?)));
    }
    // Flow 1.
    let gateway = source.mandatory("gateway_id")?;
    session.check_gateway(&gateway_path, &gateway)?;
    Ok(Some(Given::clear(session, &mut source, of)?))
}

fn mandatory_unless_empty(fields: &mut Fields, name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    let path = fields.path(name);
    match fields.mandatory(name) {
        Ok(text) => Ok(Some(text)),
        Err(failure) if failure.is_required() => Ok(None),
        Err(failure) => Err(failure.at(path)),
    }
}

/// A token says what the payment source is; what stands beside it may only add a gateway and an address.
fn beside_token(session: &Session<'_>, mut beside: Fields, given: Given) -> Result<Given, Failure> {
    for name in ["card_number", "account_number", "checkout_token", "vault_token"] {
        if beside.has(name) {
            let path = beside.path(name);
            let message =
                format!("{path} must not stand beside a one-time token, which is one payment source");
            return Err(Failure::invalid(path, "one_of", message));
        }
    }
    let path = beside.path("gateway_id");
    let gateway = beside.optional("gateway_id");
    session.check_optional_gateway(&path, gateway.as_deref().map(String::as_str))?;
    Ok(given.updated_by(Kept::read(&mut beside)?))
}
