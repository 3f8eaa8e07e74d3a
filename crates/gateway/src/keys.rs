//! The vault's list of sealing keys: `GET /v1/keys`, the same for every dialect that seals.

use seal::Signed;

use crate::json::Json;
use crate::{Endpoint, HttpRequest, Method};

/// Asks for the list.
#[must_use]
pub fn request(endpoint: &Endpoint) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: endpoint.url("/v1/keys"),
        headers: vec![endpoint.authorization()],
        body: String::new(),
    }
}

/// The signed statements in the list, in its order, none of them checked yet. What cannot be read is left out, and so is
/// whatever else the list says of a key: only what is signed counts.
#[must_use]
pub fn list(body: &str) -> Vec<Signed> {
    let mut keys = Vec::new();
    if let Some(list) = Json::read(body).and_then(|answer| answer.member("keys")) {
        list.each_item(|item| keys.extend(read(item)));
    }
    keys
}

fn read(item: Json<'_>) -> Option<Signed> {
    Signed::from_text(&item.text("statement")?.read()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_readable_statement_is_left_out() {
        // As short as it gets: 64 bytes, which would be the signature of nothing.
        let statement = "A".repeat(86);
        let good = format!(r#"{{"id":"AAAAAAAAAAA","statement":"{statement}"}}"#);
        let body = format!(
            r#"{{"keys":[{good}, 7, {{"id":"AAAAAAAAAAA"}}, {{"statement":"AAAA"}}, {{"statement":"!"}}, {good}]}}"#
        );
        assert_eq!(list(&body).len(), 2);
        for nothing in ["", "{}", r#"{"keys":null}"#, r#"{"keys":{}}"#, r#"{"keys":[]}"#] {
            assert!(list(nothing).is_empty(), "{nothing}");
        }
    }
}
