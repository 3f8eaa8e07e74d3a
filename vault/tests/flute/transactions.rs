//! Transactions in the three ways of the seed, what they show, and what they are counted as.

use serde_json::{Value, json};

use crate::shop::{Shop, ach, card, with, without};

const PATH: &str = "/v2/transactions";

fn with_card(details: Value) -> Value {
    json!({"baseAmount": 12.5, "transactionDetails": {"cardData": {"paymentMethodDetails": details}}})
}

/// A payment by a bank account that is kept nowhere.
fn with_account(details: Value) -> Value {
    json!({
        "baseAmount": 40, "billingAddress": {"city": "New York"},
        "contactInfo": {"firstName": "John", "lastName": "Doe", "mobilePhoneNumber": "+14125553845"},
        "transactionDetails": {"achData": {
            "paymentMethodDetails": details, "secCode": "PPD", "requesterIpAddress": "203.0.113.45",
        }},
    })
}

#[tokio::test]
async fn a_customer_pays_with_the_default_or_with_the_method_named() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    shop.post(PATH, json!({"baseAmount": 1, "customerId": customer}))
        .await
        .invalid("default_missing", "PaymentMethodId");
    let first = shop.card("4111111111111111", Some(&customer)).await;
    let second = shop.card("4000000010510008", Some(&customer)).await;
    let paid = shop.post(PATH, json!({"baseAmount": 1, "customerId": customer})).await.ok().clone();
    assert_eq!((&paid["paymentMethodId"], &paid["transactionStatus"]), (&json!(first), &json!("Captured")));
    let body = json!({
        "baseAmount": 2, "customerId": customer, "transactionDetails": {"cardData": {"paymentMethodId": second}},
    });
    let declined = shop.post(PATH, body).await.ok().clone();
    assert_eq!(
        (&declined["paymentMethodId"], &declined["transactionStatus"]),
        (&json!(second), &json!("Declined"))
    );
    let other = shop.card("4111111111111111", Some(&shop.customer().await)).await;
    shop.post(PATH, json!({"baseAmount": 1, "customerId": customer, "paymentMethodId": other}))
        .await
        .missing();
    let orphan = shop.card("4111111111111111", None).await;
    shop.post(PATH, json!({"baseAmount": 1, "customerId": customer, "paymentMethodId": orphan}))
        .await
        .missing();
}

#[tokio::test]
async fn an_orphan_pays_as_often_as_it_likes() {
    let shop = Shop::open().await;
    let orphan = shop.card("4111111111111111", None).await;
    let body = json!({"baseAmount": 5, "referenceId": "R-1", "transactionDetails": {"cardData": {"paymentMethodId": orphan}}});
    let first = shop.post(PATH, body.clone()).await;
    let second = shop.post(PATH, body).await;
    assert_ne!(first.id("transactionId"), second.id("transactionId"));
    let expected = json!({
        "transactionId": first.id("transactionId"), "transactionStatus": "Captured", "transactionType": "Sale",
        "transactionDateTime": "2026-11-23T02:02:03.042Z", "processedAmount": 5.0, "currencyCode": "USD",
        "amountDetails": {
            "baseAmount": 5.0, "tipAmount": 0.0, "tipRate": 0.0, "surchargeAmount": 0.0, "surchargeRate": 0.0,
            "discountAmount": 0.0, "discountRate": 0.0,
        },
        "processorResponse": {
            "processorName": "sandbox", "responseCode": "00", "responseMessage": "Approved",
            "responseDefinition": "The payment was approved.",
        },
        "referenceId": "R-1", "customerId": null, "paymentMethodId": orphan, "responseDetails": null,
        "addressVerificationServiceResponse": null, "receipt": null,
    });
    assert_eq!(first.body, expected);
    // Beside `transactionDetails`, as the seed names it.
    shop.post(PATH, json!({"baseAmount": 5, "paymentMethodId": orphan})).await.ok();
}

#[tokio::test]
async fn a_card_that_is_kept_nowhere_pays_once() {
    let shop = Shop::open().await;
    let paid = shop.post(PATH, with_card(card("4111111111111111"))).await;
    assert_eq!((&paid.ok()["paymentMethodId"], &paid.body["customerId"]), (&Value::Null, &Value::Null));
    assert_eq!(shop.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 0);
    let shown = shop.get(&format!("{PATH}/{}", paid.id("transactionId"))).await.ok().clone();
    assert_eq!(
        (&shown["cardDetails"]["cardBrand"], &shown["cardDetails"]["maskedCardNumber"]),
        (&json!("Visa"), &Value::Null)
    );
    // For a customer too: nothing is kept, and it is counted.
    let customer = shop.customer().await;
    shop.post(PATH, with(with_card(card("4111111111111111")), json!({"customerId": customer}))).await.ok();
    let shown = shop.get(&format!("/v2/customers/{customer}")).await.ok().clone();
    assert_eq!((&shown["transactionsCount"], &shown["cards"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn a_bank_account_that_is_kept_nowhere_pays_once() {
    let shop = Shop::open().await;
    let paid = shop.post(PATH, with_account(ach())).await;
    assert_eq!(
        (&paid.ok()["transactionStatus"], &paid.body["transactionType"]),
        (&json!("Captured"), &json!("AchDebit"))
    );
    assert_eq!(paid.body["processorResponse"]["responseCode"], "1");
    let shown = shop.get(&format!("{PATH}/{}", paid.id("transactionId"))).await.ok().clone();
    assert_eq!(
        (&shown["paymentMethodType"], &shown["achDetails"]["secCode"]),
        (&json!("ACH"), &json!("PPD"))
    );
    assert_eq!(shown["achDetails"]["maskedAccountNumber"], Value::Null);

    let contact =
        |change: Value| json!({"contactInfo": with(with_account(ach())["contactInfo"].clone(), change)});
    for (body, code, field) in [
        (without(with_account(ach()), "billingAddress"), "required", "BillingAddress"),
        (without(with_account(ach()), "contactInfo"), "required", "ContactInfo"),
        (
            with(with_account(ach()), contact(json!({"mobilePhoneNumber": null}))),
            "required",
            "ContactInfo.MobilePhoneNumber",
        ),
        (
            with(with_account(ach()), contact(json!({"lastName": null}))),
            "required",
            "ContactInfo.CompanyName",
        ),
        (
            with_account(with(ach(), json!({"accountNumber": "1"}))),
            "bank_account_invalid",
            "TransactionDetails.AchData.PaymentMethodDetails.AccountNumber",
        ),
    ] {
        shop.post(PATH, body).await.invalid(code, field);
    }
    let company = with(with_account(ach()), contact(json!({"lastName": null, "companyName": "Acme"})));
    shop.post(PATH, company).await.ok();
}

#[tokio::test]
async fn the_company_of_an_orphan_business_account_must_be_named() {
    let shop = Shop::open().await;
    let business = with(ach(), json!({"accountHolderType": "Business"}));
    let nameless = shop.post("/v2/payment-methods/ach", business.clone()).await.id("paymentMethodId");
    let pay = |id: &str| json!({"baseAmount": 1, "paymentMethodId": id});
    shop.post(PATH, pay(&nameless)).await.invalid("required", "ContactInfo.CompanyName");
    shop.post(PATH, with(pay(&nameless), json!({"contactInfo": {"companyName": "Acme"}}))).await.ok();
    let named =
        shop.post("/v2/payment-methods/ach", with(business.clone(), json!({"companyName": "Acme"}))).await;
    shop.post(PATH, pay(&named.id("paymentMethodId"))).await.ok();
    let owned = with(business, json!({"customerId": shop.customer().await}));
    let owned = shop.post("/v2/payment-methods/ach", owned).await.id("paymentMethodId");
    shop.post(PATH, pay(&owned)).await.ok();
}

#[tokio::test]
async fn test_cards_decline_and_fail_with_the_status_200() {
    let shop = Shop::open().await;
    for (number, status, code) in [
        ("4111111111111111", "Captured", "00"),
        ("4000000010050005", "Declined", "05"),
        ("4000000010510008", "Declined", "51"),
        ("4000000010140004", "Declined", "14"),
        ("4000000010540005", "Declined", "54"),
        ("4000000010040006", "Declined", "04"),
        ("4000000010430009", "Declined", "43"),
        ("4000000010620005", "Declined", "62"),
        ("4000000010570002", "Declined", "57"),
        ("4000000020010007", "Declined", "01"),
        ("4000000010990002", "Declined", "99"),
        ("5555555555554444", "Declined", "DeclineBinNotFound"),
        ("4000000020910008", "Failed", "91"),
        ("4000000020960003", "Failed", "96"),
        ("4000000020190007", "Failed", "19"),
        ("4000000030010005", "Captured", "00"),
    ] {
        let paid = shop.post(PATH, with_card(card(number))).await;
        assert_eq!(
            (&paid.ok()["transactionStatus"], &paid.body["processorResponse"]["responseCode"]),
            (&json!(status), &json!(code)),
            "{number}"
        );
        let shown = shop.get(&format!("{PATH}/{}", paid.id("transactionId"))).await.ok().clone();
        assert_eq!(shown["declineDetails"].is_null(), status == "Captured");
        assert_eq!(
            shown["transactionEvents"][0]["transactionEventStatus"],
            if status == "Captured" { "Approved" } else { status }
        );
    }
}

#[tokio::test]
async fn an_authorization_is_no_capture() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    shop.card("4111111111111111", Some(&customer)).await;
    let body = json!({"baseAmount": 9, "customerId": customer, "transactionDetails": {"cardData": {"captureMethod": "Manual"}}});
    let paid = shop.post(PATH, body).await.ok().clone();
    assert_eq!(
        (&paid["transactionStatus"], &paid["transactionType"]),
        (&json!("Authorized"), &json!("Authorization"))
    );
    let shown = shop.get(&format!("/v2/customers/{customer}")).await.ok().clone();
    assert_eq!((&shown["transactionsCount"], &shown["transactionsVolume"]), (&json!(1), &json!(0.0)));
}

#[tokio::test]
async fn counts_and_volume_come_from_what_was_paid() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let good = shop.card("4111111111111111", Some(&customer)).await;
    let bad = shop.card("4000000010050005", Some(&customer)).await;
    for (amount, method) in [(10.25, &good), (20.0, &good), (99.0, &bad)] {
        shop.advance_ms(1_000);
        shop.post(PATH, json!({"baseAmount": amount, "paymentMethodId": method})).await.ok();
    }
    for path in [format!("/v2/customers/{customer}"), format!("/pay-api/v1/customers/{customer}")] {
        let shown = shop.get(&path).await.ok().clone();
        assert_eq!((&shown["transactionsCount"], &shown["transactionsVolume"]), (&json!(3), &json!(30.25)));
        assert_eq!(shown["lastTransactionDate"], "2026-11-23T02:02:06.042Z");
        assert_eq!(shown["lastTransactionAmount"], 99.0);
    }
    let summary = shop.get("/v2/customers").await.ok()["items"][0].clone();
    assert_eq!(summary["lastTransactionDate"], "2026-11-23T02:02:06.042Z");
    assert_eq!(summary["paymentMethodsCount"], 2);
}

#[tokio::test]
async fn extra_amounts_are_charged_and_shown() {
    let shop = Shop::open().await;
    let extra = json!({"extraAmounts": {"tipAmount": 15, "discountAmount": 2.5, "surchargeRate": 3}});
    let paid = shop
        .post(PATH, with(with(with_card(card("4111111111111111")), json!({"baseAmount": 100})), extra))
        .await;
    // 100 + 15 - 2.50, and 3 % of 97.50, rounded half up.
    assert_eq!(paid.ok()["processedAmount"], 115.43);
    let shown = shop.get(&format!("{PATH}/{}", paid.id("transactionId"))).await.ok().clone();
    assert_eq!(shown["amountBreakdown"], paid.body["amountDetails"]);
    assert_eq!(shown["amountBreakdown"]["surchargeAmount"], 2.93);
}

#[tokio::test]
async fn every_member_has_its_rule() {
    let shop = Shop::open().await;
    let orphan = shop.card("4111111111111111", None).await;
    let account = shop.post("/v2/payment-methods/ach", ach()).await.id("paymentMethodId");
    let base = json!({"baseAmount": 1, "paymentMethodId": orphan});
    shop.post(PATH, without(base.clone(), "baseAmount")).await.invalid("required", "BaseAmount");
    shop.post(PATH, json!({"baseAmount": 1})).await.invalid("one_of", "TransactionDetails");
    for (change, code, field) in [
        (json!({"baseAmount": 0}), "out_of_range", "BaseAmount"),
        (json!({"baseAmount": -5}), "out_of_range", "BaseAmount"),
        (json!({"baseAmount": 1.005}), "out_of_range", "BaseAmount"),
        (json!({"baseAmount": "1"}), "wrong_type", "BaseAmount"),
        (json!({"currencyCode": "XXX"}), "invalid_currency", "CurrencyCode"),
        (json!({"referenceId": "x".repeat(37)}), "too_long", "ReferenceId"),
        (json!({"referenceId": "4111111111111111"}), "contains_card_number", "ReferenceId"),
        (json!({"referenceId": "4111111111111111D3012201"}), "contains_card_number", "ReferenceId"),
        (json!({"paymentProcessorId": "sandbox"}), "invalid_id", "PaymentProcessorId"),
        (json!({"isCustomerInitiatedTransaction": 1}), "wrong_type", "IsCustomerInitiatedTransaction"),
        (json!({"pricingType": "Free"}), "unknown_value", "PricingType"),
        (json!({"extraAmounts": {"tipAmount": 1, "tipRate": 1}}), "one_of", "ExtraAmounts.TipRate"),
        (
            json!({"transactionEnhancedData": {"salesTaxRate": "x"}}),
            "wrong_type",
            "TransactionEnhancedData.SalesTaxRate",
        ),
        (json!({"transactionEnhancedData": {"vat": 1}}), "unknown_field", "TransactionEnhancedData.Vat"),
        (json!({"deviceId": "phone"}), "invalid_id", "DeviceId"),
        (json!({"platform": "Palm"}), "unknown_value", "Platform"),
        (json!({"contactInfo": {"email": "x"}}), "invalid_email", "ContactInfo.Email"),
        (json!({"shippingAddress": {"countryCode": "??"}}), "invalid_country", "ShippingAddress.CountryCode"),
        (json!({"transactionDetails": {"cardData": {}, "achData": {}}}), "one_of", "TransactionDetails"),
        (json!({"transactionDetails": {"cash": {}}}), "unknown_field", "TransactionDetails.Cash"),
        (
            json!({"transactionDetails": {"cardData": {"captureMethod": "Later"}}}),
            "unknown_value",
            "TransactionDetails.CardData.CaptureMethod",
        ),
        (
            json!({"transactionDetails": {"cardData": {"paymentMethodId": account}}}),
            "one_of",
            "PaymentMethodId",
        ),
        (
            json!({"transactionDetails": {"cardData": {"paymentMethodDetails": card("4111111111111111")}}}),
            "one_of",
            "TransactionDetails",
        ),
        (
            json!({"transactionDetails": {"achData": {"requesterIpAddress": "::1"}}}),
            "required",
            "TransactionDetails.AchData.SecCode",
        ),
        (
            json!({"transactionDetails": {"achData": {"secCode": "Web"}}}),
            "required",
            "TransactionDetails.AchData.RequesterIpAddress",
        ),
        (
            json!({"transactionDetails": {"achData": {"secCode": "Web", "requesterIpAddress": "home"}}}),
            "bad_format",
            "TransactionDetails.AchData.RequesterIpAddress",
        ),
        (
            json!({"transactionDetails": {"achData": {"secCode": "Web", "requesterIpAddress": "::1"}}}),
            "wrong_payment_type",
            "PaymentMethodId",
        ),
        (
            json!({"paymentMethodId": account, "transactionDetails": {"cardData": {}}}),
            "wrong_payment_type",
            "PaymentMethodId",
        ),
        (json!({"amount": 1}), "unknown_field", "Amount"),
    ] {
        shop.post(PATH, with(base.clone(), change)).await.invalid(code, field);
    }
    let bad = with_card(card("4111111111111112"));
    shop.post(PATH, bad)
        .await
        .invalid("card_invalid", "TransactionDetails.CardData.PaymentMethodDetails.CardNumber");
    assert_eq!(shop.get(PATH).await.ok()["pageInfo"]["totalItems"], 0, "what is refused is not charged");
    let everything = json!({
        // 45962164084564 in it passes for a card number.
        "referenceId": "3f459621-6408-4564-ac94-6f6261c435a8",
        "paymentProcessorId": "A2F2C2E7-0b23-4682-8f99-ab7707205461", "currencyCode": "usd", "pricingType": "Card",
        "isCustomerInitiatedTransaction": true, "transactionEnhancedData": {"salesTaxRate": 8.5, "products": []},
        "deviceId": null, "platform": "iOS", "appVersion": "1.4.2", "sdkVersion": "2.0.1", "extraAmounts": null,
        "billingAddress": null, "contactInfo": null,
    });
    let paid = shop.post(PATH, with(base, everything)).await.id("transactionId");
    let shown = shop.get(&format!("{PATH}/{paid}")).await.ok().clone();
    assert_eq!(shown["paymentProcessorId"], "a2f2c2e7-0b23-4682-8f99-ab7707205461");
    assert_eq!((&shown["pricingType"], &shown["source"]["sourceType"]), (&json!("Card"), &json!("ApiKey")));
    assert_eq!(shown["cardDetails"]["maskedCardNumber"], "************1111");
    assert_eq!(shown["processorResponse"]["processorName"], "sandbox");
}

#[tokio::test]
async fn lists_filter_and_page() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let good = shop.card("4111111111111111", Some(&customer)).await;
    let mut ids = Vec::new();
    for (body, advance_ms) in [
        (json!({"baseAmount": 10, "paymentMethodId": good, "referenceId": "A"}), 1_000),
        (with(with_card(card("4000000010050005")), json!({"baseAmount": 20, "referenceId": "B"})), 1_000),
        (with(with_account(ach()), json!({"baseAmount": 30})), 1_000),
    ] {
        shop.advance_ms(advance_ms);
        ids.push(shop.post(PATH, body).await.id("transactionId"));
    }
    let list = async |query: &str| {
        let body = shop.get(&format!("{PATH}{query}")).await.ok().clone();
        let found: Vec<usize> = body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let id = item["transactionId"].as_str().unwrap();
                ids.iter().position(|known| known == id).unwrap()
            })
            .collect();
        (found, body["pageInfo"]["totalItems"].as_u64().unwrap())
    };
    assert_eq!(list("").await, (vec![2, 1, 0], 3));
    assert_eq!(list("?sortOrder=asc").await, (vec![0, 1, 2], 3));
    assert_eq!(list("?pageSize=1&pageIndex=1").await, (vec![1], 3));
    assert_eq!(list(&format!("?customerId={customer}")).await, (vec![0], 1));
    assert_eq!(list("?fromDate=2026-11-23T02:02:05.042Z").await, (vec![2, 1], 2));
    assert_eq!(list("?toDate=2026-11-23T02:02:05.042Z").await, (vec![1, 0], 2));
    assert_eq!(list("?transactionStatus=Declined").await, (vec![1], 1));
    assert_eq!(list("?transactionStatus=Settled").await, (vec![], 0));
    assert_eq!(list("?paymentMethodType=ACH").await, (vec![2], 1));
    assert_eq!(list("?referenceId=B").await, (vec![1], 1));
    assert_eq!(list("?minAmount=15&maxAmount=30").await, (vec![2, 1], 2));
    assert_eq!(list("?minAmount=15&pageSize=1").await, (vec![2], 2));
    assert_eq!(list("?sourceType=ApiKey").await.1, 3);
    assert_eq!(list("?sourceType=Terminal").await.1, 0);
    assert_eq!(list("?batchId=null").await.1, 3);
    assert_eq!(list("?batchId=0b7aa955-6b52-4dcb-b0d8-7c3d82f27b62").await.1, 0);
    for (query, code, field) in [
        ("?transactionStatus=Lost", "unknown_value", "TransactionStatus"),
        ("?sortBy=processedAmount", "unknown_value", "SortBy"),
        ("?minAmount=lots", "out_of_range", "MinAmount"),
        ("?customerId=not+an+id", "invalid_id", "CustomerId"),
    ] {
        shop.get(&format!("{PATH}{query}")).await.invalid(code, field);
    }
}

#[tokio::test]
async fn another_merchant_sees_nothing() {
    let shop = Shop::open().await;
    let paid = shop.post(PATH, with_card(card("4111111111111111"))).await.id("transactionId");
    let other = shop.other_merchant().await;
    other.get(&format!("{PATH}/{paid}")).await.missing();
    assert_eq!(other.get(PATH).await.ok()["items"], json!([]));
    let customer = shop.customer().await;
    other
        .post(PATH, with(with_card(card("4111111111111111")), json!({"customerId": customer})))
        .await
        .missing();
}
