//! Create, retrieve, list, search and update customers, as the customer document shows it.

use serde_json::{Value, json};

use crate::shop::{Shop, jane};

#[tokio::test]
async fn the_documents_customer_is_created_and_read_back() {
    let shop = Shop::open().await;
    let created = shop.post("/customers", jane()).await.ok(201);
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        created,
        json!({
            "id": id,
            "firstName": "Jane",
            "lastName": "Doe",
            "email": "jane@example.com",
            "phoneNumber": "+1-555-0100",
            "language": "en",
            "address": {
                "country": "US", "address1": "123 Main St", "city": "Springfield", "region": "IL", "zip": "62701",
            },
            "metadata": {},
            "customFields": {},
            "defaultPaymentInstrumentId": null,
            "status": "active",
            "createdTime": "2026-11-23T02:02:03+00:00",
            "updatedTime": "2026-11-23T02:02:03+00:00",
        })
    );
    assert_eq!(id.len(), 36, "a UUID, as in the samples: {id}");
    assert_eq!(shop.get(&format!("/customers/{id}")).await.ok(200), created);
}

#[tokio::test]
async fn nothing_is_required_of_a_customer() {
    let shop = Shop::open().await;
    let created = shop.post("/customers", json!({})).await.ok(201);
    for member in ["firstName", "lastName", "email", "phoneNumber", "language", "address"] {
        assert_eq!(created[member], Value::Null, "{member}");
    }
}

#[tokio::test]
async fn the_tutorials_nested_address_is_the_same_address() {
    let shop = Shop::open().await;
    for street in ["address", "address1"] {
        let body = json!({
            "firstName": "John", "lastName": "Doe", "email": "john@example.com", "phoneNumber": "123-456-7890",
            "primaryAddress": {"customerAddress": {
                street: "36 Craven St", "city": "London", "region": "London", "country": "GB", "zip": "WC2N 5NF",
            }},
        });
        let created = shop.post("/customers", body).await.ok(201);
        assert_eq!(created["address"]["address1"], "36 Craven St");
        assert_eq!(created["address"]["zip"], "WC2N 5NF");
    }
}

#[tokio::test]
async fn an_update_changes_what_it_says_and_nothing_else() {
    let shop = Shop::open().await;
    let id = shop.customer(jane()).await;
    let path = format!("/customers/{id}");
    let before = shop.get(&path).await.ok(200);
    shop.advance_ms(5_000);
    let sent = json!({"email": "jane.doe@example.com", "phoneNumber": "+1-555-0199"});
    let after = shop.put(&path, sent).await.ok(200);
    let mut expected = before;
    expected["email"] = json!("jane.doe@example.com");
    expected["phoneNumber"] = json!("+1-555-0199");
    expected["updatedTime"] = json!("2026-11-23T02:02:08+00:00");
    assert_eq!(after, expected);
    assert_eq!(shop.get(&path).await.ok(200), expected);
}

#[tokio::test]
async fn every_other_member_can_be_updated_and_a_text_cleared() {
    let shop = Shop::open().await;
    let path = format!("/customers/{}", shop.customer(jane()).await);
    let sent = json!({
        "firstName": "", "lastName": "Roe", "language": "es", "metadata": {"tier": "gold", "orders": [1, 2]},
        "isEnhancedDueDiligenceRequired": true,
        "address": {"country": "gb", "address1": "36 Craven St", "city": "London"},
    });
    let after = shop.put(&path, sent).await.ok(200);
    assert_eq!(after["firstName"], Value::Null);
    assert_eq!((&after["lastName"], &after["language"]), (&json!("Roe"), &json!("es")));
    assert_eq!(after["metadata"], json!({"tier": "gold", "orders": [1, 2]}));
    assert_eq!(after["isEnhancedDueDiligenceRequired"], true);
    // The address is replaced whole.
    let address =
        json!({"country": "GB", "address1": "36 Craven St", "city": "London", "region": null, "zip": null});
    assert_eq!(after["address"], address);
    // Metadata, too; what is null counts as not sent.
    let after = shop.put(&path, json!({"metadata": {}, "language": "", "lastName": null})).await.ok(200);
    assert_eq!((&after["metadata"], &after["language"]), (&json!({}), &Value::Null));
    assert_eq!(after["lastName"], "Roe");
    assert_eq!(shop.get(&path).await.ok(200), after);
}

#[tokio::test]
async fn an_address_can_be_added_later() {
    let shop = Shop::open().await;
    let path = format!("/customers/{}", shop.customer(json!({})).await);
    let after = shop.put(&path, json!({"address": {"city": "Rome", "address2": "2nd floor"}})).await.ok(200);
    assert_eq!(after["address"]["city"], "Rome");
    assert_eq!(after["address"]["address2"], "2nd floor");
    let after = shop.put(&path, json!({"address": {}})).await.ok(200);
    assert_eq!(after["address"], Value::Null);
    let after = shop.put(&path, json!({"address": {"city": "Oslo"}})).await.ok(200);
    assert_eq!(shop.get(&path).await.ok(200)["address"], after["address"]);
}

#[tokio::test]
async fn patch_does_the_same_as_put() {
    let shop = Shop::open().await;
    let id = shop.customer(jane()).await;
    let path = shop.path(&format!("/customers/{id}"));
    let after = shop.call("PATCH", &path, json!({"lastName": "Roe"})).await.ok(200);
    assert_eq!((&after["firstName"], &after["lastName"]), (&json!("Jane"), &json!("Roe")));
}

#[tokio::test]
async fn the_id_cannot_be_changed() {
    let shop = Shop::open().await;
    let id = shop.customer(jane()).await;
    let path = format!("/customers/{id}");
    shop.put(&path, json!({"id": "another", "lastName": "Roe"})).await.refused(
        422,
        "customer_id_fixed",
        Some("id"),
    );
    assert_eq!(shop.get(&path).await.ok(200)["lastName"], "Doe");
    assert_eq!(shop.put(&path, json!({"id": id, "lastName": "Roe"})).await.ok(200)["lastName"], "Roe");
    shop.post("/customers", json!({"id": "mine"})).await.refused(400, "unknown_field", Some("id"));
}

#[tokio::test]
async fn an_unknown_customer_is_not_created_by_an_update() {
    let shop = Shop::open().await;
    shop.put("/customers/nobody", jane()).await.refused(404, "not_found", None);
    assert_eq!(shop.get("/customers").await.total(), 0);
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let shop = Shop::open().await;
    let mut created = Vec::new();
    for number in 0..25 {
        created.push(shop.customer(json!({"firstName": format!("Customer {number}")})).await);
        shop.advance_ms(1_000);
    }
    created.reverse();
    let all = shop.get("/customers").await;
    assert_eq!(all.ids(), created[..20], "20 unless said otherwise");
    assert_eq!(all.total(), 25);
    assert_eq!(
        (&all.headers["pagination-limit"], &all.headers["pagination-offset"]),
        (&"20".parse().unwrap(), &"0".parse().unwrap())
    );
    for (query, expected) in [
        ("limit=20&offset=0", &created[..20]),
        ("limit=0", &[] as &[String]),
        ("limit=1&offset=3", &created[3..4]),
        ("limit=20&offset=20", &created[20..]),
        ("limit=1000&offset=24", &created[24..]),
        ("offset=25", &[]),
        ("limit=&offset=", &created[..20]),
    ] {
        let page = shop.get(&format!("/customers?{query}")).await;
        assert_eq!(page.ids(), expected, "{query}");
        assert_eq!(page.total(), 25, "{query}");
    }
    for (query, code, field) in [
        ("limit=1001", "out_of_range", Some("limit")),
        ("limit=-1", "out_of_range", Some("limit")),
        ("offset=x", "out_of_range", Some("offset")),
        ("page=1", "unknown_parameter", None),
        ("limit=1&limit=2", "unknown_parameter", None),
    ] {
        shop.get(&format!("/customers?{query}")).await.refused(400, code, field);
    }
}

#[tokio::test]
async fn a_search_finds_names_and_email_addresses() {
    let shop = Shop::open().await;
    let jane = shop.customer(jane()).await;
    let bob = shop
        .customer(json!({
            "firstName": "Bob", "lastName": "Springfield", "email": "bob@shop.example",
            "metadata": {"friend": "jane"}, "phoneNumber": "5550100",
        }))
        .await;
    for (search, expected) in [
        ("jane", vec![&jane]),
        ("JANE", vec![&jane]),
        ("ane+Do", vec![&jane]),
        ("example.com", vec![&jane]),
        ("bob%40shop", vec![&bob]),
        ("example", vec![&bob, &jane]),
        ("nobody", vec![]),
        ("%25", vec![]),
        // Of the telephone number and metadata nothing is searched.
        ("5550100", vec![]),
    ] {
        let mut expected = expected;
        let found = shop.get(&format!("/customers?search={search}")).await;
        let mut ids = found.ids();
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected, "{search}");
        assert_eq!(found.total(), expected.len() as u64, "{search}");
    }
    assert_eq!(shop.get("/customers?search=").await.total(), 2);
    let long = "x".repeat(256);
    shop.get(&format!("/customers?search={long}")).await.refused(400, "too_long", Some("search"));
    shop.get("/customers?search=4111111111111111").await.refused(400, "contains_card_number", Some("search"));
}
