//! How often tokens may be asked for: per key, per address, and for new cards per BIN and for different ones per address.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use instrument::Instrument;
use ring::pbkdf2;
use serde_json::json;
use vault::{
    app::{self, AppState},
    domain::Origin,
    limits::{Peer, Proxies, Rules},
    state::Settings,
};

use crate::support::{Answer, SHOP_ORIGIN, VAULT_ORIGIN, Vault, account, card, fresh_key, visa};

/// A vault with these rules, which believes a proxy at 10.0.0.1.
async fn start(rules: &str) -> Vault {
    let mut vault = Vault::start().await;
    let settings = Settings {
        rules: Rules::parse(rules).unwrap(),
        proxies: Proxies::parse(["10.0.0.1"]).unwrap(),
        ..Settings::default()
    };
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::with_settings(vault.vaulting.clone(), origin, settings));
    vault
}

/// What a frame sends for an attempt.
async fn request(vault: &Vault, instrument: Instrument, attempt: &str) -> Request<Body> {
    let kind = instrument.kind().as_str();
    let envelope = vault.seal(&vault.pk, instrument, attempt).await;
    Request::post("/v1/tokens")
        .header("authorization", format!("Bearer {}", vault.pk))
        .header("content-type", "application/json")
        .header("origin", VAULT_ORIGIN)
        .header("idempotency-key", attempt)
        .body(json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN}).to_string().into())
        .unwrap()
}

/// Asks for a token through the proxy, for a browser at `address`.
async fn ask(vault: &Vault, address: &str, number: &str) -> Answer {
    let mut request = request(vault, card(number, None), &fresh_key()).await;
    request.extensions_mut().insert(Peer("10.0.0.1".parse().unwrap()));
    request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
    vault.send(request).await
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits() {
    let vault = start("key=off address=2/m bin=off cards=off").await;
    for _ in 0..2 {
        ask(&vault, "198.51.100.7", "4111111111111111").await.expect(201);
    }
    let answer = ask(&vault, "198.51.100.7", "4111111111111111").await;
    let error = answer.expect_error(429, "rate_limited");
    assert_eq!(error["classification"], "environment");
    assert_eq!(answer.headers["retry-after"], "30");
    // Whoever asks is told the same, whatever is in the body: nothing of it was looked at.
    let mut garbage = request(&vault, visa(), &fresh_key()).await;
    *garbage.body_mut() = "no JSON".into();
    garbage.extensions_mut().insert(Peer("198.51.100.7".parse().unwrap()));
    vault.send(garbage).await.expect_error(429, "rate_limited");

    ask(&vault, "198.51.100.8", "4111111111111111").await.expect(201);
    vault.clock.advance_ms(30_000);
    ask(&vault, "198.51.100.7", "4111111111111111").await.expect(201);
}

#[tokio::test]
async fn a_key_has_a_quota_for_all_addresses() {
    let vault = start("key=3/m address=off bin=off cards=off").await;
    for host in 1..=3 {
        ask(&vault, &format!("198.51.100.{host}"), "4111111111111111").await.expect(201);
    }
    ask(&vault, "198.51.100.4", "4111111111111111").await.expect_error(429, "rate_limited");
    // The key of the merchant's server has nothing to do with it.
    vault.call("GET", "/v1/customers", json!(null)).await.expect(200);
}

#[tokio::test]
async fn cards_of_one_bin_from_many_addresses_are_counted_together() {
    let vault = start("key=off address=off bin=3/m cards=off").await;
    let mut refused = 0;
    for host in 1..=20 {
        let answer = ask(&vault, &format!("198.51.100.{host}"), "4111111111111111").await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 17);
    // Shoppers with other cards notice nothing.
    ask(&vault, "198.51.100.9", "5555555555554444").await.expect(201);
}

#[tokio::test]
async fn a_repetition_is_no_new_card() {
    let vault = start("key=off address=off bin=1/m cards=off").await;
    let attempt = fresh_key();
    let first = vault.send(request(&vault, visa(), &attempt).await).await.expect(201);
    for _ in 0..5 {
        let again = vault.send(request(&vault, visa(), &attempt).await).await.expect(200);
        assert_eq!(again["token"], first["token"]);
    }
    vault.send(request(&vault, visa(), &fresh_key()).await).await.expect_error(429, "rate_limited");
}

/// Numbers of one issuer that differ, as whoever tries out a list of cards has them.
fn numbers() -> impl Iterator<Item = String> {
    (0..10_000).map(|number| {
        let body = format!("41111111{number:07}");
        let sum: u32 = (body.bytes().rev().enumerate())
            .map(|(place, digit)| {
                let digit = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    })
}

#[tokio::test]
async fn different_cards_of_one_address_are_counted_and_the_same_one_is_not() {
    let vault = start("key=off address=off bin=off cards=3/h").await;
    let mut numbers = numbers();
    let first: Vec<_> = numbers.by_ref().take(3).collect();
    for number in first.iter().chain(&first).chain(&first) {
        ask(&vault, "198.51.100.7", number).await.expect(201);
    }
    let next = numbers.next().unwrap();
    let answer = ask(&vault, "198.51.100.7", &next).await;
    assert_eq!(answer.expect_error(429, "rate_limited")["classification"], "environment");
    assert_eq!(answer.headers["retry-after"], "3600");
    // Whoever has one of the three goes on, and so does another address; an account is no card.
    ask(&vault, "198.51.100.7", &first[0]).await.expect(201);
    ask(&vault, "198.51.100.8", &next).await.expect(201);
    let mut account = request(&vault, account(), &fresh_key()).await;
    account.extensions_mut().insert(Peer("198.51.100.7".parse().unwrap()));
    vault.send(account).await.expect(201);
    vault.clock.advance_ms(3_600_000);
    ask(&vault, "198.51.100.7", &next).await.expect(201);
}

#[tokio::test]
async fn a_list_of_cards_is_not_tried_out_from_one_address() {
    let vault = start("key=off address=off bin=off").await;
    let mut tried = 0;
    for number in numbers().take(60) {
        tried += u32::from(ask(&vault, "198.51.100.7", &number).await.status == StatusCode::CREATED);
    }
    assert_eq!(tried, 20, "unless told otherwise");
}

/// Does the work that an answer asks for: the challenge and the first counter that is good, tried as docs/api.md says.
fn worked(answer: &Answer) -> String {
    let asked = answer.headers["tessera-work"].to_str().unwrap();
    let [challenge, bits, rounds] = asked.split(' ').collect::<Vec<_>>()[..] else { panic!("{asked}") };
    let (bits, rounds) = (bits.parse::<u32>().unwrap(), rounds.parse().unwrap());
    let is_good = |counter: &u32| {
        let mut trial = [0; 8];
        let (secret, salt) = (challenge.as_bytes(), counter.to_be_bytes());
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, secret, &mut trial);
        u64::from_be_bytes(trial).leading_zeros() >= bits
    };
    format!("{challenge} {}", (0..).find(is_good).unwrap())
}

async fn ask_with(vault: &Vault, attempt: &str, number: &str, work: &str) -> Answer {
    let mut request = request(vault, card(number, None), attempt).await;
    request.headers_mut().insert("tessera-work", work.parse().unwrap());
    vault.send(request).await
}

#[tokio::test]
async fn more_cards_than_usual_ask_for_work_and_what_was_done_is_good_for_one_attempt() {
    let vault = start("key=off address=off bin=3/m cards=off work=1/m").await;
    let [visa, other] = ["4111111111111111", "5555555555554444"];
    ask(&vault, "198.51.100.1", visa).await.expect(201);
    // Whoever tries on without working uses nothing up that others need.
    let mut bits = Vec::new();
    for _ in 0..8 {
        let answer = ask(&vault, "198.51.100.1", visa).await;
        let error = answer.expect_error(429, "work_required");
        assert_eq!(error["classification"], "environment");
        let asked = answer.headers["tessera-work"].to_str().unwrap();
        bits.push(asked.split(' ').nth(1).unwrap().parse::<u32>().unwrap());
    }
    assert_eq!((bits[0], bits[2], bits[7]), (10, 11, 12), "the more come, the more it is: {bits:?}");
    // Shoppers with cards of another issuer notice nothing.
    ask(&vault, "198.51.100.1", other).await.expect(201);

    vault.clock.advance_ms(7 * 60_000);
    let attempt = fresh_key();
    let answer = vault.send(request(&vault, card(visa, None), &attempt).await).await;
    answer.expect_error(429, "work_required");
    let work = worked(&answer);
    let (challenge, counter) = work.split_once(' ').unwrap();
    let less = format!("{challenge} {}", counter.parse::<u32>().unwrap().wrapping_add(1_000_000));
    let mut other = challenge.to_owned();
    let last = if other.pop() == Some('A') { 'E' } else { 'A' };
    other.push(last);
    for wrong in ["", "nothing", challenge, &format!("{other} {counter}"), &less] {
        ask_with(&vault, &attempt, visa, wrong).await.expect_error(429, "work_required");
    }
    // It is for this card in this attempt.
    ask_with(&vault, &fresh_key(), visa, &work).await.expect_error(429, "work_required");
    ask_with(&vault, &attempt, "4111111111111129", &work).await.expect_error(429, "work_required");
    let token = ask_with(&vault, &attempt, visa, &work).await.expect(201)["token"].clone();
    // Sent again it makes the same token and no other one.
    let again = ask_with(&vault, &attempt, visa, &work).await.expect(200);
    assert_eq!(again["token"], token);
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    ask_with(&vault, &attempt, visa, &work).await.expect_error(409, "attempt_over");
}

#[tokio::test]
async fn work_is_done_in_time_and_does_not_lift_the_quota() {
    let vault = start("key=off address=off bin=2/m cards=off work=1/m").await;
    let ask_and_work = async |wait_ms| {
        let attempt = fresh_key();
        let answer = vault.send(request(&vault, visa(), &attempt).await).await;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
        let work = worked(&answer);
        vault.clock.advance_ms(wait_ms);
        // Others keep coming.
        for _ in 0..2 {
            ask(&vault, "198.51.100.1", "4111111111111111").await;
        }
        let mut request = request(&vault, visa(), &attempt).await;
        request.headers_mut().insert("tessera-work", work.parse().unwrap());
        vault.send(request).await
    };
    for _ in 0..2 {
        ask_and_work(0).await.expect(201);
    }
    ask_and_work(0).await.expect_error(429, "rate_limited");
    ask_and_work(299_999).await.expect(201);
    ask_and_work(300_000).await.expect_error(429, "work_required");
}

#[tokio::test]
async fn cards_that_a_page_sends_in_clear_count_as_those_that_are_sealed() {
    let vault = start("key=off address=off bin=3/m cards=off work=off").await;
    let clear = async |vault: &Vault, key: (&str, &str), number: &str| {
        let body = json!({"type": "card", "card_name": "Ada", "card_number": number, "expire_month": 12,
            "expire_year": 2030, "card_ccv": "737"});
        let request = Request::post("/paydock/v1/payment_sources/tokens")
            .header("content-type", "application/json")
            .header(key.0, key.1)
            .extension(Peer("198.51.100.7".parse().unwrap()))
            .body(body.to_string().into())
            .unwrap();
        vault.send(request).await.status.as_u16()
    };
    let public = |vault: &Vault| vault.pk.clone();
    ask(&vault, "198.51.100.8", "4111111111111111").await.expect(201);
    let pk = public(&vault);
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(clear(&vault, ("x-user-public-key", &pk), "4111111111111111").await);
    }
    assert_eq!(answers, [201, 201, 429, 429]);
    // The merchant's server is no page.
    assert_eq!(clear(&vault, ("x-user-secret-key", &vault.sk), "4111111111111111").await, 201);

    // Nor are different cards of one address good for more than anywhere else; and where work would be asked for, none goes.
    for (rules, good) in [
        ("key=off address=off bin=off cards=2/h work=off", 2),
        ("key=off address=off bin=off cards=off work=5/m", 5),
    ] {
        let vault = start(rules).await;
        let pk = public(&vault);
        let mut answers = Vec::new();
        for number in numbers().take(good + 3) {
            answers.push(clear(&vault, ("x-user-public-key", &pk), &number).await);
        }
        assert_eq!(answers, [vec![201; good], vec![429; 3]].concat(), "{rules}");
    }
}
