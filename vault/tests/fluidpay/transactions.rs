//! Transactions: by card, bank account, token and customer; declines, repetitions, and reading back.

use serde_json::{Value, json};

use crate::shop::{Answer, Shop, ach, address, card};

const PATH: &str = "/api/transaction";

fn sale(payment_method: Value) -> Value {
    json!({"type": "sale", "amount": 1299, "payment_method": payment_method})
}

fn with(mut body: Value, members: Value) -> Value {
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

async fn charge(shop: &Shop, body: Value) -> Answer {
    shop.post(PATH, body).await
}

async fn transactions(shop: &Shop, body: Value) -> Vec<Value> {
    let answer = shop.post("/api/transaction/search", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let found = answer.body["data"].as_array().unwrap().clone();
    assert!(answer.body["total_count"].as_u64().unwrap() >= found.len() as u64);
    found
}

/// The numbers that the family's sandbox documentation names, and how a decline of each is told.
const DECLINING: [(&str, i64); 4] = [
    ("4000000000000002", 200),
    ("4000000000009995", 202),
    ("4000000000009987", 251),
    ("4000000000009979", 252),
];

#[tokio::test]
async fn a_card_in_clear_is_charged_and_shown_masked() {
    let shop = Shop::open().await;
    let body = with(
        sale(json!({"card": {"number": "4111111111111111", "expiration_date": "12/30", "cvc": "123"}})),
        json!({"order_id": "someOrderID", "description": "test transaction", "tax_amount": 100,
               "po_number": "somePONumber", "ip_address": "4.2.2.2", "email_receipt": true,
               "email_address": "user@home.com", "card_on_file_indicator": "C",
               "billing_address": {"first_name": "John", "address_line_1": "123 Some St"}}),
    );
    let sale = charge(&shop, body).await.record();
    for (member, value) in [
        ("type", json!("sale")),
        ("status", json!("pending_settlement")),
        ("response", json!("approved")),
        ("response_code", json!(100)),
        ("amount", json!(1299)),
        ("base_amount", json!(1299)),
        ("amount_authorized", json!(1299)),
        ("amount_captured", json!(1299)),
        ("amount_settled", json!(0)),
        ("tax_amount", json!(100)),
        ("currency", json!("usd")),
        ("payment_method", json!("card")),
        ("payment_type", json!("card")),
        ("processor_name", json!("sandbox")),
        ("order_id", json!("someOrderID")),
        ("po_number", json!("somePONumber")),
        ("description", json!("test transaction")),
        ("ip_address", json!("4.2.2.2")),
        ("email_receipt", json!(true)),
        ("email_address", json!("user@home.com")),
        ("customer_id", json!("")),
        ("transaction_source", json!("api")),
        ("settled_at", Value::Null),
    ] {
        assert_eq!(sale[member], value, "{member}");
    }
    let id = sale["id"].as_str().unwrap();
    assert_eq!(id.len(), 20, "an xid, as in the documentation");
    let shown = &sale["response_body"]["card"];
    assert_eq!(shown["masked_card"], "411111******1111");
    assert_eq!((&shown["first_six"], &shown["last_four"]), (&json!("411111"), &json!("1111")));
    assert_eq!((&shown["expiration_date"], &shown["card_type"]), (&json!("12/30"), &json!("visa")));
    assert_eq!((&shown["processor_response_code"], &shown["cvv_response_code"]), (&json!("00"), &json!("M")));
    assert_eq!(sale["billing_address"]["address_line_1"], "123 Some St");
    assert_eq!(sale["captured_at"], sale["created_at"]);

    // Reading it back gives the same, in a list of one, as the documentation shows it; only the mask was for the
    // first answer, because a payment keeps nothing of a card.
    let read = shop.get(&format!("{PATH}/{id}")).await;
    assert_eq!((read.status, &read.body["total_count"]), (200, &json!(1)), "{}", read.body);
    assert_eq!(read.body["data"], json!([later(&sale)]));
    // What is kept of it holds neither the number nor a part of it.
    let kept = shop.database_bytes();
    for digits in [b"4111111111111111".as_slice(), b"411111", b"1111", b"12/30"] {
        assert!(!kept.windows(digits.len()).any(|bytes| bytes == digits));
    }
}

#[tokio::test]
async fn an_authorization_takes_nothing() {
    let shop = Shop::open().await;
    let body = with(sale(json!({"card": card()})), json!({"type": "authorize", "currency": "eur"}));
    let held = charge(&shop, body).await.record();
    assert_eq!((&held["type"], &held["status"]), (&json!("authorize"), &json!("authorized")));
    assert_eq!((&held["amount_authorized"], &held["amount_captured"]), (&json!(1299), &json!(0)));
    assert_eq!((&held["captured_at"], &held["currency"]), (&Value::Null, &json!("eur")));
    assert_eq!(held["response_body"]["card"]["cvv_response_code"], "", "no code was sent");
}

#[tokio::test]
async fn a_decline_is_an_answer_and_is_kept() {
    let shop = Shop::open().await;
    for (number, code) in DECLINING {
        let answer =
            charge(&shop, sale(json!({"card": {"number": number, "expiration_date": "12/30"}}))).await;
        let declined = answer.record();
        assert_eq!((&declined["status"], &declined["response"]), (&json!("declined"), &json!("declined")));
        assert_eq!(declined["response_code"], json!(code), "{number}");
        assert_eq!(declined["response_body"]["card"]["response_code"], json!(code));
        assert_eq!((&declined["amount_authorized"], &declined["captured_at"]), (&json!(0), &Value::Null));
    }
    let kept = transactions(&shop, json!({"status": {"operator": "=", "value": "declined"}})).await;
    assert_eq!(kept.len(), DECLINING.len());
}

#[tokio::test]
async fn a_bank_account_is_charged() {
    let shop = Shop::open().await;
    let paid = charge(&shop, sale(json!({"ach": ach()}))).await.record();
    assert_eq!((&paid["payment_method"], &paid["payment_type"]), (&json!("ach"), &json!("ach")));
    let shown = &paid["response_body"]["ach"];
    assert_eq!(shown["masked_account_number"], "*****6789");
    assert_eq!(shown["routing_number"], "*****0021");
    assert_eq!((&shown["sec_code"], &shown["account_type"]), (&json!("web"), &json!("checking")));
}

#[tokio::test]
async fn a_token_pays_once_whichever_kind_it_is() {
    let shop = Shop::open().await;
    for (token, kind) in
        [(shop.card_token("5555555555554444").await, "card"), (shop.ach_token().await, "ach")]
    {
        let paid = charge(&shop, sale(json!({"token": token}))).await.record();
        assert_eq!((&paid["payment_method"], &paid["payment_type"]), (&json!("token"), &json!(kind)));
        assert!(paid["response_body"][kind].is_object());
        let again = charge(&shop, sale(json!({"token": token}))).await;
        again.refused(409, "token_already_used", Some("payment_method.token"));
        let customer = shop.post("/api/vault/customer", json!({"default_payment": {"token": token}})).await;
        customer.refused(409, "token_already_used", Some("default_payment.token"));
    }
    assert_eq!(transactions(&shop, json!({})).await.len(), 2);
}

#[tokio::test]
async fn a_token_is_refused_after_two_minutes_and_to_others() {
    let shop = Shop::open().await;
    let token = shop.card_token("4111111111111111").await;
    let other = shop.other_merchant().await;
    charge(&other, sale(json!({"token": token}))).await.refused(
        404,
        "token_unknown",
        Some("payment_method.token"),
    );
    shop.advance_ms(2 * 60 * 1_000);
    charge(&shop, sale(json!({"token": token}))).await.refused(
        410,
        "token_expired",
        Some("payment_method.token"),
    );
    assert!(transactions(&shop, json!({})).await.is_empty());
}

#[tokio::test]
async fn a_declined_token_is_spent() {
    let shop = Shop::open().await;
    let token = shop.card_token("4000000000000002").await;
    assert_eq!(charge(&shop, sale(json!({"token": token}))).await.record()["status"], "declined");
    charge(&shop, sale(json!({"token": token}))).await.refused(
        409,
        "token_already_used",
        Some("payment_method.token"),
    );
}

#[tokio::test]
async fn a_customer_pays_with_the_default_or_the_method_named() {
    let shop = Shop::open().await;
    let record = shop
        .create(json!({"default_payment": {"card": card()}, "default_billing_address": address("Bonn")}))
        .await;
    let id = record["id"].as_str().unwrap();
    let record = shop.post(&format!("/api/vault/customer/{id}/ach"), ach()).await.record();
    let payments = &record["data"]["customer"]["payments"];
    let (card_id, ach_id) = (&payments["cards"][0]["id"], &payments["ach"][0]["id"]);

    let paid = charge(&shop, sale(json!({"customer": {"id": id}}))).await.record();
    assert_eq!((&paid["payment_method"], &paid["customer_id"]), (&json!("customer"), &json!(id)));
    assert_eq!((&paid["customer_payment_id"], &paid["customer_payment_type"]), (card_id, &json!("card")));
    assert_eq!(paid["billing_address"]["city"], "Bonn", "the default one");

    let named = json!({"customer": {"id": id, "payment_method_id": ach_id, "payment_method_type": "ach"}});
    let paid = charge(&shop, with(sale(named), json!({"billing_address": {"city": "Ulm"}}))).await.record();
    assert_eq!((&paid["customer_payment_id"], &paid["payment_type"]), (ach_id, &json!("ach")));
    assert_eq!(paid["billing_address"]["city"], "Ulm", "the one sent");

    for (customer, status, code, field) in [
        (json!({"id": "nobody"}), 400, "unknown_id", "payment_method.customer.id"),
        (
            json!({"id": id, "payment_method_id": "nothing"}),
            400,
            "unknown_id",
            "payment_method.customer.payment_method_id",
        ),
        (
            json!({"id": id, "payment_method_id": ach_id, "payment_method_type": "card"}),
            400,
            "wrong_payment_type",
            "payment_method.customer.payment_method_type",
        ),
        (
            json!({"id": id, "payment_method_type": "ach"}),
            400,
            "required",
            "payment_method.customer.payment_method_id",
        ),
        (
            json!({"id": id, "billing_address_id": "nowhere"}),
            400,
            "unknown_id",
            "payment_method.customer.billing_address_id",
        ),
    ] {
        charge(&shop, sale(json!({"customer": customer}))).await.refused(status, code, Some(field));
    }
    let other = shop.other_merchant().await;
    let theirs = charge(&other, sale(json!({"customer": {"id": id}}))).await;
    theirs.refused(400, "unknown_id", Some("payment_method.customer.id"));
}

#[tokio::test]
async fn the_same_key_and_body_are_charged_once() {
    let shop = Shop::open().await;
    let key = "7df4d862-1a3d-44c4-b3df-536aadf307b0";
    let token = shop.card_token("4111111111111111").await;
    let body = with(sale(json!({"token": token})), json!({"idempotency_key": key}));
    let first = charge(&shop, body.clone()).await.record();
    assert_eq!((&first["idempotency_key"], &first["idempotency_time"]), (&json!(key), &json!(300)));
    assert_eq!(
        charge(&shop, body.clone()).await.record(),
        first,
        "the token is spent, the answer is the same"
    );
    let changed = with(body.clone(), json!({"amount": 1300}));
    charge(&shop, changed).await.refused(422, "idempotency_conflict", None);
    let other = shop.other_merchant().await;
    let theirs = charge(&other, with(sale(json!({"card": card()})), json!({"idempotency_key": key}))).await;
    assert_ne!(theirs.record()["id"], first["id"], "keys of two merchants do not meet");

    // After its time the key is a new one: here the token decides.
    shop.advance_ms(300 * 1_000);
    charge(&shop, body).await.refused(409, "token_already_used", Some("payment_method.token"));
    assert_eq!(transactions(&shop, json!({})).await.len(), 1);
}

#[tokio::test]
async fn a_refused_body_names_the_member_and_charges_nothing() {
    let shop = Shop::open().await;
    let good = sale(json!({"card": card()}));
    for (members, code, field) in [
        (json!({"type": null}), "required", "type"),
        (json!({"type": "refund"}), "unknown_value", "type"),
        (json!({"type": "verification"}), "transaction_type_unsupported", "type"),
        (json!({"amount": null}), "required", "amount"),
        (json!({"amount": 0}), "out_of_range", "amount"),
        (json!({"amount": -1}), "out_of_range", "amount"),
        (json!({"amount": 12.99}), "wrong_type", "amount"),
        (json!({"amount": "1299"}), "wrong_type", "amount"),
        (json!({"amount": 9_007_199_254_740_992_i64}), "out_of_range", "amount"),
        (json!({"currency": "dollars"}), "invalid_currency", "currency"),
        (json!({"currency": "XXX"}), "invalid_currency", "currency"),
        (json!({"order_id": "x".repeat(18)}), "too_long", "order_id"),
        (json!({"description": "4111 1111 1111 1111"}), "contains_card_number", "description"),
        (json!({"description": "x".repeat(256)}), "too_long", "description"),
        (json!({"ip_address": "4.2.2.2:80"}), "invalid_ip_address", "ip_address"),
        (json!({"email_address": "nobody"}), "invalid_email", "email_address"),
        (json!({"email_receipt": "yes"}), "wrong_type", "email_receipt"),
        (json!({"idempotency_key": "again"}), "idempotency_key_invalid", "idempotency_key"),
        (json!({"idempotency_time": 86_401}), "out_of_range", "idempotency_time"),
        (json!({"processor_id": "other"}), "unknown_value", "processor_id"),
        (json!({"colour": "red"}), "unknown_field", "colour"),
        (json!({"billing_address": {"line_1": "x"}}), "unknown_field", "billing_address.line_1"),
        (json!({"payment_method": null}), "required", "payment_method"),
        (json!({"payment_method": {}}), "required", "payment_method"),
        (json!({"payment_method": {"card": card(), "ach": ach()}}), "one_of", "payment_method"),
        (
            json!({"payment_method": {"terminal": {"id": "x"}}}),
            "payment_method_unsupported",
            "payment_method.terminal",
        ),
        (
            json!({"payment_method": {"card": {"number": "4111111111111112", "expiration_date": "12/30"}}}),
            "number_luhn",
            "payment_method.card.number",
        ),
        (
            json!({"payment_method": {"card": {"number": "4111111111111111", "expiration_date": "12/30", "flags": []}}}),
            "unknown_field",
            "payment_method.card.flags",
        ),
    ] {
        let answer = charge(&shop, with(good.clone(), members.clone())).await;
        let shown = answer.body.to_string();
        assert!(!shown.contains("411111111111111"), "{shown}");
        if code == "number_luhn" {
            assert_eq!((answer.status, &answer.body["field"]), (400, &json!(field)), "{shown}");
        } else {
            answer.refused(400, code, Some(field));
        }
    }
    assert!(transactions(&shop, json!({})).await.is_empty());
}

#[tokio::test]
async fn transactions_are_found_by_what_they_are() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for (cents, order) in [(100, "a"), (200, "b"), (300, "c")] {
        let body = with(sale(json!({"card": card()})), json!({"amount": cents, "order_id": order}));
        ids.push(charge(&shop, body).await.record()["id"].clone());
        shop.advance_ms(1_000);
    }
    ids.reverse();
    let newest_first = transactions(&shop, json!({})).await;
    assert_eq!(newest_first.iter().map(|found| found["id"].clone()).collect::<Vec<_>>(), ids);
    for (body, expected) in [
        (json!({"limit": 1}), vec!["c"]),
        (json!({"limit": 1, "offset": 1}), vec!["b"]),
        (json!({"limit": 0}), vec![]),
        (json!({"offset": 3}), vec![]),
        (json!({"amount": {"operator": ">", "value": 100}}), vec!["c", "b"]),
        (json!({"amount": {"operator": "=", "value": 100}}), vec!["a"]),
        (json!({"order_id": {"operator": "!=", "value": "a"}}), vec!["c", "b"]),
        (json!({"type": {"operator": "=", "value": "authorize"}}), vec![]),
        (json!({"created_at": {"end_date": "2026-11-23T02:02:03.100Z"}}), vec!["a"]),
        (json!({"created_at": {"start_date": "2026-11-24"}}), vec![]),
    ] {
        let found = transactions(&shop, body.clone()).await;
        let orders: Vec<_> = found.iter().map(|found| found["order_id"].as_str().unwrap()).collect();
        assert_eq!(orders, expected, "{body}");
    }
    shop.advance_ms(125 * 24 * 60 * 60 * 1_000);
    assert!(transactions(&shop, json!({})).await.is_empty(), "four months later");
    let other = shop.other_merchant().await;
    assert!(transactions(&other, json!({"created_at": {"start_date": "2026-01-01"}})).await.is_empty());
    let id = ids[0].as_str().unwrap();
    other.get(&format!("{PATH}/{id}")).await.refused(404, "not_found", None);
    shop.get(&format!("{PATH}/nothing")).await.refused(404, "not_found", None);
    for (body, code, field) in [
        (json!({"limit": 101}), "out_of_range", "limit"),
        (json!({"amount": {"operator": "~", "value": 1}}), "unknown_value", "amount.operator"),
        (json!({"amount": {"operator": "=", "value": "1"}}), "wrong_type", "amount.value"),
        (json!({"order_id": {"operator": "<", "value": "1"}}), "unknown_value", "order_id.operator"),
        (json!({"colour": {"operator": "=", "value": "1"}}), "unknown_field", "colour"),
    ] {
        shop.post("/api/transaction/search", body).await.refused(400, code, Some(field));
    }
}

#[tokio::test]
async fn a_payment_method_that_is_gone_leaves_its_transactions() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let id = record["id"].as_str().unwrap();
    let paid = charge(&shop, sale(json!({"customer": {"id": id}}))).await.record();
    assert_eq!(shop.delete(&format!("/api/vault/{id}")).await.status, 200);
    let read = shop.get(&format!("{PATH}/{}", paid["id"].as_str().unwrap())).await;
    assert_eq!(read.body["data"], json!([later(&paid)]));
    charge(&shop, sale(json!({"customer": {"id": id}}))).await.refused(
        400,
        "unknown_id",
        Some("payment_method.customer.id"),
    );
}

/// A transaction as it is read later: without what was shown of the card.
fn later(sale: &Value) -> Value {
    let mut later = sale.clone();
    for member in ["masked_card", "first_six", "last_four", "expiration_date"] {
        later["response_body"]["card"][member] = json!("");
    }
    later
}
