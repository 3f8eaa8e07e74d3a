//! What the owner of an account agreed to: read back as it was, and refused when it was changed.

use instrument::bank::mandate::{EnteredTerms, Mandate, Wording, canonical};
use instrument::bank::{SecCode, wordings};
use instrument::{BankDraft, Draft, Instrument, Secret, YearMonth};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Vault, account, fresh_key, visa};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn terms() -> EnteredTerms<'static> {
    EnteredTerms {
        merchant: "Blue Bottle Books",
        contact: "billing@bluebottle.example",
        amount: "25.00",
        currency: "USD",
        frequency: "monthly",
        date: "2026-12-01",
    }
}

/// An account whose owner agreed to these terms, in this wording, at this time.
fn agreed(terms: EnteredTerms<'_>, wording: &Wording, class: SecCode, at_ms: u64) -> Instrument {
    let mandate = Mandate::accept(&terms.finish().unwrap(), wording, class, at_ms);
    let draft = BankDraft { mandate: mandate.map(Box::new), ..draft(class) };
    Draft::BankAccount(draft).finish(YearMonth::new(2026, 11).unwrap()).unwrap()
}

fn draft(class: SecCode) -> BankDraft {
    BankDraft {
        routing_number: Secret::new("021000021".to_owned()),
        account_number: Secret::new("000987654321".to_owned()),
        account_type: "checking".to_owned(),
        account_holder_type: None,
        holder: Some(Secret::new("Ada Lovelace".to_owned())),
        sec_code: Some(class.as_str().to_owned()),
        mandate: None,
    }
}

fn english() -> Wording {
    wordings::find("en", 1).unwrap()
}

fn now_ms(vault: &Vault) -> u64 {
    u64::try_from(vault.vaulting.now_ms()).unwrap()
}

#[tokio::test]
async fn the_merchants_server_reads_what_was_agreed_to() {
    let vault = Vault::start().await;
    for class in [SecCode::Web, SecCode::Ppd, SecCode::Ccd] {
        let at_ms = now_ms(&vault) - 1234;
        let token = vault.token(agreed(terms(), &english(), class, at_ms)).await;
        vault.clock.advance_ms(60_000);
        let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
        let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
        let read = vault.call("GET", &path, Value::Null).await.expect(200);
        assert_eq!(read, method);
        let mandate = &read["mandate"];
        let text = mandate["text"].as_str().unwrap();
        assert!(text.starts_with("I authorize Blue Bottle Books to debit USD 25.00 every month"), "{text}");
        assert!(text.contains("(billing@bluebottle.example)"), "{text}");
        let accepted_at = mandate["accepted_at"].as_str().unwrap();
        let received_at = mandate["received_at"].as_str().unwrap();
        assert!(accepted_at < received_at, "{accepted_at} {received_at}");
        let form = canonical(1, "en", at_ms, class.as_str(), text);
        assert!(form.contains(&format!("\n24:{accepted_at}\n")), "{form}");
        let hash: String = Sha256::digest(form).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            *mandate,
            json!({
                "text": text, "version": 1, "locale": "en", "accepted_at": accepted_at,
                "sec_code": class.as_str(), "sha256": hash, "received_at": received_at,
                "terms": {
                    "merchant": "Blue Bottle Books", "contact": "billing@bluebottle.example",
                    "amount": "25.00", "currency": "USD", "frequency": "monthly", "date": "2026-12-01",
                },
            })
        );
    }
}

#[tokio::test]
async fn the_frame_gets_the_texts_that_the_vault_makes_again() {
    let vault = Vault::start().await;
    let ask = async |body: Value| vault.call_with(&vault.pk, "POST", "/v1/mandates", body).await;
    let given =
        json!({"merchant": "Blue Bottle Books", "amount": 25.5, "frequency": "once", "date": "2026-12-01"});
    let with = |member: &str, value: Value| {
        let mut changed = given.clone();
        changed[member] = value;
        changed
    };
    let english = ask(given.clone()).await.expect(200);
    assert_eq!((&english["version"], &english["locale"]), (&json!(1), &json!("en")));
    for (wanted, got) in [("es", "es"), ("es-MX", "es"), ("zh-Hant", "zh-Hant"), ("tlh", "en"), ("", "en")] {
        let texts = ask(with("locale", json!(wanted))).await.expect(200);
        assert_eq!(texts["locale"], got, "{wanted}");
        // What comes back sealed is what came from here, whatever the class.
        let member = |name: &str| texts[name].as_str().unwrap().to_owned();
        for class in [SecCode::Web, SecCode::Ppd, SecCode::Ccd] {
            let (terms, text) = (member("terms"), member(class.as_str()));
            let mandate = Mandate::agree(&terms, got, 1, &text, class, now_ms(&vault)).unwrap();
            let mut draft = draft(class);
            draft.mandate = Some(Box::new(mandate));
            let account = Draft::BankAccount(draft).finish(YearMonth::new(2026, 11).unwrap()).unwrap();
            let body = json!({"token": vault.token(account).await});
            let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
            assert_eq!(
                (&method["mandate"]["text"], &method["mandate"]["locale"]),
                (&json!(text), &json!(got))
            );
            assert_eq!(method["mandate"]["terms"]["amount"], "25.50");
        }
    }
    for (member, value) in [
        ("merchant", json!("")),
        ("contact", json!("x".repeat(71))),
        ("amount", json!("25,00")),
        ("amount", json!(0)),
        ("currency", json!("EUR")),
        ("frequency", json!("hourly")),
        ("date", json!("tomorrow")),
    ] {
        let error = ask(with(member, value.clone())).await.expect_error(422, "bad_option");
        assert_eq!(
            (&error["field"], &error["classification"]),
            (&json!(member), &json!("merchant")),
            "{value}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("\"mandate.{member}\" must be ")), "{message}");
    }
    ask(with("payee", json!("x"))).await.expect_error(400, "unknown_field");
    let refused = vault.call("POST", "/v1/mandates", given.clone()).await;
    refused.expect_error(403, "wrong_key_kind");
}

#[tokio::test]
async fn it_stays_with_the_payment_method_wherever_that_goes() {
    let vault = Vault::start().await;
    let given = || agreed(terms(), &english(), SecCode::Web, now_ms(&vault));
    let customer = vault.customer().await;
    // As an orphan that is attached, as a customer's first, and as a token that is a payment method itself.
    let body = json!({"token": vault.token(given()).await});
    let orphan = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let path = format!("/v1/payment-methods/{}/attach", orphan["id"].as_str().unwrap());
    let attached = vault.call("POST", &path, json!({"customer_id": customer})).await.expect(200);
    assert_eq!(attached["mandate"], orphan["mandate"]);
    let body = json!({"token": vault.token_as(given(), "fluidpay").await});
    let with_method = vault.call("POST", "/v1/customers", body).await.expect(201);
    let first = with_method["default_payment_method"].as_str().unwrap().to_owned();
    let permanent = vault.token_as(given(), "flute").await;
    for id in [first, permanent] {
        let path = format!("/v1/payment-methods/{id}");
        let method = vault.call("GET", &path, Value::Null).await.expect(200);
        assert_eq!(method["mandate"]["terms"]["merchant"], "Blue Bottle Books");
    }
    // Where nothing was shown, there is nothing.
    for plain in [visa(), account()] {
        let body = json!({"token": vault.token(plain).await});
        let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
        assert_eq!(method["mandate"], Value::Null);
        assert!(method.as_object().unwrap().contains_key("mandate"));
    }
}

#[tokio::test]
async fn what_was_changed_on_its_way_is_refused_and_not_kept() {
    let vault = Vault::start().await;
    let now = now_ms(&vault);
    let source = wordings::ALL[0].1;
    let other_text = Wording::new("en", &source.replace("I authorize", "I do not authorize")).unwrap();
    let other_version = Wording::new("en", &source.replace("version = 1", "version = 9")).unwrap();
    let other_language = Wording::new("tlh", source).unwrap();
    for (wording, at_ms, status, code) in [
        (&other_text, now, 422, "mandate_altered"),
        (&other_version, now, 409, "mandate_wording_unknown"),
        (&other_language, now, 409, "mandate_wording_unknown"),
        (&english(), now + DAY_MS + 1, 422, "mandate_time"),
        (&english(), now - 7 * DAY_MS - 1, 422, "mandate_time"),
    ] {
        let key = fresh_key();
        let changed = agreed(terms(), wording, SecCode::Web, at_ms);
        let refusal = vault.tokenize_as(&vault.pk, changed, &key, "tessera").await;
        refusal.expect_error(status, code);
        // Nothing was kept: not even the attempt, which succeeds with what is right.
        let right = agreed(terms(), &english(), SecCode::Web, now);
        vault.tokenize_as(&vault.pk, right, &key, "tessera").await.expect(201);
        assert!(include_str!("../../../docs/errors.md").contains(&format!("\n### `{code}`\n")), "{code}");
    }
    let kept = vault.call("GET", "/v1/payment-methods", Value::Null).await.expect(200);
    assert_eq!(kept["data"], json!([]));
}

#[tokio::test]
async fn another_agreement_is_another_attempt() {
    let vault = Vault::start().await;
    let (key, now) = (fresh_key(), now_ms(&vault));
    let tokenize = async |instrument| vault.tokenize_as(&vault.pk, instrument, &key, "tessera").await;
    let given = |entered, at_ms| agreed(entered, &english(), SecCode::Web, at_ms);
    let first = tokenize(given(terms(), now)).await.expect(201);
    let again = tokenize(given(terms(), now)).await.expect(200);
    assert_eq!(first["token"], again["token"]);
    let dearer = EnteredTerms { amount: "25.01", ..terms() };
    for other in [given(dearer, now), given(terms(), now + 1), account()] {
        tokenize(other).await.expect_error(422, "idempotency_conflict");
    }
}

#[tokio::test]
async fn what_is_changed_at_rest_is_not_shown_as_evidence() {
    let vault = Vault::start().await;
    let changes = [
        "UPDATE payment_method SET mandate = replace(mandate, 'USD 25.00', 'USD 95.00')",
        "UPDATE payment_method SET mandate = replace(mandate, '\"amount\":\"25.00\"', '\"amount\":\"95.00\"')",
        "UPDATE payment_method SET mandate = replace(mandate, '\"accepted_at_ms\":1', '\"accepted_at_ms\":2')",
        "UPDATE payment_method SET mandate = NULL",
    ];
    for change in changes {
        let token = vault.token(agreed(terms(), &english(), SecCode::Web, now_ms(&vault))).await;
        let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
        let id = method["id"].as_str().unwrap();
        {
            // Somebody's hand in the database.
            let connection = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
            let touched = connection.execute(&format!("{change} WHERE id = ?1"), [id]).unwrap();
            assert_eq!(touched, 1, "{change}");
        }
        let shown = vault.call("GET", &format!("/v1/payment-methods/{id}"), Value::Null).await.expect(200);
        assert_eq!((&shown["unreadable"], &shown["mandate"]), (&json!(true), &Value::Null), "{change}");
    }
}
