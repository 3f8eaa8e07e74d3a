//! No number in any answer or log line, and none in the bytes of the database.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::shop::{Shop, jane, sale};

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
    let codes = ["7370", "8264"];
    let mut seen = String::new();
    let mut keep = |body: &Value| seen.push_str(&body.to_string());

    let customer = shop.customer(jane()).await;
    let instruments = format!("/customers/{customer}/payment-instruments");
    let stage = json!({
        "primaryAccountNumber": numbers[2], "cardVerificationValue": codes[0], "expirationMonth": 12,
        "expirationYear": 2030,
    });
    let made = shop.post("/payment-instruments/tokens", stage).await.ok(201);
    let stage_token = made["data"]["id"].as_str().unwrap().to_owned();
    keep(&shop.post(&instruments, json!({"token": stage_token})).await.ok(201));
    let production = json!({
        "method": "payment-card",
        "paymentInstrument": {"pan": numbers[1], "expMonth": 12, "expYear": 2030, "cvv": "826"},
        "billingAddress": {"firstName": "Secretive", "lastName": "Shopper", "address": "9 Hidden Lane"},
    });
    let made = shop.tokenization("POST", "/tokens", production).await.ok(201);
    let token = made["id"].as_str().unwrap().to_owned();
    // A token's billing address is encrypted as long as there is nothing but the token.
    let holds =
        |needle: &str| shop.database_bytes().windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds(&customer), "the search for bytes finds what is there");
    assert!(!holds("Hidden Lane") && !holds(&token));
    keep(&shop.charge(&customer, json!({"token": token})).await.ok(201));
    let bank = shop.bank_token().await;
    keep(&shop.post(&instruments, json!({"token": bank})).await.ok(201));
    let first = shop.card_token(numbers[0]).await;
    keep(&shop.post(&instruments, json!({"token": first})).await.ok(201));

    // Everything that is refused, in every member that takes text.
    let number = numbers[3];
    for (path, body) in [
        ("/customers", json!({"firstName": number})),
        ("/customers", json!({"email": format!("{number}@example.com")})),
        ("/customers", json!({"phoneNumber": number})),
        ("/customers", json!({"language": number})),
        ("/customers", json!({"address": {"zip": number}})),
        ("/customers", json!({"address": {"country": number}})),
        ("/customers", json!({"metadata": {number: 1}})),
        ("/customers", json!({"metadata": {"a": [number]}})),
        ("/customers", json!({"metadata": {"a": 6_011_111_111_111_117_u64}})),
        ("/customers", json!({"customFields": {number: 1}})),
        ("/customers", json!({number: "x"})),
        (&*instruments, json!({"token": number})),
        ("/payment-instruments/tokens", json!({"primaryAccountNumber": number, "expirationMonth": number})),
        ("/payment-instruments/tokens", json!({"primaryAccountNumber": {"n": number}})),
        ("/custom-fields", json!({"name": number, "resource": number, "description": number})),
        ("/transactions", sale(number, json!({"token": number}))),
        ("/transactions", sale(&customer, json!({"paymentInstrumentId": number}))),
        ("/transactions", sale(&customer, json!({"token": number}))),
        (
            "/transactions",
            json!({"type": number, "customerId": customer, "currency": number, "amount": number}),
        ),
    ] {
        let answer = shop.post(path, body).await;
        assert!(answer.status >= 400, "{}", answer.body);
        keep(&answer.body);
    }
    let mut body = sale(&customer, Value::Null);
    body["idempotencyKey"] = json!(number);
    body["websiteId"] = json!("w");
    keep(&shop.post("/transactions", body).await.ok(201));
    keep(&shop.get(&format!("/customers/{number}")).await.body);
    keep(&shop.get(&format!("/customers?search={number}")).await.body);
    keep(&shop.get(&format!("/customers?limit={number}")).await.body);
    for list in ["/customers", "/transactions", "/custom-fields", &*instruments] {
        keep(&shop.get(list).await.ok(200));
    }

    tracing::info!("the log is read");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("the log is read"));
    for secret in numbers.iter().chain(&["000987654321", "021000021"]) {
        assert!(!seen.contains(secret), "an answer holds {secret}");
        assert!(!holds(secret), "the database holds {secret}");
        assert!(!logged.contains(secret), "the log holds {secret}");
    }
    for code in codes {
        assert!(!seen.contains(&format!("\"{code}\"")) && !logged.contains(&format!("\"{code}\"")));
    }
    for secret in [&stage_token, &token, &bank, &first] {
        assert!(!holds(secret) && !logged.contains(secret), "a token lies about");
    }
    assert!(!logged.contains(shop.secret_key()), "the log holds a key");
    assert!(
        !logged.contains("Hidden Lane") && !logged.contains("jane@example.com"),
        "the log holds a person"
    );
}
