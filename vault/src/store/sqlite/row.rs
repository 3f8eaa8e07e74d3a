//! Rows to domain types and back.

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    domain::{
        Address, AddressId, ApiKey, Capture, Currency, Customer, CustomerId, Display, Document, Face,
        KeyKind, Merchant, MethodKind, Money, Origin, Outcome, Payment, PaymentId, PaymentMethod,
        PaymentMethodId, Scope, TenantId, Token, TokenState,
    },
    store::{Attempt, DataKey, DataKeyPurpose, Remembered, SealingKey, StoreError, lookups, suite},
};

pub(super) fn customer(row: &Row<'_>) -> rusqlite::Result<Customer> {
    Ok(Customer {
        id: CustomerId::new(row.get::<_, String>("id")?),
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        company: row.get("company")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        description: row.get("description")?,
        notes: row.get("notes")?,
        reference: row.get("reference")?,
        flags: json(row, "flags")?,
        metadata: json(row, "metadata")?,
        extra: json(row, "extra")?,
        default_payment_method_id: row
            .get::<_, Option<String>>("default_payment_method_id")?
            .map(PaymentMethodId::new),
        default_billing_address_id: row
            .get::<_, Option<String>>("default_billing_address_id")?
            .map(AddressId::new),
        default_shipping_address_id: row
            .get::<_, Option<String>>("default_shipping_address_id")?
            .map(AddressId::new),
        created_at_ms: row.get("created_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
        archived_at_ms: row.get("archived_at_ms")?,
        version: row.get("version")?,
    })
}

pub(super) fn address(row: &Row<'_>) -> rusqlite::Result<Address> {
    Ok(Address {
        id: AddressId::new(row.get::<_, String>("id")?),
        customer_id: CustomerId::new(row.get::<_, String>("customer_id")?),
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        company: row.get("company")?,
        line_1: row.get("line_1")?,
        line_2: row.get("line_2")?,
        city: row.get("city")?,
        state: row.get("state")?,
        postal_code: row.get("postal_code")?,
        country: row.get("country")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        fax: row.get("fax")?,
        created_at_ms: row.get("created_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
    })
}

pub(super) fn payment_method(row: &Row<'_>) -> rusqlite::Result<PaymentMethod> {
    Ok(PaymentMethod {
        id: PaymentMethodId::new(row.get::<_, String>("id")?),
        customer_id: row.get::<_, Option<String>>("customer_id")?.map(CustomerId::new),
        display: json::<Display>(row, "display")?,
        sealed: row.get("sealed")?,
        sealed_at_ms: row.get("sealed_at_ms")?,
        name: row.get("name")?,
        flags: json(row, "flags")?,
        extra: json(row, "extra")?,
        mandate: optional_json(row, "mandate")?,
        fingerprint: row.get("fingerprint")?,
        fingerprint_version: lookups::read(row.get("fingerprint_version")?),
        from_token_mac: row.get("from_token_mac")?,
        created_at_ms: row.get("created_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
        archived_at_ms: row.get("archived_at_ms")?,
        version: row.get("version")?,
    })
}

pub(super) fn payment(row: &Row<'_>) -> rusqlite::Result<Payment> {
    Ok(Payment {
        id: PaymentId::new(row.get::<_, String>("id")?),
        face: named(row, "face", Face::parse)?,
        customer_id: row.get::<_, Option<String>>("customer_id")?.map(CustomerId::new),
        payment_method_id: row.get::<_, Option<String>>("payment_method_id")?.map(PaymentMethodId::new),
        kind: named(row, "kind", |text| MethodKind::ALL.into_iter().find(|kind| kind.as_str() == text))?,
        amount: Money { minor: row.get("amount_minor")?, currency: named(row, "currency", Currency::parse)? },
        capture: named(row, "capture", Capture::parse)?,
        outcome: named(row, "outcome", Outcome::parse)?,
        processor: row.get("processor")?,
        reference: row.get("reference")?,
        description: row.get("description")?,
        metadata: json(row, "metadata")?,
        extra: json(row, "extra")?,
        created_at_ms: row.get("created_at_ms")?,
    })
}

pub(super) fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        collection: row.get("collection")?,
        id: row.get("id")?,
        body: json(row, "body")?,
        created_at_ms: row.get("created_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
        version: row.get("version")?,
    })
}

pub(super) fn remembered(row: &Row<'_>) -> rusqlite::Result<Remembered> {
    Ok(Remembered {
        mac: row.get("mac")?,
        lookup_version: lookups::read(row.get("lookup_version")?),
        digest: row.get("digest")?,
        sealed: row.get("sealed")?,
        expires_at_ms: row.get("expires_at_ms")?,
    })
}

/// An amount of a currency, from a sum.
pub(super) fn money(row: &Row<'_>) -> rusqlite::Result<Money> {
    Ok(Money { minor: row.get("amount_minor")?, currency: named(row, "currency", Currency::parse)? })
}

pub(super) fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        mac: row.get("mac")?,
        lookup_version: lookups::read(row.get("lookup_version")?),
        attempt_mac: row.get("attempt_mac")?,
        dialect: row.get("dialect")?,
        display: json(row, "display")?,
        sealed: row.get("sealed")?,
        mandate: optional_json(row, "mandate")?,
        state: named(row, "state_now", TokenState::parse)?,
        issued_at_ms: row.get("issued_at_ms")?,
        expires_at_ms: row.get("expires_at_ms")?,
    })
}

pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        mac: row.get("mac")?,
        lookup_version: lookups::read(row.get("lookup_version")?),
        sealed: row.get("sealed")?,
        expires_at_ms: row.get("expires_at_ms")?,
    })
}

pub(super) fn api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let origins: Vec<String> = json(row, "origins")?;
    let kind = named(row, "kind", KeyKind::parse)?;
    // A key that was made before there were scopes has those of its kind.
    let scopes = match row.get::<_, Option<String>>("scopes")? {
        None => kind.scopes().to_vec(),
        Some(names) => names
            .split_whitespace()
            .map(|name| {
                Scope::parse(name)
                    .ok_or_else(|| unreadable(Type::Text, StoreError::Corrupt("an unknown name")))
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(ApiKey {
        id: row.get("id")?,
        tenant: TenantId::new(row.get::<_, String>("tenant_id")?),
        kind,
        mac: row.get("mac")?,
        lookup_version: lookups::read(row.get("lookup_version")?),
        origins: origins
            .iter()
            .map(|text| Origin::parse(text).map_err(|error| unreadable(Type::Text, error)))
            .collect::<Result<_, _>>()?,
        created_at_ms: row.get("created_at_ms")?,
        scopes,
        expires_at_ms: row.get("expires_at_ms")?,
        revoked_at_ms: row.get("revoked_at_ms")?,
    })
}

pub(super) fn merchant(row: &Row<'_>) -> rusqlite::Result<Merchant> {
    Ok(Merchant {
        id: TenantId::new(row.get::<_, String>("tenant_id")?),
        created_at_ms: row.get("created_at_ms")?,
    })
}

pub(super) fn data_key(row: &Row<'_>) -> rusqlite::Result<DataKey> {
    Ok(DataKey {
        purpose: named(row, "purpose", DataKeyPurpose::parse)?,
        version: row.get("version")?,
        wrapped: row.get("wrapped")?,
        created_at_ms: row.get("created_at_ms")?,
    })
}

pub(super) fn sealing_key(row: &Row<'_>) -> rusqlite::Result<SealingKey> {
    Ok(SealingKey {
        id: row.get("id")?,
        suite: suite::read(row.get("suite")?),
        wrapped: row.get("wrapped")?,
        created_at_ms: row.get("created_at_ms")?,
        starts_at_ms: row.get("starts_at_ms")?,
        expires_at_ms: row.get("expires_at_ms")?,
        statement: row.get("statement")?,
    })
}

/// The JSON text of a column.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(Type::Text, error))
}

/// The JSON text of a value that need not be there.
pub(super) fn to_optional_json<T: Serialize>(value: Option<&T>) -> rusqlite::Result<Option<String>> {
    value.map(to_json).transpose()
}

fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    let value = text.map(|text| serde_json::from_str(&text)).transpose();
    value.map_err(|error| unreadable(Type::Text, error))
}

fn named<T>(row: &Row<'_>, column: &str, parse: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unreadable(Type::Text, StoreError::Corrupt("an unknown name")))
}

fn unreadable(column: Type, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, column, Box::new(error))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Corrupt("a column of another form"),
            _ => Self::Unavailable,
        }
    }
}
