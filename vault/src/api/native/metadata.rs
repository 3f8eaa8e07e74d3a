//! Free data of the merchant's: flat, small, and never a card number.

use serde_json::{Map, Value};

use super::fields::{contains_number, refuse_number};
use crate::problem::Problem;

/// Limits of what is free: enough for references, too little for a database.
const MAX_MEMBERS: usize = 50;
const MAX_NAME_CHARS: usize = 40;
const MAX_VALUE_CHARS: usize = 500;

const FIELD: &str = "metadata";

/// Puts new members over old ones; `null` removes one.
pub(super) fn merged(
    mut old: Map<String, Value>,
    new: Map<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    for (name, value) in new {
        check(&name, &value)?;
        if value.is_null() {
            old.remove(&name);
        } else {
            old.insert(name, value);
        }
    }
    if old.len() > MAX_MEMBERS {
        return Err(Problem::invalid_field(FIELD, "`metadata` may have at most 50 members."));
    }
    Ok(old)
}

fn check(name: &str, value: &Value) -> Result<(), Problem> {
    if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) {
        return Err(Problem::invalid_field(FIELD, "A name in `metadata` has 1 to 40 characters."));
    }
    let text = match value {
        Value::Null | Value::Bool(_) => String::new(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => {
            return Err(Problem::invalid_field(
                FIELD,
                "A value in `metadata` is a text, a number, true, false, or null to remove it.",
            ));
        }
    };
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err(Problem::invalid_field(FIELD, "A value in `metadata` has at most 500 characters."));
    }
    if contains_number(name) || contains_number(&text) {
        return Err(refuse_number(FIELD));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn members_are_added_replaced_and_removed() {
        let old = object(json!({"a": 1, "b": "two", "c": true}));
        let new = object(json!({"a": 2, "b": null, "d": "four"}));
        assert_eq!(merged(old, new).unwrap(), object(json!({"a": 2, "c": true, "d": "four"})));
    }

    #[test]
    fn what_is_too_much_or_a_card_number_is_refused() {
        let refused = |new: Value| merged(Map::new(), object(new)).unwrap_err();
        assert_eq!(refused(json!({"a": {}})).code, "field_invalid");
        assert_eq!(refused(json!({"": 1})).code, "field_invalid");
        assert_eq!(refused(json!({"a": "x".repeat(501)})).code, "field_invalid");
        assert_eq!(refused(json!({"a": "4111 1111 1111 1111"})).code, "contains_card_number");
        assert_eq!(refused(json!({"a": 4_111_111_111_111_111_u64})).code, "contains_card_number");
        assert_eq!(refused(json!({"4111111111111111": 1})).code, "contains_card_number");
        let many: Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!(n))).collect();
        assert_eq!(merged(Map::new(), many).unwrap_err().code, "field_invalid");
    }
}
