//! Soft deletion: old records resolve, new operations are refused.

use serde_json::json;

use crate::shop::{APPROVED, Shop, jane, sale};

#[tokio::test]
async fn what_a_deleted_customer_left_still_resolves() {
    let shop = Shop::open().await;
    let id = shop.customer(jane()).await;
    let path = format!("/customers/{id}");
    let instrument = shop.attached(&id, APPROVED).await;
    let paid = shop.charge(&id, json!(null)).await.ok(201);
    let before = shop.get(&path).await.ok(200);

    let deleted = shop.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body), (204, &json!(null)));

    let after = shop.get(&path).await.ok(200);
    assert_eq!(after["status"], "deleted");
    for member in ["id", "firstName", "lastName", "email", "address", "createdTime", "metadata"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    let transaction = format!("/transactions/{}", paid["id"].as_str().unwrap());
    assert_eq!(shop.get(&transaction).await.ok(200), paid);
    assert_eq!(
        shop.get(&format!("/transactions?customerId={id}")).await.ids(),
        [paid["id"].as_str().unwrap()]
    );
    let instruments = format!("{path}/payment-instruments");
    assert_eq!(shop.get(&instruments).await.ids(), [&*instrument]);
    let shown = shop.get(&format!("{instruments}/{instrument}")).await.ok(200);
    assert_eq!(shown["creditCard"]["creditCardLastFourDigits"], "1111");
}

#[tokio::test]
async fn a_deleted_customer_is_in_no_list_and_takes_part_in_nothing_new() {
    let shop = Shop::open().await;
    let id = shop.customer(jane()).await;
    let path = format!("/customers/{id}");
    let instrument = shop.attached(&id, APPROVED).await;
    let token = shop.card_token(APPROVED).await;
    shop.delete(&path).await.ok(204);

    assert_eq!(shop.get("/customers").await.total(), 0);
    assert_eq!(shop.get("/customers?search=jane").await.total(), 0);
    let code = "customer_deleted";
    shop.put(&path, json!({"email": "x@example.com"})).await.refused(409, code, None);
    shop.call("PATCH", &shop.path(&path), json!({})).await.refused(409, code, None);
    shop.delete(&path).await.refused(409, code, None);
    let instruments = format!("{path}/payment-instruments");
    shop.post(&instruments, json!({"token": token})).await.refused(409, code, None);
    let one = format!("{instruments}/{instrument}");
    shop.post(&format!("{one}/default"), json!(null)).await.refused(409, code, None);
    shop.post(&format!("{one}/deactivation"), json!(null)).await.refused(409, code, None);
    shop.delete(&one).await.refused(409, code, None);
    for instruction in [json!(null), json!({"paymentInstrumentId": instrument}), json!({"token": token})] {
        shop.post("/transactions", sale(&id, instruction)).await.refused(409, code, Some("customerId"));
    }
    assert_eq!(shop.get("/transactions").await.total(), 0);

    // Nothing of this has consumed the token.
    let other = shop.customer(json!({})).await;
    shop.charge(&other, json!({"token": token})).await.ok(201);
}
