//! What is logged: routes and codes, never what anybody sent. A program of its own, because its log is
//! the whole program's.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use support::{SHOP_ORIGIN, Vault, card, fresh_key};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const NUMBER: &str = "4000056655665556";
const CODE: &str = "9137";
const ACCOUNT: &str = "0008675309";

/// Everything anybody could send wrongly, with canaries in every place.
async fn send_everything(vault: &Vault) -> Vec<String> {
    let mut answers = Vec::new();
    let bodies = [
        json!({"token": NUMBER}),
        json!({NUMBER: NUMBER}),
        json!({"token": [NUMBER]}),
        json!({"first_name": NUMBER, "metadata": {"code": CODE, NUMBER: ACCOUNT}}),
        json!({"email": format!("{NUMBER}@example.com"), "cvc": CODE}),
        json!({"customer_id": NUMBER, "token": ACCOUNT}),
        json!({"number": NUMBER, "cvc": CODE, "account_number": ACCOUNT}),
        json!({"envelope": NUMBER, "kind": CODE, "page_origin": SHOP_ORIGIN}),
        json!({"envelope": NUMBER, "kind": "card", "page_origin": NUMBER}),
        json!({"envelope": NUMBER, "kind": "card", "page_origin": SHOP_ORIGIN, "dialect": NUMBER}),
        Value::Null,
    ];
    let paths = [
        "/v1/customers".to_owned(),
        "/v1/payment-methods".to_owned(),
        "/v1/tokens".to_owned(),
        format!("/v1/customers/{NUMBER}"),
        format!("/v1/customers?starting_after={NUMBER}&limit={CODE}"),
        format!("/v1/payment-methods?customer_id={NUMBER}&orphan={ACCOUNT}"),
        format!("/v1/payment-methods/{NUMBER}/attach"),
        format!("/{NUMBER}"),
        format!("/frame/{NUMBER}"),
        format!("/assets/{NUMBER}.js"),
        format!("/fluidpay/api/vault/{NUMBER}"),
        format!("/fluidpay/api/vault/customer/{NUMBER}/card/{ACCOUNT}"),
    ];
    for key in [vault.sk.as_str(), vault.pk.as_str(), NUMBER] {
        for method in ["GET", "POST", "PATCH", "DELETE", NUMBER] {
            for path in &paths {
                for body in &bodies {
                    let answer = vault.call_with(key, method, path, body.clone()).await;
                    answers.push(String::from_utf8_lossy(&answer.bytes).into_owned());
                }
            }
        }
    }
    let raw = Request::post("/v1/customers")
        .header("authorization", NUMBER)
        .header("content-type", NUMBER)
        .header("origin", NUMBER)
        .header("idempotency-key", NUMBER);
    let answer = vault.send(raw.body(Body::from(NUMBER)).unwrap()).await;
    answers.push(String::from_utf8_lossy(&answer.bytes).into_owned());
    answers
}

#[tokio::test]
async fn no_log_line_and_no_error_answer_holds_what_was_sent() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        // Four digits of a time could be those of the code.
        .without_time()
        .init();

    let vault = Vault::start().await;
    let key = fresh_key();
    let issued = vault.tokenize_as(&vault.pk, card(NUMBER, Some("913")), &key, "tessera").await.expect(201);
    let token = issued["token"].as_str().unwrap().to_owned();
    vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
    let answers = send_everything(&vault).await;
    assert!(answers.len() > 1500);

    let log = log.text();
    assert!(log.contains("route=\"/v1/customers/{id}\""), "the log works: {log}");
    assert!(log.matches("request").count() > 1500);
    for row in vault.vaulting.store().audit_rows(None, 10_000).await.unwrap() {
        assert!(log.contains(&row.request), "a request that changed something is not in the log");
    }
    let secret = |key: &str| key.rsplit('_').next().unwrap().to_owned();
    for canary in [NUMBER, ACCOUNT, token.as_str(), key.as_str(), &secret(&vault.sk), &secret(&vault.pk)] {
        assert!(!log.contains(canary), "a canary in the log");
        for answer in &answers {
            assert!(!answer.contains(canary), "a canary in {answer}");
        }
    }
    let line = log.lines().find(|line| line.contains(CODE));
    assert_eq!(line, None, "a code in the log");
}

#[tokio::test]
async fn of_a_report_the_log_has_origins_and_closed_words() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time().finish();
    let _only_here = tracing::subscriber::set_default(subscriber);
    let vault = Vault::start().await;
    let report = json!({"csp-report": {
        "document-uri": format!("https://shop.example/pay/{NUMBER}?code={CODE}#{ACCOUNT}"),
        "referrer": NUMBER,
        "effective-directive": "script-src-elem",
        "blocked-uri": format!("https://evil.example/{NUMBER}.js?{CODE}"),
        "source-file": NUMBER,
        "script-sample": NUMBER,
        "disposition": "enforce",
    }});
    for body in
        [report.clone(), json!({"csp-report": {"effective-directive": NUMBER, "blocked-uri": NUMBER}})]
    {
        let request = Request::post("/reports").header("content-type", "application/csp-report");
        assert_eq!(vault.send(request.body(body.to_string().into()).unwrap()).await.status, 204);
    }
    let log = log.text();
    let told = "a browser reports a violation of a policy directive=\"script-src-elem\" \
                blocked=\"https://evil.example\" page=\"https://shop.example\" disposition=\"enforce\"";
    assert!(log.contains(told), "{log}");
    assert!(
        log.contains("directive=\"other\" blocked=\"other\" page=\"other\" disposition=\"other\""),
        "{log}"
    );
    for canary in [NUMBER, CODE, ACCOUNT] {
        assert!(!log.contains(canary), "{log}");
    }
}
