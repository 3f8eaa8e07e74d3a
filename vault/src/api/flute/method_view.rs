//! What is shown of payment methods: on their own, in a customer, in a transaction.

use instrument::Instrument;
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use crate::domain::{Display, MethodKind, PaymentMethod, TenantId};
use crate::vaulting::{Vaulting, VaultingError};

/// A payment method.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MethodAnswer {
    /// The id; it is also the token.
    payment_method_id: String,
    /// Whose it is; null for an orphan.
    customer_id: Option<String>,
    /// What the merchant calls it.
    name: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    kind: MethodType,
    /// Whether it is its customer's default; never for an orphan.
    is_default: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    created_on: String,
    /// Of a card.
    card: Option<CardView>,
    /// Of a bank account.
    ach: Option<AchView>,
}

/// What a payment method is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) enum MethodType {
    /// A card.
    Card,
    /// A US bank account.
    #[serde(rename = "ACH")]
    Ach,
    /// What another gateway's face made and Flute has no word for.
    Other,
}

/// What may be shown of a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardView {
    /// The last four digits.
    #[schema(examples("************1111"))]
    pub(super) card_mask: String,
    /// Month of expiry.
    pub(super) expiration_month: u8,
    /// Year of expiry.
    pub(super) expiration_year: u16,
    /// Always `Local`: the number is in this vault.
    #[schema(examples("Local"))]
    pub(super) card_token_type: &'static str,
}

/// What may be shown of a bank account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AchView {
    /// The last four digits.
    #[schema(examples("****6789"))]
    pub(super) account_number: String,
    /// The routing number, which is public; null if the stored account does not open.
    pub(super) routing_number: Option<String>,
    /// `Checking` or `Savings`.
    pub(super) account_type: &'static str,
    /// `Business` or `Personal`.
    pub(super) account_holder_type: &'static str,
    /// The last four digits of the tax id.
    pub(super) tax_id: Option<String>,
    /// The company the account is of.
    pub(super) company_name: Option<String>,
}

impl MethodAnswer {
    /// Shows a payment method.
    ///
    /// # Errors
    /// If the vault's keys or clock fail; a damaged row is shown with what is left of it.
    pub(super) fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        method: &PaymentMethod,
        default: IsDefault,
    ) -> Result<Self, VaultingError> {
        Ok(Self {
            payment_method_id: method.id.to_string(),
            customer_id: method.customer_id.as_ref().map(ToString::to_string),
            name: method.name.clone(),
            kind: MethodType::of(method.kind()),
            is_default: default == IsDefault::Yes,
            created_on: moment::text_of_ms(method.created_at_ms),
            card: CardView::of(method),
            ach: AchView::of(vaulting, tenant, method)?,
        })
    }
}

/// Whether a payment method is its customer's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsDefault {
    /// It is.
    Yes,
    /// It is not, or an orphan.
    No,
}

impl IsDefault {
    /// Whether the ids are the same.
    pub(super) fn of(method: &PaymentMethod, default: Option<&crate::domain::PaymentMethodId>) -> Self {
        if default == Some(&method.id) { Self::Yes } else { Self::No }
    }
}

impl MethodType {
    /// Flute's word for a kind.
    pub(super) const fn of(kind: MethodKind) -> Self {
        match kind {
            MethodKind::Card => Self::Card,
            MethodKind::BankAccount => Self::Ach,
            MethodKind::Bsb | MethodKind::Checkout => Self::Other,
        }
    }

    /// The word itself.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "Card",
            Self::Ach => "ACH",
            Self::Other => "Other",
        }
    }
}

impl CardView {
    /// Of a payment method, if it is a card.
    pub(super) fn of(method: &PaymentMethod) -> Option<Self> {
        match &method.display {
            Display::Card(card) => Some(Self {
                card_mask: card_mask(&card.last4),
                expiration_month: card.exp_month,
                expiration_year: card.exp_year,
                card_token_type: "Local",
            }),
            Display::BankAccount(_) | Display::Bsb(_) | Display::Checkout(_) => None,
        }
    }
}

impl AchView {
    /// Of a payment method, if it is a US bank account.
    ///
    /// # Errors
    /// If the vault's keys or clock fail.
    pub(super) fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        method: &PaymentMethod,
    ) -> Result<Option<Self>, VaultingError> {
        let Display::BankAccount(account) = &method.display else { return Ok(None) };
        let kept = |name: &str| {
            let text = method.extra.get("flute").and_then(|extra| extra.get(name));
            text.and_then(serde_json::Value::as_str).map(str::to_owned)
        };
        Ok(Some(Self {
            account_number: account_mask(&account.last4),
            routing_number: routing_number(vaulting, tenant, method)?,
            account_type: account_type(&account.account_type),
            account_holder_type: holder_type(&account.holder_type),
            tax_id: kept("taxIdMask"),
            company_name: kept("companyName"),
        }))
    }
}

/// A card's mask: the last four digits behind twelve stars, whatever its length.
pub(super) fn card_mask(last4: &str) -> String {
    ["************", last4].concat()
}

/// An account's mask: the last four digits behind four stars, whatever its length.
pub(super) fn account_mask(last4: &str) -> String {
    ["****", last4].concat()
}

/// Flute's name of a card scheme; `Unknown` for those it has no name for.
pub(super) fn card_type(scheme: &str) -> &'static str {
    match scheme {
        "visa" => "Visa",
        "mastercard" => "MasterCard",
        "amex" => "AmericanExpress",
        "diners" => "DinersClub",
        "discover" => "Discover",
        "jcb" => "JCB",
        _ => "Unknown",
    }
}

/// Flute's name of an account type.
pub(super) fn account_type(name: &str) -> &'static str {
    if name == "savings" { "Savings" } else { "Checking" }
}

/// Flute's name of a holder type.
pub(super) fn holder_type(name: &str) -> &'static str {
    if name == "business" { "Business" } else { "Personal" }
}

/// The whole routing number: it names a bank and is in public lists. `None` if the row does not open.
fn routing_number(
    vaulting: &Vaulting,
    tenant: &TenantId,
    method: &PaymentMethod,
) -> Result<Option<String>, VaultingError> {
    match vaulting.instrument(tenant, method) {
        // EXPOSE: the routing number is public; Flute's documents show it whole.
        Ok(Instrument::BankAccount(account)) => Ok(Some(account.routing().expose().to_owned())),
        Ok(Instrument::Card(_)) => Ok(None),
        Err(VaultingError::Unreadable) => {
            tracing::error!(
                payment_method = method.id.as_str(),
                "a stored payment method does not open: it was changed by somebody else's hand, or is damaged"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
