//! `/v1/customers`.

use serde_json::{Value, json};

use crate::support::{Vault, account, visa};

#[tokio::test]
async fn a_customer_is_created_read_changed_and_deleted() {
    let vault = Vault::start().await;
    let created = vault
        .call(
            "POST",
            "/v1/customers",
            json!({
                "first_name": " Ada ", "last_name": "Lovelace", "company": "Analytical Engines",
                "email": "ada@example.com", "phone": "+1 415 555 0123", "description": "First\nof all",
                "metadata": {"order": 7, "vip": true},
            }),
        )
        .await
        .expect(201);
    assert_eq!(created["object"], "customer");
    assert_eq!((&created["first_name"], &created["phone"]), (&json!("Ada"), &json!("+14155550123")));
    assert_eq!(created["default_payment_method"], Value::Null);
    let path = format!("/v1/customers/{}", created["id"].as_str().unwrap());
    assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), created);

    vault.clock.advance_ms(1500);
    let patch = json!({"last_name": "Byron", "company": null, "metadata": {"order": null, "note": "x"}});
    let changed = vault.call("PATCH", &path, patch).await.expect(200);
    assert_eq!((&changed["first_name"], &changed["last_name"]), (&json!("Ada"), &json!("Byron")));
    assert_eq!(
        (&changed["company"], &changed["metadata"]),
        (&Value::Null, &json!({"vip": true, "note": "x"}))
    );
    assert_eq!(changed["created_at"], created["created_at"]);
    assert_ne!(changed["updated_at"], created["updated_at"]);
    assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), changed);

    let deleted = vault.call("DELETE", &path, Value::Null).await.expect(200);
    assert_eq!(deleted, json!({"id": created["id"], "deleted": true}));
    for method in ["GET", "DELETE"] {
        vault.call(method, &path, Value::Null).await.expect_error(404, "not_found");
    }
    vault.call("PATCH", &path, json!({})).await.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_customer_from_a_token_has_its_payment_method_as_default() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let customer = vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
    let method = customer["default_payment_method"].as_str().unwrap();
    let read = vault.call("GET", &format!("/v1/payment-methods/{method}"), Value::Null).await.expect(200);
    assert_eq!(read["customer_id"], customer["id"]);

    let id = customer["id"].as_str().unwrap();
    let second = vault.token(account()).await;
    let body = json!({"token": second, "customer_id": id});
    let second = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let path = format!("/v1/customers/{id}");
    let unchanged = vault.call("GET", &path, Value::Null).await.expect(200);
    assert_eq!(unchanged["default_payment_method"], method);
    let body = json!({"default_payment_method": second["id"]});
    let changed = vault.call("PATCH", &path, body).await.expect(200);
    assert_eq!(changed["default_payment_method"], second["id"]);

    // Deleting the default leaves none; deleting the customer deletes what it had.
    let second_path = format!("/v1/payment-methods/{}", second["id"].as_str().unwrap());
    vault.call("DELETE", &second_path, Value::Null).await.expect(200);
    let without = vault.call("GET", &path, Value::Null).await.expect(200);
    assert_eq!(without["default_payment_method"], Value::Null);
    vault.call("DELETE", &path, Value::Null).await.expect(200);
    let gone = vault.call("GET", &format!("/v1/payment-methods/{method}"), Value::Null).await;
    gone.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_default_must_be_the_customers_own() {
    let vault = Vault::start().await;
    let (id, token) = (vault.customer().await, vault.token(visa()).await);
    let orphan = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    for method in [orphan["id"].clone(), json!("pm_nothing")] {
        let body = json!({"default_payment_method": method, "first_name": "Eve"});
        let refused = vault.call("PATCH", &format!("/v1/customers/{id}"), body).await;
        let error = refused.expect_error(404, "not_found");
        assert_eq!(error["field"], "default_payment_method");
    }
    let unchanged = vault.call("GET", &format!("/v1/customers/{id}"), Value::Null).await.expect(200);
    assert_eq!(unchanged["first_name"], "Ada");
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let vault = Vault::start().await;
    let mut ids = Vec::new();
    for index in 0..7 {
        // Some share their creation time.
        if index % 2 == 0 {
            vault.clock.advance_ms(1000);
        }
        ids.push(vault.customer().await);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/customers?limit=3".to_owned();
    let sizes: Vec<_> = loop {
        let page = vault.call("GET", &path, Value::Null).await.expect(200);
        assert_eq!(page["object"], "list");
        seen.push(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|customer| customer["id"].clone())
                .collect::<Vec<_>>(),
        );
        match page["next"].as_str() {
            Some(next) => {
                assert_eq!(page["has_more"], true);
                path = format!("/v1/customers?limit=3&starting_after={next}");
            }
            None => {
                assert_eq!(page["has_more"], false);
                break seen.iter().map(Vec::len).collect();
            }
        }
    };
    assert_eq!(sizes, [3, 3, 1]);
    let mut all: Vec<_> = seen.into_iter().flatten().map(|id| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(all[0], ids[6]);
    all.sort();
    ids.sort();
    assert_eq!(all, ids);

    for limit in ["0", "101", "-1", "ten", ""] {
        let refused = vault.call("GET", &format!("/v1/customers?limit={limit}"), Value::Null).await;
        refused.expect_error(400, "query_invalid");
    }
    vault.call("GET", "/v1/customers?page=2", Value::Null).await.expect_error(400, "query_invalid");
    let unknown = vault.call("GET", "/v1/customers?starting_after=cus_nobody", Value::Null).await;
    unknown.expect_error(404, "not_found");
}

#[tokio::test]
async fn a_list_goes_on_when_what_was_shown_is_deleted() {
    let vault = Vault::start().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(vault.customer().await);
        vault.clock.advance_ms(1);
    }
    let first = vault.call("GET", "/v1/customers?limit=2", Value::Null).await.expect(200);
    for customer in first["data"].as_array().unwrap() {
        let path = format!("/v1/customers/{}", customer["id"].as_str().unwrap());
        vault.call("DELETE", &path, Value::Null).await.expect(200);
    }
    let next = first["next"].as_str().unwrap();
    let rest = vault.call("GET", &format!("/v1/customers?starting_after={next}"), Value::Null).await;
    let rest = rest.expect(200);
    assert_eq!(rest["data"][0]["id"], ids[1]);
    assert_eq!(rest["data"][1]["id"], ids[0]);
    assert_eq!((&rest["has_more"], &rest["next"]), (&json!(false), &Value::Null));
    // The id of what is still there does too.
    let rest = vault.call("GET", &format!("/v1/customers?starting_after={}", ids[1]), Value::Null).await;
    assert_eq!(rest.expect(200)["data"][0]["id"], ids[0]);
}

#[tokio::test]
async fn another_merchants_customer_is_not_there() {
    let vault = Vault::start().await;
    let (_, other) = vault.another_merchant().await;
    let id = vault.customer().await;
    for (method, body) in
        [("GET", Value::Null), ("PATCH", json!({"first_name": "Eve"})), ("DELETE", Value::Null)]
    {
        let foreign = vault.call_with(&other, method, &format!("/v1/customers/{id}"), body.clone()).await;
        let missing = vault.call_with(&other, method, "/v1/customers/cus_11111111111111111111", body).await;
        foreign.expect_error(404, "not_found");
        assert_eq!(foreign.bytes, missing.bytes);
    }
    let foreign =
        vault.call_with(&other, "GET", &format!("/v1/customers?starting_after={id}"), Value::Null).await;
    foreign.expect_error(404, "not_found");
    let listed = vault.call_with(&other, "GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(listed["data"], json!([]));
    vault.call("GET", &format!("/v1/customers/{id}"), Value::Null).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_patches_all_count() {
    let vault = std::sync::Arc::new(Vault::start().await);
    let path = format!("/v1/customers/{}", vault.customer().await);
    let patches: Vec<_> = (0..48)
        .map(|index| {
            let (vault, path) = (std::sync::Arc::clone(&vault), path.clone());
            let body = json!({"metadata": {format!("k{index}"): index}});
            tokio::spawn(async move { vault.call("PATCH", &path, body).await.expect(200) })
        })
        .collect();
    for patch in patches {
        patch.await.unwrap();
    }
    let customer = vault.call("GET", &path, Value::Null).await.expect(200);
    let metadata = customer["metadata"].as_object().unwrap();
    assert_eq!(metadata.len(), 48);
    for index in 0..48 {
        assert_eq!(metadata[&format!("k{index}")], index);
    }
}
