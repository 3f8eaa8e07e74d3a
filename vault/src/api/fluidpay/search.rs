//! The body of "Search Customer Records".

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::failure::Failure;
use super::moment::{self, Edge};
use super::schemas::{self, schema_of};
use crate::api::members::{self, Members, TEXT_MAX_CHARS};

/// How many results a page has when the body does not say.
const LIMIT_DEFAULT: u32 = 10;
/// The largest page ("1-100").
const LIMIT_MAX: u32 = 100;
/// The largest number of results to skip ("1-1000", with 0 as the documented default).
const OFFSET_MAX: u32 = 1_000;

/// What a search compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchField {
    Id,
    AddressId,
    FirstName,
    LastName,
    Company,
    Line1,
    Line2,
    City,
    State,
    PostalCode,
    Country,
    Email,
    Phone,
    Fax,
    PaymentMethodType,
    PaymentMethodId,
    BillingAddressId,
    ShippingAddressId,
}

/// Every searchable member in the order of the document; `payment_method_id` is the vendor SDK's.
pub(super) const FIELDS: &[(&str, SearchField)] = &[
    ("id", SearchField::Id),
    ("address_id", SearchField::AddressId),
    ("first_name", SearchField::FirstName),
    ("last_name", SearchField::LastName),
    ("company", SearchField::Company),
    ("address_line_1", SearchField::Line1),
    ("address_line_2", SearchField::Line2),
    ("city", SearchField::City),
    ("state", SearchField::State),
    ("postal_code", SearchField::PostalCode),
    ("country", SearchField::Country),
    ("email", SearchField::Email),
    ("phone", SearchField::Phone),
    ("fax", SearchField::Fax),
    ("payment_method_type", SearchField::PaymentMethodType),
    ("payment_method_id", SearchField::PaymentMethodId),
    ("billing_address_id", SearchField::BillingAddressId),
    ("shipping_address_id", SearchField::ShippingAddressId),
];

/// Whether a criterion keeps or drops what matches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`: keeps the customers that match.
    Matches,
    /// `!=`: drops the customers that match.
    Excludes,
}

/// One criterion; all of a search's criteria must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Criterion {
    pub(super) field: SearchField,
    pub(super) operator: Operator,
    pub(super) value: String,
}

/// A range of time in milliseconds since 1970, both ends included; an end that is `None` is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DateRange {
    pub(super) start_ms: Option<i64>,
    pub(super) end_ms: Option<i64>,
}

/// A whole search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SearchBody {
    pub(super) criteria: Vec<Criterion>,
    pub(super) created: DateRange,
    pub(super) updated: DateRange,
    pub(super) limit: u32,
    pub(super) offset: u32,
}

schema_of!(
    SearchBody,
    "CustomerSearch",
    schemas::list(
        &[],
        FIELDS
            .iter()
            .map(|(name, field)| {
                let value = if *field == SearchField::PaymentMethodType {
                    schemas::required_literal(&["card", "ach"])
                } else {
                    ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT_MAX_CHARS))
                };
                (*name, schemas::comparison(value, &["=", "!="]))
            })
            .chain([
                ("created_at", schemas::date_range()),
                ("updated_at", schemas::date_range()),
                ("limit", schemas::whole(1, LIMIT_MAX.into()).into()),
                ("offset", schemas::whole(0, OFFSET_MAX.into()).into()),
            ])
    )
);

impl SearchBody {
    /// Reads the body of a search.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let mut criteria = Vec::new();
        for (name, field) in FIELDS {
            if let Some(inner) = members.object(name)? {
                criteria.push(criterion(*field, inner)?);
            }
        }
        let body = Self {
            criteria,
            created: date_range(&mut members, "created_at")?,
            updated: date_range(&mut members, "updated_at")?,
            limit: number(&mut members, "limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT),
            offset: number(&mut members, "offset", 0, OFFSET_MAX)?.unwrap_or(0),
        };
        members.finish()?;
        Ok(body)
    }
}

fn criterion(field: SearchField, mut members: Members) -> Result<Criterion, Failure> {
    let value_path = members.path("value");
    let value = members.text("value", TEXT_MAX_CHARS)?.ok_or_else(|| members::required(&value_path))?;
    let operator_path = members.path("operator");
    let operator = match members.text("operator", TEXT_MAX_CHARS)?.as_deref().map(String::as_str) {
        None | Some("" | "=") => Operator::Matches,
        Some("!=") => Operator::Excludes,
        Some(_) => return Err(members::unknown_value(&operator_path, &["=", "!="]).into()),
    };
    if field == SearchField::PaymentMethodType && !matches!(value.as_str(), "card" | "ach") {
        return Err(members::unknown_value(&value_path, &["card", "ach"]).into());
    }
    members.finish()?;
    Ok(Criterion { field, operator, value: value.as_str().to_owned() })
}

/// Reads a range of dates.
///
/// # Errors
/// A `Failure` naming the member that breaks a rule.
pub(super) fn date_range(members: &mut Members, name: &str) -> Result<DateRange, Failure> {
    let Some(mut inner) = members.object(name)? else { return Ok(DateRange::default()) };
    let range = DateRange {
        start_ms: date(&mut inner, "start_date", Edge::Start)?,
        end_ms: date(&mut inner, "end_date", Edge::End)?,
    };
    let start_path = inner.path("start_date");
    inner.finish()?;
    match (range.start_ms, range.end_ms) {
        (Some(start_ms), Some(end_ms)) if start_ms > end_ms => {
            let msg = format!("{start_path} must not be after the end_date");
            Err(Failure::invalid(start_path, "invalid_range", msg))
        }
        (Some(_) | None, Some(_) | None) => Ok(range),
    }
}

fn date(members: &mut Members, name: &str, edge: Edge) -> Result<Option<i64>, Failure> {
    let path = members.path(name);
    match members.text(name, TEXT_MAX_CHARS)? {
        Some(text) if !text.is_empty() => moment::parse(&path, &text, edge).map(Some),
        Some(_) | None => Ok(None),
    }
}

/// Reads a whole number between two bounds, both included.
///
/// # Errors
/// A `Failure` at the member's path.
pub(super) fn number(
    members: &mut Members,
    name: &str,
    least: u32,
    most: u32,
) -> Result<Option<u32>, Failure> {
    let path = members.path(name);
    let Some(value) = members.integer(name)? else { return Ok(None) };
    match u32::try_from(value) {
        Ok(value) if (least..=most).contains(&value) => Ok(Some(value)),
        Ok(_) | Err(_) => Err(Failure::invalid(
            &path,
            "out_of_range",
            format!("{path} must be a whole number from {least} to {most}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SearchBody, Failure> {
        SearchBody::read(Members::of_body(text.as_bytes()).unwrap())
    }

    #[test]
    fn an_empty_body_searches_everything_ten_at_a_time() {
        let body = read("{}").unwrap();
        assert_eq!((body.criteria.len(), body.limit, body.offset), (0, 10, 0));
    }

    #[test]
    fn every_member_is_read_with_both_operators() {
        for (name, field) in FIELDS {
            for (sign, operator) in [("=", Operator::Matches), ("!=", Operator::Excludes)] {
                let body = read(&format!(r#"{{"{name}":{{"value":"card","operator":"{sign}"}}}}"#)).unwrap();
                let expected = Criterion { field: *field, operator, value: "card".to_owned() };
                assert_eq!(body.criteria, [expected]);
            }
        }
    }

    #[test]
    fn bounds_dates_and_literals_are_checked() {
        for (body, code, field) in [
            (r#"{"limit":0}"#, "out_of_range", "limit"),
            (r#"{"limit":101}"#, "out_of_range", "limit"),
            (r#"{"limit":"10"}"#, "wrong_type", "limit"),
            (r#"{"offset":-1}"#, "out_of_range", "offset"),
            (r#"{"offset":1001}"#, "out_of_range", "offset"),
            (r#"{"city":"x"}"#, "wrong_type", "city"),
            (r#"{"city":{"operator":"="}}"#, "required", "city.value"),
            (r#"{"city":{"value":"x","operator":">"}}"#, "unknown_value", "city.operator"),
            (r#"{"city":{"value":"x","like":"y"}}"#, "unknown_field", "city.like"),
            (
                r#"{"payment_method_type":{"value":"cash","operator":"="}}"#,
                "unknown_value",
                "payment_method_type.value",
            ),
            (r#"{"created_at":{"start_date":"soon"}}"#, "invalid_date", "created_at.start_date"),
            (
                r#"{"updated_at":{"start_date":"2020-01-02","end_date":"2020-01-01"}}"#,
                "invalid_range",
                "updated_at.start_date",
            ),
            (r#"{"line_1":{"value":"x","operator":"="}}"#, "unknown_field", "line_1"),
        ] {
            let failure = read(body).unwrap_err();
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{body}");
        }
        let day = read(r#"{"created_at":{"start_date":"2020-01-01","end_date":"2020-01-01"}}"#).unwrap();
        assert_eq!(day.created.end_ms.unwrap() - day.created.start_ms.unwrap(), 86_399_999);
    }
}
