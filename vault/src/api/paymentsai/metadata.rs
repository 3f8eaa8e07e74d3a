//! Free data of the merchant's: any JSON, within limits, and never a card number.
//!
//! payments.ai's customer document calls metadata a free-form key-value object, so nothing is asked of the
//! values. The limits are ours; a body is small anyway.

use serde_json::{Map, Number, Value};

use super::failure::Failure;
use crate::api::free_text;
use crate::api::members::{self, Json, Misfit};

/// How many members an object may have.
const MAX_MEMBERS: usize = 100;

/// The longest name of a member, in characters.
const MAX_NAME_CHARS: usize = 100;

/// The longest text of a value, in characters.
pub(super) const MAX_TEXT_CHARS: usize = 4_000;

/// How deep lists and objects may be nested within the object itself.
const MAX_DEPTH: u32 = 5;

/// The largest whole number that JSON readers agree about (RFC 8259, section 6).
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// Reads an object of free data found at `path`.
///
/// # Errors
/// `wrong_type`, `too_long`, `out_of_range`, `control_character` or `contains_card_number`, at that path: no
/// name that the caller chose is ever repeated.
pub(super) fn object(path: &str, json: Json) -> Result<Map<String, Value>, Failure> {
    match value(path, json)? {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(members::wrong_type(path, "an object").into())
        }
    }
}

/// Reads any value found at `path`.
///
/// # Errors
/// As [`object`].
pub(super) fn value(path: &str, json: Json) -> Result<Value, Failure> {
    Ok(nested(path, json, 0)?)
}

fn nested(path: &str, json: Json, depth: u32) -> Result<Value, Misfit> {
    if depth > MAX_DEPTH + 1 {
        return Err(out_of_range(path, "is nested too deeply"));
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Integer(number) => {
            free_text::refuse_card_number(path, &number.to_string())?;
            Value::Number(number.into())
        }
        Json::Fraction(number) => {
            free_text::refuse_card_number(path, &number.to_string())?;
            let number = Some(number).filter(|number| number.abs() <= MAX_EXACT).and_then(Number::from_f64);
            Value::Number(number.ok_or_else(|| out_of_range(path, "holds a number that is too large"))?)
        }
        Json::Text(text) => {
            check_text(path, &text, MAX_TEXT_CHARS)?;
            Value::String(text.as_str().to_owned())
        }
        Json::List(items) => {
            let items = items.into_iter().map(|item| nested(path, item, depth + 1));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Json::Object(members) => {
            if members.len() > MAX_MEMBERS {
                return Err(out_of_range(path, "has too many members"));
            }
            let mut map = Map::new();
            for (name, member) in members {
                if name.is_empty() {
                    return Err(out_of_range(path, "has a member without a name"));
                }
                check_text(path, &name, MAX_NAME_CHARS)?;
                map.insert(name, nested(path, member, depth + 1)?);
            }
            Value::Object(map)
        }
    })
}

fn check_text(path: &str, text: &str, max_chars: usize) -> Result<(), Misfit> {
    if text.chars().count() > max_chars {
        let message = format!("{path} holds a text of more than {max_chars} characters");
        return Err(Misfit::invalid(path, "too_long", message));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Misfit::invalid(
            path,
            "control_character",
            format!("{path} must not hold control characters"),
        ));
    }
    free_text::refuse_card_number(path, text)
}

fn out_of_range(path: &str, why: &str) -> Misfit {
    Misfit::invalid(path, "out_of_range", format!("{path} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Map<String, Value>, Failure> {
        object("metadata", Json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn free_data_is_kept_as_it_was_sent() {
        let text = r#"{"order":"A-1","count":3,"ratio":0.5,"vip":true,"none":null,"tags":["a",{"b":[]}]}"#;
        assert_eq!(Value::Object(read(text).unwrap()), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_card_number_is_refused_wherever_it_hides() {
        for text in [
            r#"{"card":"4111 1111 1111 1111"}"#,
            r#"{"4111111111111111":"x"}"#,
            r#"{"n":4111111111111111}"#,
            r#"{"n":4.111111111111111e15}"#,
            r#"{"a":[{"b":["4111-1111-1111-1111"]}]}"#,
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!(
                (failure.code(), failure.field()),
                ("contains_card_number", Some("metadata")),
                "{text}"
            );
            assert!(!format!("{failure:?}").contains("4111"), "{failure:?}");
        }
    }

    #[test]
    fn the_limits_are_kept() {
        let code = |text: &str| read(text).unwrap_err().code();
        assert_eq!(code(r#"{"":1}"#), "out_of_range");
        assert_eq!(code(r#"{"n":1e300}"#), "out_of_range");
        assert_eq!(code(r#"{"a":"\u0000"}"#), "control_character");
        assert_eq!(code(&format!(r#"{{"a":"{}"}}"#, "x".repeat(4_001))), "too_long");
        assert_eq!(code(&format!(r#"{{"{}":1}}"#, "x".repeat(101))), "too_long");
        assert_eq!(code(r#"{"a":[[[[[[1]]]]]]}"#), "out_of_range");
        assert!(read(r#"{"a":[[[[[1]]]]]}"#).is_ok());
        let many: Vec<String> = (0..101).map(|n| format!(r#""k{n}":{n}"#)).collect();
        assert_eq!(code(&format!("{{{}}}", many.join(","))), "out_of_range");
        assert_eq!(object("metadata", Json::List(Vec::new())).unwrap_err().code(), "wrong_type");
    }
}
