//! Free data of the merchant's: flat, small, and never a card number.

use std::fmt;

use instrument::card::reference::contains_card_number;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::fields::refuse_number;
use crate::problem::Problem;

/// Limits of what is free: enough for references, too little for a database.
const MAX_MEMBERS: usize = 50;
const MAX_NAME_CHARS: usize = 40;
const MAX_VALUE_CHARS: usize = 500;

const FIELD: &str = "metadata";

/// The members of an object as they were written: also those that stand there twice, and numbers with
/// all their digits.
#[derive(Clone, Debug)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Puts new members over old ones; `null` removes one.
pub(super) fn merged(mut old: Map<String, Value>, new: &Members) -> Result<Map<String, Value>, Problem> {
    for (index, (name, written)) in new.0.iter().enumerate() {
        if new.0.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(invalid("A name in `metadata` stands there once."));
        }
        check_name(name)?;
        match value(written.get())? {
            Value::Null => drop(old.remove(name)),
            value => drop(old.insert(name.clone(), value)),
        }
    }
    if old.len() > MAX_MEMBERS {
        return Err(invalid("`metadata` may have at most 50 members."));
    }
    Ok(old)
}

fn check_name(name: &str) -> Result<(), Problem> {
    if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) {
        return Err(invalid("A name in `metadata` has 1 to 40 characters."));
    }
    if name.chars().any(char::is_control) {
        return Err(invalid("A name in `metadata` has no control characters."));
    }
    if contains_card_number(name) { Err(refuse_number(FIELD)) } else { Ok(()) }
}

/// Reads a value of a kind that is allowed.
fn value(written: &str) -> Result<Value, Problem> {
    if written.starts_with(['{', '[']) {
        return Err(invalid("A value in `metadata` is a text, a number, true, false, or null to remove it."));
    }
    // A number that is out of every range does not even read.
    let value = serde_json::from_str(written).map_err(|_| inexact())?;
    let text = match &value {
        Value::String(text) => text,
        _ => written,
    };
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err(invalid("A value in `metadata` has at most 500 characters."));
    }
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t')) {
        return Err(invalid("A text in `metadata` has no control characters but line ends and tabs."));
    }
    let number = value.as_number().map(ToString::to_string);
    // What is read back must be the number that was sent.
    if number.as_deref().is_some_and(|kept| Decimal::of(kept) != Decimal::of(written)) {
        return Err(inexact());
    }
    if contains_card_number(text) || number.as_deref().is_some_and(contains_card_number) {
        return Err(refuse_number(FIELD));
    }
    Ok(value)
}

/// A decimal number in one form only: its digits without zeros at either end, and what they are
/// multiplied with.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a number as JSON writes it; `None` if its exponent is beyond all use.
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let digits = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - digits.len()).ok()?;
        let exponent = i64::from(exponent) + dropped - i64::try_from(fraction.len()).ok()?;
        let digits = digits.trim_start_matches('0').to_owned();
        let is_zero = digits.is_empty();
        // All zeros are one.
        Some(Self { negative: negative && !is_zero, digits, exponent: if is_zero { 0 } else { exponent } })
    }
}

fn invalid(message: &'static str) -> Problem {
    Problem::invalid_field(FIELD, message)
}

fn inexact() -> Problem {
    invalid("A number in `metadata` would not be read back as it was sent. Send it as a text.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn members(json: &str) -> Members {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn members_are_added_replaced_and_removed() {
        let old = object(json!({"a": 1, "b": "two", "c": true}));
        let new = members(r#"{"a": 2, "b": null, "d": "four"}"#);
        assert_eq!(merged(old, &new).unwrap(), object(json!({"a": 2, "c": true, "d": "four"})));
    }

    #[test]
    fn what_is_too_much_or_a_card_number_is_refused() {
        let refused = |new: Value| merged(Map::new(), &members(&new.to_string())).unwrap_err();
        assert_eq!(refused(json!({"a": {}})).code, "field_invalid");
        assert_eq!(refused(json!({"": 1})).code, "field_invalid");
        assert_eq!(refused(json!({"a": "x".repeat(501)})).code, "field_invalid");
        assert_eq!(refused(json!({"a": "4111 1111 1111 1111"})).code, "contains_card_number");
        assert_eq!(refused(json!({"a": 4_111_111_111_111_111_u64})).code, "contains_card_number");
        assert_eq!(refused(json!({"4111111111111111": 1})).code, "contains_card_number");
        let many: Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!(n))).collect();
        assert_eq!(refused(many.into()).code, "field_invalid");
    }

    #[test]
    fn what_would_not_come_back_as_it_was_sent_is_refused() {
        for json in [
            r#"{"a": 1, "b": 2, "a": 1}"#,
            r#"{"a": 1, "\u0061": null}"#,
            r#"{"a": "nul\u0000"}"#,
            r#"{"a": "bell\u0007"}"#,
            r#"{"a": "del\u007f"}"#,
            r#"{"a": "return\r"}"#,
            r#"{"a\u0000": 1}"#,
            r#"{"a\n": 1}"#,
            r#"{"a": 18446744073709551616}"#,
            r#"{"a": -9223372036854775809}"#,
            r#"{"a": 9007199254740993.0}"#,
            r#"{"a": 0.12345678901234567890}"#,
            r#"{"a": 1e400}"#,
            r#"{"a": 1e-400}"#,
            r#"{"a": 1e99999999999999999999}"#,
        ] {
            let problem = merged(Map::new(), &members(json)).map(|kept| format!("{json} became {kept:?}"));
            assert_eq!(problem.unwrap_err().code, "field_invalid", "{json}");
        }
        // A card number, however it is written.
        let hidden = merged(Map::new(), &members(r#"{"a": 4.111111111111111e15}"#)).unwrap_err();
        assert_eq!(hidden.code, "contains_card_number");
    }

    #[test]
    fn what_comes_back_as_it_was_sent_is_kept() {
        for (json, kept) in [
            (r#"{"a": 10000000000000000003}"#, json!({"a": 10_000_000_000_000_000_003_u64})),
            (r#"{"a": -1000000000000000003}"#, json!({"a": -1_000_000_000_000_000_003_i64})),
            (r#"{"a": 0.1}"#, json!({"a": 0.1})),
            (r#"{"a": -12.50}"#, json!({"a": -12.5})),
            (r#"{"a": 1E5}"#, json!({"a": 100_000.0})),
            (r#"{"a": 1e300}"#, json!({"a": 1e300})),
            (r#"{"a": 0.000}"#, json!({"a": 0.0})),
            (r#"{"a": -0}"#, json!({"a": -0.0})),
            (r#"{"a": "two\nlines\tand \u00e9"}"#, json!({"a": "two\nlines\tand \u{e9}"})),
        ] {
            assert_eq!(merged(Map::new(), &members(json)).unwrap(), object(kept), "{json}");
        }
    }
}
