//! Tokens of Apple's and Google's wallets: opened with configured keys, refused clearly without.

use p256::SecretKey;
use p256::pkcs8::DecodePrivateKey;
use serde_json::{Value, json};
use vault::api::fluidpay::wallet::{ApplePay, GooglePay, Wallets};

use crate::apple_token::{Apple, MERCHANT_ID};
use crate::google_token::{Google, RECIPIENT};
use crate::shop::{NOW_MS, Shop};

const LATER_MS: i64 = NOW_MS + 3_600_000;
const TRANSACTION: &str = "2686f5297f123ec7fd9d31074d43d201953ca75f098890375f13aed2737d92f2";

fn google_pay(google: &Google) -> GooglePay {
    let key = SecretKey::from_pkcs8_pem(&google.merchant_pem()).unwrap();
    GooglePay::new(key, RECIPIENT, &google.root_keys()).unwrap()
}

fn apple_pay(apple: &Apple) -> ApplePay {
    let key = SecretKey::from_pkcs8_pem(&apple.merchant_pem()).unwrap();
    ApplePay::new(key, MERCHANT_ID, &apple.root_pem()).unwrap()
}

fn in_apple_pay(token: Value) -> Value {
    json!({"key_id": MERCHANT_ID, "processor_id": "", "pkpaymenttoken": token})
}

#[tokio::test]
async fn without_configuration_the_refusal_names_what_is_missing_and_nothing_is_stored() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let apple = in_apple_pay(Apple::new().token("4111111111111111", TRANSACTION));
    let google = Google::new(LATER_MS).token(&Google::card("4111111111111111", LATER_MS, "m"));
    for (path, body, field, variable) in [
        (
            "/api/vault/customer",
            json!({"default_payment": {"apple_pay": apple}}),
            "default_payment.apple_pay",
            "TESSERA_APPLE_PAY_KEY_FILE",
        ),
        (
            "/api/vault/customer",
            json!({"default_payment": {"google_pay_token": google}}),
            "default_payment.google_pay_token",
            "TESSERA_GOOGLE_PAY_KEY_FILE",
        ),
        (
            &format!("/api/vault/customer/{id}/googlepay"),
            json!({"google_pay_token": google.to_string()}),
            "google_pay_token",
            "TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE",
        ),
        (
            &format!("/api/vault/customer/{id}/applepay"),
            json!({"apple_pay": apple}),
            "apple_pay",
            "TESSERA_APPLE_PAY_ROOT_FILE",
        ),
    ] {
        let answer = shop.post(path, body).await;
        answer.refused(400, "wallet_not_configured", Some(field));
        assert_eq!(answer.body["classification"], "environment");
        assert!(answer.body["msg"].as_str().unwrap().contains(variable), "{}", answer.body);
    }
    let found = shop.search(json!({})).await.body;
    assert_eq!(found["total_count"], 1);
    assert_eq!(found["data"][0]["data"]["customer"]["payments"], json!({"ach": [], "cards": []}));
}

#[tokio::test]
async fn a_half_configuration_names_the_other_half() {
    let wallets = Wallets::from_variables(|name| {
        (name == "TESSERA_GOOGLE_PAY_RECIPIENT").then(|| RECIPIENT.to_owned())
    });
    let shop = Shop::with_wallets(wallets).await;
    let answer = shop
        .post_configured("/api/vault/customer", json!({"default_payment": {"google_pay_token": {}}}))
        .await;
    answer.refused(400, "wallet_not_configured", Some("default_payment.google_pay_token"));
    let msg = answer.body["msg"].as_str().unwrap();
    assert!(msg.contains("TESSERA_GOOGLE_PAY_KEY_FILE") && msg.contains("TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE"));
    assert!(!msg.contains("TESSERA_GOOGLE_PAY_RECIPIENT"));
}

#[tokio::test]
async fn the_variables_name_files_that_configure_both_wallets() {
    let (google, apple) = (Google::new(LATER_MS), Apple::new());
    let files = tempfile::TempDir::new().unwrap();
    let file = |name: &str, content: String| {
        let path = files.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let variables = [
        ("TESSERA_GOOGLE_PAY_KEY_FILE", file("g.pem", google.merchant_pem())),
        ("TESSERA_GOOGLE_PAY_RECIPIENT", RECIPIENT.to_owned()),
        ("TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE", file("g.json", google.root_keys())),
        ("TESSERA_APPLE_PAY_KEY_FILE", file("a.pem", apple.merchant_pem())),
        ("TESSERA_APPLE_PAY_MERCHANT_ID", MERCHANT_ID.to_owned()),
        ("TESSERA_APPLE_PAY_ROOT_FILE", file("root.pem", apple.root_pem())),
    ];
    let read =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let shop = Shop::with_wallets(Wallets::from_variables(read)).await;
    let google = google.token(&Google::card("5555555555554444", LATER_MS, "m"));
    let apple = in_apple_pay(apple.token("4111111111111111", TRANSACTION));
    for payment in [json!({"google_pay_token": google}), json!({"apple_pay": apple})] {
        let body = json!({"default_payment": payment});
        shop.post_configured("/api/vault/customer", body).await.record();
    }
    // A file that does not read is told, and the wallet stays closed.
    let broken = Wallets::from_variables(|name| {
        if name == "TESSERA_APPLE_PAY_KEY_FILE" { Some("no-such-file".to_owned()) } else { read(name) }
    });
    let shop = Shop::with_wallets(broken).await;
    let answer =
        shop.post_configured("/api/vault/customer", json!({"default_payment": {"apple_pay": apple}})).await;
    answer.refused(400, "wallet_not_configured", Some("default_payment.apple_pay"));
    assert!(answer.body["msg"].as_str().unwrap().contains("TESSERA_APPLE_PAY_KEY_FILE"));
    assert!(!answer.body["msg"].as_str().unwrap().contains("no-such-file"));
}

#[tokio::test]
async fn google_pay_makes_a_card_once_from_object_or_string() {
    let google = Google::new(LATER_MS);
    let shop = Shop::with_wallets(Wallets::unconfigured().with_google(google_pay(&google))).await;
    let first = google.token(&Google::card("4111111111111111", LATER_MS, "message-1"));
    let body = json!({"default_payment": {"google_pay_token": first}});
    let record = shop.post_configured("/api/vault/customer", body.clone()).await.record();
    let card = &record["data"]["customer"]["payments"]["cards"][0];
    assert_eq!(
        (&card["masked_number"], &card["expiration_date"]),
        (&json!("411111******1111"), &json!("2030-12-31T00:00:00Z"))
    );
    let again = shop.post_configured("/api/vault/customer", body).await;
    again.refused(409, "token_already_used", Some("default_payment.google_pay_token"));

    let id = record["id"].as_str().unwrap();
    let path = format!("/api/vault/customer/{id}/googlepay");
    let second = google.token(&Google::card("5555555555554444", LATER_MS, "message-2"));
    let text = json!({"google_pay_token": second.to_string()});
    shop.post_configured(&path, text).await.record();
    let bare = google.token(&Google::card("378282246310005", LATER_MS, "message-3"));
    let record = shop.post_configured(&path, bare).await.record();
    let cards = record["data"]["customer"]["payments"]["cards"].as_array().unwrap();
    assert_eq!(cards.len(), 3);
    assert_eq!(cards[2]["masked_number"], "378282*****0005");
    assert_eq!(shop.search(json!({})).await.body["total_count"], 1);
}

#[tokio::test]
async fn a_google_pay_token_that_is_altered_foreign_or_late_is_refused() {
    let google = Google::new(LATER_MS);
    let shop = Shop::with_wallets(Wallets::unconfigured().with_google(google_pay(&google))).await;
    let good = google.token(&Google::card("4111111111111111", LATER_MS, "m"));
    let mut cases: Vec<(&str, Value, &str)> = Vec::new();
    let mut altered = |name, change: &dyn Fn(&mut Value), code| {
        let mut token = good.clone();
        change(&mut token);
        cases.push((name, token, code));
    };
    altered("version", &|token| token["protocolVersion"] = json!("ECv1"), "wallet_token_unsupported");
    altered(
        "signature",
        &|token| token["signature"] = token["intermediateSigningKey"]["signatures"][0].clone(),
        "wallet_token_refused",
    );
    altered(
        "root signature",
        &|token| token["intermediateSigningKey"]["signatures"][0] = token["signature"].clone(),
        "wallet_token_refused",
    );
    altered(
        "no root signature",
        &|token| token["intermediateSigningKey"]["signatures"] = json!([]),
        "wallet_token_refused",
    );
    altered(
        "intermediate key",
        &|token| {
            let text = token["intermediateSigningKey"]["signedKey"].as_str().unwrap().to_owned();
            token["intermediateSigningKey"]["signedKey"] =
                json!(text.replace("keyExpiration\":\"1", "keyExpiration\":\"2"));
        },
        "wallet_token_refused",
    );
    altered(
        "message",
        &|token| token["signedMessage"] = json!(format!("{} ", token["signedMessage"].as_str().unwrap())),
        "wallet_token_refused",
    );
    altered("no message", &|token| token["signedMessage"] = json!(null), "wallet_token_malformed");
    altered("a text", &|token| *token = json!("no token"), "wallet_token_malformed");
    let message = |change: &dyn Fn(&mut Value)| {
        let mut message = Google::card("4111111111111111", LATER_MS, "m");
        change(&mut message);
        google.token(&message)
    };
    cases.push((
        "late",
        message(&|message| message["messageExpiration"] = json!(NOW_MS.to_string())),
        "wallet_token_expired",
    ));
    cases.push((
        "no card",
        message(&|message| message["paymentMethod"] = json!("TOKENIZED")),
        "wallet_token_unsupported",
    ));
    cases.push((
        "month",
        message(&|message| message["paymentMethodDetails"]["expirationMonth"] = json!(13)),
        "wallet_token_malformed",
    ));
    cases.push((
        "number",
        message(&|message| message["paymentMethodDetails"]["pan"] = json!("4111111111111112")),
        "luhn",
    ));
    cases.push((
        "old key",
        Google::new(NOW_MS).token(&Google::card("4111111111111111", LATER_MS, "m")),
        "wallet_token_expired",
    ));
    for (name, token, code) in cases {
        let answer = shop
            .post_configured("/api/vault/customer", json!({"default_payment": {"google_pay_token": token}}))
            .await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!(code)), "{name}: {}", answer.body);
        assert!(!answer.body.to_string().contains("4111"), "{name}");
    }
    // For another merchant of Google's: same keys, other recipient.
    let key = SecretKey::from_pkcs8_pem(&google.merchant_pem()).unwrap();
    let foreign = GooglePay::new(key, "merchant:somebody-else", &google.root_keys()).unwrap();
    let other = Shop::with_wallets(Wallets::unconfigured().with_google(foreign)).await;
    let answer = other
        .post_configured("/api/vault/customer", json!({"default_payment": {"google_pay_token": good}}))
        .await;
    answer.refused(400, "wallet_token_refused", Some("default_payment.google_pay_token"));
    assert_eq!(shop.search(json!({})).await.body["total_count"], 0);
}

#[tokio::test]
async fn apple_pay_makes_a_card_once_and_marks_it() {
    let apple = Apple::new();
    let shop = Shop::with_wallets(Wallets::unconfigured().with_apple(apple_pay(&apple))).await;
    let id = shop.customer(json!({})).await;
    let path = format!("/api/vault/customer/{id}/applepay");
    let token = apple.token("4111111111111111", TRANSACTION);
    let record = shop.post_configured(&path, in_apple_pay(token.clone())).await.record();
    let card = &record["data"]["customer"]["payments"]["cards"][0];
    assert_eq!(
        (&card["masked_number"], &card["expiration_date"], &card["flags"]),
        (&json!("411111******1111"), &json!("2030-12-31T00:00:00Z"), &json!(["applepay"]))
    );
    let again = shop.post_configured(&path, in_apple_pay(token.clone())).await;
    again.refused(409, "token_already_used", Some("pkpaymenttoken"));
    // It does not end, so it must be known as well when nothing is left of the key that other hashes were made with.
    shop.change_lookup_key().await;
    let again = shop.post_configured(&path, in_apple_pay(token)).await;
    again.refused(409, "token_already_used", Some("pkpaymenttoken"));
    // Its paymentData alone does as well, and so does the wrapped form.
    let other = apple.token("5555555555554444", &TRANSACTION.replace('2', "3"));
    let wrapped = json!({"apple_pay": in_apple_pay(other["paymentData"].clone())});
    shop.post_configured(&path, wrapped).await.record();
}

#[tokio::test]
async fn an_apple_pay_token_that_is_altered_or_foreign_is_refused() {
    let apple = Apple::new();
    let shop = Shop::with_wallets(Wallets::unconfigured().with_apple(apple_pay(&apple))).await;
    let good = apple.token("4111111111111111", TRANSACTION);
    let twin = apple.token("5555555555554444", TRANSACTION);
    let mut cases: Vec<(&str, Value, &str)> = Vec::new();
    let mut altered = |name, change: &dyn Fn(&mut Value), code| {
        let mut token = good.clone();
        change(&mut token["paymentData"]);
        cases.push((name, token, code));
    };
    altered("version", &|data| data["version"] = json!("RSA_v1"), "wallet_token_unsupported");
    altered("data", &|data| data["data"] = twin["paymentData"]["data"].clone(), "wallet_token_refused");
    altered(
        "signature",
        &|data| data["signature"] = twin["paymentData"]["signature"].clone(),
        "wallet_token_refused",
    );
    altered("no signature", &|data| data["signature"] = json!(""), "wallet_token_malformed");
    altered("key hash", &|data| data["header"]["publicKeyHash"] = json!("AAAA"), "wallet_token_refused");
    altered("transaction", &|data| data["header"]["transactionId"] = json!("00"), "wallet_token_refused");
    altered("no hex", &|data| data["header"]["transactionId"] = json!("+0"), "wallet_token_malformed");
    altered(
        "ephemeral key",
        &|data| data["header"]["ephemeralPublicKey"] = json!("AAAA"),
        "wallet_token_refused",
    );
    altered("no header", &|data| data["header"] = json!(null), "wallet_token_malformed");
    for (name, token, code) in cases {
        let body = json!({"default_payment": {"apple_pay": in_apple_pay(token)}});
        let answer = shop.post_configured("/api/vault/customer", body).await;
        answer.refused(400, code, Some("default_payment.apple_pay.pkpaymenttoken"));
        assert!(!answer.body.to_string().contains("4111"), "{name}");
    }
    let post = |body: Value| {
        shop.post_configured("/api/vault/customer", json!({"default_payment": {"apple_pay": body}}))
    };
    let mut other_key = in_apple_pay(good.clone());
    other_key["key_id"] = json!("merchant.example.other");
    post(other_key).await.refused(400, "wallet_key_unknown", Some("default_payment.apple_pay.key_id"));
    let temporary = json!({"key_id": MERCHANT_ID, "temporary_token": "abc"});
    post(temporary).await.refused(
        400,
        "wallet_token_unsupported",
        Some("default_payment.apple_pay.temporary_token"),
    );

    // Another root than the one that vouches for the signer; and the right one, years later.
    let stranger = Apple::with_root_key(99);
    let key = SecretKey::from_pkcs8_pem(&apple.merchant_pem()).unwrap();
    let distrusting = ApplePay::new(key, MERCHANT_ID, &stranger.root_pem()).unwrap();
    let other = Shop::with_wallets(Wallets::unconfigured().with_apple(distrusting)).await;
    let body = json!({"default_payment": {"apple_pay": in_apple_pay(good)}});
    let field = Some("default_payment.apple_pay.pkpaymenttoken");
    other.post_configured("/api/vault/customer", body.clone()).await.refused(
        400,
        "wallet_token_refused",
        field,
    );
    shop.advance_ms(10 * 365 * 24 * 3_600_000);
    shop.post_configured("/api/vault/customer", body).await.refused(400, "wallet_token_expired", field);
    assert_eq!(shop.search(json!({})).await.body["total_count"], 0);
}
