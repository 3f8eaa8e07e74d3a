//! Custom fields: defined once, populated per customer, checked by type.

use serde_json::{Value, json};

use crate::shop::{APPROVED, Shop};

fn definition(name: &str, schema: Value) -> Value {
    json!({"name": name, "resource": "customers", "description": "For tests.", "typeSchema": schema})
}

#[tokio::test]
async fn a_field_is_defined_listed_and_updated_by_its_name() {
    let shop = Shop::open().await;
    let schema =
        json!({"type": "string", "additionalSchema": {"maxLength": 100, "allowedValues": ["A", "B"]}});
    let defined = shop.post("/custom-fields", definition("tier", schema.clone())).await.ok(201);
    assert_eq!(
        defined,
        json!({
            "name": "tier",
            "resource": "customers",
            "description": "For tests.",
            "typeSchema": schema,
            "createdTime": "2026-11-23T02:02:03+00:00",
            "updatedTime": "2026-11-23T02:02:03+00:00",
        })
    );
    shop.advance_ms(1_000);
    let mut again = definition("tier", json!({"type": "string"}));
    again["description"] = json!("Another description.");
    let updated = shop.post("/custom-fields", again).await.ok(200);
    assert_eq!(updated["description"], "Another description.");
    assert_eq!(updated["typeSchema"], json!({"type": "string"}));
    assert_eq!(updated["createdTime"], defined["createdTime"]);
    assert_eq!(updated["updatedTime"], "2026-11-23T02:02:04+00:00");

    let short =
        json!({"name": "vip", "resource": "customers", "description": "Short form.", "type": "boolean"});
    shop.post("/custom-fields", short).await.ok(201);
    let listed = shop.get("/custom-fields").await;
    assert_eq!(listed.total(), 2);
    let names: Vec<&Value> = listed.body.as_array().unwrap().iter().map(|field| &field["name"]).collect();
    assert_eq!(names, ["vip", "tier"]);
    assert_eq!(shop.get("/custom-fields?limit=1&offset=1").await.body[0], updated);
    assert_eq!(shop.get("/custom-fields?resource=customers").await.total(), 2);
    assert_eq!(shop.get("/custom-fields?resource=plans").await.total(), 0);
    assert_eq!(shop.other_merchant().await.get("/custom-fields").await.total(), 0);
}

#[tokio::test]
async fn a_wrong_definition_is_refused() {
    let shop = Shop::open().await;
    let whole = definition("tier", json!({"type": "string"}));
    shop.post("/custom-fields", whole.clone()).await.ok(201);
    for (member, value, status, code) in [
        ("name", Value::Null, 400, "required"),
        ("name", json!("x".repeat(256)), 400, "too_long"),
        ("name", json!(APPROVED), 400, "contains_card_number"),
        ("resource", Value::Null, 400, "required"),
        ("resource", json!("invoices"), 400, "unknown_value"),
        ("resource", json!("plans"), 422, "custom_field_resource_unsupported"),
        ("description", Value::Null, 400, "required"),
        ("description", json!("x".repeat(256)), 400, "too_long"),
        ("typeSchema", Value::Null, 400, "required"),
        ("typeSchema", json!("string"), 400, "wrong_type"),
        ("type", json!("string"), 400, "one_of"),
        ("colour", json!("red"), 400, "unknown_field"),
    ] {
        let mut body = whole.clone();
        body[member] = value;
        let field = if member == "type" { "typeSchema" } else { member };
        shop.post("/custom-fields", body).await.refused(status, code, Some(field));
    }
    let other_type = definition("tier", json!({"type": "number"}));
    shop.post("/custom-fields", other_type).await.refused(
        409,
        "custom_field_type_fixed",
        Some("typeSchema.type"),
    );
    let unknown = definition("more", json!({"type": "color"}));
    shop.post("/custom-fields", unknown).await.refused(400, "unknown_value", Some("typeSchema.type"));
}

#[tokio::test]
async fn customers_are_populated_with_values_of_the_type() {
    let shop = Shop::open().await;
    for (name, kind) in [
        ("tier", "string"),
        ("seats", "integer"),
        ("vip", "boolean"),
        ("born", "date"),
        ("spent", "monetary"),
    ] {
        shop.post("/custom-fields", definition(name, json!({"type": kind}))).await.ok(201);
    }
    let values = json!({
        "tier": "gold", "seats": 3, "vip": true, "born": "2000-02-29", "spent": {"currency": "EUR", "amount": 25.3},
    });
    let created = shop.post("/customers", json!({"customFields": values})).await.ok(201);
    assert_eq!(created["customFields"], values);
    let path = format!("/customers/{}", created["id"].as_str().unwrap());

    // What is sent is set, null takes away, the rest stays.
    let sent = json!({"customFields": {"seats": 4, "vip": null}});
    let updated = shop.put(&path, sent).await.ok(200);
    let expected = json!({"tier": "gold", "seats": 4, "born": "2000-02-29", "spent": {"currency": "EUR", "amount": 25.3}});
    assert_eq!(updated["customFields"], expected);
    assert_eq!(shop.get(&path).await.ok(200)["customFields"], expected);

    for (name, wrong) in [
        ("tier", json!(1)),
        ("seats", json!("4")),
        ("seats", json!(4.5)),
        ("vip", json!("yes")),
        ("born", json!("29.2.2000")),
        ("spent", json!(25.3)),
        ("spent", json!({"currency": "EUR", "amount": 25.301})),
    ] {
        let field = format!("customFields.{name}");
        let body = json!({"customFields": {name: wrong}});
        shop.put(&path, body.clone()).await.refused(422, "custom_field_invalid", Some(&field));
        shop.post("/customers", body).await.refused(422, "custom_field_invalid", Some(&field));
    }
    let hidden = json!({"customFields": {"tier": APPROVED}});
    shop.put(&path, hidden).await.refused(400, "contains_card_number", Some("customFields.tier"));
    for name in ["colour", APPROVED] {
        let body = json!({"customFields": {name: "x"}});
        let refused = shop.put(&path, body).await;
        assert!(!refused.body.to_string().contains(name), "{}", refused.body);
        refused.refused(422, "custom_field_undefined", Some("customFields"));
    }
    assert_eq!(shop.get(&path).await.ok(200)["customFields"], expected);
}

#[tokio::test]
async fn required_fields_and_defaults_hold_for_new_customers() {
    let shop = Shop::open().await;
    let schema = json!({"type": "string", "additionalSchema": {"required": true}});
    shop.post("/custom-fields", definition("tier", schema)).await.ok(201);
    let schema = json!({"type": "boolean", "additionalSchema": {"default": false}});
    shop.post("/custom-fields", definition("vip", schema)).await.ok(201);
    let field = Some("customFields.tier");
    shop.post("/customers", json!({})).await.refused(422, "custom_field_required", field);
    let created = shop.post("/customers", json!({"customFields": {"tier": "gold"}})).await.ok(201);
    assert_eq!(created["customFields"], json!({"tier": "gold", "vip": false}));
    let path = format!("/customers/{}", created["id"].as_str().unwrap());
    let sent = json!({"customFields": {"tier": null}});
    shop.put(&path, sent).await.refused(422, "custom_field_required", field);
    shop.put(&path, json!({"firstName": "Jane"})).await.ok(200);
}

#[tokio::test]
async fn an_organization_defines_two_hundred_fields() {
    let shop = Shop::open().await;
    for number in 0..200 {
        let body = definition(&format!("field {number}"), json!({"type": "number"}));
        shop.post("/custom-fields", body).await.ok(201);
    }
    let more = definition("one more", json!({"type": "number"}));
    shop.post("/custom-fields", more).await.refused(409, "too_many_custom_fields", None);
    shop.post("/custom-fields", definition("field 7", json!({"type": "number"}))).await.ok(200);
}
