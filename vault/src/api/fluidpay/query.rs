//! The query that the vendor's Dart SDK sends when it attaches a payment method.

use super::failure::Failure;
use crate::api::members;

/// Checks `?validate=true|false&currency=USD`. Neither changes anything here: a validation would ask a
/// processor, and there is none behind the vault.
///
/// # Errors
/// A `Failure` naming a parameter that is unknown or has no such value.
pub(super) fn check(query: Option<&str>) -> Result<(), Failure> {
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=').unwrap_or((pair, "")) {
            ("validate", "true" | "false") => {}
            ("validate", _) => return Err(members::unknown_value("validate", &["true", "false"]).into()),
            ("currency", code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic()) => {}
            ("currency", _) => {
                let msg = "currency must be a code of three letters, for example \"USD\"";
                return Err(Failure::invalid("currency", "invalid_currency", msg));
            }
            _ => {
                let msg = "only validate and currency are parameters of this operation";
                return Err(Failure::malformed("unknown_parameter", msg));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_the_sdk_pass_and_others_do_not() {
        for query in
            [None, Some(""), Some("validate=false&currency=USD"), Some("currency=eur"), Some("validate=true")]
        {
            assert!(check(query).is_ok(), "{query:?}");
        }
        for (query, code) in [
            ("validate=yes", "unknown_value"),
            ("validate", "unknown_value"),
            ("currency=dollars", "invalid_currency"),
            ("number=4111111111111111", "unknown_parameter"),
        ] {
            let failure = check(Some(query)).unwrap_err();
            assert_eq!(failure.code(), code);
            assert!(!failure.msg().contains("4111"));
        }
    }
}
