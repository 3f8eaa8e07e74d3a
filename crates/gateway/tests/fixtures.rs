//! Every dialect against its folder of fixtures: one folder, one case.
//!
//! A case holds what it needs of: `sealed.json` or `clear.json`, and `request.json` (what is sent, or why
//! nothing is), `answer.json` and `expect.json` (what is read; `clear` in the answer says what was sent),
//! `transcript.txt` and `scrubbed.txt` (what may be logged of it).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

use gateway::{
    Clear, ClearPayload, Dialect, Endpoint, GatewayError, HttpResponse, Payload, Sealed, Shown, dialects,
};
use instrument::{BankDraft, CardDraft, Draft, Instrument, Kind, Secret, YearMonth};
use seal::Envelope;
use serde_json::{Value, json};

fn cases(dialect: &dyn Dialect) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(dialect.id());
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("the dialect {} has no folder of fixtures", dialect.id()))
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn json_at(case: &Path, name: &str) -> Option<Value> {
    let text = fs::read_to_string(case.join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.join(name).display())))
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("{member} is missing")).to_owned()
}

fn payload(sealed: &Value) -> Payload {
    Payload::Sealed(Sealed {
        envelope: Envelope::from_text(&text(sealed, "envelope")).unwrap(),
        kind: Kind::parse(&text(sealed, "kind")).unwrap(),
        page_origin: text(sealed, "page_origin"),
        idempotency_key: text(sealed, "idempotency_key"),
        session: sealed["session"].as_str().map(str::to_owned),
    })
}

/// The instrument of a case that is not sealed: gateways' published test numbers.
fn clear(case: &Value) -> Instrument {
    let secret = |member: &str| case[member].as_str().map(|text| Secret::new(text.to_owned()));
    let draft = match case["number"].as_str() {
        Some(_) => Draft::Card(CardDraft {
            number: secret("number").unwrap(),
            expiry: secret("expiry").unwrap(),
            code: secret("code"),
            holder: secret("holder"),
            preferred_scheme: None,
        }),
        None => Draft::BankAccount(BankDraft {
            routing_number: secret("routing_number").unwrap(),
            account_number: secret("account_number").unwrap(),
            account_type: text(case, "account_type"),
            account_holder_type: case["account_holder_type"].as_str().map(str::to_owned),
            holder: secret("holder"),
            sec_code: None,
            mandate: None,
        }),
    };
    draft.finish(YearMonth::new(2026, 11).unwrap()).unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint {
        base_url: "https://vault.example".to_owned(),
        publishable_key: "pk_test_abcdefghijkm_0123".to_owned(),
    }
}

/// The result of reading an answer, in the form in which the fixtures write it.
fn as_json(read: Result<gateway::Token, GatewayError>) -> Value {
    match read {
        Ok(token) => json!({
            "token": token.value, "kind": token.shown.kind.as_str(), "scheme": token.shown.scheme,
            "bin": token.shown.bin, "last4": token.shown.last4, "expiry": token.shown.expiry,
            "expires_at": token.expires_at,
        }),
        Err(GatewayError::Refused { status, code, classification, field, reason }) => json!({
            "refused": code, "status": status, "classification": classification.as_str(),
            "field": field, "reason": reason,
        }),
        Err(error) => json!({ "error": error.code(), "classification": error.classification().as_str() }),
    }
}

#[test]
fn every_case_of_every_dialect() {
    for dialect in dialects::ALL {
        let mut asked = [0; 3];
        for case in cases(*dialect) {
            let name = format!("{}/{}", dialect.id(), case.file_name().unwrap().display());
            let sealed = json_at(&case, "sealed.json").map(|sealed| payload(&sealed));
            let plain = json_at(&case, "clear.json").map(|case| {
                let idempotency_key = "0123456789abcdef".to_owned();
                Payload::Clear(ClearPayload { instrument: clear(&case), idempotency_key })
            });
            if let Some(payload) = sealed.or(plain) {
                let written = match dialect.request(&endpoint(), payload) {
                    Ok(request) => {
                        assert!(!format!("{request:?}").contains("4111"), "{name}");
                        let headers: Value = request
                            .headers
                            .iter()
                            .map(|(name, value)| ((*name).to_owned(), json!(value)))
                            .collect();
                        let body: Value = serde_json::from_str(&request.body).unwrap();
                        json!({
                            "method": request.method.as_str(), "url": request.url, "headers": headers,
                            "body": body,
                        })
                    }
                    Err(error) => {
                        json!({ "error": error.code(), "classification": error.classification().as_str() })
                    }
                };
                assert_eq!(written, json_at(&case, "request.json").unwrap(), "{name}");
                asked[0] += 1;
            }
            if let Some(answer) = json_at(&case, "answer.json") {
                let body = match &answer["body"] {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
                let sent = answer.get("clear").map(|case| Shown::of(&clear(case)));
                let read = as_json(dialect.token(&HttpResponse { status, body }, sent));
                assert_eq!(read, json_at(&case, "expect.json").unwrap(), "{name}");
                asked[1] += 1;
            }
            if let Ok(transcript) = fs::read_to_string(case.join("transcript.txt")) {
                let scrubbed = dialects::facts(dialect.id()).unwrap().scrub(&transcript);
                assert_eq!(scrubbed, fs::read_to_string(case.join("scrubbed.txt")).unwrap(), "{name}");
                assert!(!scrubbed.contains("canary"), "{name}");
                asked[2] += 1;
            }
        }
        assert!(asked.iter().all(|count| *count > 0), "{} needs each kind of case: {asked:?}", dialect.id());
    }
}

#[test]
fn what_a_gateway_cannot_take_is_refused_before_anything_is_sent() {
    for (dialect, facts) in dialects::ALL.iter().zip(dialects::FACTS) {
        let card = clear(&json!({ "number": "4111111111111111", "expiry": "01/30", "holder": "Jane Doe" }));
        let payload = ClearPayload { instrument: card, idempotency_key: "0123456789abcdef".to_owned() };
        let outcome = dialect.request(&endpoint(), Payload::Clear(payload));
        match facts.clear {
            Clear::At(base_urls) => {
                let request = outcome.unwrap();
                assert!(request.body.contains("4111111111111111") && !request.url.contains("4111"));
                assert!(!format!("{request:?}").contains("4111"));
                assert!(base_urls.iter().all(|url| url.starts_with("https://") && facts.documents(url)));
                assert!(!facts.documents("https://gateway.example"));
            }
            Clear::Unsupported(reason) => {
                let refused = outcome.unwrap_err();
                assert_eq!(refused.code(), "payload_unsupported");
                assert!(refused.to_string().contains(reason));
                assert!(!format!("{refused} {refused:?}").contains("4111"));
            }
        }
    }
}

#[test]
fn garbage_is_malformed_and_never_a_panic() {
    for dialect in dialects::ALL {
        for body in ["", "null", "[]", "{}", "<html>", "{\"token\":1}", "\u{0}", "{\"error\":{}}"] {
            for status in [0, 200, 201, 204, 400, 500, 999] {
                let response = HttpResponse { status, body: body.to_owned() };
                assert_eq!(
                    dialect.token(&response, None),
                    Err(GatewayError::Malformed { status }),
                    "{}: {body}",
                    dialect.id()
                );
                let card = clear(&json!({ "number": "4111111111111111", "expiry": "01/30" }));
                assert!(
                    dialect.token(&response, Some(Shown::of(&card))).is_err(),
                    "{}: {body}",
                    dialect.id()
                );
            }
        }
    }
}

proptest::proptest! {
    /// Whatever stands around them, the values of secret members do not survive.
    #[test]
    fn scrubbing_leaves_no_secret(before in "[ -~]{0,40}", value in "[A-Za-z0-9_-]{8,40}", after in "[ -~\n]{0,40}") {
        for facts in dialects::FACTS {
            for transcript in [
                format!("{before}\n{{\"token\":\"canary{value}\",\"kind\":\"card\"}}{after}"),
                format!("authorization: Bearer canary{value}\n{after}"),
                format!("{{\"a\":1, \"envelope\" : \"canary{value}\"}}{after}"),
            ] {
                assert!(!facts.scrub(&transcript).contains("canary"), "{transcript:?}");
            }
        }
    }
}
