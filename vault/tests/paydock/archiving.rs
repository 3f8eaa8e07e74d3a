//! Archiving customers and payment sources: kept for old records, and good for nothing new.

use serde_json::{Value, json};

use crate::shop::{Shop, bank_account, card};

const CHARGES: &str = "/v1/charges";

#[tokio::test]
async fn an_archived_customer_is_shown_and_cannot_be_charged_or_changed() {
    let shop = Shop::open().await;
    let made = shop.customer().await;
    let id = made["_id"].as_str().unwrap();
    let path = format!("/v1/customers/{id}");
    shop.advance_ms(3);
    let archived = shop.delete(&path).await.data(200, "customer");
    assert_eq!((&archived["status"], &archived["archived"]), (&json!("archived"), &json!(true)));
    assert_eq!(archived["updated_at"], "2026-11-23T02:02:03.045Z");
    assert_eq!(shop.get(&path).await.data(200, "customer"), archived);

    let charge = json!({"customer_id": id, "amount": 5, "currency": "AUD"});
    let answer = shop.post(CHARGES, charge).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("customer_id"));
    let charge = json!({
        "customer_id": id, "amount": 5, "currency": "AUD", "payment_source_id": made["default_source"],
    });
    let answer = shop.post(CHARGES, charge).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("customer_id"));
    let token = shop.token(card("4111111111111111")).await;
    let refused = [
        shop.post(&path, json!({"first_name": "Eve"})).await,
        shop.post(&path, json!({"token": token})).await,
        shop.delete(&path).await,
        shop.delete(&format!("{path}/payment_sources/{}", made["default_source"].as_str().unwrap())).await,
    ];
    for answer in refused {
        answer.refused(400, "unfulfilled_condition", "archived", None);
    }
    assert_eq!(shop.get(CHARGES).await.list("charge").1[0], 0);
    assert_eq!(shop.post("/v1/customers", json!({"token": token})).await.status, 201);
}

#[tokio::test]
async fn the_newest_source_left_becomes_the_default() {
    let shop = Shop::open().await;
    let made = shop.customer().await;
    let path = format!("/v1/customers/{}", made["_id"].as_str().unwrap());
    for body in [bank_account(), card("5555555555554444")] {
        shop.advance_ms(1);
        let token = shop.token(body).await;
        shop.post(&path, json!({"token": token})).await.data(200, "customer");
    }
    let customer = shop.get(&path).await.data(200, "customer");
    let ids: Vec<String> =
        (0..3).map(|n| customer["payment_sources"][n]["_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(customer["default_source"], ids[2]);
    let archive = async |id: &str| shop.delete(&format!("{path}/payment_sources/{id}")).await;
    let statuses = |customer: &Value| {
        let sources = customer["payment_sources"].as_array().unwrap();
        sources.iter().map(|source| source["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    let customer = archive(&ids[2]).await.data(200, "customer");
    assert_eq!(
        (&customer["default_source"], statuses(&customer)),
        (&json!(ids[1]), vec!["active".into(), "active".into(), "archived".into()])
    );
    // One that is no default leaves it alone.
    let customer = archive(&ids[0]).await.data(200, "customer");
    assert_eq!(customer["default_source"], ids[1]);
    assert_eq!(shop.get(&path).await.data(200, "customer"), customer);
    archive(&ids[0]).await.refused(400, "unfulfilled_condition", "archived", None);
    archive("0123456789abcdef01234567").await.refused(404, "not_found", "not_found", None);

    let charge = json!({
        "customer_id": customer["_id"], "payment_source_id": ids[2], "amount": 5, "currency": "AUD",
    });
    let answer = shop.post(CHARGES, charge).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("payment_source_id"));
    let answer = shop.post(&path, json!({"default_source": ids[2]})).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("default_source"));

    let customer = archive(&ids[1]).await.data(200, "customer");
    assert_eq!((&customer["default_source"], &customer["status"]), (&Value::Null, &json!("active")));
    let charge = json!({"customer_id": customer["_id"], "amount": 5, "currency": "AUD"});
    let answer = shop.post(CHARGES, charge).await;
    answer.refused(400, "unfulfilled_condition", "no_payment_source", Some("customer_id"));
    // The vault token outlives the payment source.
    let vault_token = customer["payment_sources"][0]["vault_token"].clone();
    let source = json!({"type": "card", "vault_token": vault_token});
    let again = shop.post(&path, json!({"payment_source": source})).await.data(200, "customer");
    assert_eq!(again["default_source"], again["payment_sources"][3]["_id"]);
}
