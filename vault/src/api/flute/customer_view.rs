//! What is shown of customers.

use serde::Serialize;
use utoipa::ToSchema;

use super::address::PostalAddress;
use super::failure::Failure;
use super::method_view::{self, AchView, CardView, IsDefault};
use super::moment;
use super::profile::Profile;
use crate::domain::{Currency, Direction, Display, PaymentSearch, PaymentTotals, TenantId};
use crate::store::CustomerRecord;
use crate::vaulting::{Vaulting, VaultingError};

/// A customer, whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerAnswer {
    /// The id.
    customer_id: String,
    /// The merchant's own reference.
    external_id: Option<String>,
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// Company.
    company_name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Phone number.
    mobile_phone_number: Option<String>,
    /// Whether the customer agreed to text messages.
    has_sms_consent: bool,
    /// Whether goods go where bills go.
    should_use_billing_as_shipping_address: bool,
    /// Where bills go.
    billing_address: Option<PostalAddress>,
    /// Where goods go.
    shipping_address: Option<PostalAddress>,
    #[serde(flatten)]
    history: History,
    /// The cards.
    cards: Vec<CustomerCard>,
    /// The bank accounts.
    ach_accounts: Vec<CustomerAccount>,
}

/// What a customer's payments come to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    /// How many transactions there are, whatever came of them.
    transactions_count: u64,
    /// How many dollars were taken in all.
    transactions_volume: f64,
    /// How much the last transaction was.
    last_transaction_amount: Option<f64>,
    /// When it was.
    #[schema(format = DateTime)]
    last_transaction_date: Option<String>,
    /// Always 0: there are no subscriptions here.
    number_of_subscriptions: u32,
}

/// A card of a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerCard {
    /// The id of the payment method.
    payment_method_id: String,
    /// What the merchant calls it.
    payment_name: Option<String>,
    /// Whether it is the default.
    is_default: bool,
    #[serde(flatten)]
    card: CardView,
    /// The scheme.
    #[schema(examples("Visa"))]
    card_type: &'static str,
    /// Always `Unknown`: nobody was asked.
    credit_debit_type: &'static str,
}

/// A bank account of a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerAccount {
    /// The id of the payment method.
    payment_method_id: String,
    /// What the merchant calls it.
    payment_name: Option<String>,
    /// Whether it is the default.
    is_default: bool,
    /// The last four digits.
    account_number: String,
    /// The routing number.
    routing_number: Option<String>,
    /// `Checking` or `Savings`.
    account_type: &'static str,
    /// `Business` or `Personal`.
    account_holder_type: &'static str,
    /// The last four digits of the tax id.
    tax_id: Option<String>,
}

/// A customer in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CustomerSummary {
    /// The id.
    customer_id: String,
    /// The merchant's own reference.
    external_id: Option<String>,
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// Company.
    company_name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Phone number.
    mobile_phone_number: Option<String>,
    /// Where bills go.
    billing_address: Option<PostalAddress>,
    /// When the last transaction was.
    #[schema(format = DateTime)]
    last_transaction_date: Option<String>,
    /// How many payment methods there are.
    payment_methods_count: u64,
}

impl History {
    /// Asks the store.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        record: &CustomerRecord,
    ) -> Result<Self, Failure> {
        let id = &record.customer.id;
        let totals: PaymentTotals = vaulting.store().payment_totals(tenant, id).await?;
        let newest = PaymentSearch {
            customer: Some(id.clone()),
            direction: Direction::Descending,
            limit: 1,
            ..PaymentSearch::default()
        };
        let newest = vaulting.store().payments(tenant, &newest).await?.items.pop();
        Ok(Self {
            transactions_count: totals.count,
            transactions_volume: totals.collected_in(Currency::USD).as_f64(),
            last_transaction_amount: newest.map(|payment| payment.amount.as_f64()),
            last_transaction_date: totals.last_at_ms.map(moment::text_of_ms),
            number_of_subscriptions: 0,
        })
    }
}

impl CustomerAnswer {
    /// Shows a customer, whole.
    ///
    /// # Errors
    /// What the store or the keyring reports.
    pub(super) async fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        record: &CustomerRecord,
    ) -> Result<Self, Failure> {
        let history = History::of(vaulting, tenant, record).await?;
        let (cards, ach_accounts) = methods(vaulting, tenant, record)?;
        let profile = Profile::of(record);
        Ok(Self {
            customer_id: record.customer.id.to_string(),
            external_id: record.customer.reference.clone(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            company_name: profile.company_name,
            email: profile.email,
            mobile_phone_number: profile.mobile_phone_number,
            has_sms_consent: profile.has_sms_consent,
            should_use_billing_as_shipping_address: profile.should_use_billing_as_shipping_address,
            billing_address: profile.billing_address,
            shipping_address: profile.shipping_address,
            history,
            cards,
            ach_accounts,
        })
    }
}

impl CustomerSummary {
    /// Shows a customer as one of many.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn of(
        vaulting: &Vaulting,
        tenant: &TenantId,
        record: &CustomerRecord,
    ) -> Result<Self, Failure> {
        let totals = vaulting.store().payment_totals(tenant, &record.customer.id).await?;
        let profile = Profile::of(record);
        Ok(Self {
            customer_id: record.customer.id.to_string(),
            external_id: record.customer.reference.clone(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            company_name: profile.company_name,
            email: profile.email,
            mobile_phone_number: profile.mobile_phone_number,
            billing_address: profile.billing_address,
            last_transaction_date: totals.last_at_ms.map(moment::text_of_ms),
            payment_methods_count: record.payment_methods.len() as u64,
        })
    }
}

/// The cards and the bank accounts of a customer; what Flute has no word for is in neither list.
///
/// # Errors
/// If the vault's keys or clock fail.
pub(super) fn methods(
    vaulting: &Vaulting,
    tenant: &TenantId,
    record: &CustomerRecord,
) -> Result<(Vec<CustomerCard>, Vec<CustomerAccount>), VaultingError> {
    let (mut cards, mut accounts) = (Vec::new(), Vec::new());
    for method in &record.payment_methods {
        let payment_method_id = method.id.to_string();
        let payment_name = method.name.clone();
        let default = record.customer.default_payment_method_id.as_ref();
        let is_default = IsDefault::of(method, default) == IsDefault::Yes;
        if let (Some(card), Display::Card(shown)) = (CardView::of(method), &method.display) {
            cards.push(CustomerCard {
                payment_method_id,
                payment_name,
                is_default,
                card,
                card_type: method_view::card_type(&shown.scheme),
                credit_debit_type: "Unknown",
            });
        } else if let Some(account) = AchView::of(vaulting, tenant, method)? {
            accounts.push(CustomerAccount {
                payment_method_id,
                payment_name,
                is_default,
                account_number: account.account_number,
                routing_number: account.routing_number,
                account_type: account.account_type,
                account_holder_type: account.account_holder_type,
                tax_id: account.tax_id,
            });
        }
    }
    Ok((cards, accounts))
}
