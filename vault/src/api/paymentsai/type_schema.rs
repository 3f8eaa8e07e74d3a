//! What the values of a custom field must be: `typeSchema` of a definition.
//!
//! The types and the forms of their values are those of payments.ai's page of custom fields and, where that is
//! silent, of Rebilly's `CustomField`, from which they come: a monetary value is an amount with its currency,
//! an integer has 32 bits, a string has 255 characters unless `maxLength` says otherwise.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::failure::Failure;
use super::metadata::{self, MAX_TEXT_CHARS};
use super::moment;
use crate::api::free_text;
use crate::api::members::{self, Json, Members, TEXT_MAX_CHARS};
use crate::domain::{Currency, Money};

/// The longest string of a field that has no `maxLength`, and of an element of a list.
const STRING_MAX_CHARS: usize = 255;

/// How many elements a list may have.
const LIST_MAX_ITEMS: usize = 1_000;

/// What the values of a custom field must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeSchema {
    /// The type of every value.
    #[serde(rename = "type")]
    pub(super) kind: FieldType,
    /// What else must hold.
    #[serde(default, skip_serializing_if = "AdditionalSchema::is_empty")]
    #[schema(required = false)]
    pub(super) additional_schema: AdditionalSchema,
}

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldType {
    /// `{"currency": "EUR", "amount": 25.30}`.
    Monetary,
    /// A text.
    String,
    /// A number.
    Number,
    /// A whole number of 32 bits.
    Integer,
    /// A point in time of RFC 3339.
    Datetime,
    /// A day of RFC 3339.
    Date,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    Array,
}

/// What else must hold of a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AdditionalSchema {
    /// Whether every customer must have a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    required: Option<bool>,
    /// The longest string, in characters; only of the type `string`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 4000)]
    max_length: Option<u32>,
    /// The only values there are; only of the types `string` and `array`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    allowed_values: Option<Vec<String>>,
    /// The value of customers that are created without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
}

impl AdditionalSchema {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl TypeSchema {
    /// Reads `typeSchema`.
    ///
    /// # Errors
    /// A refusal that names the member at fault.
    pub(super) fn read(mut body: Members) -> Result<Self, Failure> {
        let kind = FieldType::read(&mut body, "type")?;
        let additional = body.object("additionalSchema")?;
        body.finish()?;
        let mut schema = Self::plain(kind);
        let Some(mut additional) = additional else { return Ok(schema) };
        let texts = matches!(kind, FieldType::String | FieldType::Array);
        schema.additional_schema.required = additional.boolean("required")?;
        if kind == FieldType::String {
            let path = additional.path("maxLength");
            let max = u32::try_from(MAX_TEXT_CHARS).unwrap_or(u32::MAX);
            schema.additional_schema.max_length = additional
                .integer("maxLength")?
                .map(|length| {
                    u32::try_from(length).ok().filter(|length| (1..=max).contains(length)).ok_or_else(|| {
                        Failure::invalid(&path, "out_of_range", format!("{path} must be 1 to {max}"))
                    })
                })
                .transpose()?;
        }
        if texts {
            schema.additional_schema.allowed_values = allowed_values(&mut additional)?;
        }
        let default_path = additional.path("default");
        let default = additional.value("default");
        additional.finish()?;
        if let Some(default) = default {
            let value = metadata::value(&default_path, default)?;
            if let Err(expected) = schema.fits(&value) {
                let details = format!("{default_path} must be {expected}, like every value of the field");
                return Err(Failure::invalid(default_path, "wrong_type", details));
            }
            schema.additional_schema.default = Some(value);
        }
        Ok(schema)
    }

    /// A type of which nothing else must hold.
    pub(super) fn plain(kind: FieldType) -> Self {
        Self { kind, additional_schema: AdditionalSchema::default() }
    }

    /// Whether every customer must have a value.
    pub(super) fn is_required(&self) -> bool {
        self.additional_schema.required == Some(true)
    }

    /// The value of customers that are created without one.
    pub(super) const fn default_value(&self) -> Option<&Value> {
        self.additional_schema.default.as_ref()
    }

    /// Whether a value is one of this field's; if not, what one is.
    ///
    /// # Errors
    /// What a value must be, in words that follow "must be".
    pub(super) fn fits(&self, value: &Value) -> Result<(), String> {
        let fits = match self.kind {
            FieldType::Boolean => value.is_boolean(),
            FieldType::Number => value.is_number(),
            FieldType::Integer => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            FieldType::Date => value.as_str().is_some_and(moment::is_date),
            FieldType::Datetime => value.as_str().is_some_and(moment::is_datetime),
            FieldType::Monetary => is_monetary(value),
            FieldType::String => value.as_str().is_some_and(|text| self.fits_text(text)),
            FieldType::Array => value.as_array().is_some_and(|items| {
                items.len() <= LIST_MAX_ITEMS
                    && items.iter().all(|item| item.as_str().is_some_and(|text| self.fits_text(text)))
            }),
        };
        if fits { Ok(()) } else { Err(self.expected()) }
    }

    fn fits_text(&self, text: &str) -> bool {
        let additional = &self.additional_schema;
        let max = additional.max_length.and_then(|length| usize::try_from(length).ok());
        let allowed = additional.allowed_values.as_deref();
        text.chars().count() <= max.unwrap_or(STRING_MAX_CHARS)
            && allowed.is_none_or(|allowed| allowed.iter().any(|value| value == text))
    }

    fn expected(&self) -> String {
        let listed = || {
            let allowed = self.additional_schema.allowed_values.as_deref().unwrap_or_default();
            allowed.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", ")
        };
        let is_listed = self.additional_schema.allowed_values.is_some();
        let max = self.additional_schema.max_length.unwrap_or(255);
        match self.kind {
            FieldType::Boolean => "true or false".to_owned(),
            FieldType::Number => "a number".to_owned(),
            FieldType::Integer => "a whole number from -2147483648 to 2147483647".to_owned(),
            FieldType::Date => "a day such as \"2025-12-18\"".to_owned(),
            FieldType::Datetime => "a time such as \"2025-12-18T08:30:16Z\"".to_owned(),
            FieldType::Monetary => {
                "an amount with its currency, such as {\"currency\": \"EUR\", \"amount\": 25.30}".to_owned()
            }
            FieldType::String if is_listed => format!("one of {}", listed()),
            FieldType::String => format!("a string of at most {max} characters"),
            FieldType::Array if is_listed => format!("a list of strings from {}", listed()),
            FieldType::Array => "a list of at most 1000 strings of at most 255 characters".to_owned(),
        }
    }
}

impl FieldType {
    /// Every type, by its name.
    const NAMES: [(&'static str, Self); 8] = [
        ("monetary", Self::Monetary),
        ("string", Self::String),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("datetime", Self::Datetime),
        ("date", Self::Date),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
    ];

    /// Takes the name of a type.
    ///
    /// # Errors
    /// `required`, `wrong_type` or `unknown_value`.
    pub(super) fn read(body: &mut Members, name: &str) -> Result<Self, Failure> {
        let path = body.path(name);
        let text = body.required_text(name, TEXT_MAX_CHARS)?;
        let found = Self::NAMES.into_iter().find(|(known, _)| *known == text.as_str());
        found.map(|(_, kind)| kind).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.into_iter().map(|(name, _)| name).collect();
            members::unknown_value(&path, &names).into()
        })
    }
}

fn allowed_values(additional: &mut Members) -> Result<Option<Vec<String>>, Failure> {
    let path = additional.path("allowedValues");
    let wrong = || members::wrong_type(&path, "a list of 1 to 100 strings of at most 255 characters");
    let items = match additional.value("allowedValues") {
        None => return Ok(None),
        Some(Json::List(items)) if (1..=100).contains(&items.len()) => items,
        Some(_) => return Err(wrong().into()),
    };
    let mut values = Vec::new();
    for item in items {
        let Json::Text(text) = item else { return Err(wrong().into()) };
        if text.chars().count() > STRING_MAX_CHARS || text.chars().any(char::is_control) {
            return Err(wrong().into());
        }
        free_text::refuse_card_number(&path, &text)?;
        values.push(text.as_str().to_owned());
    }
    Ok(Some(values))
}

/// Whether a value is `{"currency": "EUR", "amount": 25.30}`, with no more decimal places than there are.
fn is_monetary(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    let currency = members.get("currency").and_then(Value::as_str).and_then(Currency::parse);
    let amount = members.get("amount").and_then(Value::as_f64);
    members.len() == 2
        && currency
            .zip(amount)
            .is_some_and(|(currency, amount)| Money::from_f64(amount.abs(), currency).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(text: &str) -> Result<TypeSchema, Failure> {
        TypeSchema::read(Members::of_body(text.as_bytes()).unwrap())
    }

    #[test]
    fn every_type_takes_its_own_values_and_no_others() {
        let cases = [
            ("boolean", vec![json!(true)], vec![json!("true"), json!(1)]),
            ("number", vec![json!(1), json!(-0.5)], vec![json!("1")]),
            (
                "integer",
                vec![json!(-2_147_483_648_i64)],
                vec![json!(2_147_483_648_i64), json!(1.5), json!("1")],
            ),
            ("date", vec![json!("2025-12-18")], vec![json!("2025-02-30"), json!(20_251_218)]),
            ("datetime", vec![json!("2025-12-18T08:30:16Z")], vec![json!("2025-12-18")]),
            (
                "monetary",
                vec![json!({"currency": "EUR", "amount": 25.3}), json!({"currency": "JPY", "amount": 7})],
                vec![
                    json!({"currency": "JPY", "amount": 7.5}),
                    json!({"currency": "ABC", "amount": 1}),
                    json!({"amount": 1}),
                    json!({"currency": "EUR", "amount": 1, "more": 1}),
                    json!(25.3),
                ],
            ),
            ("string", vec![json!(""), json!("x".repeat(255))], vec![json!("x".repeat(256)), json!(1)]),
            (
                "array",
                vec![json!([]), json!(["a", "b"])],
                vec![json!([1]), json!("a"), json!(["x".repeat(256)])],
            ),
        ];
        for (name, good, bad) in cases {
            let schema = schema(&format!(r#"{{"type":"{name}"}}"#)).unwrap();
            for value in good {
                assert_eq!(schema.fits(&value), Ok(()), "{name} {value}");
            }
            for value in bad {
                assert!(schema.fits(&value).is_err(), "{name} {value}");
            }
        }
    }

    #[test]
    fn what_else_must_hold_is_read_and_checked() {
        let read = schema(
            r#"{"type":"string","additionalSchema":{"required":true,"maxLength":100,"allowedValues":["Value A","Value B"]}}"#,
        )
        .unwrap();
        assert!(read.is_required());
        assert_eq!(read.fits(&json!("Value A")), Ok(()));
        assert_eq!(read.fits(&json!("Value C")).unwrap_err(), "one of \"Value A\", \"Value B\"");
        let flag = schema(r#"{"type":"boolean","additionalSchema":{"default":false}}"#).unwrap();
        assert_eq!(flag.default_value(), Some(&json!(false)));
        let kept = serde_json::to_value(&read).unwrap();
        assert_eq!(serde_json::from_value::<TypeSchema>(kept).unwrap(), read);
        assert_eq!(
            serde_json::to_value(TypeSchema::plain(FieldType::Date)).unwrap(),
            json!({"type": "date"})
        );
    }

    #[test]
    fn a_wrong_schema_is_refused_where_it_is_wrong() {
        for (text, code, field) in [
            ("{}", "required", "type"),
            (r#"{"type":"color"}"#, "unknown_value", "type"),
            (
                r#"{"type":"date","additionalSchema":{"maxLength":3}}"#,
                "unknown_field",
                "additionalSchema.maxLength",
            ),
            (
                r#"{"type":"string","additionalSchema":{"maxLength":0}}"#,
                "out_of_range",
                "additionalSchema.maxLength",
            ),
            (
                r#"{"type":"string","additionalSchema":{"allowedValues":[]}}"#,
                "wrong_type",
                "additionalSchema.allowedValues",
            ),
            (
                r#"{"type":"integer","additionalSchema":{"default":"x"}}"#,
                "wrong_type",
                "additionalSchema.default",
            ),
        ] {
            let failure = schema(text).unwrap_err();
            assert_eq!((failure.code(), failure.field()), (code, Some(field)), "{text}");
        }
    }
}
