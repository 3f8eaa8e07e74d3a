//! A customer record as the answers of this face show it.

use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use crate::domain::{Address, Customer, Display, PaymentMethod};

/// The `data` of an answer about one customer.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordAnswer {
    #[schema(examples("952f250d-fa85-40ac-a45e-3886f98032c6"))]
    id: String,
    owner_id: String,
    data: DataAnswer,
    created_at: String,
    updated_at: String,
}

/// A payment method, with its number masked; `None` if what is stored does not open.
pub(super) struct MethodView<'a> {
    pub(super) method: &'a PaymentMethod,
    pub(super) masked_number: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct DataAnswer {
    customer: CustomerAnswer,
}

#[derive(Serialize, ToSchema)]
struct CustomerAnswer {
    addresses: Vec<AddressAnswer>,
    defaults: DefaultsAnswer,
    description: String,
    notes: String,
    flags: Vec<String>,
    payments: PaymentsAnswer,
}

#[derive(Serialize, ToSchema)]
struct AddressAnswer {
    city: String,
    company: String,
    country: String,
    email: String,
    fax: String,
    first_name: String,
    hash: String,
    id: String,
    last_name: String,
    line_1: String,
    line_2: String,
    phone: String,
    postal_code: String,
    state: String,
}

/// What is not set is the empty text.
#[derive(Serialize, ToSchema)]
struct DefaultsAnswer {
    billing_address_id: String,
    payment_method_id: String,
    payment_method_type: &'static str,
    shipping_address_id: String,
}

#[derive(Serialize, ToSchema)]
struct PaymentsAnswer {
    ach: Vec<AchAnswer>,
    cards: Vec<CardAnswer>,
}

/// Exactly the members of the sample; `flags` only when there are any, `unreadable` only when it is true.
#[derive(Serialize, ToSchema)]
struct CardAnswer {
    card_type: String,
    expiration_date: String,
    id: String,
    masked_number: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unreadable: bool,
}

/// The document shows `"ach": []` only; the names are those of the vendor's Dart SDK (`CustomerACH`).
/// Its `routing_number` is masked here, as the account number is.
#[derive(Serialize, ToSchema)]
struct AchAnswer {
    account_type: String,
    id: String,
    masked_account_number: String,
    routing_number: String,
    sec_code: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unreadable: bool,
}

/// The answer that shows a customer.
pub(super) fn answer(
    owner_id: &str,
    customer: &Customer,
    addresses: &[(&Address, String)],
    methods: &[MethodView<'_>],
) -> RecordAnswer {
    RecordAnswer {
        id: customer.id.to_string(),
        owner_id: owner_id.to_owned(),
        data: DataAnswer {
            customer: CustomerAnswer {
                addresses: addresses.iter().map(|(address, hash)| address_answer(address, hash)).collect(),
                defaults: defaults(customer, methods),
                description: customer.description.clone().unwrap_or_default(),
                notes: customer.notes.clone().unwrap_or_default(),
                flags: customer.flags.clone(),
                payments: payments(methods),
            },
        },
        created_at: moment::text_of_ms(customer.created_at_ms),
        updated_at: moment::text_of_ms(customer.updated_at_ms),
    }
}

/// The content of an address in a fixed order, without id and times: what its hash is taken of.
pub(super) fn content(address: &Address) -> [&[u8]; 12] {
    [
        &address.first_name,
        &address.last_name,
        &address.company,
        &address.line_1,
        &address.line_2,
        &address.city,
        &address.state,
        &address.postal_code,
        &address.country,
        &address.email,
        &address.phone,
        &address.fax,
    ]
    .map(|part| part.as_deref().unwrap_or_default().as_bytes())
}

fn defaults(customer: &Customer, methods: &[MethodView<'_>]) -> DefaultsAnswer {
    let default = customer
        .default_payment_method_id
        .as_ref()
        .and_then(|id| methods.iter().find(|view| view.method.id == *id));
    DefaultsAnswer {
        billing_address_id: text(customer.default_billing_address_id.as_ref()),
        payment_method_id: text(default.map(|view| &view.method.id)),
        payment_method_type: default.map_or("", |view| view.method.kind().as_str()),
        shipping_address_id: text(customer.default_shipping_address_id.as_ref()),
    }
}

fn payments(methods: &[MethodView<'_>]) -> PaymentsAnswer {
    let mut payments = PaymentsAnswer { ach: Vec::new(), cards: Vec::new() };
    for MethodView { method, masked_number } in methods {
        match &method.display {
            Display::Card(card) => payments.cards.push(CardAnswer {
                card_type: card.scheme.clone(),
                expiration_date: moment::text_of_expiry(card.exp_month, card.exp_year),
                id: method.id.to_string(),
                masked_number: masked_number.clone().unwrap_or_default(),
                flags: method.flags.clone(),
                unreadable: masked_number.is_none(),
            }),
            Display::BankAccount(account) => payments.ach.push(AchAnswer {
                account_type: account.account_type.clone(),
                id: method.id.to_string(),
                masked_account_number: masked_number.clone().unwrap_or_default(),
                // A routing number has nine digits (ABA), of which four are shown.
                routing_number: format!("*****{}", account.routing_last4),
                sec_code: account.sec_code.clone(),
                flags: method.flags.clone(),
                unreadable: masked_number.is_none(),
            }),
            // FluidPay's record has no place for what only another gateway knows.
            Display::Bsb(_) | Display::Checkout(_) => {}
        }
    }
    payments
}

fn address_answer(address: &Address, hash: &str) -> AddressAnswer {
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    AddressAnswer {
        city: own(&address.city),
        company: own(&address.company),
        country: own(&address.country),
        email: own(&address.email),
        fax: own(&address.fax),
        first_name: own(&address.first_name),
        hash: hash.to_owned(),
        id: address.id.to_string(),
        last_name: own(&address.last_name),
        line_1: own(&address.line_1),
        line_2: own(&address.line_2),
        phone: own(&address.phone),
        postal_code: own(&address.postal_code),
        state: own(&address.state),
    }
}

fn text(id: Option<&impl ToString>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}
