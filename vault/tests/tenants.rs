//! What one merchant gets to see of another's: nothing, on any route of any face. Every operation with an id in its path is
//! asked for ids of another merchant and for ids that nobody has, and both answers are the same word for word.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use axum::{body::Body, http::Request};
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use support::{Answer, Vault, visa};

/// One merchant's server.
struct Merchant {
    organization: String,
    secret: String,
    flute: String,
}

impl Merchant {
    async fn new(vault: &Vault, organization: String, secret: String) -> Self {
        let id = secret.split('_').nth(2).unwrap();
        let basic = Base64::encode_string(format!("{id}:{secret}").as_bytes());
        let request = Request::post("/flute/oauth2/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {basic}"))
            .body("grant_type=client_credentials".into())
            .unwrap();
        let flute = vault.send(request).await.expect(200)["access_token"].as_str().unwrap().to_owned();
        Self { organization, secret, flute }
    }

    /// Asks on a face, as its merchants do.
    async fn ask(&self, vault: &Vault, face: &str, method: &str, path: &str, body: &Value) -> Answer {
        let (header, value) = match face {
            "/v1" => ("authorization", format!("Bearer {}", self.secret)),
            "/fluidpay" => ("authorization", self.secret.clone()),
            "/paydock" => ("x-user-secret-key", self.secret.clone()),
            "/flute" => ("authorization", format!("Bearer {}", self.flute)),
            "/paymentsai" => ("authorization", format!("ApiKey {}", self.secret)),
            face => panic!("{face}"),
        };
        let request = Request::builder().method(method).uri(format!("{face}{path}")).header(header, value);
        let request = request.header("x-organization-id", &self.organization);
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header("content-type", "application/json").body(body.to_string().into()),
        };
        vault.send(request.unwrap()).await
    }
}

/// The ids of one merchant's things on a face, by the names that the face's paths have for them.
type Ids = Vec<(&'static str, String)>;

/// One of everything, and what each face calls it.
async fn things(vault: &Vault, merchant: &Merchant, pk: &str) -> Vec<(&'static str, Ids)> {
    let token = async |dialect: &str| {
        let answer = vault.tokenize_as(pk, visa(), &support::fresh_key(), dialect).await.expect(201);
        answer["token"].as_str().unwrap().to_owned()
    };
    let post = async |face: &str, path: &str, body: Value| {
        let answer = merchant.ask(vault, face, "POST", path, &body).await;
        assert!(answer.status.is_success(), "{face}{path}: {}", String::from_utf8_lossy(&answer.bytes));
        serde_json::from_slice::<Value>(&answer.bytes).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let customer = post("/v1", "/customers", json!({"token": token("tessera").await})).await;
    let method = text(&customer["default_payment_method"]);
    let orphan = post("/v1", "/payment-methods", json!({"token": token("tessera").await})).await;
    let paid = json!({"payment_method": method, "amount": 1299, "currency": "USD"});
    let payment = text(&post("/v1", "/payments", paid).await["id"]);
    let customer = text(&customer["id"]);

    let fluid = post(
        "/fluidpay",
        "/api/vault/customer",
        json!({"default_payment": {"token": token("fluidpay").await}}),
    );
    let fluid = text(&fluid.await["data"]["id"]);
    let address = json!({"first_name": "A", "last_name": "B", "line_1": "1", "city": "C", "state": "IL",
        "postal_code": "60000", "country": "US"});
    let record = post("/fluidpay", &format!("/api/vault/customer/{fluid}/address"), address).await;
    let data = &record["data"]["data"]["customer"];
    let fluid_address = text(&data["addresses"][0]["id"]);
    let fluid_method = text(&data["payments"]["cards"][0]["id"]);

    let dock = post("/paydock", "/v1/customers", json!({"token": token("paydock").await})).await;
    let dock = dock["resource"]["data"].clone();
    let session = post("/flute", "/v2/payment-sessions", json!({"amount": 1})).await;

    vec![
        (
            "/v1",
            vec![
                ("customers/{id}", customer.clone()),
                ("payment-methods/{id}", text(&orphan["id"])),
                ("payments/{id}", payment.clone()),
                ("token", token("tessera").await),
            ],
        ),
        (
            "/fluidpay",
            vec![
                ("{customer}", fluid),
                ("{method}", fluid_method),
                ("{address}", fluid_address),
                ("{transaction}", payment.clone()),
            ],
        ),
        (
            "/paydock",
            vec![
                ("customers/{id}", text(&dock["_id"])),
                ("charges/{id}", payment.clone()),
                ("{payment_source_id}", text(&dock["payment_sources"][0]["_id"])),
                ("{vault_token}", text(&dock["payment_sources"][0]["vault_token"])),
                ("tokens/{id}", token("paydock").await),
            ],
        ),
        (
            "/flute",
            vec![
                ("{customerId}", customer.clone()),
                ("{paymentMethodId}", method.clone()),
                ("{paymentSessionId}", text(&session["id"])),
                ("{transactionId}", payment.clone()),
            ],
        ),
        (
            "/paymentsai",
            vec![
                ("{customer}", customer),
                ("{instrument}", method),
                ("{transaction}", payment),
                ("{token}", token("payments_ai").await),
                ("{org}", merchant.organization.clone()),
            ],
        ),
    ]
}

/// An id of the same form that nobody has.
fn nobodys(id: &str) -> String {
    let last = id.chars().next_back().unwrap();
    let other = if last == '1' { '2' } else { '1' };
    format!("{}{other}", &id[..id.len() - last.len_utf8()])
}

/// A path with its parameters filled in, from behind so that the last is found first; none if there is none to be filled in.
fn filled(path: &str, ids: &Ids, of: impl Fn(&str) -> String) -> Option<String> {
    let mut filled = path.to_owned();
    for (name, id) in ids {
        let place = name.find('{').unwrap_or(name.len());
        let (before, parameter) = name.split_at(place);
        if !parameter.is_empty() && path.contains(name) {
            let given = if *name == "{org}" { id.clone() } else { of(id) };
            filled = filled.replace(name, &format!("{before}{given}"));
        }
    }
    assert!(!filled.contains('{'), "nothing for {filled}");
    let is_of_somebody = ids.iter().any(|(name, _)| *name != "{org}" && path.contains(name));
    is_of_somebody.then_some(filled)
}

/// What an answer says, whatever id was asked for.
fn said(answer: &Answer, ids: &Ids, of: impl Fn(&str) -> String) -> (u16, String) {
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let text = ids.iter().fold(text, |text, (name, id)| text.replace(&of(id), name));
    // What Flute draws for each answer.
    let text = match text.split_once("\"correlationId\":\"") {
        Some((before, behind)) => format!("{before}{}", behind.split_once('"').unwrap().1),
        None => text,
    };
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn what_is_anothers_is_as_unknown_as_what_is_nobodys_on_every_route_of_every_face() {
    let vault = Vault::start().await;
    let organizations = async || {
        let all = vault.vaulting.store().merchants().await.unwrap();
        all.into_iter().map(|merchant| merchant.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    let mine = organizations().await.remove(0);
    let (pk, sk) = vault.another_merchant().await;
    let theirs = organizations().await.into_iter().find(|id| *id != mine).unwrap();
    let me = Merchant::new(&vault, mine.clone(), vault.sk.clone()).await;
    let other = Merchant::new(&vault, theirs, sk).await;
    let (mut asked, mut missing, mut read) = (0, 0, 0);
    for (face, ids) in things(&vault, &other, &pk).await {
        let document = me.ask(&vault, face, "GET", "/openapi.json", &Value::Null).await.expect(200);
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
                let own = Ids::from_iter(
                    ids.iter()
                        .map(|(name, id)| (*name, if *name == "{org}" { mine.clone() } else { id.clone() })),
                );
                let Some(foreign) = filled(path, &own, str::to_owned) else { continue };
                let unknown = filled(path, &own, nobodys).unwrap();
                // So that what follows is asked of things that there are.
                if method == "GET" {
                    let theirs = filled(path, &ids, str::to_owned).unwrap();
                    let answer = other.ask(&vault, face, "GET", &theirs, &Value::Null).await;
                    assert_eq!(answer.status, 200, "{face}{theirs}");
                    read += 1;
                }
                let body = if ["GET", "DELETE"].contains(&method.as_str()) { Value::Null } else { json!({}) };
                let foreign = me.ask(&vault, face, &method, &foreign, &body).await;
                let unknown = me.ask(&vault, face, &method, &unknown, &body).await;
                let foreign = said(&foreign, &own, str::to_owned);
                assert_eq!(foreign, said(&unknown, &own, nobodys), "{method} {face}{path}");
                assert!(foreign.0 >= 400, "{method} {face}{path}: {foreign:?}");
                asked += 1;
                missing += u32::from(foreign.0 == 404 || foreign.1.contains("not_found"));
            }
        }
    }
    eprintln!(
        "    {asked} operations, {missing} of which say that there is no such thing; {read} were read by their owner"
    );
    assert!(asked >= 70 && missing >= 50 && read >= 20, "{asked} operations, {missing} missing, {read} read");
}
