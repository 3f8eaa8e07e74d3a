//! Killed at random moments under load, and started again on the same directory: everything that was
//! acknowledged is there, nothing happened twice, the keys are the same.

use std::{collections::HashSet, io, sync::mpsc, thread};

use instrument::{CardDraft, Draft, Kind, Secret, YearMonth};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::program::{Client, PUBLIC_URL, Program, SHOP_ORIGIN};

const KILLS: usize = 12;
const WORKERS: usize = 4;

/// Something the vault said yes to.
#[derive(Debug)]
enum Acknowledged {
    Customer(String),
    Token(String),
    Spent { token: String, method: String },
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Program::start(dir.path());
    let ready = program.ready.clone();
    let mut customers = HashSet::new();
    let mut issued = HashSet::new();
    let mut spent = Vec::new();
    for _ in 0..KILLS {
        let (acknowledge, acknowledged) = mpsc::channel();
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (client, acknowledge) = (program.client(), acknowledge.clone());
                // Ends with the first connection that fails: the kill.
                thread::spawn(move || work(&client, &acknowledge).unwrap_err())
            })
            .collect();
        drop(acknowledge);
        let moment = rand::rng().random_range(10..120);
        let mut seen: Vec<_> = acknowledged.iter().take(moment).collect();
        program.kill();
        seen.extend(acknowledged.iter());
        for worker in workers {
            worker.join().unwrap();
        }
        for answer in seen {
            match answer {
                Acknowledged::Customer(id) => assert!(customers.insert(id)),
                Acknowledged::Token(token) => assert!(issued.insert(token)),
                Acknowledged::Spent { token, method } => {
                    issued.remove(&token);
                    spent.push((token, method));
                }
            }
        }
        program = Program::start(dir.path());
        assert_eq!(program.ready, ready, "the same keys");
    }
    let client = program.client();
    for id in &customers {
        assert_eq!(client.server("GET", &format!("/v1/customers/{id}"), &Value::Null).unwrap().0, 200);
    }
    assert!(!spent.is_empty() && !customers.is_empty());
    for (token, method) in &spent {
        assert_eq!(
            client.server("GET", &format!("/v1/payment-methods/{method}"), &Value::Null).unwrap().0,
            200
        );
        let (status, again) = client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert_eq!((status, &again["error"]["code"]), (409, &json!("token_already_used")));
    }
    // Acknowledged and perhaps being spent when the kill came: each can be spent at most once more.
    for token in &issued {
        let (status, answer) =
            client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert!(status == 201 || answer["error"]["code"] == "token_already_used", "{answer}");
        let (status, _) = client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert_eq!(status, 409);
    }
    assert!(program.terminate(), "an orderly end");
}

/// Creates customers, issues tokens and spends them until the vault is gone.
fn work(client: &Client, acknowledge: &mpsc::Sender<Acknowledged>) -> io::Result<std::convert::Infallible> {
    let report = |answer| acknowledge.send(answer).map_err(io::Error::other);
    loop {
        let (status, customer) = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"}))?;
        assert_eq!(status, 201, "{customer}");
        report(Acknowledged::Customer(text(&customer["id"])))?;
        let token = tokenize(client)?;
        report(Acknowledged::Token(token.clone()))?;
        let (status, method) = client.server("POST", "/v1/payment-methods", &json!({"token": token}))?;
        assert_eq!(status, 201, "{method}");
        report(Acknowledged::Spent { token, method: text(&method["id"]) })?;
    }
}

/// The card that tokens are made of.
pub(crate) const NUMBER: &str = "4111111111111111";

/// Makes a token of a card, as the frame does.
pub(crate) fn tokenize(client: &Client) -> io::Result<String> {
    let (_, keys) = client.call(&client.pk, "GET", "/v1/keys", "", "")?;
    let key = &keys["keys"][0];
    let key = seal::PublicKey::from_text(&text(&key["id"]), &text(&key["public_key"])).unwrap();
    let idempotency_key = format!("attempt-{:032x}", rand::random::<u128>());
    let card = Draft::Card(CardDraft {
        number: Secret::new(NUMBER.to_owned()),
        expiry: Secret::new("12/30".to_owned()),
        code: Some(Secret::new("123".to_owned())),
        holder: None,
        preferred_scheme: None,
    });
    let card = card.finish(YearMonth::new(2026, 11).unwrap()).unwrap();
    let context = seal::Context {
        publishable_key: &client.pk,
        frame_origin: PUBLIC_URL,
        page_origin: SHOP_ORIGIN,
        kind: Kind::Card,
        idempotency_key: &idempotency_key,
    };
    let envelope = seal::seal(card, &key, &context, &mut rand::rng()).unwrap().to_text();
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN}).to_string();
    let more = format!("idempotency-key: {idempotency_key}\r\n");
    let (status, answer) = client.call(&client.pk, "POST", "/v1/tokens", &more, &body)?;
    assert_eq!(status, 201, "{answer}");
    Ok(text(&answer["token"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
