//! No number, security code, key or token in any answer, log line or byte of the database where none belongs.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::shop::{Shop, ach, card, with};
use crate::support;

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
async fn nothing_secret_leaves_the_vault() {
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing::subscriber::set_default(
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish(),
    );
    let shop = Shop::open().await;
    let (visa, amex, account, tax_id) = ("4000056655665556", "378282246310005", "0008675309", "98-7654321");
    let mut answers = Vec::new();
    let mut keep = |answer: crate::shop::Answer| answers.push(format!("{answer:?}"));

    let coded = with(card(visa), json!({"securityCode": "913"}));
    let customer = shop.customer().await;
    keep(shop.post("/v2/payment-methods/cards", with(coded.clone(), json!({"customerId": customer}))).await);
    let bank = with(ach(), json!({"accountNumber": account, "taxId": tax_id, "customerId": customer}));
    keep(shop.post("/v2/payment-methods/ach", bank.clone()).await);
    let data = |details: &serde_json::Value| json!({"cardData": {"paymentMethodDetails": details}});
    keep(shop.post("/v2/transactions", json!({"baseAmount": 1, "transactionDetails": data(&coded)})).await);
    let sealed = shop.seal(support::card(amex, Some("9137")), &support::fresh_key(), None).await;
    let sealed = format!("{sealed:?}");
    for path in ["/v2/payment-methods", "/v2/transactions", "/v2/customers", "/pay-api/v1/customers"] {
        keep(shop.get(path).await);
    }
    keep(shop.get(&format!("/v2/customers/{customer}")).await);
    // Numbers in every place where none belongs.
    for number in [visa, amex] {
        for body in [
            json!({"firstName": number, "lastName": "B"}),
            json!({"firstName": "A", "lastName": "B", number: number}),
            json!({"firstName": "A", "lastName": "B", "email": format!("{number}@example.com")}),
            json!({"firstName": "A", "lastName": "B", "billingAddress": {"addressLine1": number, "postalCode": number}}),
            json!({"firstName": [number], "lastName": {number: number}}),
            json!({"baseAmount": number, "paymentMethodId": number}),
            json!({"baseAmount": 1, "referenceId": number, "customerId": number}),
            json!({"amount": 1, "metadata": {number: number}, "returnUrl": format!("https://x/{number}")}),
            json!({"cardNumber": format!("{number}1"), "expirationMonth": 12, "expirationYear": 2030}),
        ] {
            for path in [
                "/v2/customers",
                "/v2/transactions",
                "/v2/payment-sessions",
                "/v2/payment-methods/cards",
                "/v2/payment-methods/ach",
                "/pay-api/v1/customers",
            ] {
                keep(shop.post(path, body.clone()).await);
            }
        }
        keep(shop.get(&format!("/v2/customers/{number}")).await);
        keep(shop.get(&format!("/v2/customers?fullName={number}&pageSize={number}")).await);
        keep(shop.get(&format!("/v2/transactions?customerId={number}")).await);
        keep(shop.token(&[("grant_type", number), (number, number)]).await);
        keep(shop.call("POST", "/v2/customers", &json!({}), &[("idempotency-key", number)]).await);
    }
    answers.push(sealed);
    let access = shop.access_token.clone();
    tracing::info!("the log is read");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is read"));
    let secret = shop.secret_key.rsplit('_').next().unwrap().to_owned();
    for canary in [visa, amex, account, tax_id, secret.as_str(), access.as_str()] {
        for answer in &answers {
            assert!(!answer.contains(canary), "{canary} in {answer}");
        }
        assert!(!log.contains(canary), "{canary} in the log");
    }
    let bytes = shop.database_bytes();
    for canary in [visa, amex, account, "987654321", tax_id, secret.as_str(), access.as_str()] {
        let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "{canary} in the database");
    }
}
