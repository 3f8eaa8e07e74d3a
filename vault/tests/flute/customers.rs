//! Customers of V2: created, listed, merged, replaced, deleted.

use serde_json::{Value, json};

use crate::shop::{Shop, ach, card, with, without};

fn whole() -> Value {
    json!({
        "firstName": "Ada", "lastName": "Lovelace", "companyName": "Engines Ltd",
        "email": "ada@example.com", "mobilePhoneNumber": "+14155552309", "hasSmsConsent": true,
        "shouldUseBillingAsShippingAddress": false,
        "billingAddress": {
            "addressLine1": "1 Main St", "addressLine2": "Floor 2", "city": "Chicago",
            "postalCode": "60601", "stateCode": "IL", "countryCode": "us",
        },
        "shippingAddress": {"addressLine1": "2 Side St", "city": "Austin"},
        "paymentMethodsCards": [with(card("4111111111111111"), json!({"paymentName": "Visa"}))],
        "paymentMethodsAchAccounts": [with(ach(), json!({"paymentName": "Bank", "taxId": "12-3456789"}))],
    })
}

#[tokio::test]
async fn a_customer_comes_back_with_everything_that_was_sent() {
    let shop = Shop::open().await;
    let id = shop.post("/v2/customers", whole()).await.id("customerId");
    let shown = shop.get(&format!("/v2/customers/{id}")).await.ok().clone();
    for name in ["firstName", "lastName", "companyName", "email", "mobilePhoneNumber", "hasSmsConsent"] {
        assert_eq!(shown[name], whole()[name], "{name}");
    }
    assert_eq!(shown["customerId"], id);
    assert_eq!(
        shown["billingAddress"],
        with(whole()["billingAddress"].clone(), json!({"countryCode": "US"}))
    );
    assert_eq!(shown["shippingAddress"]["addressLine1"], "2 Side St");
    assert_eq!(shown["shippingAddress"]["postalCode"], Value::Null);
    let card = &shown["cards"][0];
    assert_eq!(card["paymentName"], "Visa");
    assert_eq!((&card["isDefault"], &card["cardMask"]), (&json!(true), &json!("************1111")));
    assert_eq!((&card["cardType"], &card["cardTokenType"]), (&json!("Visa"), &json!("Local")));
    assert_eq!((&card["expirationMonth"], &card["expirationYear"]), (&json!(12), &json!(2030)));
    let account = &shown["achAccounts"][0];
    assert_eq!((&account["isDefault"], &account["accountNumber"]), (&json!(false), &json!("****7890")));
    assert_eq!((&account["routingNumber"], &account["taxId"]), (&json!("021000021"), &json!("**-***6789")));
    assert_eq!((&shown["transactionsCount"], &shown["transactionsVolume"]), (&json!(0), &json!(0.0)));
    assert_eq!(shown["lastTransactionDate"], Value::Null);
    assert_eq!(shown["numberOfSubscriptions"], 0);
}

#[tokio::test]
async fn every_member_has_its_rule() {
    let shop = Shop::open().await;
    for name in ["firstName", "lastName"] {
        let field = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        for body in
            [without(whole(), name), with(whole(), json!({name: ""})), with(whole(), json!({name: null}))]
        {
            shop.post("/v2/customers", body).await.invalid("required", &field);
        }
    }
    for (change, code, field) in [
        (json!({"firstName": 1}), "wrong_type", "FirstName"),
        (json!({"lastName": "x".repeat(256)}), "too_long", "LastName"),
        (json!({"companyName": "4111 1111 1111 1111"}), "contains_card_number", "CompanyName"),
        (json!({"email": "nobody"}), "invalid_email", "Email"),
        (json!({"email": "4111111111111111@mail.example"}), "contains_card_number", "Email"),
        (
            json!({"email": "0c07d4b2-dd58-4845-8118-079d47cf49cf@relay.example"}),
            "contains_card_number",
            "Email",
        ),
        (json!({"mobilePhoneNumber": "4155552309"}), "invalid_phone", "MobilePhoneNumber"),
        (json!({"mobilePhoneNumber": format!("+{}", "1".repeat(21))}), "invalid_phone", "MobilePhoneNumber"),
        (json!({"mobilePhoneNumber": "+4111111111111111"}), "contains_card_number", "MobilePhoneNumber"),
        (json!({"hasSmsConsent": "yes"}), "wrong_type", "HasSmsConsent"),
        (json!({"billingAddress": "Main St"}), "wrong_type", "BillingAddress"),
        (json!({"billingAddress": {"postalCode": "1"}}), "out_of_range", "BillingAddress.PostalCode"),
        (
            json!({"billingAddress": {"postalCode": "1".repeat(16)}}),
            "out_of_range",
            "BillingAddress.PostalCode",
        ),
        (json!({"billingAddress": {"countryCode": "USA"}}), "invalid_country", "BillingAddress.CountryCode"),
        (json!({"shippingAddress": {"street": "x"}}), "unknown_field", "ShippingAddress.Street"),
        (json!({"nickname": "A"}), "unknown_field", "Nickname"),
        (json!({"paymentMethodsCards": {}}), "wrong_type", "PaymentMethodsCards"),
        (
            json!({"paymentMethodsCards": [card("4111111111111112")]}),
            "card_invalid",
            "PaymentMethodsCards[0].CardNumber",
        ),
        (
            json!({"paymentMethodsAchAccounts": [with(ach(), json!({"routingNumber": "12"}))]}),
            "bank_account_invalid",
            "PaymentMethodsAchAccounts[0].RoutingNumber",
        ),
        (
            json!({"paymentMethodsCards": [with(card("4111111111111111"), json!({"cvc": "1"}))]}),
            "unknown_field",
            "PaymentMethodsCards[0].Cvc",
        ),
    ] {
        shop.post("/v2/customers", with(whole(), change)).await.invalid(code, field);
    }
    let answer = shop.post("/v2/customers", with(whole(), json!({"email": "nobody"}))).await;
    assert_eq!(answer.body["errors"]["Email"][0], "'Email' is not a valid email address.");
    assert_eq!(shop.get("/v2/customers").await.ok()["pageInfo"]["totalItems"], 0);
}

#[tokio::test]
async fn the_older_spellings_are_accepted() {
    let shop = Shop::open().await;
    let body = json!({
        "firstName": "A", "lastName": "B", "mobileNumber": "+123", "billingAddress": {"line1": "x", "countryId": 1},
        "isMobileNumberSmsNotificationsEnabled": true, "useBillingAsShippingAddress": true,
        "paymentMethodsCreditCards": [card("4111111111111111")],
    });
    let id = shop.post("/v2/customers", body).await.id("customerId");
    let shown = shop.get(&format!("/v2/customers/{id}")).await.ok().clone();
    assert_eq!((&shown["mobilePhoneNumber"], &shown["hasSmsConsent"]), (&json!("+123"), &json!(true)));
    assert_eq!(shown["billingAddress"]["addressLine1"], "x");
    assert_eq!(shown["billingAddress"]["countryCode"], "US");
    assert_eq!(shown["shippingAddress"], shown["billingAddress"]);
    assert_eq!(shown["cards"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_patch_merges_and_null_clears() {
    let shop = Shop::open().await;
    let path = format!("/v2/customers/{}", shop.post("/v2/customers", whole()).await.id("customerId"));
    let before = shop.get(&path).await.ok().clone();
    shop.patch(&path, json!({})).await.empty();
    assert_eq!(shop.get(&path).await.ok(), &before);

    let patch = json!({
        "email": "countess@example.com", "companyName": null,
        "billingAddress": {"city": "Boston", "addressLine2": null}, "shippingAddress": null,
    });
    shop.patch(&path, patch).await.empty();
    let after = shop.get(&path).await.ok().clone();
    assert_eq!(after["email"], "countess@example.com");
    assert_eq!((&after["companyName"], &after["shippingAddress"]), (&Value::Null, &Value::Null));
    let address = with(before["billingAddress"].clone(), json!({"city": "Boston", "addressLine2": null}));
    assert_eq!(after["billingAddress"], address);
    for name in ["firstName", "lastName", "mobilePhoneNumber", "hasSmsConsent", "cards", "achAccounts"] {
        assert_eq!(after[name], before[name], "{name}");
    }

    for name in ["firstName", "lastName"] {
        let field = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        shop.patch(&path, json!({name: null})).await.invalid("required", &field);
    }
    shop.patch(&path, json!({"customerId": "x"})).await.invalid("unknown_field", "CustomerId");
    shop.patch(&path, json!([])).await.invalid("malformed_json", "Body");
    assert_eq!(shop.get(&path).await.ok(), &after);
}

#[tokio::test]
async fn the_shipping_address_can_be_the_billing_address() {
    let shop = Shop::open().await;
    let body = with(whole(), json!({"shouldUseBillingAsShippingAddress": true}));
    let path = format!("/v2/customers/{}", shop.post("/v2/customers", body).await.id("customerId"));
    let shown = shop.get(&path).await.ok().clone();
    assert_eq!(shown["shippingAddress"], shown["billingAddress"]);
    shop.patch(&path, json!({"billingAddress": {"city": "Boston"}})).await.empty();
    assert_eq!(shop.get(&path).await.ok()["shippingAddress"]["city"], "Boston");
    shop.patch(&path, json!({"shouldUseBillingAsShippingAddress": false})).await.empty();
    let shown = shop.get(&path).await.ok().clone();
    assert_eq!(
        (&shown["shippingAddress"], &shown["billingAddress"]["city"]),
        (&Value::Null, &json!("Boston"))
    );
}

#[tokio::test]
async fn the_older_put_wipes_what_is_left_out() {
    let shop = Shop::open().await;
    let path = format!("/v2/customers/{}", shop.post("/v2/customers", whole()).await.id("customerId"));
    shop.put(&path, json!({"firstName": "A"})).await.invalid("required", "LastName");
    shop.put(&path, json!({"firstName": "A", "lastName": "B"})).await.empty();
    let shown = shop.get(&path).await.ok().clone();
    assert_eq!((&shown["firstName"], &shown["email"]), (&json!("A"), &Value::Null));
    assert_eq!((&shown["billingAddress"], &shown["hasSmsConsent"]), (&Value::Null, &json!(false)));
    assert_eq!(shown["cards"].as_array().unwrap().len(), 1, "payment methods are no part of the profile");
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let shop = Shop::open().await;
    for (first, last, email) in [
        ("Ada", "Lovelace", "ada@example.com"),
        ("Grace", "Hopper", "grace@navy.example"),
        ("Alan", "Turing", "alan@example.com"),
    ] {
        shop.advance_ms(1_000);
        let body = json!({"firstName": first, "lastName": last, "email": email, "companyName": format!("{last} Co"), "mobilePhoneNumber": "+14155552309"});
        shop.post("/v2/customers", body).await.id("customerId");
    }
    let names = async |query: &str| {
        let body = shop.get(&format!("/v2/customers{query}")).await.ok().clone();
        let items = body["items"].as_array().unwrap().iter();
        items.map(|item| item["firstName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Ada", "Grace", "Alan"]);
    assert_eq!(names("?asc=false").await, ["Alan", "Grace", "Ada"]);
    assert_eq!(names("?sortBy=lastName").await, ["Grace", "Ada", "Alan"]);
    assert_eq!(names("?fullName=ada+love").await, ["Ada"]);
    assert_eq!(names("?email=EXAMPLE.com").await, ["Ada", "Alan"]);
    assert_eq!(names("?companyName=hopper").await, ["Grace"]);
    assert_eq!(names("?mobilePhoneNumber=%2B1415").await.len(), 3);
    assert_eq!(names("?createdFrom=2026-11-23T02:02:05.042Z").await, ["Grace", "Alan"]);
    assert_eq!(names("?createdTo=2026-11-23T02:02:05.042Z").await, ["Ada", "Grace"]);
    assert_eq!(names("?pageSize=2&pageIndex=1").await, ["Alan"]);
    assert_eq!(names("?pageIndex=7").await, [""; 0]);
    assert_eq!(names("?merchantId=ignored").await.len(), 3);
    let page = shop.get("/v2/customers?pageSize=2").await.ok()["pageInfo"].clone();
    let expected = json!({"pageIndex": 0, "pageSize": 2, "totalItems": 3, "totalPages": 2, "hasMore": true});
    assert_eq!(page, expected);
    for (query, code, field) in [
        ("?pageSize=0", "out_of_range", "PageSize"),
        ("?pageSize=101", "out_of_range", "PageSize"),
        ("?pageIndex=-1", "wrong_type", "PageIndex"),
        ("?asc=maybe", "unknown_value", "Asc"),
        ("?sortBy=shoeSize", "unknown_value", "SortBy"),
        ("?createdFrom=yesterday", "invalid_date", "CreatedFrom"),
    ] {
        shop.get(&format!("/v2/customers{query}")).await.invalid(code, field);
    }
}

#[tokio::test]
async fn a_deleted_customer_is_gone_and_pays_no_more() {
    let shop = Shop::open().await;
    let id = shop.post("/v2/customers", whole()).await.id("customerId");
    let path = format!("/v2/customers/{id}");
    let method = shop.get(&path).await.ok()["cards"][0]["paymentMethodId"].as_str().unwrap().to_owned();
    let pay = json!({"baseAmount": 5, "customerId": id});
    let paid = shop.post("/v2/transactions", pay.clone()).await.id("transactionId");
    shop.delete(&path).await.empty();

    shop.get(&path).await.missing();
    assert_eq!(shop.get(&path).await.body["entityId"], id);
    shop.delete(&path).await.missing();
    shop.patch(&path, json!({})).await.missing();
    shop.put(&path, json!({"firstName": "A", "lastName": "B"})).await.missing();
    shop.post("/v2/transactions", pay).await.missing();
    shop.post("/v2/transactions", json!({"baseAmount": 5, "paymentMethodId": method})).await.missing();
    shop.post("/v2/payment-methods/cards", with(card("4111111111111111"), json!({"customerId": id})))
        .await
        .missing();
    shop.post("/v2/payment-sessions", json!({"amount": 1, "customerId": id})).await.missing();
    // What was paid stays.
    let shown = shop.get(&format!("/v2/transactions/{paid}")).await.ok().clone();
    assert_eq!((&shown["customerId"], &shown["processedAmount"]), (&json!(id), &json!(5.0)));
}

#[tokio::test]
async fn another_merchant_sees_nothing() {
    let shop = Shop::open().await;
    let id = shop.post("/v2/customers", whole()).await.id("customerId");
    let other = shop.other_merchant().await;
    let path = format!("/v2/customers/{id}");
    other.get(&path).await.missing();
    other.patch(&path, json!({})).await.missing();
    other.delete(&path).await.missing();
    other.get(&format!("/v2/payment-methods?customerId={id}")).await.missing();
    assert_eq!(other.get("/v2/customers").await.ok()["items"], json!([]));
    shop.get(&path).await.ok();
}

#[tokio::test]
async fn a_customer_of_another_face_is_found_by_its_own_id() {
    let shop = Shop::open().await;
    let id = shop.vault.customer().await;
    assert!(id.starts_with("cus_"));
    assert_eq!(shop.get(&format!("/v2/customers/{id}")).await.ok()["firstName"], "Ada");
    let upper = shop.customer().await.to_uppercase();
    shop.get(&format!("/v2/customers/{upper}")).await.ok();
}
