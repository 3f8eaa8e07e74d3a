//! V1 on its own prefix: the seed document's version.

use serde_json::{Value, json};

use crate::shop::{Shop, with};

const BASE: &str = "/pay-api/v1/customers";

fn pan() -> Value {
    json!({"name": "Visa", "pan": "4111111111111111", "expirationMonth": 12, "expirationYear": 2030, "securityCode": "123"})
}

#[tokio::test]
async fn a_customer_needs_no_member_and_a_put_wipes_what_is_left_out() {
    let shop = Shop::open().await;
    let id = shop.post(BASE, json!({})).await.id("id");
    let path = format!("{BASE}/{id}");
    let body = json!({
        "firstName": "Ada", "lastName": "Lovelace", "companyName": "Engines", "email": "ada@example.com",
        "mobilePhoneNumber": "+14155552309", "isMobileNumberSmsNotificationsEnabled": true,
        "useBillingAsShippingAddress": true,
        "billingAddress": {"line1": "1 Main St", "city": "Chicago", "stateName": "IL", "stateId": 13, "countryId": 1, "postalCode": "60601"},
    });
    shop.put(&path, body).await.empty();
    let shown = shop.get(&path).await.ok().clone();
    assert_eq!((&shown["id"], &shown["firstName"]), (&json!(id), &json!("Ada")));
    assert_eq!(shown["isMobileNumberSmsNotificationsEnabled"], true);
    assert_eq!(shown["shippingAddress"], shown["billingAddress"]);
    assert_eq!((&shown["transactionsCount"], &shown["transactionsVolume"]), (&json!(0), &json!(0.0)));
    assert_eq!(shown["createdOn"], "2026-11-23T02:02:03.042Z");

    shop.put(&path, json!({"email": "countess@example.com"})).await.empty();
    let shown = shop.get(&path).await.ok().clone();
    assert_eq!(shown["email"], "countess@example.com");
    for name in
        ["firstName", "lastName", "companyName", "mobilePhoneNumber", "billingAddress", "shippingAddress"]
    {
        assert_eq!(shown[name], Value::Null, "{name} is wiped");
    }
    assert_eq!(shown["isMobileNumberSmsNotificationsEnabled"], false);

    shop.put(&path, json!({"nickname": "A"})).await.invalid("unknown_field", "Nickname");
    shop.delete(&path).await.empty();
    shop.get(&path).await.missing();
    shop.put(&path, json!({})).await.missing();
    shop.delete(&path).await.missing();
}

#[tokio::test]
async fn the_same_customer_is_seen_by_v2() {
    let shop = Shop::open().await;
    let id = shop.post(BASE, json!({"firstName": "Ada", "lastName": "Lovelace"})).await.id("id");
    shop.patch(&format!("/v2/customers/{id}"), json!({"email": "ada@example.com"})).await.empty();
    let shown = shop.get(&format!("{BASE}/{id}")).await.ok().clone();
    assert_eq!((&shown["firstName"], &shown["email"]), (&json!("Ada"), &json!("ada@example.com")));
}

#[tokio::test]
async fn lists_have_items_and_total() {
    let shop = Shop::open().await;
    for (first, company) in [("Ada", "Engines"), ("Grace", "Navy"), ("Alan", "Bletchley")] {
        shop.advance_ms(1_000);
        shop.post(BASE, json!({"firstName": first, "companyName": company})).await.id("id");
    }
    let list = async |query: &str| {
        let body = shop.get(&format!("{BASE}{query}")).await.ok().clone();
        let items = body["items"].as_array().unwrap().iter();
        let names: Vec<_> = items.map(|item| item["firstName"].as_str().unwrap().to_owned()).collect();
        (names.join(" "), body["total"].as_u64().unwrap())
    };
    assert_eq!(list("").await, ("Ada Grace Alan".to_owned(), 3));
    assert_eq!(list("?page=1&pageSize=2").await, ("Alan".to_owned(), 3));
    assert_eq!(list("?orderBy=firstName&asc=false").await, ("Grace Alan Ada".to_owned(), 3));
    assert_eq!(list("?search=navy").await, ("Grace".to_owned(), 1));
    assert_eq!(list("?search=nobody").await, (String::new(), 0));
    assert_eq!(list("?dateFrom=2026-11-23T02:02:05.042Z").await.1, 2);
    shop.get(&format!("{BASE}?page=-1")).await.invalid("wrong_type", "Page");
    shop.get(&format!("{BASE}?orderBy=color")).await.invalid("unknown_value", "OrderBy");
}

#[tokio::test]
async fn payment_methods_have_v1s_names_and_numbers() {
    let shop = Shop::open().await;
    let base = format!("{BASE}/{}/payment-methods", shop.post(BASE, json!({})).await.id("id"));
    let card = shop.post(&format!("{base}/cards"), pan()).await.id("id");
    shop.advance_ms(1_000);
    let account = json!({
        "name": "Bank", "accountNumber": "1234567890", "routingNumber": "021000021", "accountType": 2,
        "accountHolderType": 1, "taxId": "12-3456789",
    });
    let account = shop.post(&format!("{base}/ach"), account).await.id("id");
    let list = shop.get(&base).await.ok().clone();
    assert_eq!(list["total"], 2);
    let expected = json!({
        "id": card, "name": "Visa", "typeId": 1, "typeName": "Card", "panMask": "************1111",
        "cardTokenType": "Local", "expirationMonth": 12, "expirationYear": 2030, "accountNumber": null,
        "routingNumber": null, "accountType": null, "accountHolderType": null, "taxId": null,
        "isDefault": true, "createdOn": "2026-11-23T02:02:03.042Z",
    });
    assert_eq!(list["items"][0], expected);
    let expected = json!({
        "id": account, "name": "Bank", "typeId": 2, "typeName": "ElectronicCheck", "panMask": null,
        "cardTokenType": null, "expirationMonth": null, "expirationYear": null, "accountNumber": "****7890",
        "routingNumber": "021000021", "accountType": 2, "accountHolderType": 1, "taxId": "**-***6789",
        "isDefault": false, "createdOn": "2026-11-23T02:02:04.042Z",
    });
    assert_eq!(list["items"][1], expected);

    let refused = shop.post(&format!("{base}/cards"), with(pan(), json!({"pan": "4111111111111112"}))).await;
    refused.invalid("card_invalid", "Pan");
    shop.post(&format!("{base}/cards"), with(pan(), json!({"cardNumber": "4111111111111111"})))
        .await
        .invalid("unknown_field", "CardNumber");
    shop.delete(&format!("{base}/{card}")).await.empty();
    shop.delete(&format!("{base}/{card}")).await.missing();
    shop.post(&format!("{BASE}/8a06469f-25da-4763-990d-11a4bbc74ecb/payment-methods/cards"), pan())
        .await
        .missing();
}
