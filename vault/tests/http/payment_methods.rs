//! `/v1/payment-methods`.

use instrument::card::CardDraft;
use instrument::{Draft, Secret, YearMonth};
use serde_json::{Value, json};

use crate::support::{Vault, account, card, fresh_key, visa};

#[tokio::test]
async fn an_orphan_is_kept_read_and_attached_once() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let orphan = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    assert_eq!(orphan["object"], "payment_method");
    assert_eq!((&orphan["customer_id"], &orphan["orphan"]), (&Value::Null, &json!(true)));
    assert_eq!(
        orphan["card"],
        json!({
            "scheme": "visa", "bin": "41111111", "last4": "1111", "exp_month": 12, "exp_year": 2030,
            "holder": "Ada Lovelace",
        })
    );
    let path = format!("/v1/payment-methods/{}", orphan["id"].as_str().unwrap());
    assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), orphan);

    let (first, second) = (vault.customer().await, vault.customer().await);
    let attach = format!("{path}/attach");
    let nobody = vault.call("POST", &attach, json!({"customer_id": "cus_nobody"})).await;
    nobody.expect_error(404, "not_found");
    let attached = vault.call("POST", &attach, json!({"customer_id": first})).await.expect(200);
    assert_eq!((&attached["customer_id"], &attached["orphan"]), (&json!(first), &json!(false)));
    for customer in [&first, &second] {
        let again = vault.call("POST", &attach, json!({"customer_id": customer})).await;
        again.expect_error(409, "already_attached");
    }
    let owner = vault.call("GET", &format!("/v1/customers/{first}"), Value::Null).await.expect(200);
    assert_eq!(owner["default_payment_method"], orphan["id"]);
}

#[tokio::test]
async fn the_scheme_that_a_holder_picked_is_told_and_kept() {
    let vault = Vault::start().await;
    let draft = |preferred: Option<&str>| CardDraft {
        number: Secret::new("4571994000062336".to_owned()),
        expiry: Secret::new("12/30".to_owned()),
        code: None,
        holder: None,
        preferred_scheme: preferred.map(str::to_owned),
    };
    let today = YearMonth::new(2026, 11).unwrap();
    for (picked, told) in [(Some("dankort"), json!("dankort")), (None, Value::Null)] {
        let instrument = Draft::Card(draft(picked)).finish(today).unwrap();
        let answer = vault.tokenize_as(&vault.pk, instrument, &fresh_key(), "tessera").await.expect(201);
        assert_eq!(answer["card"]["preferred_scheme"], told);
        let token = &answer["token"];
        let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
        assert_eq!((&method["card"]["scheme"], &method["card"]["preferred_scheme"]), (&json!("visa"), &told));
        let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
        assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), method);
    }
}

#[tokio::test]
async fn lists_are_by_customer_by_orphan_or_all() {
    let vault = Vault::start().await;
    let customer = vault.customer().await;
    let mut ids = Vec::new();
    for instrument in [visa(), account(), card("5555555555554444", None)] {
        vault.clock.advance_ms(10);
        let body = json!({"token": vault.token(instrument).await, "customer_id": customer});
        ids.push(vault.call("POST", "/v1/payment-methods", body).await.expect(201)["id"].clone());
    }
    let body = json!({"token": vault.token(account()).await});
    let orphan = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    assert_eq!(orphan["ach"]["last4"], "4321");

    let list = async |query: &str| -> Vec<Value> {
        let path = format!("/v1/payment-methods{query}");
        let list = vault.call("GET", &path, Value::Null).await.expect(200);
        list["data"].as_array().unwrap().iter().map(|method| method["id"].clone()).collect()
    };
    ids.reverse();
    assert_eq!(list(&format!("?customer_id={customer}")).await, ids);
    assert_eq!(list(&format!("?customer_id={customer}&limit=1")).await, ids[..1]);
    let after = format!("?customer_id={customer}&starting_after={}", ids[0].as_str().unwrap());
    assert_eq!(list(&after).await, ids[1..]);
    assert_eq!(list("?orphan=true").await, [orphan["id"].clone()]);
    assert_eq!(list("").await.len(), 4);
    for query in
        ["?orphan=maybe", "?orphan=false", "?colour=red", &format!("?orphan=true&customer_id={customer}")]
    {
        let refused = vault.call("GET", &format!("/v1/payment-methods{query}"), Value::Null).await;
        refused.expect_error(400, "query_invalid");
    }
    let nobody = vault.call("GET", "/v1/payment-methods?customer_id=cus_nobody", Value::Null).await;
    nobody.expect_error(404, "not_found");
}

#[tokio::test]
async fn the_same_number_has_the_same_fingerprint_within_one_merchant_only() {
    let vault = Vault::start().await;
    let (other_pk, other_sk) = vault.another_merchant().await;
    let mut fingerprints = Vec::new();
    for instrument in [visa(), card("4111111111111111", None), card("5555555555554444", None), account()] {
        let body = json!({"token": vault.token(instrument).await});
        let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
        fingerprints.push(method["fingerprint"].as_str().unwrap().to_owned());
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    let answer =
        vault.tokenize_as(&other_pk, visa(), &crate::support::fresh_key(), "tessera").await.expect(201);
    let body = json!({"token": answer["token"]});
    let foreign = vault.call_with(&other_sk, "POST", "/v1/payment-methods", body).await.expect(201);
    fingerprints.push(foreign["fingerprint"].as_str().unwrap().to_owned());
    fingerprints.remove(1);
    let count = fingerprints.len();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), count);
}

#[tokio::test]
async fn another_merchants_payment_method_is_not_there() {
    let vault = Vault::start().await;
    let (_, other) = vault.another_merchant().await;
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let own = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
    let none = "/v1/payment-methods/pm_11111111111111111111".to_owned();
    let their_customer = vault.call_with(&other, "POST", "/v1/customers", json!({})).await.expect(201);
    for (method, suffix, body) in [
        ("GET", "", Value::Null),
        ("DELETE", "", Value::Null),
        ("POST", "/attach", json!({"customer_id": their_customer["id"]})),
    ] {
        let foreign = vault.call_with(&other, method, &format!("{own}{suffix}"), body.clone()).await;
        let missing = vault.call_with(&other, method, &format!("{none}{suffix}"), body).await;
        foreign.expect_error(404, "not_found");
        assert_eq!(foreign.bytes, missing.bytes);
    }
    // Nor can it be given to another merchant's customer.
    let body = json!({"customer_id": their_customer["id"]});
    vault.call("POST", &format!("{own}/attach"), body).await.expect_error(404, "not_found");
    vault.call("DELETE", &own, Value::Null).await.expect(200);
    vault.call("GET", &own, Value::Null).await.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_stored_card_can_be_read_long_after_it_expired() {
    let vault = Vault::start().await;
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    vault.clock.advance_ms(10 * 365 * 24 * 60 * 60 * 1000);
    let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
    assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), method);
}
