//! Lists of customers and charges: filters, order and the edges of pages.

use serde_json::{Value, json};

use crate::shop::{Shop, card};

const CUSTOMERS: &str = "/v1/customers";

async fn people(shop: &Shop) -> Vec<Value> {
    let mut made = Vec::new();
    for (first, last, company, reference) in [
        ("Ada", "Lovelace", "Engines", "r1"),
        ("grace", "Hopper", "Navy", "r2"),
        ("Alan", "Turing", "Engines", "r3"),
    ] {
        shop.advance_ms(1_000);
        let token = shop.token(card("4111111111111111")).await;
        let body = json!({
            "token": token, "first_name": first, "last_name": last, "company_name": company,
            "reference": reference, "email": format!("{last}@example.com"),
        });
        made.push(shop.post(CUSTOMERS, body).await.data(201, "customer"));
    }
    made
}

#[tokio::test]
async fn customers_are_filtered_and_ordered() {
    let shop = Shop::open().await;
    let made = people(&shop).await;
    let gateway = shop.gateway().await;
    let find = async |query: &str| -> Vec<usize> {
        let (items, numbers) = shop.get(&format!("{CUSTOMERS}{query}")).await.list("customer");
        assert_eq!(numbers[0], items.len() as u64, "{query}");
        items.iter().map(|item| made.iter().position(|one| one["_id"] == item["_id"]).unwrap()).collect()
    };
    for (query, expected) in [
        (String::new(), vec![2, 1, 0]),
        ("/".to_owned(), vec![2, 1, 0]),
        ("?sortdirection=ASC".to_owned(), vec![0, 1, 2]),
        ("?sortkey=first_name&sortdirection=asc".to_owned(), vec![0, 2, 1]),
        ("?sortkey=last_name&sortdirection=desc".to_owned(), vec![2, 0, 1]),
        ("?sortkey=reference&sortdirection=1".to_owned(), vec![0, 1, 2]),
        ("?sortkey=nonsense&limit=abc&skip=-1&unknown=1".to_owned(), vec![2, 1, 0]),
        ("?reference=r2".to_owned(), vec![1]),
        ("?reference=r".to_owned(), vec![]),
        ("?company_name=Engines".to_owned(), vec![2, 0]),
        ("?search=LOVE".to_owned(), vec![0]),
        ("?search=grace%20hop".to_owned(), vec![1]),
        ("?search=turing@example".to_owned(), vec![2]),
        (format!("?id={}", made[1]["_id"].as_str().unwrap()), vec![1]),
        (format!("?payment_source_id={}", made[2]["default_source"].as_str().unwrap()), vec![2]),
        (format!("?gateway_id={gateway}"), vec![2, 1, 0]),
        ("?gateway_id=0123456789abcdef01234567".to_owned(), vec![]),
        ("?status=active".to_owned(), vec![2, 1, 0]),
        ("?status=archived".to_owned(), vec![]),
        ("?company_name=Engines&search=alan".to_owned(), vec![2]),
    ] {
        assert_eq!(find(&query).await, expected, "{query}");
    }
    shop.delete(&format!("{CUSTOMERS}/{}", made[1]["_id"].as_str().unwrap())).await.data(200, "customer");
    for (query, expected) in [
        ("", vec![2, 0]),
        ("?archived=false", vec![2, 0]),
        ("?archived=true", vec![1]),
        ("?status=archived", vec![1]),
        ("?status=active&archived=true", vec![]),
        ("?archived=perhaps", vec![2, 0]),
    ] {
        assert_eq!(find(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn pages_have_their_edges() {
    let shop = Shop::open().await;
    let (items, numbers) = shop.get(CUSTOMERS).await.list("customer");
    assert_eq!((items.len(), numbers), (0, [0, 100, 0]));
    people(&shop).await;
    for (query, len, numbers) in [
        ("?limit=1", 1, [3, 1, 0]),
        ("?limit=3", 3, [3, 3, 0]),
        ("?limit=1000", 3, [3, 1_000, 0]),
        ("?limit=1001", 3, [3, 100, 0]),
        ("?limit=0", 3, [3, 100, 0]),
        ("?limit=2&skip=2", 1, [3, 2, 2]),
        ("?skip=3", 0, [3, 100, 3]),
        ("?skip=99999999999", 3, [3, 100, 0]),
    ] {
        let (items, found) = shop.get(&format!("{CUSTOMERS}{query}")).await.list("customer");
        assert_eq!((items.len(), found), (len, numbers), "{query}");
    }
    let other = shop.other_merchant().await;
    assert_eq!(other.get(CUSTOMERS).await.list("customer").1[0], 0);
}

#[tokio::test]
async fn charges_are_filtered_and_paged() {
    let shop = Shop::open().await;
    let made = people(&shop).await;
    let mut charges = Vec::new();
    for (number, reference, query) in [(0, "inv 1", ""), (1, "inv 2", "?capture=false"), (0, "inv 3", "")] {
        shop.advance_ms(60_000);
        let body = json!({
            "customer_id": made[number]["_id"], "amount": 5, "currency": "AUD", "reference": reference,
            "description": "Green Tea",
        });
        charges.push(shop.post(&format!("/v1/charges{query}"), body).await.data(201, "charge"));
    }
    let token = shop.token(card("4000000010050005")).await;
    shop.advance_ms(60_000);
    let body = json!({"token": token, "amount": 7, "currency": "AUD"});
    charges.push(shop.post("/v1/charges", body).await.body["resource"]["data"].clone());
    let find = async |query: &str| -> (Vec<usize>, u64) {
        let (items, numbers) = shop.get(&format!("/v1/charges{query}")).await.list("charge");
        let place = |item: &Value| charges.iter().position(|one| one == item).unwrap();
        (items.iter().map(place).collect(), numbers[0])
    };
    let second = charges[1]["created_at"].as_str().unwrap();
    for (query, expected, count) in [
        (String::new(), vec![3, 2, 1, 0], 4),
        ("/?limit=2&skip=1".to_owned(), vec![2, 1], 4),
        ("?sortdirection=asc".to_owned(), vec![0, 1, 2, 3], 4),
        (format!("?customer_id={}", made[0]["_id"].as_str().unwrap()), vec![2, 0], 2),
        (format!("?payment_source_id={}", made[1]["default_source"].as_str().unwrap()), vec![1], 1),
        ("?status=complete".to_owned(), vec![2, 0], 2),
        ("?status=pending".to_owned(), vec![1], 1),
        ("?status=failed".to_owned(), vec![3], 1),
        ("?reference=inv%203".to_owned(), vec![2], 1),
        ("?search=green&limit=1&skip=1".to_owned(), vec![1], 3),
        (format!("?created_at.from={second}"), vec![3, 2, 1], 3),
        (format!("?created_at.to={second}"), vec![1, 0], 2),
        ("?created_at.to=yesterday".to_owned(), vec![3, 2, 1, 0], 4),
        ("?archived=true".to_owned(), vec![], 0),
        ("?gateway_id=0123456789abcdef01234567".to_owned(), vec![], 0),
    ] {
        assert_eq!(find(&query).await, (expected, count), "{query}");
    }
}
