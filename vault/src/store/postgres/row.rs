//! Rows to domain types and back.

use serde::{Serialize, de::DeserializeOwned};
use tokio_postgres::{Row, types::FromSql};

use super::{failure::Failure, text};
use crate::{
    domain::{
        Address, AddressId, ApiKey, Capture, Currency, Customer, CustomerId, Display, Document, Face,
        KeyKind, Merchant, MethodKind, Money, Origin, Outcome, Payment, PaymentId, PaymentMethod,
        PaymentMethodId, Scope, TenantId, Token, TokenState,
    },
    store::{Attempt, DataKey, DataKeyPurpose, Remembered, SealingKey, StoreError, lookups, suite},
};

pub(super) fn customer(row: &Row) -> Result<Customer, Failure> {
    Ok(Customer {
        id: CustomerId::new(text(row, "id")?),
        first_name: optional(row, "first_name")?,
        last_name: optional(row, "last_name")?,
        company: optional(row, "company")?,
        email: optional(row, "email")?,
        phone: optional(row, "phone")?,
        description: optional(row, "description")?,
        notes: optional(row, "notes")?,
        reference: optional(row, "reference")?,
        flags: json(row, "flags")?,
        metadata: json(row, "metadata")?,
        extra: json(row, "extra")?,
        default_payment_method_id: optional(row, "default_payment_method_id")?.map(PaymentMethodId::new),
        default_billing_address_id: optional(row, "default_billing_address_id")?.map(AddressId::new),
        default_shipping_address_id: optional(row, "default_shipping_address_id")?.map(AddressId::new),
        created_at_ms: column(row, "created_at_ms")?,
        updated_at_ms: column(row, "updated_at_ms")?,
        archived_at_ms: column(row, "archived_at_ms")?,
        version: column(row, "version")?,
    })
}

pub(super) fn address(row: &Row) -> Result<Address, Failure> {
    Ok(Address {
        id: AddressId::new(text(row, "id")?),
        customer_id: CustomerId::new(text(row, "customer_id")?),
        first_name: optional(row, "first_name")?,
        last_name: optional(row, "last_name")?,
        company: optional(row, "company")?,
        line_1: optional(row, "line_1")?,
        line_2: optional(row, "line_2")?,
        city: optional(row, "city")?,
        state: optional(row, "state")?,
        postal_code: optional(row, "postal_code")?,
        country: optional(row, "country")?,
        email: optional(row, "email")?,
        phone: optional(row, "phone")?,
        fax: optional(row, "fax")?,
        created_at_ms: column(row, "created_at_ms")?,
        updated_at_ms: column(row, "updated_at_ms")?,
    })
}

pub(super) fn payment_method(row: &Row) -> Result<PaymentMethod, Failure> {
    Ok(PaymentMethod {
        id: PaymentMethodId::new(text(row, "id")?),
        customer_id: optional(row, "customer_id")?.map(CustomerId::new),
        display: json::<Display>(row, "display")?,
        sealed: column(row, "sealed")?,
        sealed_at_ms: column(row, "sealed_at_ms")?,
        name: optional(row, "name")?,
        flags: json(row, "flags")?,
        extra: json(row, "extra")?,
        mandate: optional_json(row, "mandate")?,
        fingerprint: text(row, "fingerprint")?,
        fingerprint_version: version(row, "fingerprint_version")?,
        from_token_mac: optional_bytes(row, "from_token_mac")?,
        created_at_ms: column(row, "created_at_ms")?,
        updated_at_ms: column(row, "updated_at_ms")?,
        archived_at_ms: column(row, "archived_at_ms")?,
        version: column(row, "version")?,
    })
}

pub(super) fn payment(row: &Row) -> Result<Payment, Failure> {
    Ok(Payment {
        id: PaymentId::new(text(row, "id")?),
        face: named(row, "face", Face::parse)?,
        customer_id: optional(row, "customer_id")?.map(CustomerId::new),
        payment_method_id: optional(row, "payment_method_id")?.map(PaymentMethodId::new),
        kind: named(row, "kind", |name| MethodKind::ALL.into_iter().find(|kind| kind.as_str() == name))?,
        amount: money(row)?,
        capture: named(row, "capture", Capture::parse)?,
        outcome: named(row, "outcome", Outcome::parse)?,
        processor: text(row, "processor")?,
        reference: optional(row, "reference")?,
        description: optional(row, "description")?,
        metadata: json(row, "metadata")?,
        extra: json(row, "extra")?,
        created_at_ms: column(row, "created_at_ms")?,
    })
}

pub(super) fn document(row: &Row) -> Result<Document, Failure> {
    Ok(Document {
        collection: text(row, "collection")?,
        id: text(row, "id")?,
        body: json(row, "body")?,
        created_at_ms: column(row, "created_at_ms")?,
        updated_at_ms: column(row, "updated_at_ms")?,
        version: column(row, "version")?,
    })
}

pub(super) fn remembered(row: &Row) -> Result<Remembered, Failure> {
    Ok(Remembered {
        mac: bytes(row, "mac")?,
        lookup_version: version(row, "lookup_version")?,
        digest: bytes(row, "digest")?,
        sealed: column(row, "sealed")?,
        expires_at_ms: column(row, "expires_at_ms")?,
    })
}

/// An amount of a currency: a payment's, or a sum.
pub(super) fn money(row: &Row) -> Result<Money, Failure> {
    Ok(Money { minor: column(row, "amount_minor")?, currency: named(row, "currency", Currency::parse)? })
}

pub(super) fn token(row: &Row) -> Result<Token, Failure> {
    Ok(Token {
        mac: bytes(row, "mac")?,
        lookup_version: version(row, "lookup_version")?,
        attempt_mac: optional_bytes(row, "attempt_mac")?,
        dialect: text(row, "dialect")?,
        display: json(row, "display")?,
        sealed: column(row, "sealed")?,
        mandate: optional_json(row, "mandate")?,
        state: named(row, "state_now", TokenState::parse)?,
        issued_at_ms: column(row, "issued_at_ms")?,
        expires_at_ms: column(row, "expires_at_ms")?,
    })
}

pub(super) fn attempt(row: &Row) -> Result<Attempt, Failure> {
    Ok(Attempt {
        mac: bytes(row, "mac")?,
        lookup_version: version(row, "lookup_version")?,
        sealed: column(row, "sealed")?,
        expires_at_ms: column(row, "expires_at_ms")?,
    })
}

pub(super) fn api_key(row: &Row) -> Result<ApiKey, Failure> {
    let origins: Vec<String> = json(row, "origins")?;
    let kind = named(row, "kind", KeyKind::parse)?;
    // A key that was made before there were scopes has those of its kind.
    let scopes: Option<&str> = column(row, "scopes")?;
    let scopes = match scopes {
        None => kind.scopes().to_vec(),
        Some(names) => names
            .split_whitespace()
            .map(|name| Scope::parse(name).ok_or_else(|| corrupt("a scope")))
            .collect::<Result<_, _>>()?,
    };
    Ok(ApiKey {
        id: text(row, "id")?,
        tenant: TenantId::new(text(row, "tenant_id")?),
        kind,
        mac: bytes(row, "mac")?,
        lookup_version: version(row, "lookup_version")?,
        origins: origins
            .iter()
            .map(|origin| Origin::parse(origin).map_err(|_| corrupt("an origin")))
            .collect::<Result<_, _>>()?,
        created_at_ms: column(row, "created_at_ms")?,
        scopes,
        expires_at_ms: column(row, "expires_at_ms")?,
        revoked_at_ms: column(row, "revoked_at_ms")?,
    })
}

pub(super) fn merchant(row: &Row) -> Result<Merchant, Failure> {
    Ok(Merchant { id: TenantId::new(text(row, "tenant_id")?), created_at_ms: column(row, "created_at_ms")? })
}

pub(super) fn data_key(row: &Row) -> Result<DataKey, Failure> {
    let version: i64 = column(row, "version")?;
    Ok(DataKey {
        purpose: named(row, "purpose", DataKeyPurpose::parse)?,
        version: u32::try_from(version).map_err(|_| corrupt("a key's version"))?,
        wrapped: column(row, "wrapped")?,
        created_at_ms: column(row, "created_at_ms")?,
    })
}

pub(super) fn sealing_key(row: &Row) -> Result<SealingKey, Failure> {
    Ok(SealingKey {
        id: bytes(row, "id")?,
        suite: suite::read(column(row, "suite")?),
        wrapped: column(row, "wrapped")?,
        created_at_ms: column(row, "created_at_ms")?,
        starts_at_ms: column(row, "starts_at_ms")?,
        expires_at_ms: column(row, "expires_at_ms")?,
        statement: column(row, "statement")?,
    })
}

/// Creation time and id: an item's place in a list.
pub(super) fn place(row: &Row) -> Result<(i64, String), Failure> {
    Ok((column(row, "created_at_ms")?, text(row, "id")?))
}

/// The JSON text of a column.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::Engine)
}

/// A column as the driver reads it.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, Failure> {
    row.try_get(column).map_err(|_| corrupt("a column of another form"))
}

/// A text.
pub(super) fn text(row: &Row, name: &str) -> Result<String, Failure> {
    text::original(column(row, name)?).ok_or_else(|| corrupt("a text"))
}

/// The version of the look-up key that a row was written with.
fn version(row: &Row, name: &str) -> Result<u32, Failure> {
    let stored: Option<i64> = column(row, name)?;
    let stored = stored.map(u32::try_from).transpose().map_err(|_| corrupt("a key's version"))?;
    Ok(lookups::read(stored))
}

/// A number of rows.
pub(super) fn count(row: &Row, name: &str) -> Result<u64, Failure> {
    let count: i64 = column(row, name)?;
    u64::try_from(count).map_err(|_| corrupt("a count"))
}

/// A name that is one of ours.
pub(super) fn named<T>(row: &Row, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Failure> {
    parse(column(row, name)?).ok_or_else(|| corrupt("an unknown name"))
}

pub(super) fn optional_bytes<const LEN: usize>(row: &Row, name: &str) -> Result<Option<[u8; LEN]>, Failure> {
    let bytes: Option<&[u8]> = column(row, name)?;
    bytes.map(<[u8; LEN]>::try_from).transpose().map_err(|_| corrupt("bytes of another length"))
}

fn bytes<const LEN: usize>(row: &Row, name: &str) -> Result<[u8; LEN], Failure> {
    let bytes: &[u8] = column(row, name)?;
    bytes.try_into().map_err(|_| corrupt("bytes of another length"))
}

fn optional(row: &Row, name: &str) -> Result<Option<String>, Failure> {
    let stored: Option<String> = column(row, name)?;
    stored.map(|stored| text::original(stored).ok_or_else(|| corrupt("a text"))).transpose()
}

fn json<T: DeserializeOwned>(row: &Row, name: &str) -> Result<T, Failure> {
    serde_json::from_str(column(row, name)?).map_err(|_| corrupt("JSON of another form"))
}

/// The JSON text of a value that need not be there.
pub(super) fn to_optional_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>, Failure> {
    value.map(to_json).transpose()
}

fn optional_json<T: DeserializeOwned>(row: &Row, name: &str) -> Result<Option<T>, Failure> {
    let stored: Option<&str> = column(row, name)?;
    let value = stored.map(serde_json::from_str).transpose();
    value.map_err(|_| corrupt("JSON of another form"))
}

const fn corrupt(what: &'static str) -> Failure {
    Failure::Guard(StoreError::Corrupt(what))
}

/// Whose a payment method is.
pub(super) fn customer_id(row: &Row) -> Result<Option<String>, Failure> {
    optional(row, "customer_id")
}
