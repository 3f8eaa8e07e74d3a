//! No number in any answer or log line, and none in the bytes of the database.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::shop::Shop;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_number_leaves_the_vault_or_lies_in_its_database() {
    let log = Log::default();
    let writer = log.clone();
    // For this thread, on which the whole test runs except for the database's own threads.
    let _guard = tracing::subscriber::set_default(
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish(),
    );
    let shop = Shop::open().await;
    let numbers = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"];
    let accounts = ["998877665544", "112233445566778"];
    let mut seen = String::new();
    let mut keep = |body: &Value| seen.push_str(&body.to_string());

    let card = |number: &str| json!({"number": number, "expiration_date": "1230"});
    let ach = |number: &str| json!({"account_number": number, "routing_number": "021000021", "account_type": "savings", "sec_code": "ppd"});
    let record = shop.create(json!({"default_payment": {"card": card(numbers[0])}})).await;
    keep(&record);
    let id = record["id"].as_str().unwrap().to_owned();
    let base = format!("/api/vault/customer/{id}");
    let first = record["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap().to_owned();
    let token = shop.card_token(numbers[1]).await;
    keep(&shop.post(&format!("{base}/token"), json!({"token": token})).await.body);
    keep(&shop.post(&format!("{base}/card/{first}"), json!({"number": numbers[2]})).await.body);
    keep(&shop.post(&format!("{base}/ach"), ach(accounts[0])).await.body);
    keep(&shop.post("/api/vault/customer", json!({"default_payment": {"ach": ach(accounts[1])}})).await.body);
    // Everything that is refused, in every member that takes text.
    for body in [
        json!({"description": numbers[3]}),
        json!({"notes": format!("card {}", numbers[3])}),
        json!({"id": numbers[3]}),
        json!({"default_billing_address": {"line_1": numbers[3]}}),
        json!({"default_billing_address": {"phone": numbers[3]}}),
        json!({numbers[3]: "x"}),
        json!({"default_payment": {"card": {"number": numbers[3], "expiration_date": "0101"}}}),
        json!({"default_payment": {"card": {"number": numbers[3], "expiration_date": numbers[3]}}}),
        json!({"default_payment": {"card": numbers[3]}}),
        json!({"default_payment": {"token": numbers[3]}}),
        json!({"flags": [numbers[3]]}),
    ] {
        let answer = shop.post("/api/vault/customer", body).await;
        assert!(answer.status >= 400, "{}", answer.body);
        keep(&answer.body);
    }
    keep(&shop.search(json!({"limit": 100})).await.body);

    tracing::info!("the log is read");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("the log is read"));

    let database = shop.database_bytes();
    assert!(database.len() > 4096);
    let holds = |needle: &str| database.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds(&id), "the search for bytes finds what is there");
    for secret in numbers.iter().chain(&accounts).chain(&["021000021"]) {
        assert!(!seen.contains(secret), "an answer holds {secret}");
        assert!(!holds(secret), "the database holds {secret}");
        assert!(!logged.contains(secret), "the log holds {secret}");
    }
    assert!(!holds(&token) && !logged.contains(&token), "a token lies about");
    assert!(!logged.contains(shop.secret_key()), "the log holds a key");
}
