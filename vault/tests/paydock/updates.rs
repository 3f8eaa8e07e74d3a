//! Changing customers, and adding payment sources to them.

use serde_json::json;

use crate::shop::{Shop, bank_account, card, with};

#[tokio::test]
async fn what_is_sent_changes_and_the_rest_stays() {
    let shop = Shop::open().await;
    let token = shop.token(card("4111111111111111")).await;
    let body = json!({"token": token, "first_name": "Ada", "last_name": "Lovelace", "reference": "r", "meta": {"a": 1}});
    let made = shop.post("/v1/customers", body).await.data(201, "customer");
    let path = format!("/v1/customers/{}", made["_id"].as_str().unwrap());
    shop.advance_ms(7);
    let change = json!({
        "last_name": "King", "reference": "", "email": "nobody", "phone": 5, "first_name": null, "meta": {"b": "2"},
    });
    let changed = shop.post(&path, change).await.data(200, "customer");
    assert_eq!((&changed["first_name"], &changed["last_name"]), (&json!("Ada"), &json!("King")));
    assert_eq!((changed.get("reference"), changed.get("email")), (None, None));
    assert_eq!(changed["meta"], json!({"b": "2"}));
    assert_eq!(
        (&changed["created_at"], &changed["default_source"]),
        (&made["created_at"], &made["default_source"])
    );
    assert_eq!(changed["updated_at"], "2026-11-23T02:02:03.049Z");
    assert_eq!(shop.get(&path).await.data(200, "customer"), changed);
    let refused = shop.post(&path, json!({"description": "4111111111111111"})).await;
    refused.refused(400, "validation_error", "contains_card_number", Some("description"));
}

#[tokio::test]
async fn a_new_source_becomes_the_default_unless_the_request_says_otherwise() {
    let shop = Shop::open().await;
    let made = shop.customer().await;
    let path = format!("/v1/customers/{}", made["_id"].as_str().unwrap());
    let first = made["default_source"].clone();

    shop.advance_ms(1);
    let token = shop.token(bank_account()).await;
    let two = shop.post(&path, json!({"token": token})).await.data(200, "customer");
    let second = two["payment_sources"][1]["_id"].clone();
    assert_eq!((&two["default_source"], two["payment_sources"].as_array().unwrap().len()), (&second, 2));

    shop.advance_ms(1);
    let source = with(card("5555555555554444"), json!({"gateway_id": "not_configured"}));
    let body = json!({"payment_source": source, "default_source": first});
    let three = shop.post(&path, body).await.data(200, "customer");
    assert_eq!((&three["default_source"], three["payment_sources"].as_array().unwrap().len()), (&first, 3));

    shop.advance_ms(1);
    let vault_token = shop.vault_token("378282246310005").await;
    let source = json!({"type": "card", "vault_token": vault_token});
    let four = shop.post(&path, json!({"payment_source": source})).await.data(200, "customer");
    assert_eq!(four["default_source"], four["payment_sources"][3]["_id"]);
    assert_eq!(shop.get(&path).await.data(200, "customer"), four);

    let back = shop.post(&path, json!({"default_source": second})).await.data(200, "customer");
    assert_eq!(back["default_source"], second);
    // In a wrong format it is disregarded; another customer's is not found.
    let same = shop.post(&path, json!({"default_source": 5})).await.data(200, "customer");
    assert_eq!(same["default_source"], second);
    let stranger = shop.customer().await["default_source"].clone();
    for id in [stranger, json!("0123456789abcdef01234567")] {
        let answer = shop.post(&path, json!({"default_source": id})).await;
        answer.refused(404, "not_found", "not_found", Some("default_source"));
    }
}

#[tokio::test]
async fn a_source_is_read_by_the_same_rules_as_on_creation() {
    let shop = Shop::open().await;
    let made = shop.customer().await;
    let path = format!("/v1/customers/{}", made["_id"].as_str().unwrap());
    for (body, code, reason, at) in [
        (json!({"payment_source": {}}), "required_error", "required", "payment_source.type"),
        (
            json!({"payment_source": {"type": "card"}}),
            "required_error",
            "required",
            "payment_source.gateway_id",
        ),
        (
            json!({"payment_source": with(card("4111111111111112"), json!({"gateway_id": "not_configured"}))}),
            "validation_error",
            "luhn",
            "payment_source.card_number",
        ),
        (json!({"token": [1]}), "validation_error", "wrong_type", "token"),
    ] {
        shop.post(&path, body).await.refused(400, code, reason, Some(at));
    }
    let answer = shop.post(&path, json!({"token": "x"})).await;
    answer.refused(404, "not_found", "token_unknown", Some("token"));
    assert_eq!(shop.get(&path).await.data(200, "customer"), made);
}

#[tokio::test]
async fn another_merchants_customer_is_not_found_and_the_token_stays() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let foreign = other.customer().await;
    let token = shop.token(card("4111111111111111")).await;
    for id in [foreign["_id"].as_str().unwrap(), "0123456789abcdef01234567", "%FF"] {
        let path = format!("/v1/customers/{id}");
        shop.get(&path).await.refused(404, "not_found", "not_found", None);
        shop.post(&path, json!({"token": token})).await.refused(404, "not_found", "not_found", None);
        shop.delete(&path).await.refused(404, "not_found", "not_found", None);
        let source = format!("{path}/payment_sources/{}", foreign["default_source"].as_str().unwrap());
        shop.delete(&source).await.refused(404, "not_found", "not_found", None);
    }
    assert_eq!(shop.post("/v1/customers", json!({"token": token})).await.status, 201);
    let path = format!("/v1/customers/{}", foreign["_id"].as_str().unwrap());
    assert_eq!(other.get(&path).await.data(200, "customer"), foreign);
}
