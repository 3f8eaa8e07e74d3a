//! The OpenAPI document: every operation, and every answer by its schema.

use serde_json::Value;

use crate::shop::Shop;

#[tokio::test]
async fn the_document_tells_of_every_operation_and_refusal() {
    let shop = Shop::open().await;
    let answer = shop.send("GET", "/openapi.json", &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let paths = answer.body["paths"].as_object().unwrap();
    let mut operations = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(format!("{} {path}", method.to_uppercase()));
            for status in ["400", "403", "405", "500", "503"] {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/FailedAnswer", "{method} {path} {status}");
            }
        }
    }
    operations.sort();
    assert_eq!(
        operations,
        [
            "DELETE /v1/customers/{id}",
            "DELETE /v1/customers/{id}/payment_sources/{payment_source_id}",
            "DELETE /v1/vault/payment_sources/{vault_token}",
            "GET /v1/charges",
            "GET /v1/charges/{id}",
            "GET /v1/customers",
            "GET /v1/customers/{id}",
            "GET /v1/gateways",
            "GET /v1/vault/payment_sources",
            "GET /v1/vault/payment_sources/{vault_token}",
            "POST /v1/charges",
            "POST /v1/customers",
            "POST /v1/customers/{id}",
            "POST /v1/payment_sources/tokens",
            "POST /v1/vault/payment_sources",
            "POST /v1/vault/payment_sources/{vault_token}",
        ]
    );
    let schemas = answer.body["components"]["schemas"].as_object().unwrap();
    references(&answer.body, &mut |name| assert!(schemas.contains_key(name), "{name} has no schema"));
}

/// Every schema that something refers to.
fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found(name.rsplit('/').next().unwrap());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
