//! The customer document's table of fields, row by row: present, absent, in a wrong format.

use serde_json::{Value, json};

use crate::shop::Shop;

/// To be held against the document.
const TABLE: &str = include_str!("customer_fields.tsv");

#[tokio::test]
async fn every_row_of_the_table_holds_on_creation_and_on_update() {
    let shop = Shop::open().await;
    let rows: Vec<Vec<&str>> =
        TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 24);
    for row in rows {
        let [field, required, good, absent, wrong, code] = row[..] else { panic!("{row:?}") };
        assert_eq!(absent, "yes", "no row says that a field must be there");
        let id = shop.post("/customers", json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
        let path = format!("/customers/{id}");
        if required != "not there" {
            let good: Value = serde_json::from_str(good).unwrap();
            let created = shop.post("/customers", body(field, good.clone())).await.ok(201);
            assert_shows(&created, field, &good);
            let updated = shop.put(&path, body(field, good.clone())).await.ok(200);
            assert_shows(&updated, field, &good);
        }
        let wrong: Value = match wrong {
            "256 characters" => json!("x".repeat(256)),
            written => serde_json::from_str(written).unwrap(),
        };
        shop.post("/customers", body(field, wrong.clone())).await.refused(400, code, Some(field));
        let before = shop.get(&path).await.ok(200);
        shop.put(&path, body(field, wrong)).await.refused(400, code, Some(field));
        assert_eq!(shop.get(&path).await.ok(200), before, "{field}");
    }
}

#[track_caller]
fn assert_shows(customer: &Value, field: &str, expected: &Value) {
    let shown = field.split('.').fold(customer, |value, name| &value[name]);
    match expected {
        Value::Object(expected) if field == "address" => {
            for (name, value) in expected {
                assert_eq!(&shown[name], value, "{field}.{name}");
            }
        }
        expected => assert_eq!(shown, expected, "{field}"),
    }
}

fn body(field: &str, value: Value) -> Value {
    field.rsplit('.').fold(value, |value, name| json!({ name: value }))
}
