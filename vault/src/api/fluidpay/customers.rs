//! The operations on customer records.

use super::customer_body::{self, CreateBody, DefaultChange, DefaultPaymentChange, NewId, UpdateBody};
use super::failure::Failure;
use super::methods::Source;
use super::record::RecordAnswer;
use super::search::{Operator, SearchBody};
use super::session::{Held, Revision, Session};
use super::{addresses, search, xid};
use crate::domain::{
    Address, AddressId, Comparison, Criterion, Customer, CustomerId, Display, Lifecycle, Order,
    PaymentMethodId, Search, SearchField, TimeRange,
};
use crate::random;
use crate::store::{Change, StoreError};

/// Creates a customer, with its default payment method and addresses, in one transaction.
///
/// # Errors
/// A refusal; nothing is stored and no token is spent then.
pub(super) async fn create(
    session: &Session<'_>,
    body: CreateBody,
    source: Option<Source>,
) -> Result<RecordAnswer, Failure> {
    let now_ms = session.vaulting.now_ms();
    let id = match body.id {
        NewId::Custom(id) => CustomerId::new(id),
        NewId::Generated => CustomerId::new(uuid(session)?),
        NewId::XidTypeLast4 => {
            let Some(source) = &source else {
                return Err(crate::api::members::required("default_payment").into());
            };
            let display = Display::of_source(source.holds());
            let kind = display.kind();
            let last4 = match display {
                Display::Card(card) => card.last4,
                Display::BankAccount(account) => account.last4,
                Display::Bsb(account) => account.last4,
                Display::Checkout(_) => String::new(),
            };
            CustomerId::new(customer_body::formatted_id(&xid::next(now_ms), kind, &last4))
        }
    };
    let mut customer = Customer::new(id.clone(), now_ms);
    customer.description = given(body.description);
    customer.notes = given(body.notes);
    customer.flags = body.flags;

    // Equal addresses become one, as in the document's sample, where both defaults are the same id.
    let mut stored: Vec<Address> = Vec::new();
    let shipping = body.shipping.filter(|shipping| Some(shipping) != body.billing.as_ref());
    let shared = shipping.is_none();
    if let Some(billing) = body.billing {
        let address = addresses::made(billing, &id, now_ms);
        customer.default_billing_address_id = Some(address.id.clone());
        if shared {
            customer.default_shipping_address_id = Some(address.id.clone());
        }
        stored.push(address);
    }
    if let Some(shipping) = shipping {
        let address = addresses::made(shipping, &id, now_ms);
        customer.default_shipping_address_id = Some(address.id.clone());
        if stored.is_empty() {
            customer.default_billing_address_id = Some(address.id.clone());
        }
        stored.push(address);
    }

    let mut changes = Vec::new();
    let mut then: Vec<Change> = stored.into_iter().map(Change::InsertAddress).collect();
    let mut token_path = None;
    if let Some(source) = source {
        token_path = source.token_path().map(ToOwned::to_owned);
        let method_id = PaymentMethodId::new(xid::next(now_ms));
        let made = source.made(session, method_id.clone(), &id)?;
        customer.default_payment_method_id = Some(method_id);
        changes.extend(made.spend);
        then.push(Change::InsertPaymentMethod(made.method));
    }
    let made = Held { customer: customer.clone(), addresses: Vec::new(), methods: Vec::new() };
    changes.push(Change::InsertCustomer(customer));
    changes.extend(then);
    session
        .vaulting
        .apply(&session.tenant, changes.clone())
        .await
        .map_err(|error| Failure::from(error).token_at(token_path.as_deref()))?;
    // From here on nothing fails: told of a failure, the caller would create the customer once more.
    Ok(session.answer(&made.changed_by(changes)))
}

/// Updates a customer's texts, flags and defaults.
///
/// # Errors
/// A refusal; nothing is changed then.
pub(super) async fn update(
    session: &Session<'_>,
    id: &CustomerId,
    body: &UpdateBody,
) -> Result<RecordAnswer, Failure> {
    session
        .revise(id, |held| {
            let mut customer = held.customer.clone();
            if let Some(description) = &body.description {
                customer.description = given(description.clone());
            }
            if let Some(notes) = &body.notes {
                customer.notes = given(notes.clone());
            }
            if let Some(flags) = &body.flags {
                customer.flags.clone_from(flags);
            }
            let path = "defaults.billing_address_id";
            set_address(&mut customer.default_billing_address_id, &body.billing_address_id, held, path)?;
            let path = "defaults.shipping_address_id";
            set_address(&mut customer.default_shipping_address_id, &body.shipping_address_id, held, path)?;
            set_method(&mut customer, &body.payment_method, held)?;
            addresses::settle_defaults(&mut customer, held.addresses.iter().map(|address| &address.id));
            Ok(Revision { customer, before: Vec::new(), after: Vec::new() })
        })
        .await
}

/// Deletes a customer with everything that belongs to it.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn delete(session: &Session<'_>, id: CustomerId) -> Result<(), Failure> {
    session.vaulting.apply(&session.tenant, vec![Change::DeleteCustomer(id)]).await.map(|_| ()).map_err(
        |error| match error {
            StoreError::CustomerMissing => Failure::not_found("customer"),
            other => other.into(),
        },
    )
}

/// The customers that fit a search, and how many there are in all.
///
/// # Errors
/// What the store reports.
pub(super) async fn find(
    session: &Session<'_>,
    body: SearchBody,
) -> Result<(Vec<RecordAnswer>, u64), Failure> {
    let mut criteria = Vec::with_capacity(body.criteria.len());
    for criterion in body.criteria {
        criteria.push(translated(session, criterion).await?);
    }
    let range = |range: search::DateRange| TimeRange { from_ms: range.start_ms, until_ms: range.end_ms };
    let search = Search {
        criteria,
        anywhere: None,
        lifecycle: Lifecycle::Active,
        order: Order::default(),
        created: range(body.created),
        updated: range(body.updated),
        limit: body.limit,
        offset: body.offset,
    };
    let found = session.vaulting.store().search_customers(&session.tenant, &search).await?;
    let mut answers = Vec::with_capacity(found.items.len());
    for Customer { id, .. } in found.items {
        // One that was deleted since the search is left out.
        if let Some(record) = session.vaulting.store().customer_record(&session.tenant, &id).await? {
            answers.push(session.answer(&record.into()));
        }
    }
    Ok((answers, found.total))
}

async fn translated(session: &Session<'_>, criterion: search::Criterion) -> Result<Criterion, Failure> {
    let mut value = criterion.value.trim().to_owned();
    let field = match criterion.field {
        search::SearchField::Id => SearchField::Id,
        search::SearchField::AddressId => SearchField::AddressId,
        search::SearchField::FirstName => SearchField::FirstName,
        search::SearchField::LastName => SearchField::LastName,
        search::SearchField::Company => SearchField::Company,
        search::SearchField::Line1 => SearchField::AddressLine1,
        search::SearchField::Line2 => SearchField::AddressLine2,
        search::SearchField::City => SearchField::City,
        search::SearchField::State => SearchField::State,
        search::SearchField::PostalCode => SearchField::PostalCode,
        search::SearchField::Country => {
            // As it is stored.
            value.make_ascii_uppercase();
            SearchField::Country
        }
        search::SearchField::Email => SearchField::Email,
        search::SearchField::Phone => SearchField::Phone,
        search::SearchField::Fax => SearchField::Fax,
        search::SearchField::PaymentMethodType => SearchField::PaymentMethodType,
        search::SearchField::PaymentMethodId => {
            // The domain searches by what a customer has; a payment method names its one customer.
            let id = PaymentMethodId::new(value);
            let method = session.vaulting.store().payment_method(&session.tenant, &id).await?;
            value =
                method.and_then(|method| method.customer_id).map_or_else(String::new, |id| id.to_string());
            SearchField::Id
        }
        search::SearchField::BillingAddressId => SearchField::BillingAddressId,
        search::SearchField::ShippingAddressId => SearchField::ShippingAddressId,
    };
    let comparison = match criterion.operator {
        Operator::Matches => Comparison::Equals,
        Operator::Excludes => Comparison::Differs,
    };
    Ok(Criterion { field, comparison, value })
}

fn set_address(
    default: &mut Option<AddressId>,
    change: &DefaultChange,
    held: &Held,
    path: &str,
) -> Result<(), Failure> {
    match change {
        DefaultChange::Keep => {}
        DefaultChange::Clear => *default = None,
        DefaultChange::Set(id) => {
            let id = AddressId::new(id.clone());
            if !held.addresses.iter().any(|address| address.id == id) {
                let msg = format!("{path} must be the id of an address of this customer");
                return Err(Failure::invalid(path, "unknown_id", msg));
            }
            *default = Some(id);
        }
    }
    Ok(())
}

fn set_method(customer: &mut Customer, change: &DefaultPaymentChange, held: &Held) -> Result<(), Failure> {
    match change {
        DefaultPaymentChange::Keep => {}
        DefaultPaymentChange::Clear => customer.default_payment_method_id = None,
        DefaultPaymentChange::Set(id, kind) => {
            let id = PaymentMethodId::new(id.clone());
            let Some(method) = held.method(&id) else {
                return Err(Failure::invalid(
                    "defaults.payment_method_id",
                    "unknown_id",
                    "defaults.payment_method_id must be the id of a payment method of this customer",
                ));
            };
            if method.kind() != *kind {
                let msg = "defaults.payment_method_type is not the type of that payment method";
                return Err(Failure::invalid("defaults.payment_method_type", "wrong_payment_type", msg));
            }
            customer.default_payment_method_id = Some(id);
        }
    }
    Ok(())
}

/// The form of the customer id in the document's sample.
fn uuid(session: &Session<'_>) -> Result<String, Failure> {
    Ok(random::uuid_v4(session.vaulting.random()).map_err(crate::problem::Problem::from)?)
}

/// The empty text says the same as no text.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
