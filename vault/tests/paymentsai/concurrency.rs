//! Many requests at once: one winner for each token, no lost update, one default.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::shop::{APPROVED, DECLINED, Shop, jane};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_attach_or_charge_a_token_one_wins() {
    let shop = Shop::open().await;
    for round in 0..6 {
        let customer = shop.customer(jane()).await;
        // A declined charge consumes the token as well.
        let token = shop.card_token(if round % 2 == 0 { APPROVED } else { DECLINED }).await;
        let mut tasks = JoinSet::new();
        for spender in 0..16 {
            let (shop, token, customer) = (shop.clone(), token.clone(), customer.clone());
            tasks.spawn(async move {
                if spender % 2 == 0 {
                    shop.charge(&customer, json!({"token": token})).await
                } else {
                    let path = format!("/customers/{customer}/payment-instruments");
                    shop.post(&path, json!({"token": token})).await
                }
            });
        }
        let answers = tasks.join_all().await;
        let winners: Vec<&Value> =
            answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer.body).collect();
        assert_eq!(winners.len(), 1, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status, &answer.body["errorCode"]), (409, &json!("token_already_used")));
        }
        let charged = winners[0].get("result").is_some();
        let instruments = shop.get(&format!("/customers/{customer}/payment-instruments")).await.total();
        let transactions = shop.get(&format!("/transactions?customerId={customer}")).await.total();
        assert_eq!(transactions, u64::from(charged));
        let kept = !charged || winners[0]["result"] == "approved";
        assert_eq!(instruments, u64::from(kept));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_is_lost() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let mut tasks = JoinSet::new();
    let members =
        ["firstName", "lastName", "email", "phoneNumber", "language", "address", "metadata", "customFields"];
    let definition = json!({"name": "n", "resource": "customers", "description": "n", "type": "number"});
    shop.post("/custom-fields", definition).await.ok(201);
    for member in members {
        let (shop, path) = (shop.clone(), format!("/customers/{id}"));
        tasks.spawn(async move {
            let value = match member {
                "email" => json!("jane@example.com"),
                "phoneNumber" => json!("5550100"),
                "language" => json!("en"),
                "address" => json!({"city": "Rome"}),
                "metadata" | "customFields" => json!({"n": 1}),
                _ => json!("Jane"),
            };
            shop.put(&path, json!({member: value})).await.ok(200)
        });
    }
    tasks.join_all().await;
    let customer = shop.get(&format!("/customers/{id}")).await.ok(200);
    for member in members {
        assert!(!customer[member].is_null() && customer[member] != json!({}), "{member} in {customer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn there_is_one_default_whoever_was_last() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(shop.attached(&customer, APPROVED).await);
    }
    let path = format!("/customers/{customer}/payment-instruments");
    let mut tasks = JoinSet::new();
    for turn in 0..16 {
        let (shop, path) = (shop.clone(), format!("{path}/{}/default", ids[turn % ids.len()]));
        tasks.spawn(async move { shop.post(&path, Value::Null).await.ok(200) });
    }
    tasks.join_all().await;
    let listed = shop.get(&path).await.ok(200);
    let defaults = listed.as_array().unwrap().iter().filter(|item| item["isDefault"] == true).count();
    assert_eq!(defaults, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_customer_deleted_during_charges_has_no_payment_afterwards() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    shop.attached(&customer, APPROVED).await;
    let mut tasks = JoinSet::new();
    for turn in 0..12 {
        let (shop, customer) = (shop.clone(), customer.clone());
        tasks.spawn(async move {
            if turn == 5 {
                shop.delete(&format!("/customers/{customer}")).await
            } else {
                shop.charge(&customer, Value::Null).await
            }
        });
    }
    let answers = tasks.join_all().await;
    let paid = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| !matches!(answer.status, 201 | 204)) {
        // Refused when it was read, or by the transaction's own guard.
        assert!(matches!(answer.status, 404 | 409), "{}", answer.body);
    }
    assert_eq!(shop.get("/transactions").await.total(), paid as u64);
    let field = Some("customerId");
    shop.charge(&customer, Value::Null).await.refused(409, "customer_deleted", field);
}
