//! One-time tokens: what makes one, how long it lives, and that it works once.

use serde_json::json;

use crate::shop::{Shop, address, bank_account, bsb, card, checkout, is_uuid, with, without};

const TOKENS: &str = "/v1/payment_sources/tokens";
const THREE_HOURS_MS: i64 = 3 * 60 * 60 * 1_000;

#[tokio::test]
async fn every_type_makes_a_uuid_and_nothing_else_is_told() {
    let shop = Shop::open().await;
    for body in [
        card("4111111111111111"),
        without(card("5555555555554444"), "type"),
        without(card("378282246310005"), "card_ccv"),
        bank_account(),
        bsb(),
        with(without(bsb(), "type"), json!({"type": "bank_account"})),
        checkout(),
        with(checkout(), json!({"type": "checkout_token"})),
        with(card("4111111111111111"), json!({"gateway_id": "not_configured", "type": 5, "unknown": [1]})),
        with(card("4111111111111111"), json!({"gateway_id": shop.gateway().await})),
        // As the vendor's SDKs send them.
        with(card("4111111111111111"), json!({"expire_month": 12, "expire_year": "30"})),
        // An optional code that this card cannot have is disregarded.
        with(card("4111111111111111"), json!({"card_ccv": "12"})),
    ] {
        let answer = shop.post(TOKENS, body).await.data(201, "token");
        is_uuid(&answer);
    }
}

#[tokio::test]
async fn what_is_mandatory_is_asked_for_and_checked() {
    let shop = Shop::open().await;
    for (whole, members) in [
        (card("4111111111111111"), &["card_name", "card_number", "expire_month", "expire_year"] as &[&str]),
        (bank_account(), &["account_name", "account_number", "account_routing"]),
        (bsb(), &["account_name", "account_number", "account_bsb"]),
        (checkout(), &["checkout_token"]),
    ] {
        for member in members {
            let answer = shop.post(TOKENS, without(whole.clone(), member)).await;
            answer.refused(400, "required_error", "required", Some(member));
            assert_eq!(answer.body["resource"], json!({"type": "token"}));
            let answer = shop.post(TOKENS, with(whole.clone(), json!({*member: [1]}))).await;
            answer.refused(400, "validation_error", "wrong_type", Some(member));
        }
    }
    for (member, value, reason) in [
        ("card_number", "4111111111111112", "luhn"),
        ("expire_month", "13", "bad_month"),
        ("expire_year", "2001", "expired"),
        ("expire_year", "203", "bad_format"),
        ("card_name", "4111 1111 1111 1111", "contains_card_number"),
    ] {
        let answer = shop.post(TOKENS, with(card("4111111111111111"), json!({member: value}))).await;
        answer.refused(400, "validation_error", reason, Some(member));
    }
    for (member, value, reason) in
        [("account_routing", "021000022", "checksum"), ("account_number", "12#45", "bad_characters")]
    {
        let answer = shop.post(TOKENS, with(bank_account(), json!({member: value}))).await;
        answer.refused(400, "validation_error", reason, Some(member));
    }
    for (member, value) in [("account_bsb", "06200"), ("account_number", "1"), ("account_name", "\u{1}")] {
        let answer = shop.post(TOKENS, with(bsb(), json!({member: value}))).await;
        assert_eq!(answer.body["error"]["path"], member, "{}", answer.body);
        assert_eq!(answer.body["error"]["code"], "validation_error");
    }
    let answer = shop.post(TOKENS, json!({"type": "gift_card", "card_number": "4111111111111111"})).await;
    answer.refused(400, "validation_error", "unknown_value", Some("type"));
    let unknown = with(card("4111111111111111"), json!({"gateway_id": "0123456789abcdef01234567"}));
    shop.post(TOKENS, unknown).await.refused(404, "not_found", "not_found", Some("gateway_id"));
}

#[tokio::test]
async fn a_token_works_once_whoever_spends_it() {
    let shop = Shop::open().await;
    let spender = |number: usize, token: &str| match number {
        0 => ("/v1/customers", json!({"token": token})),
        1 => ("/v1/vault/payment_sources", json!({"token": token})),
        2 => ("/v1/charges", json!({"token": token, "amount": 5, "currency": "AUD"})),
        _ => {
            let beside = json!({"gateway_id": "not_configured"});
            ("/v1/customers", json!({"token": token, "payment_source": beside}))
        }
    };
    for first in 0..4 {
        let token = shop.token(card("4111111111111111")).await;
        let (path, body) = spender(first, &token);
        assert_eq!(shop.post(path, body).await.status, 201, "{path}");
        for second in 0..4 {
            let (path, body) = spender(second, &token);
            let answer = shop.post(path, body).await;
            answer.refused(400, "unfulfilled_condition", "token_already_used", Some("token"));
        }
    }
}

#[tokio::test]
async fn a_token_lives_for_three_hours() {
    let shop = Shop::open().await;
    let (young, old) = (shop.token(card("4111111111111111")).await, shop.token(bsb()).await);
    shop.advance_ms(THREE_HOURS_MS - 1);
    assert_eq!(shop.post("/v1/customers", json!({"token": young})).await.status, 201);
    shop.advance_ms(1);
    let answer = shop.post("/v1/customers", json!({"token": old})).await;
    answer.refused(400, "unfulfilled_condition", "token_expired", Some("token"));
}

#[tokio::test]
async fn an_unknown_token_and_another_merchants_are_the_same() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let foreign = other.token(card("4111111111111111")).await;
    for token in [foreign.as_str(), "0f0e0d0c-0b0a-4908-8706-050403020100", "x"] {
        for (path, body) in [
            ("/v1/customers", json!({"token": token})),
            ("/v1/vault/payment_sources", json!({"token": token})),
            ("/v1/charges", json!({"token": token, "amount": "1.00", "currency": "USD"})),
        ] {
            shop.post(path, body).await.refused(404, "not_found", "token_unknown", Some("token"));
        }
    }
    assert_eq!(other.post("/v1/customers", json!({"token": foreign})).await.status, 201);
}

#[tokio::test]
async fn what_came_with_a_token_goes_to_the_customer_made_of_it() {
    let shop = Shop::open().await;
    let payer = json!({"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "phone": "+61412345678"});
    let token = shop.token(with(with(bank_account(), payer.clone()), address())).await;
    let made = shop.post("/v1/customers", json!({"token": token, "last_name": "King"})).await;
    let made = made.data(201, "customer");
    assert_eq!((&made["first_name"], &made["last_name"]), (&json!("Ada"), &json!("King")));
    assert_eq!((&made["email"], &made["phone"]), (&payer["email"], &payer["phone"]));
    let source = &made["payment_sources"][0];
    for (name, value) in address().as_object().unwrap() {
        assert_eq!(source[name], *value, "{name}");
    }
    assert_eq!(
        (&source["account_bank_name"], &source["account_name"]),
        (&json!("First Bank"), &json!("Ada Lovelace"))
    );
}

#[tokio::test]
async fn the_notes_of_tokens_that_nobody_spent_are_thrown_away() {
    let shop = Shop::open().await;
    for number in 0..12 {
        shop.token(with(card("4111111111111111"), json!({"first_name": format!("Forgotten{number}x")})))
            .await;
    }
    shop.advance_ms(THREE_HOURS_MS + 1);
    let tenant = {
        let id = shop.secret_key.split('_').nth(2).unwrap();
        shop.vault.vaulting.store().api_key(id).await.unwrap().unwrap().tenant
    };
    let left = async || {
        shop.vault.vaulting.store().documents(&tenant, "paydock_token_note", 1, 0).await.unwrap().total
    };
    assert_eq!(left().await, 12);
    shop.token(card("4111111111111111")).await;
    assert_eq!(left().await, 4);
    let kept = shop.token(with(card("4111111111111111"), json!({"first_name": "Kept"}))).await;
    assert_eq!(left().await, 1);
    let made = shop.post("/v1/customers", json!({"token": kept})).await.data(201, "customer");
    assert_eq!(made["first_name"], "Kept");
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn a_token_that_the_frame_sealed_is_the_same() {
    let shop = Shop::open().await;
    let token = shop.sealed_token("4111111111111111").await;
    is_uuid(&json!(token));
    let made = shop.post("/v1/customers", json!({"token": token})).await.data(201, "customer");
    assert_eq!(made["payment_sources"][0]["card_number_last4"], "1111");
    // A card without a name has an empty one.
    let nameless = instrument::CardDraft {
        number: instrument::Secret::new("5555555555554444".to_owned()),
        expiry: instrument::Secret::new("12/30".to_owned()),
        code: None,
        holder: None,
        preferred_scheme: None,
    };
    let nameless = nameless.finish(instrument::YearMonth::new(2026, 11).unwrap()).unwrap();
    let token = shop.vault.token_as(instrument::Instrument::Card(nameless), "paydock").await;
    let made = shop.post("/v1/customers", json!({"token": token})).await.data(201, "customer");
    assert_eq!(made["payment_sources"][0]["card_name"], "");
    // Tokens of other dialects are taken too.
    let native = shop.vault.token(crate::support::account()).await;
    let made = shop.post("/v1/customers", json!({"token": native})).await.data(201, "customer");
    assert_eq!(made["payment_sources"][0]["type"], "bank_account");
}
