//! Reading by Paydock's rule: what is mandatory must be right, and what is optional and wrong is disregarded.
//!
//! The rule stands in the note of Paydock's customer document. Members that no table names are disregarded
//! too: no public document says what Paydock does with them. Three things are refused even where the table
//! says "optional": a card number in a text that is shown in clear, JSON that names a member twice, and JSON
//! that is none.

use instrument::Reason;
use instrument::payer::{Country, Email, Phone};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::api::free_text;
use crate::api::members::{Json, Members, TEXT_MAX_CHARS};

/// The longest description, in characters. No public document has a limit.
const DESCRIPTION_MAX_CHARS: usize = 1_000;

/// How many entries `meta` may have.
const META_MAX_ENTRIES: usize = 30;

/// The members of an object, taken one by one.
pub(super) struct Fields(Members);

impl Fields {
    /// The members of an object.
    pub(super) const fn new(members: Members) -> Self {
        Self(members)
    }

    /// The full path of one of the members.
    pub(super) fn path(&self, name: &str) -> String {
        self.0.path(name)
    }

    /// Whether there is such a member, not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// Takes a mandatory text.
    ///
    /// # Errors
    /// `required_error` if it is missing or empty, `validation_error` if it is no text or too long.
    pub(super) fn mandatory(&mut self, name: &str) -> Result<Zeroizing<String>, Failure> {
        Ok(self.0.required_text(name, TEXT_MAX_CHARS)?)
    }

    /// Takes an optional text; an empty one counts as not sent.
    pub(super) fn optional(&mut self, name: &str) -> Option<Zeroizing<String>> {
        self.0.text(name, TEXT_MAX_CHARS).ok().flatten().filter(|text| !text.is_empty())
    }

    /// Takes a mandatory number that is written as a text, or as a number.
    ///
    /// # Errors
    /// As [`mandatory`](Self::mandatory).
    pub(super) fn mandatory_digits(&mut self, name: &str) -> Result<Zeroizing<String>, Failure> {
        let path = self.path(name);
        match self.0.value(name) {
            None => Err(Failure::required(path)),
            Some(Json::Text(text)) if text.trim().is_empty() => Err(Failure::required(path)),
            Some(Json::Text(text)) => Ok(Zeroizing::new(text.trim().to_owned())),
            Some(Json::Integer(number)) => Ok(Zeroizing::new(number.to_string())),
            Some(Json::Null | Json::Bool(_) | Json::Fraction(_) | Json::List(_) | Json::Object(_)) => {
                Err(Failure::invalid(&path, "wrong_type", format!("{path} must be a string of digits")))
            }
        }
    }

    /// Takes an optional number that is written as a text, or as a number.
    pub(super) fn optional_digits(&mut self, name: &str) -> Option<Zeroizing<String>> {
        if self.has(name) { self.mandatory_digits(name).ok() } else { None }
    }

    /// Takes an optional `true` or `false`.
    pub(super) fn truth(&mut self, name: &str) -> Option<bool> {
        self.0.boolean(name).ok().flatten()
    }

    /// Takes a member of any type.
    pub(super) fn value(&mut self, name: &str) -> Option<Json> {
        self.0.value(name)
    }

    /// Takes an optional text that is kept and shown in clear. `Some("")` was sent empty.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn free_text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        self.free_text_of(name, TEXT_MAX_CHARS)
    }

    /// Takes an optional description.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn description(&mut self, name: &str) -> Result<Option<String>, Failure> {
        self.free_text_of(name, DESCRIPTION_MAX_CHARS)
    }

    fn free_text_of(&mut self, name: &str, max_chars: usize) -> Result<Option<String>, Failure> {
        let path = self.path(name);
        let Some(text) = self.0.text(name, max_chars).ok().flatten() else { return Ok(None) };
        free_text::refuse_card_number(&path, &text)?;
        Ok(Some(text.trim().to_owned()))
    }

    /// Takes an optional e-mail address.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn email(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.path(name);
        let Some(text) = self.0.text(name, TEXT_MAX_CHARS).ok().flatten() else { return Ok(None) };
        match Email::parse(&text) {
            Ok(_) | Err(Reason::Required) => Ok(Some(text.trim().to_owned())),
            Err(Reason::ContainsCardNumber) => Err(free_text::card_number(&path).into()),
            Err(_) => Ok(None),
        }
    }

    /// Takes an optional telephone number in E.164 notation.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn phone(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.path(name);
        let Some(text) = self.0.text(name, TEXT_MAX_CHARS).ok().flatten() else { return Ok(None) };
        if text.is_empty() {
            return Ok(Some(String::new()));
        }
        free_text::refuse_card_as_phone(&path, &text)?;
        let is_e164 = text.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        Ok(Phone::parse(&text).ok().filter(|_| is_e164).map(|phone| phone.as_str().to_owned()))
    }

    /// Takes an optional country code of two letters.
    pub(super) fn country(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name)?;
        Country::parse(&text).ok().map(|country| country.as_str().to_owned())
    }

    /// Takes an optional object of texts and numbers; one with anything else in it is disregarded whole.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn meta(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Failure> {
        let path = self.path(name);
        let Some(Json::Object(entries)) = self.0.value(name) else { return Ok(None) };
        let mut kept = Map::new();
        for (key, value) in entries {
            // The key is no part of the path: it could be the card number.
            free_text::refuse_card_number(&path, &key)?;
            let value = match value {
                Json::Null => continue,
                Json::Bool(value) => Value::from(value),
                Json::Integer(value) => {
                    free_text::refuse_card_number(&path, &value.to_string())?;
                    Value::from(value)
                }
                Json::Fraction(value) => {
                    free_text::refuse_card_number(&path, &value.to_string())?;
                    Value::from(value)
                }
                Json::Text(text) => {
                    free_text::refuse_card_number(&path, &text)?;
                    if text.chars().count() > TEXT_MAX_CHARS {
                        return Ok(None);
                    }
                    Value::from(text.as_str())
                }
                Json::List(_) | Json::Object(_) => return Ok(None),
            };
            if key.chars().count() > TEXT_MAX_CHARS || kept.len() >= META_MAX_ENTRIES {
                return Ok(None);
            }
            kept.insert(key, value);
        }
        Ok(Some(kept))
    }

    /// Takes an optional object.
    pub(super) fn inner(&mut self, name: &str) -> Option<Self> {
        self.0.object(name).ok().flatten().map(Self)
    }

    /// Takes a mandatory object.
    ///
    /// # Errors
    /// `required_error` if it is missing, `validation_error` if it is no object.
    pub(super) fn mandatory_inner(&mut self, name: &str) -> Result<Self, Failure> {
        let path = self.path(name);
        self.0.object(name)?.map(Self).ok_or_else(|| Failure::required(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        Fields::new(Members::of_body(json.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_mandatory_must_be_right() {
        let reason = |json: &str| fields(json).mandatory("a").unwrap_err().reason();
        assert_eq!(reason("{}"), "required");
        assert_eq!(reason(r#"{"a":""}"#), "required");
        assert_eq!(reason(r#"{"a":null}"#), "required");
        assert_eq!(reason(r#"{"a":5}"#), "wrong_type");
        assert_eq!(fields(r#"{"a":" 5"}"#).mandatory_digits("a").unwrap().as_str(), "5");
        assert_eq!(fields(r#"{"a":5}"#).mandatory_digits("a").unwrap().as_str(), "5");
        assert_eq!(fields(r#"{"a":[5]}"#).mandatory_digits("a").unwrap_err().reason(), "wrong_type");
    }

    #[test]
    fn what_is_optional_and_wrong_is_disregarded() {
        for json in [r#"{"a":5}"#, r#"{"a":[]}"#, r#"{"a":"\u0000"}"#, "{}"] {
            assert_eq!(fields(json).free_text("a").unwrap(), None, "{json}");
            assert_eq!(fields(json).phone("a").unwrap(), None, "{json}");
            assert_eq!(fields(json).country("a"), None, "{json}");
        }
        for (json, kept) in [
            (r#"{"a":"+12345678901"}"#, Some("+12345678901")),
            (r#"{"a":"12345678901"}"#, None),
            (r#"{"a":"+1 (234) 567"}"#, None),
            (r#"{"a":""}"#, Some("")),
        ] {
            assert_eq!(fields(json).phone("a").unwrap().as_deref(), kept, "{json}");
        }
        assert_eq!(fields(r#"{"a":"nobody"}"#).email("a").unwrap(), None);
        assert_eq!(fields(r#"{"a":"au"}"#).country("a").as_deref(), Some("AU"));
        assert_eq!(fields(r#"{"a":"Australia"}"#).country("a"), None);
        assert_eq!(fields(r#"{"a":{"b":[]}}"#).meta("a").unwrap(), None);
    }

    #[test]
    fn a_card_number_is_refused_even_where_it_is_optional() {
        for json in [
            r#"{"a":"pay 4111 1111 1111 1111"}"#,
            r#"{"a":{"4111111111111111":1}}"#,
            r#"{"a":{"b":4111111111111111}}"#,
        ] {
            let refused = [fields(json).free_text("a").err(), fields(json).meta("a").err()];
            let refused = refused.into_iter().flatten().next().unwrap();
            assert_eq!(refused.reason(), "contains_card_number", "{json}");
            assert!(!format!("{refused:?}").contains("4111"));
        }
        // An address is typed by a person, so it is searched whole.
        let json = r#"{"a":"0c07d4b2-dd58-4845-8118-079d47cf49cf@relay.example"}"#;
        assert_eq!(fields(json).email("a").unwrap_err().reason(), "contains_card_number");
        assert_eq!(fields(r#"{"a":"nobody"}"#).email("a").unwrap(), None);
        for good in ["a@b.example", ""] {
            let json = format!(r#"{{"a":" {good} "}}"#);
            assert_eq!(fields(&json).email("a").unwrap().as_deref(), Some(good));
        }
    }
}
