//! Strict reading of a JSON body: every member is taken by name, and what is left over is refused.
//!
//! Written by hand rather than derived, for three reasons: serde's own messages repeat the offending
//! value, which may be a card number; every refusal here carries the whole path of the member
//! (`default_payment.card.number`); and every text is zeroized when the body is dropped.
//!
//! A member that is `null` counts as absent, whatever its name: generated clients write out every member
//! they know with `null` for "not given".

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// The longest text that has no limit of its own in a gateway's document.
pub(crate) const TEXT_MAX_CHARS: usize = 255;

/// A member of a body that breaks a rule; each face writes it in its own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The whole path of the member; empty for the body itself.
    pub(crate) path: String,
    /// The stable code.
    pub(crate) code: &'static str,
    /// What the rule is, in a sentence without a full stop. It never repeats what was sent.
    pub(crate) message: String,
}

impl Misfit {
    /// A member that breaks a rule.
    pub(crate) fn invalid(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into() }
    }

    /// A body that cannot be read at all.
    pub(crate) fn malformed(code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(String::new(), code, message)
    }
}

/// A JSON value whose texts are wiped when it is dropped. It has no Debug: it may hold a card number.
pub(crate) enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number in the range of `i64`.
    Integer(i64),
    /// Any other number.
    Fraction(f64),
    /// A string.
    Text(Zeroizing<String>),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order written; no name occurs twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole body or embedded JSON text.
    ///
    /// # Errors
    /// A `Misfit` with the code `malformed_json` if the text is no JSON, or names a member twice.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Misfit> {
        serde_json::from_slice(text).map_err(|error| {
            // Only the position is told: serde's own sentence may quote what was sent.
            Misfit::malformed(
                "malformed_json",
                format!(
                    "the body is not valid JSON (line {}, column {}), or names a member twice",
                    error.line(),
                    error.column()
                ),
            )
        })
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        #[expect(clippy::cast_precision_loss, reason = "what does not fit is no whole number of ours")]
        let nearest = value as f64;
        Ok(i64::try_from(value).map_or(Json::Fraction(nearest), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Fraction(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(Zeroizing::new(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some((name, value)) = entries.next_entry::<String, Json>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member is named twice"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

/// The members of one object, taken one by one.
pub(crate) struct Members {
    path: String,
    rest: Vec<(String, Json)>,
}

impl Members {
    /// Reads a whole request body, which must be one JSON object.
    ///
    /// # Errors
    /// A `Misfit` if the body is no JSON or no object.
    pub(crate) fn of_body(body: &[u8]) -> Result<Self, Misfit> {
        match Json::parse(body)? {
            Json::Object(members) => Ok(Self::new(String::new(), members)),
            Json::Null
            | Json::Bool(_)
            | Json::Integer(_)
            | Json::Fraction(_)
            | Json::Text(_)
            | Json::List(_) => Err(Misfit::malformed("malformed_json", "the body must be one JSON object")),
        }
    }

    /// The members of an object found at `path`.
    ///
    /// # Errors
    /// A `Misfit` with the code `wrong_type` if the value is no object.
    pub(crate) fn of_value(path: &str, value: Json) -> Result<Self, Misfit> {
        match value {
            Json::Object(members) => Ok(Self::new(path.to_owned(), members)),
            Json::Null
            | Json::Bool(_)
            | Json::Integer(_)
            | Json::Fraction(_)
            | Json::Text(_)
            | Json::List(_) => Err(wrong_type(path, "an object")),
        }
    }

    fn new(path: String, members: Vec<(String, Json)>) -> Self {
        let rest = members.into_iter().filter(|(_, value)| !matches!(value, Json::Null)).collect();
        Self { path, rest }
    }

    /// The full path of one of this object's members.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The path of this object itself; empty for the body.
    pub(crate) fn own_path(&self) -> &str {
        &self.path
    }

    /// Whether there is such a member, not taken yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rest.iter().any(|(known, _)| known == name)
    }

    /// The members not taken yet.
    pub(crate) fn into_rest(self) -> Vec<(String, Json)> {
        self.rest
    }

    /// Takes a member of any type.
    pub(crate) fn value(&mut self, name: &str) -> Option<Json> {
        let index = self.rest.iter().position(|(known, _)| known == name)?;
        Some(self.rest.swap_remove(index).1)
    }

    /// Takes a text of at most `max_chars` characters without control characters.
    ///
    /// # Errors
    /// `wrong_type`, `too_long` or `control_character`, at the member's path.
    pub(crate) fn text(&mut self, name: &str, max_chars: usize) -> Result<Option<Zeroizing<String>>, Misfit> {
        let path = self.path(name);
        match self.value(name) {
            None => Ok(None),
            Some(Json::Text(text)) => {
                if text.chars().count() > max_chars {
                    return Err(too_long(&path, max_chars));
                }
                if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                    return Err(Misfit::invalid(
                        &path,
                        "control_character",
                        format!("{path} must not hold control characters"),
                    ));
                }
                Ok(Some(text))
            }
            Some(
                Json::Null
                | Json::Bool(_)
                | Json::Integer(_)
                | Json::Fraction(_)
                | Json::List(_)
                | Json::Object(_),
            ) => Err(wrong_type(&path, "a string")),
        }
    }

    /// Takes a text that must be there and must not be empty.
    ///
    /// # Errors
    /// `required`, or what [`Members::text`] refuses.
    pub(crate) fn required_text(
        &mut self,
        name: &str,
        max_chars: usize,
    ) -> Result<Zeroizing<String>, Misfit> {
        let path = self.path(name);
        match self.text(name, max_chars)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) | None => Err(required(&path)),
        }
    }

    /// Takes a nested object.
    ///
    /// # Errors
    /// `wrong_type`, at the member's path.
    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Members>, Misfit> {
        let path = self.path(name);
        self.value(name).map(|value| Members::of_value(&path, value)).transpose()
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// `wrong_type`, at the member's path.
    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, Misfit> {
        let path = self.path(name);
        match self.value(name) {
            None => Ok(None),
            Some(Json::Integer(value)) => Ok(Some(value)),
            Some(
                Json::Null
                | Json::Bool(_)
                | Json::Fraction(_)
                | Json::Text(_)
                | Json::List(_)
                | Json::Object(_),
            ) => Err(wrong_type(&path, "a whole number")),
        }
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// `wrong_type`, at the member's path.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, Misfit> {
        let path = self.path(name);
        match self.value(name) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(value)),
            Some(
                Json::Null
                | Json::Integer(_)
                | Json::Fraction(_)
                | Json::Text(_)
                | Json::List(_)
                | Json::Object(_),
            ) => Err(wrong_type(&path, "true or false")),
        }
    }

    /// Takes a number, whole or not.
    ///
    /// # Errors
    /// `wrong_type`, at the member's path.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<f64>, Misfit> {
        let path = self.path(name);
        match self.value(name) {
            None => Ok(None),
            #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
            Some(Json::Integer(value)) => Ok(Some(value as f64)),
            Some(Json::Fraction(value)) => Ok(Some(value)),
            Some(Json::Null | Json::Bool(_) | Json::Text(_) | Json::List(_) | Json::Object(_)) => {
                Err(wrong_type(&path, "a number"))
            }
        }
    }

    /// Takes a list of literals, each of which must be one of `accepted`; repetitions fall together.
    ///
    /// # Errors
    /// `wrong_type` or `unknown_value`, at the member's path.
    pub(crate) fn literals(
        &mut self,
        name: &str,
        accepted: &'static [&'static str],
    ) -> Result<Option<Vec<String>>, Misfit> {
        let path = self.path(name);
        let items = match self.value(name) {
            None => return Ok(None),
            Some(Json::List(items)) => items,
            Some(
                Json::Null
                | Json::Bool(_)
                | Json::Integer(_)
                | Json::Fraction(_)
                | Json::Text(_)
                | Json::Object(_),
            ) => return Err(wrong_type(&path, "an array of strings")),
        };
        let mut found: Vec<String> = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let Json::Text(text) = item else {
                return Err(wrong_type(&format!("{path}[{index}]"), "a string"));
            };
            let Some(literal) = accepted.iter().find(|literal| **literal == text.as_str()) else {
                return Err(unknown_value(&format!("{path}[{index}]"), accepted));
            };
            if !found.iter().any(|known| known == literal) {
                found.push((*literal).to_owned());
            }
        }
        Ok(Some(found))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `unknown_field` if a member was not taken.
    pub(crate) fn finish(self) -> Result<(), Misfit> {
        let Some((name, _)) = self.rest.first() else { return Ok(()) };
        // A name is shown only if it looks like one; it could be a card number put in the wrong place.
        let plain = name.len() <= 40
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().filter(char::is_ascii_digit).count() <= 3;
        if plain {
            let path = self.path(name);
            Err(Misfit::invalid(&path, "unknown_field", format!("unknown field {path}")))
        } else if self.path.is_empty() {
            Err(Misfit::malformed("unknown_field", "unknown field in the body"))
        } else {
            let path = self.path;
            Err(Misfit::invalid(&path, "unknown_field", format!("unknown field in {path}")))
        }
    }
}

/// The refusal of a missing or empty member.
pub(crate) fn required(path: &str) -> Misfit {
    Misfit::invalid(path, "required", format!("{path} is required"))
}

/// The refusal of a value that is not one of the documented literals.
pub(crate) fn unknown_value(path: &str, accepted: &[&str]) -> Misfit {
    let list = accepted.iter().map(|literal| format!("\"{literal}\"")).collect::<Vec<_>>().join(", ");
    Misfit::invalid(path, "unknown_value", format!("{path} must be one of {list}"))
}

/// The refusal of a value of another JSON type.
pub(crate) fn wrong_type(path: &str, expected: &str) -> Misfit {
    Misfit::invalid(path, "wrong_type", format!("{path} must be {expected}"))
}

fn too_long(path: &str, max_chars: usize) -> Misfit {
    Misfit::invalid(path, "too_long", format!("{path} must have at most {max_chars} characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T>(result: Result<T, Misfit>) -> Misfit {
        match result {
            Ok(_) => panic!("it was accepted"),
            Err(failure) => failure,
        }
    }

    #[test]
    fn members_are_taken_by_name_and_the_rest_is_refused_with_its_path() {
        let mut body = Members::of_body(br#"{"a":"x","inner":{"b":1,"cvc":"999"}}"#).unwrap();
        assert_eq!(body.text("a", 5).unwrap().unwrap().as_str(), "x");
        let mut inner = body.object("inner").unwrap().unwrap();
        assert_eq!(inner.integer("b").unwrap(), Some(1));
        let failure = refusal(inner.finish());
        assert_eq!(failure.code, "unknown_field");
        assert_eq!(failure.path, "inner.cvc");
        assert_eq!(failure.message, "unknown field inner.cvc");
        body.finish().unwrap();
    }

    #[test]
    fn null_counts_as_absent_even_under_an_unknown_name() {
        let mut body = Members::of_body(br#"{"a":null,"lock_value":null}"#).unwrap();
        assert!(body.text("a", 5).unwrap().is_none());
        body.finish().unwrap();
    }

    #[test]
    fn no_refusal_repeats_what_was_sent() {
        for body in [
            r#"{"4111111111111111":"x"}"#,
            r#"{"a":4111111111111111}"#,
            r#"{"a":"4111111111111111""#,
            r#"{"a":["4111111111111111"]}"#,
            r#"{"n":"4111111111111111"}"#,
            r#""4111111111111111""#,
        ] {
            let failure = refusal(Members::of_body(body.as_bytes()).and_then(|mut members| {
                members.text("a", 40)?;
                members.integer("n")?;
                members.finish()
            }));
            assert!(!format!("{failure:?}").contains("4111"), "{failure:?}");
        }
    }

    #[test]
    fn a_member_named_twice_is_refused() {
        let failure = refusal(Members::of_body(br#"{"a":"1","a":"2"}"#));
        assert_eq!(failure.code, "malformed_json");
    }

    #[test]
    fn types_lengths_and_literals_are_checked() {
        let body = |text: &str| Members::of_body(text.as_bytes()).unwrap();
        assert_eq!(refusal(body(r#"{"a":1}"#).text("a", 3)).code, "wrong_type");
        assert_eq!(refusal(body(r#"{"a":"abcd"}"#).text("a", 3)).code, "too_long");
        assert!(body(r#"{"a":"äöü"}"#).text("a", 3).is_ok());
        assert_eq!(refusal(body(r#"{"a":"\u0000"}"#).text("a", 3)).code, "control_character");
        assert_eq!(refusal(body(r#"{"a":""}"#).required_text("a", 3)).code, "required");
        assert_eq!(refusal(body("{}").required_text("a", 3)).message, "a is required");
        assert_eq!(refusal(body(r#"{"a":1.5}"#).integer("a")).code, "wrong_type");
        assert_eq!(refusal(body(r#"{"a":99999999999999999999}"#).integer("a")).code, "wrong_type");
        assert_eq!(refusal(body(r#"{"a":true}"#).object("a")).code, "wrong_type");
        let failure = refusal(body(r#"{"a":["x","y"]}"#).literals("a", &["x"]));
        assert_eq!(failure.path, "a[1]");
        assert_eq!(failure.message, "a[1] must be one of \"x\"");
        assert_eq!(body(r#"{"a":["x","x"]}"#).literals("a", &["x"]).unwrap().unwrap(), ["x"]);
        assert_eq!(refusal(body(r#"{"a":"x"}"#).literals("a", &["x"])).code, "wrong_type");
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
        let deep = "[".repeat(8_000);
        assert_eq!(refusal(Members::of_body(deep.as_bytes())).code, "malformed_json");
    }
}
