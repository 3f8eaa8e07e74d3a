//! A payment method whose row does not open: everything else of its customer goes on.

use serde_json::{Value, json};

use crate::shop::{Shop, ach, address, card};

#[tokio::test]
async fn a_method_that_does_not_open_hides_nothing_else() {
    let shop = Shop::open().await;
    let made = shop.create(json!({"id": "hurt", "default_payment": {"card": card()}})).await;
    let base = "/api/vault/customer/hurt";
    let made_ach = shop.post(&format!("{base}/ach"), ach()).await.record();
    let cards = |record: &Value| record["data"]["customer"]["payments"]["cards"].clone();
    let card_id = cards(&made)[0]["id"].as_str().unwrap().to_owned();
    let account = made_ach["data"]["customer"]["payments"]["ach"][0].clone();
    for id in [&card_id, account["id"].as_str().unwrap()] {
        shop.damage(id).await;
    }

    let whole = shop.get("/api/vault/hurt").await.record();
    assert_eq!(
        cards(&whole),
        json!([{
            "card_type": "visa", "expiration_date": "2030-12-31T00:00:00Z", "id": card_id,
            "masked_number": "", "unreadable": true,
        }])
    );
    let shown = &whole["data"]["customer"]["payments"]["ach"][0];
    assert_eq!((&shown["masked_account_number"], &shown["unreadable"]), (&json!(""), &json!(true)));
    assert_eq!(shown["routing_number"], account["routing_number"]);
    assert_eq!(shop.search(json!({})).await.body["data"][0], whole);

    // One after the other, each of them stored once.
    for (path, body) in [
        (base.to_owned(), json!({"notes": "noted"})),
        (format!("{base}/address"), address("Here")),
        (format!("{base}/card"), card()),
        (format!("{base}/card/{card_id}"), json!({"flags": ["contact"]})),
    ] {
        let answer = shop.post(&path, body).await.record();
        assert_eq!(shop.get("/api/vault/hurt").await.record(), answer, "{path}");
    }
    let after = shop.get("/api/vault/hurt").await.record();
    assert_eq!(cards(&after).as_array().unwrap().len(), 2);
    assert_eq!(cards(&after)[1]["masked_number"], "411111******1111");
    assert_eq!(after["data"]["customer"]["addresses"].as_array().unwrap().len(), 1);

    // Only what needs the lost data is refused, and a token brings new.
    shop.post(&format!("{base}/card/{card_id}"), json!({"expiration_date": "0131"}))
        .await
        .refused(500, "internal", None);
    let token = shop.card_token("5555555555554444").await;
    let mended = shop.post(&format!("{base}/token/{card_id}"), json!({"token": token})).await.record();
    assert_eq!(cards(&mended)[0]["masked_number"], "555555******4444");
    assert_eq!(cards(&mended)[0].get("unreadable"), None);
}
