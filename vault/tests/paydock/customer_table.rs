//! Each row of the table of Paydock's customer document, in each of its four flows: present, absent, and in
//! a wrong format. The table itself is `customer_table.json`.

use serde_json::{Value, json};

use crate::shop::{Shop, address, card, with};

/// The rows, in the document's order.
const TABLE: &str = include_str!("customer_table.json");

/// A request that is right in one flow, with every member that the flow can have.
async fn whole(shop: &Shop, flow: u64) -> Value {
    let profile = json!({
        "reference": "ref 7", "description": "A customer", "company_name": "Engines", "first_name": "Ada",
        "last_name": "Lovelace", "email": "ada@example.com", "phone": "+12345678901",
        "default_source": "0123456789abcdef01234567",
    });
    let gateway = shop.gateway().await;
    let source = |of: Value| with(of, address());
    let paid = match flow {
        1 => {
            json!({"payment_source": source(with(card("4111111111111111"), json!({"gateway_id": gateway})))})
        }
        2 => {
            let token = shop.token(card("4111111111111111")).await;
            json!({"token": token, "payment_source": source(json!({"type": "card", "gateway_id": gateway}))})
        }
        3 | 4 => {
            let vault_token = shop.vault_token("4111111111111111").await;
            let of = json!({"type": "card", "vault_token": vault_token});
            let of = if flow == 3 { with(of, json!({"gateway_id": gateway})) } else { of };
            json!({"payment_source": source(of)})
        }
        _ => panic!("there are four flows"),
    };
    with(profile, paid)
}

/// Where a row's member stands in a request.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

/// The request without a member.
fn absent(mut body: Value, field: &str) -> Value {
    let (parent, name) = field.rsplit_once('.').map_or(("", field), |(parent, name)| (parent, name));
    let parent = if parent.is_empty() { String::new() } else { pointer(parent) };
    body.pointer_mut(&parent).unwrap().as_object_mut().unwrap().remove(name);
    body
}

/// What of an answer tells whether a row's value was taken.
fn shown(customer: &Value, row: &Value) -> Value {
    row["shown"].as_str().map_or(Value::Null, |at| customer.pointer(at).cloned().unwrap_or(Value::Null))
}

/// Whether a flow has a member at all.
fn has(body: &Value, field: &str) -> bool {
    body.pointer(&pointer(field)).is_some()
}

#[tokio::test]
async fn every_row_holds_in_every_flow() {
    let shop = Shop::open().await;
    let rows: Vec<Value> = serde_json::from_str(TABLE).unwrap();
    assert_eq!(rows.len(), 24);
    let mut checked = 0;
    for row in &rows {
        let field = row["field"].as_str().unwrap();
        let required: Vec<u64> =
            row["required"].as_array().unwrap().iter().map(|flow| flow.as_u64().unwrap()).collect();
        for flow in 1..=4_u64 {
            let at = format!("{field} in flow {flow}");
            // Present.
            let body = whole(&shop, flow).await;
            let customer = shop.post("/v1/customers", body.clone()).await.data(201, "customer");
            if has(&body, field)
                && let Some(expected) = row.get("value")
            {
                assert_eq!(shown(&customer, row), *expected, "{at}, present");
            }
            // Absent.
            let answer = shop.post("/v1/customers", absent(whole(&shop, flow).await, field)).await;
            if required.contains(&flow) {
                let path = row["missing"][flow.to_string()].as_str().unwrap_or(field);
                answer.refused(400, "required_error", "required", Some(path));
            } else {
                let customer = answer.data(201, "customer");
                if row["value"].is_string() && row["kept_without"].is_null() {
                    assert_eq!(shown(&customer, row), Value::Null, "{at}, absent");
                }
            }
            // In a wrong format.
            for wrong in row["wrong"].as_array().unwrap() {
                let mut body = whole(&shop, flow).await;
                let Some(place) = body.pointer_mut(&pointer(field)) else { continue };
                *place = wrong.clone();
                let answer = shop.post("/v1/customers", body).await;
                if required.contains(&flow) {
                    assert_eq!(answer.status, 400, "{at}: {wrong}: {}", answer.body);
                    assert_eq!(answer.body["error"]["code"], "validation_error", "{at}: {wrong}");
                    assert_eq!(answer.body["error"]["path"], field, "{at}: {wrong}");
                } else {
                    let customer = answer.data(201, "customer");
                    if row["value"].is_string() && row["kept_without"].is_null() {
                        assert_eq!(shown(&customer, row), Value::Null, "{at}: {wrong}");
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}
