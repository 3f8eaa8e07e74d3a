//! Searching: every member with both operators, date ranges, pages.

use serde_json::{Value, json};

use crate::shop::{Shop, ach, address, card};

/// Two customers that differ in everything a search can name.
async fn two(shop: &Shop) -> (Value, Value) {
    let first = shop
        .create(json!({
            "default_payment": {"card": card()},
            "default_billing_address": {
                "first_name": "Ada", "last_name": "Lovelace", "company": "Engines", "line_1": "1 Mill Road",
                "line_2": "Floor 1", "city": "London", "state": "LN", "postal_code": "11111", "country": "GB",
                "email": "ada@engines.com", "phone": "1111111111", "fax": "1111111112",
            },
        }))
        .await;
    shop.advance_ms(1_000);
    let second = shop
        .create(json!({
            "default_payment": {"ach": ach()},
            "default_billing_address": {
                "first_name": "Grace", "last_name": "Hopper", "company": "Navy", "line_1": "2 Ship Street",
                "line_2": "Deck 2", "city": "New York", "state": "NY", "postal_code": "22222", "country": "US",
                "email": "grace@navy.com", "phone": "2222222222", "fax": "2222222223",
            },
        }))
        .await;
    (first, second)
}

#[tokio::test]
async fn every_member_matches_and_excludes() {
    let shop = Shop::open().await;
    let (first, second) = two(&shop).await;
    let of = |record: &Value, path: &str| record.pointer(path).unwrap().clone();
    for (member, path) in [
        ("id", "/id"),
        ("address_id", "/data/customer/addresses/0/id"),
        ("first_name", "/data/customer/addresses/0/first_name"),
        ("last_name", "/data/customer/addresses/0/last_name"),
        ("company", "/data/customer/addresses/0/company"),
        ("address_line_1", "/data/customer/addresses/0/line_1"),
        ("address_line_2", "/data/customer/addresses/0/line_2"),
        ("city", "/data/customer/addresses/0/city"),
        ("state", "/data/customer/addresses/0/state"),
        ("postal_code", "/data/customer/addresses/0/postal_code"),
        ("country", "/data/customer/addresses/0/country"),
        ("email", "/data/customer/addresses/0/email"),
        ("phone", "/data/customer/addresses/0/phone"),
        ("fax", "/data/customer/addresses/0/fax"),
        ("payment_method_type", "/data/customer/defaults/payment_method_type"),
        ("payment_method_id", "/data/customer/defaults/payment_method_id"),
        ("billing_address_id", "/data/customer/defaults/billing_address_id"),
        ("shipping_address_id", "/data/customer/defaults/shipping_address_id"),
    ] {
        for (searched, other) in [(&first, &second), (&second, &first)] {
            let value = of(searched, path);
            let matching = shop.search(json!({member: {"value": value, "operator": "="}})).await.body;
            assert_eq!(matching["data"], json!([searched]), "{member} =");
            assert_eq!(matching["total_count"], 1);
            let differing = shop.search(json!({member: {"value": value, "operator": "!="}})).await.body;
            assert_eq!(differing["data"], json!([other]), "{member} !=");
            // Without an operator it is "=".
            let default = shop.search(json!({member: {"value": value}})).await.body;
            assert_eq!(default["data"], json!([searched]), "{member}");
        }
        if member != "payment_method_type" {
            let nobody = shop.search(json!({member: {"value": "nobody", "operator": "="}})).await.body;
            assert_eq!((&nobody["data"], &nobody["total_count"]), (&json!([]), &json!(0)), "{member}");
            let everybody = shop.search(json!({member: {"value": "nobody", "operator": "!="}})).await.body;
            assert_eq!(everybody["total_count"], 2, "{member}");
        }
    }
}

#[tokio::test]
async fn all_criteria_must_hold() {
    let shop = Shop::open().await;
    let (first, _) = two(&shop).await;
    let both = json!({
        "first_name": {"value": "Ada", "operator": "="},
        "city": {"value": "New York", "operator": "!="},
    });
    assert_eq!(shop.search(both).await.body["data"], json!([first]));
    let contradiction = json!({
        "first_name": {"value": "Ada", "operator": "="},
        "city": {"value": "New York", "operator": "="},
    });
    assert_eq!(shop.search(contradiction).await.body["total_count"], 0);
}

#[tokio::test]
async fn a_customer_with_several_addresses_is_excluded_by_any_of_them() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({"default_billing_address": address("One")})).await;
    shop.post(&format!("/api/vault/customer/{id}/address"), address("Two")).await.record();
    for (city, operator, count) in [
        ("One", "=", 1),
        ("Two", "=", 1),
        ("Three", "=", 0),
        ("One", "!=", 0),
        ("Two", "!=", 0),
        ("Three", "!=", 1),
    ] {
        let found = shop.search(json!({"city": {"value": city, "operator": operator}})).await.body;
        assert_eq!(found["total_count"], count, "{operator} {city}");
    }
}

#[tokio::test]
async fn dates_bound_creation_and_change() {
    let shop = Shop::open().await;
    let (first, second) = two(&shop).await;
    let (early, late) = (&first["created_at"], &second["created_at"]);
    for (range, expected) in [
        (json!({"start_date": early, "end_date": early}), vec![&first]),
        (json!({"start_date": late}), vec![&second]),
        (json!({"end_date": early}), vec![&first]),
        (json!({"start_date": early, "end_date": late}), vec![&second, &first]),
        (json!({"end_date": "2020-01-01"}), vec![]),
        (json!({"start_date": "2020-01-01"}), vec![&second, &first]),
        (json!({"start_date": "", "end_date": ""}), vec![&second, &first]),
    ] {
        for member in ["created_at", "updated_at"] {
            let found = shop.search(json!({member: range})).await.body;
            assert_eq!(found["data"], json!(expected), "{member} {range}");
        }
    }
    // Whole days count to their end.
    let day = early.as_str().unwrap()[..10].to_owned();
    let found = shop.search(json!({"created_at": {"start_date": day, "end_date": day}})).await.body;
    assert_eq!(found["total_count"], 2);

    shop.advance_ms(5_000);
    let id = first["id"].as_str().unwrap();
    let changed = shop.post(&format!("/api/vault/customer/{id}"), json!({"notes": "later"})).await.record();
    let since = json!({"start_date": changed["updated_at"]});
    assert_eq!(shop.search(json!({"updated_at": since})).await.body["data"], json!([changed]));
    assert_eq!(shop.search(json!({"created_at": since})).await.body["total_count"], 0);
}

#[tokio::test]
async fn pages_are_cut_by_limit_and_offset() {
    let shop = Shop::open().await;
    for number in 0..13 {
        shop.create(json!({"id": format!("customer{number:02}")})).await;
        shop.advance_ms(1);
    }
    let ids = |body: &Value| -> Vec<String> {
        body["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = (0..13).rev().map(|number| format!("customer{number:02}")).collect();
    let default = shop.search(json!({})).await.body;
    assert_eq!((ids(&default), &default["total_count"]), (all[..10].to_vec(), &json!(13)));
    assert_eq!((&default["status"], &default["msg"]), (&json!("success"), &json!("success")));
    for (limit, offset, expected) in [
        (1, 0, &all[..1]),
        (5, 10, &all[10..]),
        (100, 0, &all[..]),
        (3, 4, &all[4..7]),
        (10, 1000, &all[13..]),
    ] {
        let page = shop.search(json!({"limit": limit, "offset": offset})).await.body;
        assert_eq!((ids(&page), &page["total_count"]), (expected.to_vec(), &json!(13)));
    }
}

#[tokio::test]
async fn a_search_that_cannot_be_meant_is_refused() {
    let shop = Shop::open().await;
    for (body, code, field) in [
        (json!({"limit": 0}), "out_of_range", "limit"),
        (json!({"limit": 101}), "out_of_range", "limit"),
        (json!({"offset": -1}), "out_of_range", "offset"),
        (json!({"offset": 1001}), "out_of_range", "offset"),
        (json!({"city": {"value": "x", "operator": "like"}}), "unknown_value", "city.operator"),
        (json!({"city": {"operator": "="}}), "required", "city.value"),
        (json!({"city": "x"}), "wrong_type", "city"),
        (json!({"line_1": {"value": "x", "operator": "="}}), "unknown_field", "line_1"),
        (json!({"created_at": {"start_date": "soon"}}), "invalid_date", "created_at.start_date"),
        (
            json!({"created_at": {"end_date": "2026-11-23T00:00:00+25:00"}}),
            "invalid_date",
            "created_at.end_date",
        ),
        (
            json!({"updated_at": {"end_date": "2026-11-23T00:00:00Z[Europe/Berlin]"}}),
            "invalid_date",
            "updated_at.end_date",
        ),
        (
            json!({"created_at": {"start_date": "2026-11-23 00:00:00Z"}}),
            "invalid_date",
            "created_at.start_date",
        ),
        (
            json!({"created_at": {"start_date": "2021-01-01", "end_date": "2020-01-01"}}),
            "invalid_range",
            "created_at.start_date",
        ),
    ] {
        shop.search(body).await.refused(400, code, Some(field));
    }
}

#[tokio::test]
async fn a_search_stays_within_the_merchant() {
    let shop = Shop::open().await;
    shop.create(json!({"default_billing_address": address("Here")})).await;
    let other = shop.other_merchant().await;
    assert_eq!(other.search(json!({})).await.body["total_count"], 0);
    other.create(json!({"default_billing_address": address("Here")})).await;
    assert_eq!(shop.search(json!({"city": {"value": "Here", "operator": "="}})).await.body["total_count"], 1);
}

#[tokio::test]
async fn a_search_may_last_until_the_end_of_the_calendar() {
    let shop = Shop::open().await;
    shop.customer(json!({})).await;
    let range = json!({"start_date": "0000-01-01", "end_date": "9999-12-31"});
    let body = json!({"created_at": range, "updated_at": {"end_date": "9999-12-31T23:59:59Z"}});
    assert_eq!(shop.search(body).await.body["total_count"], 1);
}
