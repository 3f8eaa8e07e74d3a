//! Addresses of a customer.

use serde_json::json;

use crate::shop::{Shop, address};

#[tokio::test]
async fn the_only_address_is_the_default_and_takes_over_when_others_go() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let base = format!("/api/vault/customer/{id}/address");
    let record = shop.post(&base, address("One")).await.record();
    let one = record["data"]["customer"]["addresses"][0]["id"].clone();
    let defaults = |record: &serde_json::Value| {
        let defaults = &record["data"]["customer"]["defaults"];
        [defaults["billing_address_id"].clone(), defaults["shipping_address_id"].clone()]
    };
    assert_eq!(defaults(&record), [one.clone(), one.clone()]);

    let record = shop.post(&base, address("Two")).await.record();
    let two = record["data"]["customer"]["addresses"][1]["id"].clone();
    assert_eq!(defaults(&record), [one.clone(), one.clone()], "a further address is no default");
    let record = shop.post(&base, address("Three")).await.record();
    let three = record["data"]["customer"]["addresses"][2]["id"].clone();
    assert!(one != two && two != three);

    let deleted = shop.delete(&format!("{base}/{}", one.as_str().unwrap())).await;
    assert_eq!((deleted.status, deleted.body), (200, json!({"status": "success", "msg": "success"})));
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(defaults(&record), [json!(""), json!("")], "two are left: none is the default");
    shop.delete(&format!("{base}/{}", two.as_str().unwrap())).await;
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(defaults(&record), [three.clone(), three.clone()], "the only one left is the default");
    shop.delete(&format!("{base}/{}", three.as_str().unwrap())).await;
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(record["data"]["customer"]["addresses"], json!([]));
    assert_eq!(defaults(&record), [json!(""), json!("")]);
    shop.delete(&format!("{base}/{}", three.as_str().unwrap())).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn an_update_changes_the_members_sent_and_the_hash() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_billing_address": address("Before")})).await;
    let id = record["id"].as_str().unwrap();
    let before = record["data"]["customer"]["addresses"][0].clone();
    let path = format!("/api/vault/customer/{id}/address/{}", before["id"].as_str().unwrap());
    let record = shop.post(&path, json!({"city": "After", "fax": ""})).await.record();
    let after = &record["data"]["customer"]["addresses"][0];
    let mut expected = before.clone();
    expected["city"] = json!("After");
    expected["fax"] = json!("");
    expected["hash"] = after["hash"].clone();
    assert_eq!(*after, expected);
    assert_ne!(after["hash"], before["hash"]);
    let back = shop.post(&path, json!({"city": "Before", "fax": before["fax"]})).await.record();
    assert_eq!(back["data"]["customer"]["addresses"][0], before, "equal content, equal hash");
}

#[tokio::test]
async fn every_member_is_kept() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let sent = json!({
        "first_name": "Zoë", "last_name": "O'Neill", "company": "Ünïon & Co", "line_1": "1 Main St",
        "line_2": "c/o X", "city": "Reykjavík", "state": "CA", "postal_code": "12345-6789", "country": "us",
        "email": "zoe+shop@mail.example.com", "phone": "+1 (321) 654-0987", "fax": "3216540987",
    });
    let record = shop.post(&format!("/api/vault/customer/{id}/address"), sent.clone()).await.record();
    let mut kept = record["data"]["customer"]["addresses"][0].clone();
    let kept = kept.as_object_mut().unwrap();
    assert!(kept.remove("id").is_some() && kept.remove("hash").is_some());
    let mut expected = sent;
    expected["country"] = json!("US");
    assert_eq!(json!(kept), expected);
}

#[tokio::test]
async fn other_customers_and_merchants_addresses_are_out_of_reach() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let record = shop.create(json!({"default_billing_address": address("Mine")})).await;
    let (id, address_id) =
        (record["id"].as_str().unwrap(), record["data"]["customer"]["addresses"][0]["id"].as_str().unwrap());
    let second = shop.customer(json!({})).await;
    let mine = format!("/api/vault/customer/{id}/address/{address_id}");
    let crossed = format!("/api/vault/customer/{second}/address/{address_id}");
    for (who, path) in [(&shop, &crossed), (&other, &mine)] {
        who.post(path, json!({"city": "Stolen"})).await.refused(404, "not_found", None);
        who.delete(path).await.refused(404, "not_found", None);
    }
    let base = format!("/api/vault/customer/{id}/address");
    other.post(&base, address("Theirs")).await.refused(404, "not_found", None);
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
}

#[tokio::test]
async fn a_wrong_member_stores_nothing() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let base = format!("/api/vault/customer/{id}/address");
    for (body, code, field) in [
        (json!({"email": "a@b"}), "invalid_email", "email"),
        (json!({"country": "United States"}), "invalid_country", "country"),
        (json!({"phone": "unlisted"}), "invalid_phone", "phone"),
        (json!({"first_name": "x".repeat(256)}), "too_long", "first_name"),
        (json!({"first_name": "4111111111111111"}), "contains_card_number", "first_name"),
        (json!({"street": "x"}), "unknown_field", "street"),
        (json!({"id": "mine"}), "unknown_field", "id"),
    ] {
        shop.post(&base, body).await.refused(400, code, Some(field));
    }
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(record["data"]["customer"]["addresses"], json!([]));
}
