//! Things to store.

use serde_json::json;
use vault::domain::{
    Address, AddressId, BankDisplay, Capture, CardDisplay, Currency, Customer, CustomerId, Display, Face,
    MandateRecord, MethodKind, Money, Outcome, Payment, PaymentId, PaymentMethod, PaymentMethodId,
    SessionTerms, TenantId, TermsRecord, Token, TokenState,
};

pub(crate) const NOW_MS: i64 = 1_795_399_323_000;

pub(crate) fn tenant() -> TenantId {
    TenantId::new("mer_one")
}

pub(crate) fn other_tenant() -> TenantId {
    TenantId::new("mer_two")
}

pub(crate) fn customer(id: &str) -> Customer {
    Customer::new(CustomerId::new(id), NOW_MS)
}

pub(crate) fn full_customer(id: &str) -> Customer {
    let text = |name: &str| Some(format!("{name} of {id}, with 'quotes' and \u{1F600}"));
    Customer {
        first_name: text("first name"),
        last_name: text("last name"),
        company: text("company"),
        email: text("email"),
        phone: text("phone"),
        description: text("description"),
        notes: text("notes"),
        reference: text("reference"),
        flags: vec!["surcharge_exempt".to_owned()],
        metadata: json!({"number": 7, "text": "x", "flag": true}).as_object().unwrap().clone(),
        extra: json!({"flute": {"has_sms_consent": true}}).as_object().unwrap().clone(),
        ..customer(id)
    }
}

pub(crate) fn address(id: &str, customer: &str) -> Address {
    Address::new(AddressId::new(id), CustomerId::new(customer), NOW_MS)
}

pub(crate) fn full_address(id: &str, customer: &str) -> Address {
    let text = |name: &str| Some(format!("{name} of {id}"));
    Address {
        first_name: text("first name"),
        last_name: text("last name"),
        company: text("company"),
        line_1: text("line 1"),
        line_2: text("line 2"),
        city: text("city"),
        state: text("state"),
        postal_code: text("postal code"),
        country: text("country"),
        email: text("email"),
        phone: text("phone"),
        fax: text("fax"),
        ..address(id, customer)
    }
}

pub(crate) fn card_display() -> Display {
    Display::Card(CardDisplay {
        scheme: "visa".to_owned(),
        bin: "41111111".to_owned(),
        last4: "1111".to_owned(),
        exp_month: 12,
        exp_year: 2030,
        preferred_scheme: Some("dankort".to_owned()),
        session: Some(Box::new(session_terms())),
    })
}

pub(crate) fn bank_display() -> Display {
    Display::BankAccount(BankDisplay {
        routing_last4: "0021".to_owned(),
        last4: "6789".to_owned(),
        account_type: "checking".to_owned(),
        holder_type: "personal".to_owned(),
        sec_code: "web".to_owned(),
        session: None,
    })
}

fn session_terms() -> SessionTerms {
    SessionTerms {
        id: "3xRkPq7mT2nWvB8cYdFh".to_owned(),
        amount_minor: Some(1299),
        currency: Some("USD".to_owned()),
        expires_at_ms: NOW_MS,
    }
}

pub(crate) fn payment_method(id: &str, customer: Option<&str>) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId::new(id),
        customer_id: customer.map(CustomerId::new),
        sealed: vec![0, 1, 2, 255],
        sealed_at_ms: NOW_MS,
        display: card_display(),
        name: None,
        flags: Vec::new(),
        extra: serde_json::Map::new(),
        mandate: None,
        fingerprint: "fingerprint".to_owned(),
        fingerprint_version: 2,
        from_token_mac: None,
        created_at_ms: NOW_MS,
        updated_at_ms: NOW_MS,
        archived_at_ms: None,
        version: 1,
    }
}

pub(crate) fn mandate() -> MandateRecord {
    MandateRecord {
        text: "I authorize \u{2068}Bücher & 'Co'\u{2069} to debit \\ \u{1F600}.".to_owned(),
        version: 3,
        locale: "he".to_owned(),
        accepted_at_ms: 1_795_399_322_999,
        received_at_ms: NOW_MS,
        sec_code: "web".to_owned(),
        sha256: "ab".repeat(32),
        terms: TermsRecord {
            merchant: "Bücher & 'Co'".to_owned(),
            contact: None,
            amount: "varying".to_owned(),
            currency: "USD".to_owned(),
            frequency: "on_request".to_owned(),
            date: "2026-12-01".to_owned(),
        },
    }
}

pub(crate) fn payment(id: &str, customer: Option<&str>) -> Payment {
    Payment {
        id: PaymentId::new(id),
        face: Face::Paydock,
        customer_id: customer.map(CustomerId::new),
        payment_method_id: None,
        kind: MethodKind::Card,
        amount: Money { minor: 1_250, currency: Currency::USD },
        capture: Capture::Automatic,
        outcome: Outcome::Approved,
        processor: "sandbox".to_owned(),
        reference: Some("order 7".to_owned()),
        description: Some("socks, with 'quotes'".to_owned()),
        metadata: json!({"a": 1}).as_object().unwrap().clone(),
        extra: json!({"paydock": {"b": [true]}}).as_object().unwrap().clone(),
        created_at_ms: NOW_MS,
    }
}

pub(crate) fn token(mac: u8) -> Token {
    Token {
        mac: [mac; 32],
        lookup_version: 3,
        attempt_mac: None,
        dialect: "tessera".to_owned(),
        sealed: Some(vec![9; 40]),
        display: Some(card_display()),
        mandate: None,
        state: TokenState::Issued,
        issued_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 1000,
    }
}
