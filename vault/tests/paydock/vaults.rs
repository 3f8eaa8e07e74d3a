//! Vault tokens: payment sources without a customer.

use serde_json::{Value, json};

use crate::shop::{NOW, Shop, address, bank_account, bsb, card, checkout, is_object_id, is_uuid, with};

const VAULTS: &str = "/v1/vault/payment_sources";

#[tokio::test]
async fn a_card_is_shown_as_the_vault_resource() {
    let shop = Shop::open().await;
    let body = with(
        with(card("4111111111111111"), address()),
        json!({"email": "ada@example.com", "store_ccv": true}),
    );
    let made = shop.post(VAULTS, body).await.data(201, "payment_source");
    is_uuid(&made["vault_token"]);
    is_object_id(&made["company_id"]);
    let expected = with(
        json!({
            "vault_token": made["vault_token"], "company_id": made["company_id"], "type": "card",
            "status": "active", "archived": false, "created_at": NOW, "updated_at": NOW,
            "card_name": "Ada Lovelace", "card_number_last4": "1111", "card_number_bin": "41111111",
            "card_scheme": "visa", "expire_month": 12, "expire_year": 2030, "email": "ada@example.com",
        }),
        address(),
    );
    assert_eq!(made, expected);
    let token = made["vault_token"].as_str().unwrap();
    for path in [format!("{VAULTS}/{token}"), format!("/v1/vault-tokens/{token}")] {
        assert_eq!(shop.get(&path).await.data(200, "payment_source"), made);
    }
}

#[tokio::test]
async fn other_types_and_one_time_tokens_are_vaulted_too() {
    let shop = Shop::open().await;
    for (body, kind, shown) in [
        (
            bank_account(),
            "bank_account",
            json!({"account_number": "****5544", "account_routing": "****0021", "account_type": "savings", "account_holder_type": "business", "account_name": "Ada Lovelace"}),
        ),
        (
            bsb(),
            "bank_account",
            json!({"account_number": "****4321", "account_bsb": "062000", "account_name": "Ada Lovelace"}),
        ),
        (
            checkout(),
            "checkout",
            json!({"checkout_email": "ada@example.com", "checkout_holder": "Ada Lovelace"}),
        ),
    ] {
        let token = shop.token(body.clone()).await;
        for body in [body, json!({"token": token})] {
            let made = shop.post(VAULTS, body).await.data(201, "payment_source");
            assert_eq!(made["type"], kind);
            for (name, value) in shown.as_object().unwrap() {
                assert_eq!(made[name], *value, "{name} in {made}");
            }
        }
    }
    let token = shop.token(with(card("3530111333300000"), json!({"phone": "+61412345678"}))).await;
    let made = shop.post("/v1/vault-tokens", json!({"token": token})).await.data(201, "payment_source");
    assert_eq!((&made["card_scheme"], &made["phone"]), (&json!("japcb"), &json!("+61412345678")));
    let answer = shop.post(VAULTS, json!({})).await;
    answer.refused(400, "required_error", "required", Some("card_name"));
    let answer = shop.post(VAULTS, json!({"token": 5})).await;
    answer.refused(400, "validation_error", "wrong_type", Some("token"));
    assert_eq!(answer.body["resource"], json!({"type": "payment_source"}));
}

#[tokio::test]
async fn a_vault_token_is_changed_but_for_its_number() {
    let shop = Shop::open().await;
    let token = shop.vault_token("4111111111111111").await;
    let path = format!("{VAULTS}/{token}");
    shop.advance_ms(5);
    let change = with(
        json!({"card_name": "Ada King", "expire_month": "1", "expire_year": "2031", "first_name": "Ada"}),
        address(),
    );
    let changed = shop.post(&path, change).await.data(200, "payment_source");
    assert_eq!((&changed["card_name"], &changed["first_name"]), (&json!("Ada King"), &json!("Ada")));
    assert_eq!((&changed["expire_month"], &changed["expire_year"]), (&json!(1), &json!(2031)));
    assert_eq!((&changed["address_city"], &changed["created_at"]), (&json!("Melbourne"), &json!(NOW)));
    assert_eq!(changed["updated_at"], "2026-11-23T02:02:03.047Z");
    assert_eq!(shop.get(&path).await.data(200, "payment_source"), changed);
    // What is wrong is disregarded, part by part.
    for wrong in [
        json!({"expire_month": "13"}),
        json!({"expire_year": "2001"}),
        json!({"card_name": 5, "phone": "0412"}),
        json!({"card_name": "4111 1111 1111 1111", "unknown": {}}),
    ] {
        let same = shop.post(&path, wrong).await.data(200, "payment_source");
        assert_eq!(same, changed);
    }
    let half = json!({"card_name": "Ada Byron", "expire_year": "2001"});
    let half = shop.post(&path, half).await.data(200, "payment_source");
    assert_eq!((&half["card_name"], &half["expire_year"]), (&json!("Ada Byron"), &json!(2031)));
    for name in ["card_number", "account_number", "account_routing", "account_bsb", "token"] {
        let answer = shop.post(&path, json!({name: "4111111111111111"})).await;
        answer.refused(400, "validation_error", "immutable", Some(name));
    }
    for body in [bank_account(), bsb()] {
        let made = shop.post(VAULTS, body).await.data(201, "payment_source");
        let path = format!("{VAULTS}/{}", made["vault_token"].as_str().unwrap());
        let renamed = shop.post(&path, json!({"account_name": "A. King"})).await.data(200, "payment_source");
        assert_eq!(
            (&renamed["account_name"], &renamed["account_number"]),
            (&json!("A. King"), &made["account_number"])
        );
    }
}

#[tokio::test]
async fn an_archived_vault_token_is_shown_and_good_for_nothing() {
    let shop = Shop::open().await;
    let token = shop.vault_token("4111111111111111").await;
    let path = format!("{VAULTS}/{token}");
    let archived = shop.delete(&path).await.data(200, "payment_source");
    assert_eq!((&archived["status"], &archived["archived"]), (&json!("archived"), &json!(true)));
    assert_eq!(shop.get(&path).await.data(200, "payment_source"), archived);
    shop.delete(&path).await.refused(400, "unfulfilled_condition", "archived", None);
    shop.post(&path, json!({})).await.refused(400, "unfulfilled_condition", "archived", None);
    let source = json!({"type": "card", "vault_token": token});
    let answer = shop.post("/v1/customers", json!({"payment_source": source})).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("payment_source.vault_token"));
    let charge = json!({"amount": 1, "currency": "AUD", "customer": {"payment_source": source}});
    let answer = shop.post("/v1/charges", charge).await;
    answer.refused(400, "unfulfilled_condition", "archived", Some("customer.payment_source.vault_token"));
}

#[tokio::test]
async fn another_merchants_vault_tokens_and_unknown_ones_are_not_found() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let token = other.vault_token("4111111111111111").await;
    for token in [token.as_str(), "0f0e0d0c-0b0a-4908-8706-050403020100", "%FF"] {
        let path = format!("{VAULTS}/{token}");
        shop.get(&path).await.refused(404, "not_found", "not_found", None);
        shop.post(&path, json!({})).await.refused(404, "not_found", "not_found", None);
        shop.delete(&path).await.refused(404, "not_found", "not_found", None);
    }
    // A customer's payment source is no vault token.
    let customer = other.customer().await;
    let source = customer["payment_sources"][0]["_id"].as_str().unwrap();
    other.get(&format!("{VAULTS}/{source}")).await.refused(404, "not_found", "not_found", None);
}

#[tokio::test]
async fn lists_are_paged() {
    let shop = Shop::open().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        shop.advance_ms(1);
        tokens.push(json!(shop.vault_token("4111111111111111").await));
    }
    let ids = |items: &[Value]| items.iter().map(|item| item["vault_token"].clone()).collect::<Vec<_>>();
    let (items, numbers) = shop.get(VAULTS).await.list("payment_source");
    assert_eq!(numbers, [3, 100, 0]);
    assert_eq!(ids(&items), [tokens[2].clone(), tokens[1].clone(), tokens[0].clone()]);
    let (items, numbers) =
        shop.get("/v1/vault-tokens?limit=1&skip=1&sortdirection=asc").await.list("payment_source");
    assert_eq!((ids(&items), numbers), (vec![tokens[1].clone()], [3, 1, 1]));
    shop.delete(&format!("{VAULTS}/{}", tokens[0].as_str().unwrap())).await.data(200, "payment_source");
    let (items, _) = shop.get(&format!("{VAULTS}?archived=true")).await.list("payment_source");
    assert_eq!(ids(&items), [tokens[0].clone()]);
    let (_, numbers) = shop.get(&format!("{VAULTS}?archived=false&limit=5000")).await.list("payment_source");
    assert_eq!(numbers, [2, 100, 0]);
}

#[tokio::test]
async fn the_code_of_a_card_is_not_kept() {
    let shop = Shop::open().await;
    let token = shop.vault_token("4111111111111111").await;
    let tenant = {
        let id = shop.secret_key.split('_').nth(2).unwrap();
        shop.vault.vaulting.store().api_key(id).await.unwrap().unwrap().tenant
    };
    let id = vault::domain::PaymentMethodId::new(token);
    let method = shop.vault.vaulting.store().payment_method(&tenant, &id).await.unwrap().unwrap();
    let instrument::Instrument::Card(card) = shop.vault.vaulting.instrument(&tenant, &method).unwrap() else {
        panic!("it is a card")
    };
    assert!(card.code().is_none());
}
