//! What "Search Transactions" takes, and which transactions fit it.

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::schemas::{self, schema_of};
use crate::api::fluidpay::search::{self, DateRange};
use crate::api::members::{self, Members, TEXT_MAX_CHARS};
use crate::domain::TimeRange;

/// How many results a page has when the body does not say; our reading, as with customers.
const LIMIT_DEFAULT: u32 = 10;
/// The largest page ("0-100").
const LIMIT_MAX: u32 = 100;
/// The largest number of results to skip; the one of customers.
const OFFSET_MAX: u32 = 1_000;
/// How far back a search goes that names no dates, in milliseconds: four months of 31 days.
const DEFAULT_RANGE_MS: i64 = 4 * 31 * 24 * 60 * 60 * 1_000;

/// The text members: their names, and which member of a transaction they are compared with.
const TEXTS: [(&str, &str); 12] = [
    ("transaction_id", "id"),
    ("user_id", "user_id"),
    ("type", "type"),
    ("ip_address", "ip_address"),
    ("po_number", "po_number"),
    ("order_id", "order_id"),
    ("payment_method", "payment_method"),
    ("payment_type", "payment_type"),
    ("status", "status"),
    ("processor_id", "processor_id"),
    ("customer_id", "customer_id"),
    ("settlement_batch_id", "settlement_batch_id"),
];

/// The members that compare whole numbers; transactions have them under the same names.
const NUMBERS: [&str; 5] = ["amount", "amount_authorized", "amount_captured", "amount_settled", "tax_amount"];

/// The two addresses.
const ADDRESSES: [&str; 2] = ["billing_address", "shipping_address"];

/// The members of the two addresses that are compared.
const ADDRESS: [&str; 12] = [
    "first_name",
    "last_name",
    "company",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "postal_code",
    "country",
    "email",
    "phone",
    "fax",
];

/// A whole search.
pub(in crate::api::fluidpay) struct SearchBody {
    criteria: Vec<Criterion>,
    created: DateRange,
    captured: Option<DateRange>,
    /// A search for settled transactions finds none: nothing is settled here.
    settled: Option<DateRange>,
    pub(super) limit: u32,
    pub(super) offset: u32,
}

/// One comparison with a member of the transaction.
struct Criterion {
    /// Where the member stands, as a JSON Pointer.
    pointer: String,
    comparison: Comparison,
    value: Wanted,
}

enum Wanted {
    Text(String),
    Number(i64),
}

#[derive(Clone, Copy)]
enum Comparison {
    Equals,
    Differs,
    Below,
    Above,
}

schema_of!(
    SearchBody,
    "TransactionSearch",
    schemas::list(
        &[],
        TEXTS
            .map(|(name, _)| (name, text_schema()))
            .into_iter()
            .chain(NUMBERS.map(|name| {
                let value = ObjectBuilder::new().schema_type(Type::Integer);
                (name, schemas::comparison(value, &["=", "!=", "<", ">"]))
            }))
            .chain(ADDRESSES.map(|name| {
                (name, schemas::optional(schemas::list(&[], ADDRESS.map(|name| (name, text_schema())))))
            }))
            .chain(["created_at", "captured_at", "settled_at"].map(|name| (name, schemas::date_range())))
            .chain([
                ("limit", schemas::whole(0, LIMIT_MAX.into()).into()),
                ("offset", schemas::whole(0, OFFSET_MAX.into()).into()),
            ])
    )
);

fn text_schema() -> RefOr<Schema> {
    let value = ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT_MAX_CHARS));
    schemas::comparison(value, &["=", "!="])
}

impl SearchBody {
    /// Reads the body of a search.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(in crate::api::fluidpay) fn read(mut members: Members) -> Result<Self, Failure> {
        let mut criteria = Vec::new();
        for (name, shown) in TEXTS {
            criteria.extend(text(&mut members, name, format!("/{shown}"))?);
        }
        for name in NUMBERS {
            criteria.extend(number(&mut members, name)?);
        }
        for address in ADDRESSES {
            let Some(mut inner) = members.object(address)? else { continue };
            for name in ADDRESS {
                criteria.extend(text(&mut inner, name, format!("/{address}/{name}"))?);
            }
            inner.finish()?;
        }
        let mut range = |name: &str| -> Result<Option<DateRange>, Failure> {
            if members.has(name) { search::date_range(&mut members, name).map(Some) } else { Ok(None) }
        };
        let (created, captured, settled) =
            (range("created_at")?, range("captured_at")?, range("settled_at")?);
        let body = Self {
            criteria,
            created: created.unwrap_or_default(),
            captured,
            settled,
            limit: search::number(&mut members, "limit", 0, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT),
            offset: search::number(&mut members, "offset", 0, OFFSET_MAX)?.unwrap_or(0),
        };
        members.finish()?;
        Ok(body)
    }

    /// The time in which the transactions were made.
    pub(super) fn created(&self, now_ms: i64) -> TimeRange {
        let DateRange { start_ms, end_ms } = self.created;
        let from_ms = match (start_ms, end_ms) {
            (None, None) => Some(now_ms.saturating_sub(DEFAULT_RANGE_MS)),
            (start_ms, _) => start_ms,
        };
        TimeRange { from_ms, until_ms: end_ms }
    }

    /// Whether a transaction, as it is shown, fits. A transaction is captured when it is made, or not at all.
    pub(super) fn fits(&self, transaction: &Value, created_at_ms: i64) -> bool {
        let is_captured = transaction.get("captured_at").is_some_and(|moment| !moment.is_null());
        let is_within = |range: &DateRange| {
            is_captured
                && range.start_ms.is_none_or(|start_ms| created_at_ms >= start_ms)
                && range.end_ms.is_none_or(|end_ms| created_at_ms <= end_ms)
        };
        self.settled.is_none()
            && self.captured.as_ref().is_none_or(is_within)
            && self.criteria.iter().all(|criterion| criterion.fits(transaction))
    }
}

impl Criterion {
    fn fits(&self, transaction: &Value) -> bool {
        let found = transaction.pointer(&self.pointer).unwrap_or(&Value::Null);
        match &self.value {
            Wanted::Text(text) => match self.comparison {
                Comparison::Equals | Comparison::Below | Comparison::Above => found.as_str() == Some(text),
                Comparison::Differs => found.as_str() != Some(text),
            },
            Wanted::Number(number) => found.as_i64().is_some_and(|found| match self.comparison {
                Comparison::Equals => found == *number,
                Comparison::Differs => found != *number,
                Comparison::Below => found < *number,
                Comparison::Above => found > *number,
            }),
        }
    }
}

fn text(members: &mut Members, name: &str, pointer: String) -> Result<Option<Criterion>, Failure> {
    let Some(mut inner) = members.object(name)? else { return Ok(None) };
    let value_path = inner.path("value");
    let value = inner.text("value", TEXT_MAX_CHARS)?.ok_or_else(|| members::required(&value_path))?;
    let comparison = comparison(&mut inner, &["=", "!="])?;
    inner.finish()?;
    Ok(Some(Criterion { pointer, comparison, value: Wanted::Text(value.as_str().to_owned()) }))
}

fn number(members: &mut Members, name: &str) -> Result<Option<Criterion>, Failure> {
    let Some(mut inner) = members.object(name)? else { return Ok(None) };
    let value_path = inner.path("value");
    let value = inner.integer("value")?.ok_or_else(|| members::required(&value_path))?;
    let comparison = comparison(&mut inner, &["=", "!=", "<", ">"])?;
    inner.finish()?;
    Ok(Some(Criterion { pointer: format!("/{name}"), comparison, value: Wanted::Number(value) }))
}

fn comparison(members: &mut Members, accepted: &[&str]) -> Result<Comparison, Failure> {
    let path = members.path("operator");
    let text = members.text("operator", TEXT_MAX_CHARS)?;
    let sign = text.as_deref().map_or("=", String::as_str);
    let comparison = match sign {
        "" | "=" => Comparison::Equals,
        "!=" => Comparison::Differs,
        "<" if accepted.contains(&"<") => Comparison::Below,
        ">" if accepted.contains(&">") => Comparison::Above,
        _ => return Err(members::unknown_value(&path, accepted).into()),
    };
    Ok(comparison)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> SearchBody {
        SearchBody::read(Members::of_body(body.to_string().as_bytes()).unwrap())
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    #[test]
    fn numbers_and_texts_are_compared_as_documented() {
        let sale = json!({"id": "a", "amount": 500, "captured_at": "x", "billing_address": {"city": "Bonn"}});
        for (body, fits) in [
            (json!({}), true),
            (json!({"transaction_id": {"operator": "=", "value": "a"}}), true),
            (json!({"transaction_id": {"operator": "!=", "value": "a"}}), false),
            (json!({"amount": {"operator": ">", "value": 499}}), true),
            (json!({"amount": {"operator": "<", "value": 500}}), false),
            (json!({"billing_address": {"city": {"operator": "=", "value": "Bonn"}}}), true),
            (json!({"billing_address": {"city": {"operator": "=", "value": "Ulm"}}}), false),
            (json!({"captured_at": {"start_date": "1970-01-01"}}), true),
            (json!({"captured_at": {"start_date": "1970-01-03"}}), false),
            (json!({"settled_at": {"start_date": "1970-01-01"}}), false),
        ] {
            assert_eq!(read(body.clone()).fits(&sale, 1_000), fits, "{body}");
        }
    }

    #[test]
    fn without_dates_four_months_are_searched() {
        assert_eq!(read(json!({})).created(DEFAULT_RANGE_MS + 5).from_ms, Some(5));
        let until = read(json!({"created_at": {"end_date": "1970-01-01"}})).created(0);
        assert_eq!((until.from_ms, until.until_ms), (None, Some(86_399_999)));
    }
}
