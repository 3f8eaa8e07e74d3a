//! Charges: by each flow, refused ones, and what they add up to.

use serde_json::{Value, json};

use crate::shop::{NOW, Shop, bank_account, bsb, card, checkout, is_object_id, with, without};

const CHARGES: &str = "/v1/charges";

fn amount(of: Value) -> Value {
    with(json!({"amount": "10.50", "currency": "AUD", "reference": "inv 7", "description": "Tea"}), of)
}

#[tokio::test]
async fn a_customer_is_charged_with_its_default_source() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let body = amount(json!({"customer_id": customer["_id"], "meta": {"till": 3}}));
    let charge = shop.post(CHARGES, body).await.data(201, "charge");
    for id in [&charge["_id"], &charge["transactions"][0]["_id"]] {
        is_object_id(id);
    }
    let transaction = json!({
        "_id": charge["transactions"][0]["_id"], "type": "sale", "status": "complete", "amount": 10.5,
        "currency": "AUD", "created_at": NOW,
    });
    let expected = json!({
        "_id": charge["_id"], "external_id": charge["transactions"][0]["_id"], "company_id": customer["company_id"],
        "amount": 10.5, "currency": "AUD", "reference": "inv 7", "description": "Tea", "status": "complete",
        "capture": true, "one_off": false, "archived": false, "created_at": NOW, "updated_at": NOW,
        "meta": {"till": 3},
        "customer": {
            "customer_id": customer["_id"], "first_name": "Ada", "payment_source": customer["payment_sources"][0],
        },
        "transactions": [transaction],
    });
    assert_eq!(charge, expected);
    let path = format!("{CHARGES}/{}", charge["_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).await.data(200, "charge"), charge);
}

#[tokio::test]
async fn every_flow_ends_with_a_payment() {
    let shop = Shop::open().await;
    let gateway = shop.gateway().await;
    let customer = shop.customer().await;
    let id = customer["_id"].as_str().unwrap();
    let path = format!("/v1/customers/{id}");
    let token = shop.token(bank_account()).await;
    let customer = shop.post(&path, json!({"token": token})).await.data(200, "customer");
    let vault_token = shop.vault_token("5555555555554444").await;
    let ott = shop.token(card("378282246310005")).await;
    let in_vault = json!({"vault_token": vault_token, "gateway_id": gateway});
    for (body, kind, last4, one_off) in [
        (json!({"token": ott}), "card", "0005", true),
        (json!({"customer_id": id}), "bank_account", "****5544", false),
        (
            json!({"customer_id": id, "payment_source_id": customer["payment_sources"][0]["_id"]}),
            "card",
            "1111",
            false,
        ),
        (json!({"customer": {"payment_source": card("4111111111111111")}}), "card", "1111", true),
        (json!({"customer": {"payment_source": bank_account()}}), "bank_account", "****5544", true),
        (json!({"customer": {"payment_source": in_vault}}), "card", "4444", true),
        (json!({"customer": {"payment_source": {"vault_token": vault_token}}}), "card", "4444", true),
        (json!({"customer_id": id, "customer": {"payment_source": in_vault}}), "card", "4444", false),
    ] {
        let charge = shop.post(CHARGES, amount(body.clone())).await.data(201, "charge");
        let source = &charge["customer"]["payment_source"];
        let shown = source.get("card_number_last4").or(source.get("account_number")).unwrap();
        assert_eq!((&source["type"], shown), (&json!(kind), &json!(last4)), "{body}");
        assert_eq!((&source["gateway_name"], &source["gateway_id"]), (&json!("sandbox"), &json!(gateway)));
        assert_eq!((&charge["one_off"], &charge["status"]), (&json!(one_off), &json!("complete")));
    }
    for of in [bsb(), checkout()] {
        let token = shop.token(of).await;
        shop.post(CHARGES, amount(json!({"token": token}))).await.data(201, "charge");
    }
    // A guest is told of by name.
    let token = shop.token(with(card("4111111111111111"), json!({"first_name": "Gus"}))).await;
    let charge = shop.post(CHARGES, amount(json!({"token": token}))).await.data(201, "charge");
    assert_eq!(charge["customer"]["first_name"], "Gus");
    let payer = json!({"first_name": "Gil", "email": "gil@example.com", "reference": "guest 1"});
    let body = json!({"customer": with(payer.clone(), json!({"payment_source": card("4111111111111111")}))});
    let charge = shop.post(CHARGES, amount(body)).await.data(201, "charge");
    for (name, value) in payer.as_object().unwrap() {
        assert_eq!(charge["customer"][name], *value, "{name}");
    }
}

#[tokio::test]
async fn money_may_only_be_set_aside() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let by_customer = amount(json!({"customer_id": customer["_id"]}));
    for (path, body) in [
        ("/v1/charges?capture=false", by_customer.clone()),
        (CHARGES, with(by_customer.clone(), json!({"capture": false}))),
        ("/v1/charges?capture=false", with(by_customer.clone(), json!({"capture": true}))),
    ] {
        let charge = shop.post(path, body).await.data(201, "charge");
        assert_eq!((&charge["status"], &charge["capture"]), (&json!("pending"), &json!(false)));
    }
    let charge = shop.post("/v1/charges?capture=maybe", by_customer).await.data(201, "charge");
    assert_eq!(charge["capture"], true);
}

#[tokio::test]
async fn a_refused_payment_is_told_as_documented_and_kept() {
    let shop = Shop::open().await;
    for (number, code, status_code, specific) in [
        ("4000000010050005", "transaction_declined", "05", "do_not_honor"),
        ("4000000010510008", "insufficient_funds", "51", "insufficient_funds"),
        ("4000000010140004", "credit_card_invalid_or_expired", "14", "invalid_number"),
        ("4000000010540005", "credit_card_invalid_or_expired", "54", "expired_card"),
        ("4000000010040006", "transaction_declined_hard", "41", "lost_card"),
        ("4000000010430009", "transaction_declined_hard", "43", "stolen_card"),
        ("4000000010620005", "transaction_declined", "62", "restricted_card"),
        ("4000000010570002", "transaction_declined", "57", "not_permitted"),
        ("4000000020010007", "transaction_declined", "01", "refer_to_issuer"),
        ("4000000010990002", "transaction_declined", "82", "code_mismatch"),
    ] {
        let token = shop.token(card(number)).await;
        let answer = shop.post(CHARGES, amount(json!({"token": token}))).await;
        assert_eq!((answer.status, &answer.body["status"]), (400, &json!(400)), "{}", answer.body);
        let (error, summary) = (&answer.body["error"], &answer.body["error_summary"]);
        assert_eq!((&error["code"], &summary["code"]), (&json!(code), &json!(code)));
        assert_eq!((&error["reason"], &error["classification"]), (&json!(specific), &json!("shopper")));
        assert_eq!(error["details"][0]["gateway_specific_code"], specific);
        assert_eq!(summary["status_code"], status_code);
        assert!(summary["status_code_description"].is_string());
        assert_eq!(summary["details"]["gateway_specific_code"], specific);
        assert_eq!(summary["details"]["messages"], json!([error["message"]]));
        let charge = &answer.body["resource"]["data"];
        assert_eq!(
            (&answer.body["resource"]["type"], &charge["status"]),
            (&json!("charge"), &json!("failed"))
        );
        assert_eq!(charge["transactions"][0]["error_code"], code);
        assert_eq!(charge["transactions"][0]["status_code"], status_code);
        let path = format!("{CHARGES}/{}", charge["_id"].as_str().unwrap());
        assert_eq!(shop.get(&path).await.data(200, "charge"), *charge);
        // The token was used for it.
        let again = shop.post(CHARGES, amount(json!({"token": token}))).await;
        again.refused(400, "unfulfilled_condition", "token_already_used", Some("token"));
    }
    for (number, code, specific) in [
        ("4000000020910008", "gateway_error", "issuer_timeout"),
        ("4000000020190007", "gateway_error", "processor_error"),
        ("4000000020960003", "system_error", "system_error"),
    ] {
        let body = amount(json!({"customer": {"payment_source": card(number)}}));
        let answer = shop.post(CHARGES, body).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(code)), "{}", answer.body);
        assert_eq!(answer.body["error"]["reason"], specific);
        assert_eq!(answer.body["error"]["classification"], "gateway");
    }
    assert_eq!(shop.get("/v1/charges?status=failed").await.list("charge").1[0], 13);
}

#[tokio::test]
async fn powerboards_test_cards_decide_by_their_expiry() {
    let shop = Shop::open().await;
    for number in ["5111111111111118", "4012000033330026", "371449635398431"] {
        for (month, status) in [("01", 201), ("05", 400)] {
            let of = with(card(number), json!({"expire_month": month, "expire_year": "2039"}));
            let answer = shop.post(CHARGES, amount(json!({"customer": {"payment_source": of}}))).await;
            assert_eq!(answer.status, status, "{number} {month}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn statistics_are_those_of_real_payments() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let id = customer["_id"].as_str().unwrap();
    let path = format!("/v1/customers/{id}");
    let token = shop.token(card("4000000010510008")).await;
    let customer = shop.post(&path, json!({"token": token})).await.data(200, "customer");
    let good = &customer["payment_sources"][0]["_id"];
    let charge = async |query: &str, amount: Value, currency: &str, source: &Value| {
        let body =
            json!({"customer_id": id, "payment_source_id": source, "amount": amount, "currency": currency});
        shop.post(&format!("{CHARGES}{query}"), body).await.status
    };
    let statistics = async || shop.get(&path).await.data(200, "customer")["statistics"].clone();
    let of =
        |amount: f64, count: u64| json!({"total_collected_amount": amount, "successful_transactions": count});
    assert_eq!(statistics().await, of(0.0, 0));
    assert_eq!(charge("", json!(10.1), "AUD", good).await, 201);
    assert_eq!(charge("", json!("0.20"), "AUD", good).await, 201);
    assert_eq!(statistics().await, of(10.3, 2));
    assert_eq!(charge("", json!(99), "AUD", &customer["default_source"]).await, 400);
    assert_eq!(statistics().await, of(10.3, 2));
    assert_eq!(charge("?capture=false", json!(50), "AUD", good).await, 201);
    assert_eq!(statistics().await, of(10.3, 3));
    assert_eq!(charge("", json!(5), "JPY", good).await, 201);
    assert_eq!(statistics().await, of(15.3, 4));
    // A guest's payment is nobody's.
    let token = shop.token(card("4111111111111111")).await;
    shop.post(CHARGES, amount(json!({"token": token}))).await.data(201, "charge");
    assert_eq!(statistics().await, of(15.3, 4));
    let listed = shop.get("/v1/customers").await.list("customer").0;
    assert_eq!(listed[0]["statistics"], of(15.3, 4));
    // They stay when the customer is archived.
    assert_eq!(shop.delete(&path).await.data(200, "customer")["statistics"], of(15.3, 4));
}

#[tokio::test]
async fn what_is_mandatory_is_asked_for_and_checked() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let whole = amount(json!({"customer_id": customer["_id"]}));
    for member in ["amount", "currency"] {
        let answer = shop.post(CHARGES, without(whole.clone(), member)).await;
        answer.refused(400, "required_error", "required", Some(member));
        assert_eq!(answer.body["resource"], json!({"type": "charge"}));
    }
    let answer = shop.post(CHARGES, without(whole.clone(), "customer_id")).await;
    answer.refused(400, "required_error", "required", Some("token"));
    for (change, reason, path) in [
        (json!({"amount": true}), "wrong_type", "amount"),
        (json!({"amount": 0}), "out_of_range", "amount"),
        (json!({"amount": -1}), "out_of_range", "amount"),
        (json!({"amount": 1.005}), "out_of_range", "amount"),
        (json!({"amount": "ten"}), "out_of_range", "amount"),
        (json!({"amount": 1e300}), "out_of_range", "amount"),
        (json!({"amount": 1.5, "currency": "JPY"}), "out_of_range", "amount"),
        (json!({"currency": "XXX"}), "invalid_currency", "currency"),
        (json!({"currency": 5}), "wrong_type", "currency"),
        (json!({"token": "x"}), "one_of", "token"),
        (json!({"customer": {"payment_source": card("4111111111111111")}}), "one_of", "customer_id"),
        (json!({"reference": "4111111111111111"}), "contains_card_number", "reference"),
        (
            json!({"customer": {"first_name": "4111111111111111"}}),
            "contains_card_number",
            "customer.first_name",
        ),
    ] {
        let answer = shop.post(CHARGES, with(whole.clone(), change)).await;
        answer.refused(400, "validation_error", reason, Some(path));
    }
    let in_clear = |of: Value| amount(json!({"customer": {"payment_source": of}}));
    let answer = shop.post(CHARGES, in_clear(without(card("4111111111111111"), "card_name"))).await;
    answer.refused(400, "required_error", "required", Some("customer.payment_source.card_name"));
    let unknown = with(card("4111111111111111"), json!({"gateway_id": "0123456789abcdef01234567"}));
    let answer = shop.post(CHARGES, in_clear(unknown)).await;
    answer.refused(404, "not_found", "not_found", Some("customer.payment_source.gateway_id"));
    // What is optional and wrong is disregarded.
    let odd = json!({"reference": 5, "description": [], "meta": "x", "capture": "no", "unknown": {}});
    let charge = shop.post(CHARGES, with(whole, odd)).await.data(201, "charge");
    assert_eq!((charge.get("reference"), &charge["capture"]), (None, &json!(true)));
    assert_eq!(shop.get(CHARGES).await.list("charge").1[0], 1);
}

#[tokio::test]
async fn another_merchants_things_are_not_found() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let (foreign, own) = (other.customer().await, shop.customer().await);
    let vault_token = other.vault_token("4111111111111111").await;
    for (body, path) in [
        (json!({"customer_id": foreign["_id"]}), "customer_id"),
        (
            json!({"customer_id": own["_id"], "payment_source_id": foreign["default_source"]}),
            "payment_source_id",
        ),
        (
            json!({"customer": {"payment_source": {"vault_token": vault_token}}}),
            "customer.payment_source.vault_token",
        ),
    ] {
        let answer = shop.post(CHARGES, amount(body)).await;
        answer.refused(404, "not_found", "not_found", Some(path));
    }
    let charge =
        other.post(CHARGES, amount(json!({"customer_id": foreign["_id"]}))).await.data(201, "charge");
    for id in [charge["_id"].as_str().unwrap(), "0123456789abcdef01234567"] {
        shop.get(&format!("{CHARGES}/{id}")).await.refused(404, "not_found", "not_found", None);
    }
    assert_eq!(shop.get(CHARGES).await.list("charge").1[0], 0);
}

#[tokio::test]
async fn the_same_request_twice_charges_once() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let body = amount(json!({"customer_id": customer["_id"]}));
    let first = shop.post_once("order-7", CHARGES, body.clone()).await.data(201, "charge");
    assert_eq!(shop.post_once("order-7", CHARGES, body.clone()).await.data(201, "charge"), first);
    for (path, body) in [
        (CHARGES, with(body.clone(), json!({"amount": 11}))),
        ("/v1/charges?capture=false", body.clone()),
        ("/v1/customers", body.clone()),
    ] {
        let answer = shop.post_once("order-7", path, body).await;
        answer.refused(409, "unfulfilled_condition", "idempotency_conflict", None);
    }
    // A refused payment is one answer too.
    let token = shop.token(card("4000000010510008")).await;
    let by_token = amount(json!({"token": token}));
    let refused = shop.post_once("order-8", CHARGES, by_token.clone()).await;
    assert_eq!(refused.body["error"]["code"], "insufficient_funds");
    assert_eq!(shop.post_once("order-8", CHARGES, by_token).await.body, refused.body);
    assert_eq!(shop.get(CHARGES).await.list("charge").1[0], 2);
    // After a day it is a new request.
    shop.advance_ms(24 * 60 * 60 * 1_000);
    let later = shop.post_once("order-7", CHARGES, body).await.data(201, "charge");
    assert_ne!(later["_id"], first["_id"]);
}
