//! Creating customers: the four flows, and the whole resource.

use serde_json::{Value, json};

use crate::shop::{
    NOW, Shop, address, bank_account, bsb, card, checkout, is_object_id, is_uuid, with, without,
};

const CUSTOMERS: &str = "/v1/customers";

#[tokio::test]
async fn a_customer_with_a_card_is_the_whole_resource() {
    let shop = Shop::open().await;
    let gateway = shop.gateway().await;
    let profile = json!({
        "reference": "ref 7", "description": "A customer", "company_name": "Engines", "first_name": "Ada",
        "last_name": "Lovelace", "email": "ada@example.com", "phone": "+12345678901", "meta": {"crm": 7},
    });
    let source = with(with(card("4111111111111111"), address()), json!({"gateway_id": gateway}));
    let body = with(profile.clone(), json!({"payment_source": source}));
    let made = shop.post(CUSTOMERS, body).await.data(201, "customer");
    let shown = made["payment_sources"][0].clone();
    for id in [&made["_id"], &made["company_id"], &shown["_id"], &shown["gateway_id"]] {
        is_object_id(id);
    }
    is_uuid(&shown["vault_token"]);
    let expected_source = with(
        json!({
            "_id": shown["_id"], "type": "card", "status": "active", "vault_token": shown["vault_token"],
            "gateway_id": gateway, "gateway_type": "sandbox", "gateway_name": "sandbox",
            "card_name": "Ada Lovelace", "card_number_last4": "1111", "card_number_bin": "41111111",
            "card_scheme": "visa", "expire_month": "12", "expire_year": "2030", "created_at": NOW,
            "updated_at": NOW,
        }),
        address(),
    );
    let expected = with(
        profile,
        json!({
            "_id": made["_id"], "company_id": made["company_id"], "status": "active", "archived": false,
            "created_at": NOW, "updated_at": NOW, "default_source": shown["_id"],
            "payment_sources": [expected_source],
            "statistics": {"total_collected_amount": 0.0, "successful_transactions": 0},
            "_service": {"default_gateway_id": gateway},
        }),
    );
    assert_eq!(made, expected);
    let path = format!("{CUSTOMERS}/{}", made["_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).await.data(200, "customer"), made);
}

#[tokio::test]
async fn a_checkout_source_shows_whose_agreement_it_is() {
    let shop = Shop::open().await;
    let token = shop.token(checkout()).await;
    let in_clear = with(checkout(), json!({"gateway_id": "not_configured"}));
    for body in [json!({"token": token}), json!({"payment_source": in_clear})] {
        let made = shop.post(CUSTOMERS, body).await.data(201, "customer");
        let source = &made["payment_sources"][0];
        assert_eq!(source["type"], "checkout");
        assert_eq!(
            (&source["checkout_email"], &source["checkout_holder"]),
            (&json!("ada@example.com"), &json!("Ada Lovelace"))
        );
        assert!(source.get("vault_token").is_none() && source.get("card_scheme").is_none());
        assert_eq!(made["default_source"], source["_id"]);
    }
    let nameless = json!({"type": "checkout", "checkout_token": "t", "gateway_id": "not_configured"});
    let made = shop.post(CUSTOMERS, json!({"payment_source": nameless})).await.data(201, "customer");
    assert_eq!(made["payment_sources"][0]["checkout_email"], "");
}

#[tokio::test]
async fn bank_accounts_are_direct_debits() {
    let shop = Shop::open().await;
    for (body, member, shown) in
        [(bank_account(), "account_routing", "****0021"), (bsb(), "account_bsb", "062000")]
    {
        let body = json!({"payment_source": with(body, json!({"gateway_id": "not_configured"}))});
        let made = shop.post(CUSTOMERS, body).await.data(201, "customer");
        let source = &made["payment_sources"][0];
        assert_eq!((&source["type"], &source[member]), (&json!("bank_account"), &json!(shown)));
        is_uuid(&source["vault_token"]);
    }
}

#[tokio::test]
async fn a_vault_token_makes_many_customers_with_and_without_gateway() {
    let shop = Shop::open().await;
    let gateway = shop.gateway().await;
    let vault_token = shop.vault_token("4111111111111111").await;
    let mut ids = Vec::new();
    for beside in [json!({"gateway_id": gateway}), json!({"gateway_id": "not_configured"}), json!({})] {
        let source = with(json!({"type": "card", "vault_token": vault_token}), beside);
        let made = shop.post(CUSTOMERS, json!({"payment_source": source})).await.data(201, "customer");
        let source = &made["payment_sources"][0];
        assert_eq!(
            (&source["vault_token"], &source["card_number_last4"]),
            (&json!(vault_token), &json!("1111"))
        );
        assert_eq!(source["gateway_id"], gateway);
        ids.push(source["_id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let path = format!("/v1/vault/payment_sources/{vault_token}");
    assert_eq!(shop.get(&path).await.data(200, "payment_source")["status"], "active");
}

#[tokio::test]
async fn the_vault_token_that_a_customer_gets_is_one() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let vault_token = customer["payment_sources"][0]["vault_token"].as_str().unwrap();
    let path = format!("/v1/vault/payment_sources/{vault_token}");
    assert_eq!(shop.get(&path).await.data(200, "payment_source")["card_number_last4"], "1111");
    let source = json!({"type": "card", "vault_token": vault_token});
    assert_eq!(shop.post(CUSTOMERS, json!({"payment_source": source})).await.status, 201);
}

#[tokio::test]
async fn vault_tokens_and_gateways_that_are_not_the_merchants_are_not_found() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let (foreign, foreign_gateway) = (other.vault_token("4111111111111111").await, other.gateway().await);
    assert_ne!(foreign_gateway, shop.gateway().await);
    for vault_token in [foreign.as_str(), "0f0e0d0c-0b0a-4908-8706-050403020100"] {
        let source = json!({"type": "card", "vault_token": vault_token});
        let answer = shop.post(CUSTOMERS, json!({"payment_source": source})).await;
        answer.refused(404, "not_found", "not_found", Some("payment_source.vault_token"));
    }
    let path = Some("payment_source.gateway_id");
    let source = with(card("4111111111111111"), json!({"gateway_id": foreign_gateway}));
    let answer = shop.post(CUSTOMERS, json!({"payment_source": source})).await;
    answer.refused(404, "not_found", "not_found", path);
    let own = shop.vault_token("4111111111111111").await;
    let source = json!({"type": "card", "vault_token": own, "gateway_id": foreign_gateway});
    let answer = shop.post(CUSTOMERS, json!({"payment_source": source})).await;
    answer.refused(404, "not_found", "not_found", path);
    let source = json!({"type": "bank_account", "vault_token": own});
    let answer = shop.post(CUSTOMERS, json!({"payment_source": source})).await;
    answer.refused(400, "validation_error", "wrong_payment_type", Some("payment_source.type"));
}

#[tokio::test]
async fn nothing_is_stored_when_a_creation_is_refused() {
    let shop = Shop::open().await;
    let token = shop.token(card("4111111111111111")).await;
    let second = with(json!({"type": "card"}), without(card("5555555555554444"), "type"));
    for (body, reason, path) in [
        (json!({"token": token, "payment_source": second}), "one_of", "payment_source.card_number"),
        (json!({"token": token, "reference": "4111111111111111"}), "contains_card_number", "reference"),
        (json!({"token": token, "meta": {"a": "4111 1111 1111 1111"}}), "contains_card_number", "meta"),
        (
            json!({"token": token, "payment_source": {"address_line1": "5555-5555-5555-4444"}}),
            "contains_card_number",
            "payment_source.address_line1",
        ),
    ] {
        let answer = shop.post(CUSTOMERS, body).await;
        answer.refused(400, "validation_error", reason, Some(path));
    }
    assert_eq!(shop.get(CUSTOMERS).await.list("customer").1[0], 0);
    assert_eq!(shop.get("/v1/vault/payment_sources").await.list("payment_source").1[0], 0);
    // And the token is still good.
    shop.post(CUSTOMERS, json!({"token": token})).await.data(201, "customer");
}

#[tokio::test]
async fn the_same_request_twice_makes_one_customer() {
    let shop = Shop::open().await;
    let token = shop.token(card("4111111111111111")).await;
    let body = json!({"token": token, "first_name": "Ada"});
    let first = shop.post_once("k 1", CUSTOMERS, body.clone()).await.data(201, "customer");
    let again = shop.post_once("k 1", CUSTOMERS, body).await.data(201, "customer");
    assert_eq!(first, again);
    let other = shop.post_once("k 1", CUSTOMERS, json!({"token": token})).await;
    other.refused(409, "unfulfilled_condition", "idempotency_conflict", None);
    assert_eq!(shop.get(CUSTOMERS).await.list("customer").1[0], 1);
    for key in ["", &"k".repeat(256)] {
        let answer = shop.post_once(key, CUSTOMERS, json!({})).await;
        answer.refused(400, "validation_error", "idempotency_key_invalid", None);
    }
}

#[tokio::test]
async fn other_faces_see_the_customer_and_its_address() {
    let shop = Shop::open().await;
    let token = shop.token(with(card("4111111111111111"), address())).await;
    let made = shop.post(CUSTOMERS, json!({"token": token, "first_name": "Ada"})).await.data(201, "customer");
    let id = made["_id"].as_str().unwrap();
    let path = format!("/fluidpay/api/vault/{id}");
    let seen: Value = shop.vault.call_with(&shop.secret_key, "GET", &path, Value::Null).await.expect(200);
    let customer = &seen["data"]["data"]["customer"];
    assert_eq!(customer["addresses"][0]["city"], "Melbourne");
    assert_eq!(customer["payments"]["cards"][0]["id"], made["default_source"]);
    // And the other way round.
    let native = json!({"first_name": "Grace"});
    let native = shop.vault.call_with(&shop.secret_key, "POST", "/v1/customers", native).await.expect(201);
    let path = format!("{CUSTOMERS}/{}", native["id"].as_str().unwrap());
    let seen = shop.get(&path).await.data(200, "customer");
    assert_eq!((&seen["first_name"], &seen["default_source"]), (&json!("Grace"), &Value::Null));
}
