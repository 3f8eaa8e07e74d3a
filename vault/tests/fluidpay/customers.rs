//! Creating, reading, updating and deleting customer records.

use serde_json::{Value, json};

use crate::shop::{Answer, Shop, ach, address, card};

#[tokio::test]
async fn the_record_has_the_shape_of_the_documents_sample() {
    let shop = Shop::open().await;
    let created = shop
        .create(json!({
            "id": "952f250dfa8540aca45e3886f98032c6",
            "description": "test description",
            "flags": ["surcharge_exempt"],
            "default_payment": {"card": {"number": "4111111111111111", "expiration_date": "12/30"}},
            "default_billing_address": address("Some Town"),
            "default_shipping_address": address("Some Town"),
        }))
        .await;
    let address_id = created["data"]["customer"]["addresses"][0]["id"].as_str().unwrap().to_owned();
    let hash = created["data"]["customer"]["addresses"][0]["hash"].as_str().unwrap().to_owned();
    let card_id = created["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap().to_owned();
    let created_at = created["created_at"].as_str().unwrap().to_owned();
    let expected = json!({
        "status": "success",
        "msg": "success",
        "data": {
            "id": "952f250dfa8540aca45e3886f98032c6",
            "owner_id": created["owner_id"],
            "data": {"customer": {
                "addresses": [{
                    "city": "Some Town", "company": "Some Business", "country": "US",
                    "email": "user@somesite.com", "fax": "555555555", "first_name": "John",
                    "hash": hash, "id": address_id, "last_name": "Smith", "line_1": "", "line_2": "",
                    "phone": "5555555555", "postal_code": "60187", "state": "IL",
                }],
                "defaults": {
                    "billing_address_id": address_id, "payment_method_id": card_id,
                    "payment_method_type": "card", "shipping_address_id": address_id,
                },
                "description": "test description",
                "notes": "",
                "flags": ["surcharge_exempt"],
                "payments": {"ach": [], "cards": [{
                    "card_type": "visa", "expiration_date": "2030-12-31T00:00:00Z", "id": card_id,
                    "masked_number": "411111******1111",
                }]},
            }},
            "created_at": created_at,
            "updated_at": created_at,
        },
    });
    let read = shop.get("/api/vault/952f250dfa8540aca45e3886f98032c6").await;
    assert_eq!((read.status, &read.body), (200, &expected));
    assert_eq!(shop.get("/api/vault/customer/952f250dfa8540aca45e3886f98032c6").await.body, expected);

    assert!(created["owner_id"].as_str().is_some_and(|id| !id.is_empty()));
    for id in [&address_id, &card_id] {
        assert!(
            id.len() == 20 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'v').contains(&b)),
            "{id}"
        );
    }
    // 32 bytes are 44 characters of base64, the last of them padding.
    assert!(hash.len() == 44 && hash.ends_with('='), "{hash}");
    // 2026-11-23T02:02:03.042000000+00:00
    assert_eq!(created_at.len(), 35);
    assert!(created_at.ends_with("000000+00:00"), "{created_at}");
}

#[tokio::test]
async fn an_empty_body_makes_a_customer_with_a_generated_uuid() {
    let shop = Shop::open().await;
    let record = shop.create(json!({})).await;
    let id = record["id"].as_str().unwrap();
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
    assert_eq!(&id[14..15], "4");
    let customer = &record["data"]["customer"];
    assert_eq!(
        customer["defaults"],
        json!({"billing_address_id": "", "payment_method_id": "", "payment_method_type": "", "shipping_address_id": ""})
    );
    assert_eq!(customer["payments"], json!({"ach": [], "cards": []}));
    assert_eq!(customer["addresses"], json!([]));
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.body["data"], record);
}

#[tokio::test]
async fn an_id_format_gives_xid_type_and_last_four() {
    let shop = Shop::open().await;
    for (payment, ending) in [(json!({"card": card()}), "_card_1111"), (json!({"ach": ach()}), "_ach_6789")] {
        let record = shop.create(json!({"id_format": "xid_type_last4", "default_payment": payment})).await;
        let id = record["id"].as_str().unwrap();
        assert!(id.ends_with(ending) && id.len() == 20 + ending.len(), "{id}");
        assert_eq!(shop.get(&format!("/api/vault/{id}")).await.status, 200);
    }
}

#[tokio::test]
async fn a_custom_id_is_taken_once() {
    let shop = Shop::open().await;
    let longest = "a1B2".repeat(10);
    shop.create(json!({"id": longest, "description": "first"})).await;
    let again = shop.post("/api/vault/customer", json!({"id": longest, "description": "second"})).await;
    again.refused(409, "customer_exists", Some("id"));
    let read = shop.get(&format!("/api/vault/{longest}")).await;
    assert_eq!(read.record()["data"]["customer"]["description"], "first");
}

#[tokio::test]
async fn different_billing_and_shipping_addresses_stay_two() {
    let shop = Shop::open().await;
    let record = shop
        .create(json!({
            "default_billing_address": address("Billtown"),
            "default_shipping_address": address("Shipville"),
        }))
        .await;
    let customer = &record["data"]["customer"];
    let addresses = customer["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 2);
    let id_in = |city: &str| addresses.iter().find(|one| one["city"] == city).unwrap()["id"].clone();
    assert_eq!(customer["defaults"]["billing_address_id"], id_in("Billtown"));
    assert_eq!(customer["defaults"]["shipping_address_id"], id_in("Shipville"));
    assert_ne!(addresses[0]["hash"], addresses[1]["hash"]);

    let only_shipping = shop.create(json!({"default_shipping_address": address("Shipville")})).await;
    let customer = &only_shipping["data"]["customer"];
    assert_eq!(customer["defaults"]["billing_address_id"], customer["addresses"][0]["id"]);
    assert_eq!(customer["defaults"]["shipping_address_id"], customer["addresses"][0]["id"]);
    // Equal content, equal hash: also across customers of one merchant.
    assert_eq!(
        customer["addresses"][0]["hash"],
        addresses.iter().find(|one| one["city"] == "Shipville").unwrap()["hash"]
    );
}

#[tokio::test]
async fn an_ach_default_payment_is_shown_masked() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"ach": ach()}})).await;
    let customer = &record["data"]["customer"];
    let id = &customer["payments"]["ach"][0]["id"];
    assert_eq!(
        customer["payments"],
        json!({"cards": [], "ach": [{
            "account_type": "checking", "id": id, "masked_account_number": "*****6789",
            "routing_number": "*****0021", "sec_code": "web",
        }]})
    );
    assert_eq!(customer["defaults"]["payment_method_id"], *id);
    assert_eq!(customer["defaults"]["payment_method_type"], "ach");
}

#[tokio::test]
async fn an_update_changes_what_is_sent_and_keeps_the_rest() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({"description": "old", "flags": ["surcharge_exempt"]})).await;
    let path = format!("/api/vault/customer/{id}");
    shop.advance_ms(1_000);
    let record = shop.post(&path, json!({"notes": "a note"})).await.record();
    let customer = &record["data"]["customer"];
    assert_eq!(
        (&customer["description"], &customer["notes"], &customer["flags"]),
        (&json!("old"), &json!("a note"), &json!(["surcharge_exempt"]))
    );
    assert_ne!(record["updated_at"], record["created_at"]);
    let record = shop.post(&path, json!({"description": "", "flags": []})).await.record();
    let customer = &record["data"]["customer"];
    assert_eq!(
        (&customer["description"], &customer["notes"], &customer["flags"]),
        (&json!(""), &json!("a note"), &json!([]))
    );
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
}

#[tokio::test]
async fn defaults_are_set_to_what_belongs_to_the_customer_only() {
    let shop = Shop::open().await;
    let other = shop
        .create(json!({"default_payment": {"card": card()}, "default_billing_address": address("Elsewhere")}))
        .await;
    let other = &other["data"]["customer"];
    let record = shop
        .create(json!({
            "default_payment": {"card": card()},
            "default_billing_address": address("Billtown"),
            "default_shipping_address": address("Shipville"),
        }))
        .await;
    let id = record["id"].as_str().unwrap();
    let path = format!("/api/vault/customer/{id}");
    let before = record["data"]["customer"]["defaults"].clone();
    let record = shop.post(&format!("{path}/ach"), ach()).await.record();
    let ach_id = &record["data"]["customer"]["payments"]["ach"][0]["id"];
    assert_eq!(record["data"]["customer"]["defaults"], before, "a further method is no default");

    for (defaults, code, field) in [
        (
            json!({"billing_address_id": other["addresses"][0]["id"]}),
            "unknown_id",
            "defaults.billing_address_id",
        ),
        (json!({"shipping_address_id": "nothing"}), "unknown_id", "defaults.shipping_address_id"),
        (
            json!({"payment_method_id": other["payments"]["cards"][0]["id"], "payment_method_type": "card"}),
            "unknown_id",
            "defaults.payment_method_id",
        ),
        (
            json!({"payment_method_id": ach_id, "payment_method_type": "card"}),
            "wrong_payment_type",
            "defaults.payment_method_type",
        ),
        (json!({"payment_method_id": ach_id}), "required", "defaults.payment_method_type"),
        (json!({"payment_method_type": "ach"}), "required", "defaults.payment_method_id"),
        (
            json!({"payment_method_id": ach_id, "payment_method_type": "cash"}),
            "unknown_value",
            "defaults.payment_method_type",
        ),
    ] {
        let answer = shop.post(&path, json!({"description": "not this", "defaults": defaults})).await;
        answer.refused(400, code, Some(field));
    }
    let unchanged = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(unchanged["data"]["customer"]["defaults"], before);
    assert_eq!(unchanged["data"]["customer"]["description"], "");

    let record = shop
        .post(
            &path,
            json!({"defaults": {
                "billing_address_id": before["shipping_address_id"],
                "shipping_address_id": before["billing_address_id"],
                "payment_method_id": ach_id, "payment_method_type": "ach",
            }}),
        )
        .await
        .record();
    assert_eq!(
        record["data"]["customer"]["defaults"],
        json!({
            "billing_address_id": before["shipping_address_id"],
            "shipping_address_id": before["billing_address_id"],
            "payment_method_id": ach_id, "payment_method_type": "ach",
        })
    );
    let cleared =
        json!({"defaults": {"billing_address_id": "", "payment_method_id": "", "payment_method_type": ""}});
    let defaults = shop.post(&path, cleared).await.record()["data"]["customer"]["defaults"].clone();
    assert_eq!((&defaults["billing_address_id"], &defaults["payment_method_id"]), (&json!(""), &json!("")));
    assert_eq!(defaults["shipping_address_id"], before["billing_address_id"]);
}

#[tokio::test]
async fn a_deleted_customer_is_gone_with_all_it_had() {
    let shop = Shop::open().await;
    for prefix in ["/api/vault", "/api/vault/customer"] {
        let id = shop
            .customer(
                json!({"default_payment": {"card": card()}, "default_billing_address": address("Gone")}),
            )
            .await;
        let deleted = shop.delete(&format!("{prefix}/{id}")).await;
        assert_eq!((deleted.status, deleted.body), (200, json!({"status": "success", "msg": "success"})));
        shop.get(&format!("/api/vault/{id}")).await.refused(404, "not_found", None);
        shop.delete(&format!("{prefix}/{id}")).await.refused(404, "not_found", None);
        let found = shop.search(json!({"city": {"value": "Gone", "operator": "="}})).await;
        assert_eq!(found.body["total_count"], 0);
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_nothing_is_stored() {
    let shop = Shop::open().await;
    let pay = |payment: Value| json!({"default_payment": payment});
    for (body, code, field) in [
        (json!({"id": "not valid"}), "invalid_id", "id"),
        (json!({"id": "x".repeat(41)}), "invalid_id", "id"),
        (json!({"id": "abc", "id_format": "xid_type_last4"}), "one_of", "id_format"),
        (json!({"id_format": "xid_type_last4"}), "required", "default_payment"),
        (json!({"description": "x".repeat(256)}), "too_long", "description"),
        (json!({"flags": ["unheard_of"]}), "unknown_value", "flags[0]"),
        (json!({"flags": "surcharge_exempt"}), "wrong_type", "flags"),
        (pay(json!({"card": card(), "ach": ach()})), "one_of", "default_payment"),
        (pay(json!({})), "required", "default_payment"),
        (
            pay(json!({"card": {"number": "4111111111111111"}})),
            "required",
            "default_payment.card.expiration_date",
        ),
        (pay(json!({"card": {"expiration_date": "12/30"}})), "required", "default_payment.card.number"),
        (
            pay(json!({"card": {"number": "4111111111111112", "expiration_date": "12/30"}})),
            "luhn",
            "default_payment.card.number",
        ),
        (
            pay(json!({"card": {"number": "4111111111111111", "expiration_date": "13/30"}})),
            "bad_month",
            "default_payment.card.expiration_date",
        ),
        (
            pay(json!({"card": {"number": "4111111111111111", "expiration_date": "01/20"}})),
            "expired",
            "default_payment.card.expiration_date",
        ),
        (
            pay(json!({"card": {"number": "4111111111111111", "expiration_date": "2030-12"}})),
            "invalid_expiration_date",
            "default_payment.card.expiration_date",
        ),
        (
            pay(json!({"card": {"number": "4111111111111111", "expiration_date": "1230", "cvc": "123"}})),
            "unknown_field",
            "default_payment.card.cvc",
        ),
        (
            pay(
                json!({"ach": {"account_number": "123456789", "routing_number": "021000022", "account_type": "checking", "sec_code": "web"}}),
            ),
            "checksum",
            "default_payment.ach.routing_number",
        ),
        (
            pay(
                json!({"ach": {"account_number": "123456789", "routing_number": "021000021", "sec_code": "web"}}),
            ),
            "required",
            "default_payment.ach.account_type",
        ),
        (
            pay(
                json!({"ach": {"account_number": "123456789", "routing_number": "021000021", "account_type": "checking"}}),
            ),
            "required",
            "default_payment.ach.sec_code",
        ),
        (
            pay(
                json!({"ach": {"account_number": "123456789", "routing_number": "021000021", "account_type": "gold", "sec_code": "web"}}),
            ),
            "unknown_value",
            "default_payment.ach.account_type",
        ),
        (
            json!({"default_billing_address": {"email": "nobody"}}),
            "invalid_email",
            "default_billing_address.email",
        ),
        (json!({"default_shipping_address": {"city": 5}}), "wrong_type", "default_shipping_address.city"),
        (
            json!({"default_shipping_address": {"hash": "x"}}),
            "unknown_field",
            "default_shipping_address.hash",
        ),
        (json!({"surname": "x"}), "unknown_field", "surname"),
        (json!({"notes": "4111 1111 1111 1111"}), "contains_card_number", "notes"),
        (json!({"notes": "bell\u{7}"}), "control_character", "notes"),
    ] {
        let answer = shop.post("/api/vault/customer", body.clone()).await;
        let Answer { status, body: got } = &answer;
        assert_eq!(*status, 400, "{body}: {got}");
        answer.refused(400, code, Some(field));
    }
    assert_eq!(shop.search(json!({})).await.body["total_count"], 0);
    // Both documented forms of the expiration date pass.
    for text in ["1230", "12/30"] {
        let card = json!({"number": "4111111111111111", "expiration_date": text});
        shop.create(json!({"default_payment": {"card": card}})).await;
    }
}

#[tokio::test]
async fn masks_follow_the_length_of_the_number() {
    let shop = Shop::open().await;
    for (number, mask, card_type) in [
        ("4111111111111111", "411111******1111", "visa"),
        ("5555555555554444", "555555******4444", "mastercard"),
        ("378282246310005", "378282*****0005", "amex"),
        ("6011111111111117", "601111******1117", "discover"),
        ("30569309025904", "305693****5904", "diners"),
        ("3530111333300000", "353011******0000", "jcb"),
    ] {
        let record = shop
            .create(json!({"default_payment": {"card": {"number": number, "expiration_date": "0228"}}}))
            .await;
        let card = &record["data"]["customer"]["payments"]["cards"][0];
        assert_eq!(card["masked_number"], mask);
        assert_eq!(card["card_type"], card_type);
        // 2028 is a leap year.
        assert_eq!(card["expiration_date"], "2028-02-29T00:00:00Z");
    }
}
