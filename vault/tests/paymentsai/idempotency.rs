//! The same transaction twice: one payment, one answer.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::shop::{APPROVED, DECLINED, Shop, jane, sale};

fn keyed(mut body: Value, key: &str) -> Value {
    body["idempotencyKey"] = json!(key);
    body
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_also_of_a_decline() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    for (number, key) in [(APPROVED, "pai-main-1"), (DECLINED, "pai-main-2")] {
        let token = shop.card_token(number).await;
        let body = keyed(sale(&customer, json!({"token": token})), key);
        let first = shop.post("/transactions", body.clone()).await.ok(201);
        shop.advance_ms(1_000);
        assert_eq!(shop.post("/transactions", body).await.ok(201), first);
    }
    assert_eq!(shop.get("/transactions").await.total(), 2);
}

#[tokio::test]
async fn another_body_with_the_same_key_is_a_conflict() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    shop.attached(&customer, APPROVED).await;
    let body = keyed(sale(&customer, Value::Null), "key");
    shop.post("/transactions", body.clone()).await.ok(201);
    let mut other = body.clone();
    other["amount"] = json!(1);
    shop.post("/transactions", other.clone()).await.refused(
        409,
        "idempotency_conflict",
        Some("idempotencyKey"),
    );
    assert_eq!(shop.get("/transactions").await.total(), 1);
    // After a day the key is free again, and another merchant's never was taken.
    let neighbour = shop.other_merchant().await;
    let theirs = neighbour.customer(jane()).await;
    neighbour.attached(&theirs, APPROVED).await;
    neighbour.post("/transactions", keyed(sale(&theirs, Value::Null), "key")).await.ok(201);
    shop.advance_ms(24 * 60 * 60 * 1_000);
    shop.post("/transactions", other).await.ok(201);
}

#[tokio::test]
async fn a_refusal_takes_no_key_and_an_empty_key_is_none() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let body = keyed(sale(&customer, Value::Null), "key");
    let refused = shop.post("/transactions", body.clone()).await;
    refused.refused(422, "default_payment_instrument_missing", Some("paymentInstruction"));
    shop.attached(&customer, APPROVED).await;
    shop.post("/transactions", body).await.ok(201);
    for _ in 0..2 {
        shop.post("/transactions", keyed(sale(&customer, Value::Null), "")).await.ok(201);
    }
    assert_eq!(shop.get("/transactions").await.total(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_pays_and_all_get_its_answer() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let token = shop.card_token(APPROVED).await;
    let body = keyed(sale(&customer, json!({"token": token})), "one-click");
    let mut tasks = JoinSet::new();
    for _ in 0..12 {
        let (shop, body) = (shop.clone(), body.clone());
        tasks.spawn(async move { shop.post("/transactions", body).await.ok(201) });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(shop.get("/transactions").await.total(), 1);
}
