//! No number in any answer or log line, and none in the bytes of the database.

use serde_json::{Value, json};

use crate::log;
use crate::shop::{Shop, bank_account, bsb, card, checkout, with};

const REFUSED: &str = "6011111111111117";

#[tokio::test]
async fn no_number_leaves_the_vault_or_lies_in_its_database() {
    let shop = Shop::open().await;
    let numbers = ["4111111111111111", "5555555555554444", "378282246310005", "4000000010510008"];
    let mut seen = String::new();
    let mut tokens = Vec::new();
    let mut keep = |body: &Value| seen.push_str(&body.to_string());

    for number in numbers {
        let token = shop.token(card(number)).await;
        keep(&shop.post("/v1/charges", json!({"token": token, "amount": 5, "currency": "AUD"})).await.body);
        tokens.push(token);
        keep(&shop.post("/v1/vault/payment_sources", card(number)).await.body);
    }
    for of in [card(numbers[0]), bank_account(), bsb(), checkout()] {
        let in_clear = with(of.clone(), json!({"gateway_id": "not_configured"}));
        let made = shop.post("/v1/customers", json!({"payment_source": in_clear})).await;
        keep(&made.body);
        let id = made.data(201, "customer")["_id"].as_str().unwrap().to_owned();
        keep(
            &shop
                .post_once(&id, "/v1/charges", json!({"customer_id": id, "amount": 5, "currency": "AUD"}))
                .await
                .body,
        );
        let token = shop.token(of).await;
        keep(&shop.post(&format!("/v1/customers/{id}"), json!({"token": token})).await.body);
        tokens.push(token);
    }
    // Everything that is refused or disregarded, in every member that takes text.
    let paths = ["/v1/customers", "/v1/charges", "/v1/vault/payment_sources", "/v1/payment_sources/tokens"];
    for path in paths {
        for body in [
            json!({"reference": REFUSED}),
            json!({"description": format!("card {REFUSED}")}),
            json!({"first_name": REFUSED, "phone": REFUSED, "email": format!("{REFUSED}@example.com")}),
            json!({REFUSED: "x"}),
            json!({"token": REFUSED}),
            json!({"type": REFUSED, "gateway_id": REFUSED}),
            with(card(REFUSED), json!({"expire_year": REFUSED})),
            with(card(REFUSED), json!({"card_name": REFUSED})),
            with(card(REFUSED), json!({"expire_year": "2001"})),
            json!({"payment_source": with(card(REFUSED), json!({"type": REFUSED}))}),
            json!({"payment_source": {"type": "card", "vault_token": REFUSED}}),
            json!({"payment_source": {"type": "card", "gateway_id": REFUSED, "card_number": REFUSED}}),
            json!({"amount": REFUSED, "currency": REFUSED, "customer_id": REFUSED}),
            json!({"amount": 5, "currency": "AUD", "customer_id": REFUSED, "payment_source_id": REFUSED}),
            json!({"amount": 5, "currency": "AUD", "customer": {"payment_source": {"card_number": REFUSED}}}),
            json!({"meta": {REFUSED: REFUSED}}),
            json!({"token": "x", "payment_source": {"address_line1": REFUSED}}),
        ] {
            let answer = shop.post(path, body.clone()).await;
            assert!(answer.status >= 400, "{path} {body}: {}", answer.body);
            keep(&answer.body);
        }
        for path in [format!("{path}?search={REFUSED}&limit={REFUSED}"), format!("{path}/{REFUSED}")] {
            keep(&shop.get(&path).await.body);
            keep(&shop.delete(&path).await.body);
        }
    }
    for path in ["/v1/customers", "/v1/charges", "/v1/vault/payment_sources"] {
        keep(&shop.get(path).await.body);
    }

    tracing::info!("the log is read");
    // Of all tests of this program, this one among them.
    let logged = log::text();
    assert!(logged.contains("the log is read") && logged.contains("/paydock/v1/customers"));
    let database = shop.database_bytes();
    let holds = |needle: &str| database.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds("not_configured") || holds("Ada"), "the search for bytes finds what is there");
    let accounts = ["998877665544", "87654321", "021000021", "agreement-5566778899", REFUSED];
    for secret in numbers.iter().chain(&accounts) {
        assert!(!seen.contains(secret), "an answer holds {secret}");
        assert!(!holds(secret), "the database holds {secret}");
        assert!(!logged.contains(secret), "the log holds {secret}");
    }
    for token in &tokens {
        assert!(!holds(token) && !logged.contains(token.as_str()), "a one-time token lies about");
    }
    assert!(!logged.contains(&shop.secret_key), "the log holds a key");
}
