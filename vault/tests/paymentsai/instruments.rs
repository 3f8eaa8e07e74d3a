//! Payment instruments: attach by token, read, list, default, states, deactivation.

use serde_json::{Value, json};

use crate::shop::{APPROVED, DECLINED, Shop, jane};
use crate::support;

#[tokio::test]
async fn a_token_becomes_a_payment_instrument_and_the_default() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let path = format!("/customers/{customer}/payment-instruments");
    let token = shop.card_token(APPROVED).await;
    let attached = shop.post(&path, json!({"token": token})).await.ok(201);
    let id = attached["id"].as_str().unwrap();
    assert_eq!(id.len(), 36, "a UUID, as in the sample: {id}");
    assert_eq!(
        attached,
        json!({
            "id": id,
            "type": "payment-card",
            "customerId": customer,
            "status": "inactive",
            "isDefault": true,
            "creditCard": {
                "creditCardLastFourDigits": "1111", "brand": "visa", "expireYear": 2030, "expireMonth": 12,
            },
            "billingAddress": null,
            "createdTime": "2026-11-23T02:02:03+00:00",
            "updatedTime": "2026-11-23T02:02:03+00:00",
        })
    );
    assert_eq!(shop.get(&format!("{path}/{id}")).await.ok(200), attached);
    let shown = shop.get(&format!("/customers/{customer}")).await.ok(200);
    assert_eq!(shown["defaultPaymentInstrumentId"], id);
}

#[tokio::test]
async fn a_token_attaches_once() {
    let shop = Shop::open().await;
    let (first, second) = (shop.customer(jane()).await, shop.customer(json!({})).await);
    let token = shop.card_token(APPROVED).await;
    let attach = |customer: &str| format!("/customers/{customer}/payment-instruments");
    shop.post(&attach(&first), json!({"token": token})).await.ok(201);
    for customer in [&first, &second] {
        let refused = shop.post(&attach(customer), json!({"token": token})).await;
        refused.refused(409, "token_already_used", Some("token"));
    }
    shop.post(&attach(&second), json!({"token": "nothing"})).await.refused(
        404,
        "token_unknown",
        Some("token"),
    );
    shop.post(&attach(&second), json!({})).await.refused(400, "required", Some("token"));
    shop.post(&attach(&second), json!({"token": 7})).await.refused(400, "wrong_type", Some("token"));
    shop.post(&attach(&second), json!({"token": "t", "card": 1})).await.refused(
        400,
        "unknown_field",
        Some("card"),
    );
    assert_eq!(shop.get(&attach(&second)).await.total(), 0);
}

#[tokio::test]
async fn a_token_lives_for_thirty_minutes() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let path = format!("/customers/{customer}/payment-instruments");
    let (early, late) = (shop.card_token(APPROVED).await, shop.card_token(APPROVED).await);
    shop.advance_ms(30 * 60 * 1_000 - 1);
    shop.post(&path, json!({"token": early})).await.ok(201);
    shop.advance_ms(1);
    shop.post(&path, json!({"token": late})).await.refused(422, "token_expired", Some("token"));
}

#[tokio::test]
async fn tokens_of_every_dialect_and_of_bank_accounts_attach() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let path = format!("/customers/{customer}/payment-instruments");
    for dialect in ["tessera", "fluidpay"] {
        let token = shop.token_as(dialect, support::card("5555555555554444", None)).await;
        let attached = shop.post(&path, json!({"token": token})).await.ok(201);
        assert_eq!(attached["creditCard"]["brand"], "mastercard", "{dialect}");
    }
    let token = shop.bank_token().await;
    let attached = shop.post(&path, json!({"token": token})).await.ok(201);
    assert_eq!(attached["type"], "ach");
    assert_eq!(
        attached["bankAccount"],
        json!({"accountNumberLastFourDigits": "4321", "accountType": "checking"})
    );
    assert_eq!(attached.get("creditCard"), None);
    let paid = shop.charge(&customer, json!({"paymentInstrumentId": attached["id"]})).await.ok(201);
    assert_eq!((&paid["result"], &paid["paymentInstrument"]["method"]), (&json!("approved"), &json!("ach")));
}

#[tokio::test]
async fn of_three_instruments_one_is_the_default_and_all_are_chargeable() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let mut ids = Vec::new();
    for number in [APPROVED, "5555555555554444", "378282246310005"] {
        ids.push(shop.attached(&customer, number).await);
        shop.advance_ms(1_000);
    }
    let path = format!("/customers/{customer}/payment-instruments");
    let listed = shop.get(&path).await;
    let newest_first: Vec<&str> = ids.iter().rev().map(String::as_str).collect();
    assert_eq!((listed.ids(), listed.total()), (newest_first.clone(), 3));
    assert_eq!(shop.get(&format!("{path}?limit=1&offset=1")).await.ids(), newest_first[1..2]);
    let defaults = async || {
        let listed = shop.get(&path).await.ok(200);
        let listed = listed.as_array().unwrap().clone();
        listed
            .into_iter()
            .filter(|item| item["isDefault"] == true)
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(defaults().await, [&*ids[0]], "the first one attached");

    let made = shop.post(&format!("{path}/{}/default", ids[1]), Value::Null).await.ok(200);
    assert_eq!((&made["id"], &made["isDefault"]), (&json!(ids[1]), &json!(true)));
    assert_eq!(defaults().await, [&*ids[1]]);
    let sent = json!({"defaultPaymentInstrumentId": ids[2]});
    let updated = shop.put(&format!("/customers/{customer}"), sent).await.ok(200);
    assert_eq!(updated["defaultPaymentInstrumentId"], ids[2].as_str());
    assert_eq!(defaults().await, [&*ids[2]]);

    // The ones before stay attached and chargeable by their ids.
    for id in &ids {
        let paid = shop.charge(&customer, json!({"paymentInstrumentId": id})).await.ok(201);
        assert_eq!((&paid["result"], &paid["paymentInstrumentId"]), (&json!("approved"), &json!(id)));
    }
    let paid = shop.charge(&customer, Value::Null).await.ok(201);
    assert_eq!(paid["paymentInstrumentId"], ids[2].as_str());
}

#[tokio::test]
async fn the_default_must_be_an_instrument_of_the_customer() {
    let shop = Shop::open().await;
    let (jane, bob) = (shop.customer(jane()).await, shop.customer(json!({})).await);
    let bobs = shop.attached(&bob, APPROVED).await;
    let field = Some("defaultPaymentInstrumentId");
    for id in [&*bobs, "nothing", ""] {
        let sent = json!({"defaultPaymentInstrumentId": id});
        shop.put(&format!("/customers/{jane}"), sent).await.refused(404, "not_found", field);
    }
    let path = format!("/customers/{jane}/payment-instruments/{bobs}");
    shop.get(&path).await.refused(404, "not_found", None);
    shop.post(&format!("{path}/default"), Value::Null).await.refused(404, "not_found", None);
    shop.post(&format!("{path}/deactivation"), Value::Null).await.refused(404, "not_found", None);
    shop.delete(&path).await.refused(404, "not_found", None);
    let instruction = json!({"paymentInstrumentId": bobs});
    let field = Some("paymentInstruction.paymentInstrumentId");
    shop.charge(&jane, instruction).await.refused(404, "not_found", field);
}

#[tokio::test]
async fn a_payment_that_succeeds_activates() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let status = async |id: &str| {
        let path = format!("/customers/{customer}/payment-instruments/{id}");
        shop.get(&path).await.ok(200)["status"].as_str().unwrap().to_owned()
    };
    let (good, bad) = (shop.attached(&customer, APPROVED).await, shop.attached(&customer, DECLINED).await);
    assert_eq!((status(&good).await, status(&bad).await), ("inactive".to_owned(), "inactive".to_owned()));
    for id in [&good, &bad] {
        shop.charge(&customer, json!({"paymentInstrumentId": id})).await.ok(201);
    }
    assert_eq!((status(&good).await, status(&bad).await), ("active".to_owned(), "inactive".to_owned()));
}

#[tokio::test]
async fn a_card_expires_after_its_month_and_cannot_be_used_again() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let (first, second) =
        (shop.attached(&customer, APPROVED).await, shop.attached(&customer, APPROVED).await);
    shop.charge(&customer, Value::Null).await.ok(201);
    // From 23 November 2026 to 2 January 2031; the cards are good until December 2030.
    shop.advance_ms(1_501 * 24 * 60 * 60 * 1_000);
    let path = format!("/customers/{customer}/payment-instruments/{first}");
    assert_eq!(shop.get(&path).await.ok(200)["status"], "expired");
    let code = "payment_instrument_expired";
    let field = Some("paymentInstruction.paymentInstrumentId");
    shop.charge(&customer, json!({"paymentInstrumentId": first})).await.refused(409, code, field);
    shop.charge(&customer, Value::Null).await.refused(409, code, Some("paymentInstruction"));
    let path = format!("/customers/{customer}/payment-instruments/{second}/default");
    shop.post(&path, Value::Null).await.refused(409, code, None);
    let sent = json!({"defaultPaymentInstrumentId": second});
    let field = Some("defaultPaymentInstrumentId");
    shop.put(&format!("/customers/{customer}"), sent).await.refused(409, code, field);
}

#[tokio::test]
async fn deactivating_is_for_good() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let ids = [shop.attached(&customer, APPROVED).await, shop.attached(&customer, APPROVED).await];
    let path = |id: &str| format!("/customers/{customer}/payment-instruments/{id}");
    let shown = shop.post(&format!("{}/deactivation", path(&ids[0])), Value::Null).await.ok(200);
    assert_eq!((&shown["status"], &shown["isDefault"]), (&json!("deactivated"), &json!(false)));
    shop.delete(&path(&ids[1])).await.ok(204);

    let code = "payment_instrument_deactivated";
    for id in &ids {
        assert_eq!(shop.get(&path(id)).await.ok(200)["status"], "deactivated");
        shop.delete(&path(id)).await.refused(409, code, None);
        shop.post(&format!("{}/deactivation", path(id)), Value::Null).await.refused(409, code, None);
        shop.post(&format!("{}/default", path(id)), Value::Null).await.refused(409, code, None);
        let field = Some("paymentInstruction.paymentInstrumentId");
        shop.charge(&customer, json!({"paymentInstrumentId": id})).await.refused(409, code, field);
    }
    assert_eq!(shop.get(&format!("/customers/{customer}/payment-instruments")).await.total(), 2);

    // The default is gone with it, and the next one attached takes its place.
    let shown = shop.get(&format!("/customers/{customer}")).await.ok(200);
    assert_eq!(shown["defaultPaymentInstrumentId"], Value::Null);
    let refused = shop.charge(&customer, Value::Null).await;
    refused.refused(422, "default_payment_instrument_missing", Some("paymentInstruction"));
    let next = shop.attached(&customer, APPROVED).await;
    assert_eq!(shop.charge(&customer, Value::Null).await.ok(201)["paymentInstrumentId"], next.as_str());
}
