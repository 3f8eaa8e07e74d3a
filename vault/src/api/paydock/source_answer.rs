//! A payment source as the answers of this face show it.

use instrument::Instrument;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kept::{Kept, Postal};
use super::moment;
use super::session::{GATEWAY_NAME, Session};
use crate::domain::{Address, Display, MethodKind, PaymentMethod, Source};
use crate::vaulting::Shown;

/// A payment source of a customer or of a charge. Numbers are shown by their last four digits.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct SourceAnswer {
    #[serde(rename = "_id", skip_serializing_if = "Option::is_none")]
    #[schema(examples("5d9e31d8121512a3b4c5d6e7"))]
    pub(super) id: Option<String>,
    /// `card`, `bank_account` or `checkout`.
    #[schema(examples("card"))]
    pub(super) r#type: String,
    /// `active` or `archived`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("active"))]
    pub(super) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vault_token: Option<String>,
    pub(super) gateway_id: String,
    pub(super) gateway_type: String,
    /// The processor behind the gateway; `sandbox` moves no money.
    #[schema(examples("sandbox"))]
    pub(super) gateway_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card_number_last4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card_number_bin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card_scheme: Option<String>,
    /// Two digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expire_month: Option<String>,
    /// Four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expire_year: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_name: Option<String>,
    /// Only the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_bsb: Option<String>,
    /// Only the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_routing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_holder_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_bank_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checkout_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checkout_holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_line1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) updated_at: Option<String>,
}

impl SourceAnswer {
    /// What is stored, with the addresses of whoever has it.
    pub(super) fn of_stored(session: &Session<'_>, method: &PaymentMethod, addresses: &[Address]) -> Self {
        let kept = Kept::of(method);
        let address = match &kept.address_id {
            Some(id) => addresses.iter().find(|address| address.id.as_str() == id).map(Postal::of),
            None => None,
        };
        let address = address.unwrap_or_else(|| kept.address.clone());
        let is_orphan = method.customer_id.is_none();
        Self {
            id: (!is_orphan).then(|| method.id.as_str().to_owned()),
            status: Some(status_of(method.archived_at_ms).to_owned()),
            vault_token: if is_orphan {
                Some(method.id.as_str().to_owned())
            } else {
                kept.vault_token.clone()
            },
            created_at: Some(moment::text_of_ms(method.created_at_ms)),
            updated_at: Some(moment::text_of_ms(method.updated_at_ms)),
            ..Self::of(session, &method.display, holder(session, method), &kept, address)
        }
    }

    /// What came with a request and is not kept.
    pub(super) fn of_passing(session: &Session<'_>, source: &Source, kept: &Kept) -> Self {
        let holder = match source {
            Source::Instrument(Instrument::Card(card)) => card.holder().map(|name| name.as_str().to_owned()),
            Source::Instrument(Instrument::BankAccount(account)) => {
                account.holder().map(|name| name.as_str().to_owned())
            }
            Source::Bsb(_) | Source::Checkout(_) => None,
        };
        Self::of(session, &Display::of_source(source), holder, kept, kept.address.clone())
    }

    fn of(
        session: &Session<'_>,
        display: &Display,
        holder: Option<String>,
        kept: &Kept,
        address: Postal,
    ) -> Self {
        let common = Self {
            r#type: type_of(display.kind()).to_owned(),
            gateway_id: session.gateway_id.clone(),
            gateway_type: GATEWAY_NAME.to_owned(),
            gateway_name: GATEWAY_NAME.to_owned(),
            account_bank_name: kept.bank_name.clone(),
            address_line1: address.line1,
            address_line2: address.line2,
            address_city: address.city,
            address_state: address.state,
            address_country: address.country,
            address_postcode: address.postcode,
            address_company: address.company,
            ..Self::default()
        };
        match display {
            Display::Card(card) => Self {
                // Paydock's customer document promises one; tokens of other dialects may have none.
                card_name: Some(holder.unwrap_or_default()),
                card_number_last4: Some(card.last4.clone()),
                card_number_bin: Some(card.bin.clone()),
                card_scheme: Some(scheme(&card.scheme).to_owned()),
                expire_month: Some(format!("{:02}", card.exp_month)),
                expire_year: Some(format!("{:04}", card.exp_year)),
                ..common
            },
            Display::BankAccount(account) => Self {
                account_name: holder,
                account_number: Some(masked(&account.last4)),
                account_routing: Some(masked(&account.routing_last4)),
                account_type: Some(account.account_type.clone()),
                account_holder_type: Some(account.holder_type.clone()),
                ..common
            },
            Display::Bsb(account) => Self {
                account_name: Some(account.account_name.clone()),
                account_number: Some(masked(&account.last4)),
                account_bsb: Some(account.bsb.clone()),
                ..common
            },
            Display::Checkout(agreement) => Self {
                // Paydock's customer document promises both.
                checkout_email: Some(agreement.email.clone().unwrap_or_default()),
                checkout_holder: Some(agreement.holder.clone().unwrap_or_default()),
                ..common
            },
        }
    }
}

/// `active` or `archived`.
pub(super) const fn status_of(archived_at_ms: Option<i64>) -> &'static str {
    if archived_at_ms.is_some() { "archived" } else { "active" }
}

/// What Paydock's customer document calls a kind: both sorts of bank accounts are direct debits.
pub(super) const fn type_of(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Card => "card",
        MethodKind::BankAccount | MethodKind::Bsb => "bank_account",
        MethodKind::Checkout => "checkout",
    }
}

/// What Paydock's SDK for Android calls a scheme; the others keep the vault's names.
pub(super) fn scheme(id: &str) -> &str {
    if id == "jcb" { "japcb" } else { id }
}

/// Stars for what is not shown.
pub(super) fn masked(last4: &str) -> String {
    format!("****{last4}")
}

/// The holder's name, if the row opens. One damaged row must not hide a merchant's others.
pub(super) fn holder(session: &Session<'_>, method: &PaymentMethod) -> Option<String> {
    match session.vaulting.shown(&session.tenant, method) {
        Ok(Shown::Readable { holder, .. }) => holder,
        Ok(Shown::Unreadable) => None,
        Err(error) => {
            tracing::error!(%error, "a stored payment method cannot be shown");
            None
        }
    }
}
