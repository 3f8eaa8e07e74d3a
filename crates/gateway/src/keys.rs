//! The vault's list of sealing keys: `GET /v1/keys`, the same for every dialect that seals.

use seal::PublicKey;

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

/// The keys of our suite in the list, in its order, each with its end as RFC 3339. What cannot be read is
/// left out.
#[must_use]
pub fn list(body: &str) -> Vec<(PublicKey, String)> {
    let mut keys = Vec::new();
    if let Some(list) = Json::read(body).and_then(|answer| answer.member("keys")) {
        list.each_item(|item| keys.extend(read(item)));
    }
    keys
}

fn read(item: Json<'_>) -> Option<(PublicKey, String)> {
    let (id, key, expires_at) = (item.text("id")?, item.text("public_key")?, item.text("expires_at")?);
    if item.text("suite")?.read() != seal::SUITE {
        return None;
    }
    let public = PublicKey::from_text(&id.read(), &key.read()).ok()?;
    Some((public, expires_at.read()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn item(suite: &str, key: &str) -> String {
        format!(
            r#"{{"id":"AAAAAAAAAAA","suite":"{suite}","public_key":"{key}","expires_at":"2030-01-01T00:00:00Z"}}"#
        )
    }

    #[test]
    fn keys_of_other_suites_and_broken_ones_are_left_out() {
        let good = item(seal::SUITE, KEY);
        let body =
            format!(r#"{{"keys":[{}, 7, {good} ,{}, {good}]}}"#, item("later", KEY), item(seal::SUITE, "AA"));
        let found = list(&body);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|(_, expires_at)| expires_at == "2030-01-01T00:00:00Z"));
        for nothing in ["", "{}", r#"{"keys":null}"#, r#"{"keys":{}}"#, r#"{"keys":[]}"#] {
            assert!(list(nothing).is_empty(), "{nothing}");
        }
    }
}
