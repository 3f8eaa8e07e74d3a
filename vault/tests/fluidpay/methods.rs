//! Payment methods given in clear: creating, updating, deleting.

use serde_json::json;

use crate::shop::{Shop, ach, card};

#[tokio::test]
async fn cards_and_accounts_are_added_and_the_first_is_the_default() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let base = format!("/api/vault/customer/{id}");
    let record = shop.post(&format!("{base}/card?validate=false&currency=USD"), card()).await.record();
    let first = record["data"]["customer"]["payments"]["cards"][0]["id"].clone();
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], first);
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_type"], "card");
    let amex = json!({"number": "378282246310005", "expiration_date": "0131"});
    shop.post(&format!("{base}/card"), amex).await.record();
    let record = shop.post(&format!("{base}/ach"), ach()).await.record();
    let payments = &record["data"]["customer"]["payments"];
    assert_eq!(payments["cards"][0]["id"], first, "oldest first");
    assert_eq!(payments["cards"][1]["masked_number"], "378282*****0005");
    assert_eq!(payments["ach"][0]["masked_account_number"], "*****6789");
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], first);
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
}

#[tokio::test]
async fn a_new_expiration_date_keeps_the_number_and_the_id() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let (id, card_id) = (
        record["id"].as_str().unwrap(),
        record["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap(),
    );
    let path = format!("/api/vault/customer/{id}/card/{card_id}");
    let record = shop.post(&path, json!({"expiration_date": "0232"})).await.record();
    assert_eq!(
        record["data"]["customer"]["payments"]["cards"],
        json!([{"card_type": "visa", "expiration_date": "2032-02-29T00:00:00Z", "id": card_id,
                "masked_number": "411111******1111"}])
    );
    let record = shop.post(&path, json!({"number": "5555555555554444"})).await.record();
    assert_eq!(
        record["data"]["customer"]["payments"]["cards"],
        json!([{"card_type": "mastercard", "expiration_date": "2032-02-29T00:00:00Z", "id": card_id,
                "masked_number": "555555******4444"}])
    );
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], card_id);
    let flags = [
        "surcharge_exempt",
        "applepay",
        "closed_contact",
        "contact",
        "locked_security",
        "locked_stop_recurring",
    ];
    let record = shop.post(&path, json!({"flags": flags})).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"][0]["flags"], json!(flags));
    let record = shop.post(&path, json!({"expiration_date": "03/32"})).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"][0]["flags"], json!(flags), "flags stay");
    let record = shop.post(&path, json!({"flags": []})).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"][0].get("flags"), None);
}

#[tokio::test]
async fn an_account_is_changed_member_by_member() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"ach": ach()}})).await;
    let (id, ach_id) = (
        record["id"].as_str().unwrap(),
        record["data"]["customer"]["payments"]["ach"][0]["id"].as_str().unwrap(),
    );
    let path = format!("/api/vault/customer/{id}/ach/{ach_id}");
    let record = shop.post(&path, json!({"account_type": "savings"})).await.record();
    let mut expected = json!({
        "account_type": "savings", "id": ach_id, "masked_account_number": "*****6789",
        "routing_number": "*****0021", "sec_code": "web",
    });
    assert_eq!(record["data"]["customer"]["payments"]["ach"], json!([expected]));
    let record = shop
        .post(&path, json!({"account_number": "000123459999", "sec_code": "ppd", "flags": ["contact"]}))
        .await
        .record();
    expected["masked_account_number"] = json!("********9999");
    expected["sec_code"] = json!("ppd");
    expected["flags"] = json!(["contact"]);
    assert_eq!(record["data"]["customer"]["payments"]["ach"], json!([expected]));
    let record = shop.post(&path, json!({"routing_number": "011000015"})).await.record();
    expected["routing_number"] = json!("*****0015");
    assert_eq!(record["data"]["customer"]["payments"]["ach"], json!([expected]));
}

#[tokio::test]
async fn deleting_the_default_method_clears_the_default() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let id = record["id"].as_str().unwrap();
    let base = format!("/api/vault/customer/{id}");
    let card_id = record["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap();
    let record = shop.post(&format!("{base}/ach"), ach()).await.record();
    let ach_id = record["data"]["customer"]["payments"]["ach"][0]["id"].as_str().unwrap();
    // The path must name the type of the payment method.
    shop.delete(&format!("{base}/ach/{card_id}")).await.refused(404, "not_found", None);
    shop.delete(&format!("{base}/card/{ach_id}")).await.refused(404, "not_found", None);
    let deleted = shop.delete(&format!("{base}/card/{card_id}")).await;
    assert_eq!((deleted.status, deleted.body), (200, json!({"status": "success", "msg": "success"})));
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"], json!([]));
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], "");
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_type"], "");
    shop.delete(&format!("{base}/card/{card_id}")).await.refused(404, "not_found", None);
    assert_eq!(shop.delete(&format!("{base}/ach/{ach_id}")).await.status, 200);
    // The next one is the first again.
    let record = shop.post(&format!("{base}/card"), card()).await.record();
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_type"], "card");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let id = record["id"].as_str().unwrap();
    let base = format!("/api/vault/customer/{id}");
    let record = shop.post(&format!("{base}/ach"), ach()).await.record();
    let payments = &record["data"]["customer"]["payments"];
    let card_path = format!("{base}/card/{}", payments["cards"][0]["id"].as_str().unwrap());
    let ach_path = format!("{base}/ach/{}", payments["ach"][0]["id"].as_str().unwrap());
    let new_card = format!("{base}/card");
    let new_ach = format!("{base}/ach");
    for (path, body, code, field) in [
        (&new_card, json!({"number": "4111111111111111"}), "required", Some("expiration_date")),
        (&new_card, json!({"expiration_date": "1230"}), "required", Some("number")),
        (
            &new_card,
            json!({"number": "4111111111111111", "expiration_date": "1230", "cvc": "999"}),
            "unknown_field",
            Some("cvc"),
        ),
        (
            &new_card,
            json!({"number": "4111111111111111", "expiration_date": "1230", "flags": ["vip"]}),
            "unknown_value",
            Some("flags[0]"),
        ),
        (
            &new_card,
            json!({"number": 4_111_111_111_111_111_u64, "expiration_date": "1230"}),
            "wrong_type",
            Some("number"),
        ),
        (
            &new_ach,
            json!({"account_number": "123456789", "routing_number": "021000021", "account_type": "checking"}),
            "required",
            Some("sec_code"),
        ),
        (
            &new_ach,
            json!({"account_number": "123456789", "routing_number": "021000021", "account_type": "checking", "sec_code": "tel"}),
            "unknown_value",
            Some("sec_code"),
        ),
        (
            &new_ach,
            json!({"account_number": "12", "routing_number": "021000021", "account_type": "checking", "sec_code": "web"}),
            "too_short",
            Some("account_number"),
        ),
        (&card_path, json!({}), "nothing_to_change", None),
        (&card_path, json!({"number": "4111111111111112"}), "luhn", Some("number")),
        (&card_path, json!({"expiration_date": "0120"}), "expired", Some("expiration_date")),
        (
            &card_path,
            json!({"expiration_date": "2030-01"}),
            "invalid_expiration_date",
            Some("expiration_date"),
        ),
        (&card_path, json!({"flags": ["unheard_of"]}), "unknown_value", Some("flags[0]")),
        (&card_path, json!({"account_type": "checking"}), "unknown_field", Some("account_type")),
        (&ach_path, json!({}), "nothing_to_change", None),
        (&ach_path, json!({"routing_number": "000000000"}), "all_zeros", Some("routing_number")),
        (&ach_path, json!({"number": "4111111111111111"}), "unknown_field", Some("number")),
    ] {
        shop.post(path, body).await.refused(400, code, field);
    }
    for (query, code, field) in [
        ("validate=perhaps", "unknown_value", Some("validate")),
        ("currency=dollar", "invalid_currency", Some("currency")),
        ("amount=5", "unknown_parameter", None),
    ] {
        shop.post(&format!("{new_card}?{query}"), card()).await.refused(400, code, field);
    }
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
}

#[tokio::test]
async fn other_customers_and_merchants_methods_are_out_of_reach() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let id = record["id"].as_str().unwrap();
    let card_id = record["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap();
    let second = shop.customer(json!({})).await;
    let mine = format!("/api/vault/customer/{id}/card/{card_id}");
    let crossed = format!("/api/vault/customer/{second}/card/{card_id}");
    for (who, path) in [(&shop, &crossed), (&other, &mine)] {
        who.post(path, json!({"expiration_date": "0131"})).await.refused(404, "not_found", None);
        who.delete(path).await.refused(404, "not_found", None);
    }
    let foreign = format!("/api/vault/customer/{id}/card");
    other.post(&foreign, card()).await.refused(404, "not_found", None);
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
}
