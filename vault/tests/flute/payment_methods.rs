//! Payment methods: orphans and customers', named, listed, made defaults, deleted.

use std::slice::from_ref;

use serde_json::{Value, json};

use crate::shop::{Shop, ach, card, with, without};

const CARDS: &str = "/v2/payment-methods/cards";
const ACH: &str = "/v2/payment-methods/ach";

#[tokio::test]
async fn a_card_without_a_customer_is_an_orphan() {
    let shop = Shop::open().await;
    let body = with(card("4111111111111111"), json!({"customerId": null, "paymentName": "Mine"}));
    let answer = shop.post(CARDS, body).await;
    let id = answer.id("paymentMethodId");
    assert_eq!(answer.body, json!({"paymentMethodId": id}), "nothing but the id");
    let shown = shop.get(&format!("/v2/payment-methods/{id}")).await.ok().clone();
    let expected = json!({
        "paymentMethodId": id, "customerId": null, "name": "Mine", "type": "Card", "isDefault": false,
        "createdOn": "2026-11-23T02:02:03.042Z", "ach": null,
        "card": {"cardMask": "************1111", "expirationMonth": 12, "expirationYear": 2030, "cardTokenType": "Local"},
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_bank_account_is_shown_masked() {
    let shop = Shop::open().await;
    let change = json!({"name": "Business", "companyName": "Acme Inc", "accountHolderType": "Business", "accountType": "Savings", "taxId": "12-3456789"});
    let id = shop.post(ACH, with(ach(), change)).await.id("paymentMethodId");
    let shown = shop.get(&format!("/v2/payment-methods/{id}")).await.ok().clone();
    assert_eq!(
        (&shown["type"], &shown["name"], &shown["card"]),
        (&json!("ACH"), &json!("Business"), &Value::Null)
    );
    let expected = json!({
        "accountNumber": "****7890", "routingNumber": "021000021", "accountType": "Savings",
        "accountHolderType": "Business", "taxId": "**-***6789", "companyName": "Acme Inc",
    });
    assert_eq!(shown["ach"], expected);
}

#[tokio::test]
async fn every_member_of_a_card_has_its_rule() {
    let shop = Shop::open().await;
    for (name, field) in [
        ("cardNumber", "CardNumber"),
        ("expirationMonth", "ExpirationMonth"),
        ("expirationYear", "ExpirationYear"),
    ] {
        shop.post(CARDS, without(card("4111111111111111"), name)).await.invalid("required", field);
    }
    for (change, code, field) in [
        (json!({"cardNumber": "4111 1111 1111 1111"}), "not_digits", "CardNumber"),
        (json!({"cardNumber": "4111111111111112"}), "card_invalid", "CardNumber"),
        (json!({"cardNumber": 4_111_111_111_111_111_i64}), "wrong_type", "CardNumber"),
        (json!({"expirationMonth": 0}), "out_of_range", "ExpirationMonth"),
        (json!({"expirationMonth": 13}), "out_of_range", "ExpirationMonth"),
        (json!({"expirationMonth": "12"}), "wrong_type", "ExpirationMonth"),
        (json!({"expirationYear": 30}), "out_of_range", "ExpirationYear"),
        (json!({"expirationYear": 2025}), "card_invalid", "ExpirationYear"),
        (json!({"securityCode": "12"}), "card_invalid", "SecurityCode"),
        (json!({"customerId": "not an id"}), "invalid_id", "CustomerId"),
        (json!({"paymentName": "4111111111111111"}), "contains_card_number", "PaymentName"),
        (json!({"companyName": "x"}), "unknown_field", "CompanyName"),
    ] {
        shop.post(CARDS, with(card("4111111111111111"), change)).await.invalid(code, field);
    }
    let stranger = json!({"customerId": "8a06469f-25da-4763-990d-11a4bbc74ecb"});
    shop.post(CARDS, with(card("4111111111111111"), stranger)).await.missing();
    shop.post(CARDS, without(card("4111111111111111"), "securityCode")).await.ok();
}

#[tokio::test]
async fn every_member_of_a_bank_account_has_its_rule() {
    let shop = Shop::open().await;
    for (name, field) in [
        ("routingNumber", "RoutingNumber"),
        ("accountNumber", "AccountNumber"),
        ("accountHolderType", "AccountHolderType"),
        ("accountType", "AccountType"),
    ] {
        shop.post(ACH, without(ach(), name)).await.invalid("required", field);
    }
    for (change, code, field) in [
        (json!({"routingNumber": "02100002"}), "bank_account_invalid", "RoutingNumber"),
        (json!({"routingNumber": "021000022"}), "bank_account_invalid", "RoutingNumber"),
        (json!({"accountNumber": "12"}), "bank_account_invalid", "AccountNumber"),
        (json!({"accountHolderType": "Company"}), "unknown_value", "AccountHolderType"),
        (json!({"accountType": "Gold"}), "unknown_value", "AccountType"),
        (json!({"taxId": "12345"}), "bad_format", "TaxId"),
        (json!({"secCode": "Web"}), "unknown_field", "SecCode"),
    ] {
        shop.post(ACH, with(ach(), change)).await.invalid(code, field);
    }
    let answer = shop.post(ACH, with(ach(), json!({"routingNumber": "12"}))).await;
    assert_eq!(answer.body["errors"]["RoutingNumber"][0], "Routing number must be 9 digits.");
}

#[tokio::test]
async fn the_first_method_is_the_default_until_another_is_made_one() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let first = shop.card("4111111111111111", Some(&customer)).await;
    let body = with(ach(), json!({"customerId": customer}));
    let second = shop.post(ACH, body).await.id("paymentMethodId");
    let default =
        async |id: &str| shop.get(&format!("/v2/payment-methods/{id}")).await.ok()["isDefault"].clone();
    assert_eq!((default(&first).await, default(&second).await), (json!(true), json!(false)));
    shop.post(&format!("/v2/payment-methods/{second}/set-default?customerId={customer}"), Value::Null)
        .await
        .empty();
    assert_eq!((default(&first).await, default(&second).await), (json!(false), json!(true)));
    shop.delete(&format!("/v2/payment-methods/{second}")).await.empty();
    assert_eq!(default(&first).await, json!(false), "nothing takes a deleted default's place");
}

#[tokio::test]
async fn an_orphan_or_a_strangers_method_is_no_default() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let orphan = shop.card("4111111111111111", None).await;
    let path = format!("/v2/payment-methods/{orphan}/set-default");
    shop.post(&path, Value::Null).await.invalid("required", "CustomerId");
    let scoped = format!("{path}?customerId={customer}");
    shop.post(&scoped, Value::Null).await.invalid("orphan_default", "PaymentMethodId");
    shop.post(&scoped, json!({"isDefault": true})).await.invalid("unknown_field", "IsDefault");
    let others = shop.card("4111111111111111", Some(&shop.customer().await)).await;
    let path = format!("/v2/payment-methods/{others}/set-default?customerId={customer}");
    shop.post(&path, Value::Null).await.missing();
}

#[tokio::test]
async fn a_method_is_renamed_and_deleted() {
    let shop = Shop::open().await;
    let id = shop.card("4111111111111111", None).await;
    let path = format!("/v2/payment-methods/{id}");
    shop.patch(&path, json!({"paymentName": "New"})).await.empty();
    assert_eq!(shop.get(&path).await.ok()["name"], "New");
    shop.patch(&path, json!({})).await.empty();
    assert_eq!(shop.get(&path).await.ok()["name"], "New");
    shop.patch(&path, json!({"paymentName": null})).await.empty();
    assert_eq!(shop.get(&path).await.ok()["name"], Value::Null);
    shop.patch(&path, json!({"customerId": "x"})).await.invalid("unknown_field", "CustomerId");
    shop.delete(&path).await.empty();
    shop.get(&path).await.missing();
    shop.patch(&path, json!({"paymentName": "x"})).await.missing();
    shop.delete(&path).await.missing();
}

#[tokio::test]
async fn lists_show_orphans_and_filter() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let orphan = shop.card("4111111111111111", None).await;
    shop.advance_ms(1_000);
    let owned = shop.card("5105105105105100", Some(&customer)).await;
    shop.advance_ms(1_000);
    let named = shop.post(ACH, with(ach(), json!({"name": "Conners Electric"}))).await.id("paymentMethodId");
    let ids = async |query: &str| {
        let body = shop.get(&format!("/v2/payment-methods{query}")).await.ok().clone();
        let items = body["items"].as_array().unwrap().iter();
        items.map(|item| item["paymentMethodId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [orphan.clone(), owned.clone(), named.clone()]);
    assert_eq!(ids("?asc=false&pageSize=1").await, from_ref(&named));
    assert_eq!(ids(&format!("?customerId={customer}")).await, from_ref(&owned));
    assert_eq!(ids("?search=conners").await, from_ref(&named));
    assert_eq!(ids("?search=5100").await, from_ref(&owned));
    assert_eq!(
        ids("?createdFrom=2026-11-23T02:02:04.042Z&createdTo=2026-11-23T02:02:04.042Z").await,
        [owned]
    );
    assert_eq!(shop.get("/v2/payment-methods?pageSize=2").await.ok()["pageInfo"]["totalPages"], 2);
    shop.get("/v2/payment-methods?customerId=8a06469f-25da-4763-990d-11a4bbc74ecb").await.missing();
    shop.get("/v2/payment-methods?sortBy=color").await.invalid("unknown_value", "SortBy");
}

#[tokio::test]
async fn another_merchant_sees_nothing() {
    let shop = Shop::open().await;
    let id = shop.card("4111111111111111", None).await;
    let other = shop.other_merchant().await;
    let path = format!("/v2/payment-methods/{id}");
    other.get(&path).await.missing();
    other.patch(&path, json!({"paymentName": "x"})).await.missing();
    other.delete(&path).await.missing();
    other.post("/v2/transactions", json!({"baseAmount": 1, "paymentMethodId": id})).await.missing();
    assert_eq!(other.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 0);
}

#[tokio::test]
async fn the_older_paths_do_the_same() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let base = format!("/v2/customers/{customer}/payment-methods");
    let first = shop.post(&base, card("4111111111111111")).await.id("paymentMethodId");
    shop.advance_ms(1_000);
    let second = shop.post(&base, ach()).await.id("paymentMethodId");
    let list = shop.get(&base).await.ok().clone();
    assert_eq!((&list["total"], &list["items"][0]["isDefault"]), (&json!(2), &json!(true)));
    shop.put(&format!("{base}/{second}/set-default"), Value::Null).await.empty();
    shop.put(&format!("{base}/{second}"), json!({"paymentName": "Bank"})).await.empty();
    let shown = shop.get(&format!("/v2/payment-methods/{second}")).await.ok().clone();
    assert_eq!((&shown["isDefault"], &shown["name"]), (&json!(true), &json!("Bank")));
    shop.delete(&format!("{base}/{first}")).await.empty();
    shop.delete(&format!("{base}/{first}")).await.missing();
    let orphan = shop.card("4111111111111111", None).await;
    shop.delete(&format!("{base}/{orphan}")).await.missing();
    let stranger = with(card("4111111111111111"), json!({"customerId": shop.customer().await}));
    shop.post(&base, stranger).await.invalid("unknown_id", "CustomerId");
}
