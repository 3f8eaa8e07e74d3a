//! Reading JSON bodies: strictly, and without ever repeating what was sent.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{problem::Problem, state::BODY_LIMIT_BYTES};

/// A JSON body. The type's `deny_unknown_fields` is what refuses unknown members.
#[derive(Clone, Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        parse(&headers, &bytes).map(Self)
    }
}

/// Reads a JSON body.
///
/// # Errors
///
/// 415 `media_type_unsupported`, 400 `header_repeated`, `unknown_field`, `field_missing` or `malformed_json`.
pub fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    let media_type =
        sole(headers, &header::CONTENT_TYPE)?.and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::merchant(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type_unsupported",
            "Send JSON, with the header `Content-Type: application/json`.",
        ));
    }
    // serde also takes an array for a struct, member by member; nobody means that.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(malformed(1, 1));
    }
    serde_json::from_slice(bytes).map_err(|error| explain(&error))
}

/// The value of a header that may stand once: of two, one reader would take the first and another the
/// last.
///
/// # Errors
///
/// 400 `header_repeated`.
pub fn sole<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        let message = format!("The header `{name}` stands here more than once. Send it once.");
        return Err(Problem::merchant(StatusCode::BAD_REQUEST, "header_repeated", message));
    }
    Ok(first)
}

/// Says what is wrong with a body, from an error whose text may quote it.
fn explain(error: &serde_json::Error) -> Problem {
    let bad = |code, message: String| Problem::merchant(StatusCode::BAD_REQUEST, code, message);
    let text = error.to_string();
    if text.starts_with("unknown field `") {
        return match quoted(&text).filter(|name| is_showable(name)) {
            Some(name) => {
                bad("unknown_field", format!("There is no member `{name}` here. Leave it out.")).about(name)
            }
            None => {
                bad("unknown_field", "There is a member here that does not exist. Leave it out.".to_owned())
            }
        };
    }
    // The name of a missing member is one of ours.
    if let Some(name) = quoted(&text).filter(|_| text.starts_with("missing field `")) {
        return bad("field_missing", format!("The member `{name}` is missing.")).about(name);
    }
    malformed(error.line(), error.column())
}

fn malformed(line: usize, column: usize) -> Problem {
    let message = format!("The body is not the JSON that belongs here; see line {line}, column {column}.");
    Problem::merchant(StatusCode::BAD_REQUEST, "malformed_json", message)
}

fn quoted(text: &str) -> Option<String> {
    text.split('`').nth(1).map(str::to_owned)
}

/// Whether the name of an unknown member can be repeated: a plain word that hides no number.
fn is_showable(name: &str) -> bool {
    let mut run = 0;
    let has_number = name.bytes().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run >= 3
    });
    !has_number
        && (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().filter(u8::is_ascii_digit).count() < 6
}

/// Why a body cannot be read.
pub(super) fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::merchant(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("A body may have at most {BODY_LIMIT_BYTES} bytes."),
        )
    } else {
        Problem::merchant(StatusCode::BAD_REQUEST, "body_unreadable", "The body broke off.")
    }
}

/// A member of a PATCH: left out, cleared with `null`, or set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Left out: stays as it is.
    #[default]
    Keep,
    /// `null`.
    Clear,
    /// A new value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        token: String,
        #[serde(default)]
        email: Patch<String>,
    }

    fn read(json: &str) -> Result<Sample, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        parse(&headers, json.as_bytes())
    }

    #[test]
    fn null_clears_and_absence_keeps() {
        assert_eq!(read(r#"{"token":"t"}"#).unwrap().email, Patch::Keep);
        assert_eq!(read(r#"{"token":"t","email":null}"#).unwrap().email, Patch::Clear);
        let set = read(r#"{"token":"t","email":"e"}"#).unwrap();
        assert_eq!((set.token.as_str(), set.email), ("t", Patch::Set("e".to_owned())));
    }

    #[test]
    fn a_problem_never_repeats_a_number() {
        for json in [
            r#"{"token":"t","4111111111111111":1}"#,
            r#"{"token":"t","card4111":1}"#,
            r#"{"token":"t","4a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a":1}"#,
            r#"{"token":4111111111111111}"#,
            r#"{"token":"t","email":["4111111111111111"]}"#,
            r#"{"token":"t"} 4111111111111111"#,
            r#""4111111111111111""#,
            "4111111111111111",
        ] {
            let problem = read(json).unwrap_err();
            let shown = format!("{problem:?}");
            assert!(!shown.contains("411") && !shown.contains("4a1"), "{shown}");
        }
    }

    #[test]
    fn a_problem_names_the_member() {
        let unknown = read(r#"{"token":"t","colour":1}"#).unwrap_err();
        assert_eq!((unknown.code, unknown.field.as_deref()), ("unknown_field", Some("colour")));
        let missing = read("{}").unwrap_err();
        assert_eq!((missing.code, missing.field.as_deref()), ("field_missing", Some("token")));
        let malformed = read(r#"{"token":1}"#).unwrap_err();
        assert_eq!(malformed.code, "malformed_json");
        assert!(malformed.message.contains("line 1, column"), "{}", malformed.message);
    }
}
