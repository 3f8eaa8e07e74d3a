//! The frame's page with a host at the other end of the channel and a vault that answers as it is told.

use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use js_sys::{Array, Reflect};
use seal::{Context, Envelope, KeyId, PrivateKey, PublicKey, Statement, Suite, Suites};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, answer, show, sightings};

pub(crate) const KEY: &str = "pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
pub(crate) const ISSUED: &str = r#"{status: 201, body: {token: "tok_one", kind: "card", expires_at: "2030-01-01T00:15:00Z",
    card: {scheme: "visa", bin: "41111111", last4: "1111", exp_month: 12, exp_year: 2030}}}"#;

pub(crate) struct Vault {
    pub(crate) private: PrivateKey,
}

impl Vault {
    pub(crate) fn new(id: u8) -> Self {
        Self { private: PrivateKey::generate(Suite::X25519, KeyId::new([id; 8]), &mut UnwrapErr(SysRng)) }
    }

    /// What the vault says of its key, behind an entry that nobody can read.
    fn keys(&self) -> String {
        let origin = web_sys::window().unwrap().location().origin().unwrap();
        let statement = signed(&statement(self.private.public(), origin));
        format!(r#"{{"keys":[{{"id":"AAAAAAAAAAA","suite":"later"}},{{"statement":"{statement}"}}]}}"#)
    }

    /// The draft that this request to it holds.
    pub(crate) fn open(&self, request: &JsValue) -> instrument::Draft {
        let origin = web_sys::window().unwrap().location().origin().unwrap();
        let context = Context {
            publishable_key: KEY,
            frame_origin: &origin,
            page_origin: &origin,
            kind: instrument::Kind::Card,
            idempotency_key: &text(request, "idempotency_key"),
        };
        let envelope = Envelope::from_text(&text(request, "body.envelope")).unwrap();
        seal::open(&envelope, &self.private, &context).unwrap()
    }

    pub(crate) fn answers(&self, steps: &str) -> Array {
        answer(&self.keys(), steps)
    }
}

/// What the root says of a key for this vault, for ever.
pub(crate) fn statement(key: PublicKey, vault: String) -> Statement {
    let (not_before_ms, not_after_ms) = (0, u64::MAX);
    Statement { key, not_before_ms, not_after_ms, suites: Suites::ALL, component: seal::COMPONENT, vault }
}

/// The same with the signature of the root that the module pins, which is that of development.
pub(crate) fn signed(statement: &Statement) -> String {
    let root = SigningKey::from_bytes(seal::root::DEVELOPMENT_SEED);
    statement.signed(&root.sign(&statement.to_be_signed()).to_bytes())
}

pub(crate) fn member(of: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(of.clone(), |of, name| Reflect::get(&of, &name.into()).unwrap())
}

pub(crate) fn text(of: &JsValue, path: &str) -> String {
    member(of, path).as_string().unwrap_or_else(|| panic!("{path} in {}", show(of)))
}

#[wasm_bindgen_test]
async fn a_stranger_is_not_answered() {
    for change in [
        r#"({data: {}, origin: "https://evil.example"})"#,
        r#"({data: {nonce: "another"}})"#,
        r#"({data: {tessera: 2}})"#,
        r#"({data: {key: 7}})"#,
        r#"({data: {}, portless: true})"#,
        r#"({data: {}, stranger: true})"#,
    ] {
        let mut page = Page::started();
        page.greet(change);
        assert_eq!(page.heard(), "", "{change}");
        // The right one still gets through afterwards, so silence was not deafness.
        page.greet("({data: {}})");
        page.next("ready", "true").await;
    }
}

#[wasm_bindgen_test]
async fn an_unknown_dialect_names_the_known_ones() {
    let mut page = Page::started();
    page.greet(r#"({data: {dialect: "stripe"}})"#);
    let failed = page.next("failed", "true").await;
    assert_eq!(text(&failed, "error.code"), "bad_option");
    assert_eq!(
        text(&failed, "error.message"),
        "The attribute \"dialect\" must be one of: tessera, fluidpay, paydock, flute, payments_ai."
    );
}

#[wasm_bindgen_test]
async fn changes_tell_verdicts_and_never_values() {
    let page = Page::connected().await;
    page.type_text("number", "4111111111111111");
    let change = page.next("change", "m.fields.number.verdict === 'complete'").await;
    assert_eq!(text(&change, "scheme"), "visa");
    assert_eq!(member(&change, "complete"), JsValue::FALSE);
    assert_eq!(member(&change, "fields.number.focused"), JsValue::TRUE);
    assert_eq!(member(&change, "fields.expiry.empty"), JsValue::TRUE);
    assert!(!page.heard().contains("4111111111"), "{}", page.heard());
    page.fill("expiry", "1230");
    page.fill("code", "123");
    page.next("change", "m.complete").await;
}

#[wasm_bindgen_test]
async fn the_bin_of_a_whole_number_comes_and_is_taken_back() {
    let page = Page::connected().await;
    page.type_text("number", "411111111111111");
    page.next("change", "m.fields.number.verdict === 'partial'").await;
    assert!(!page.heard().contains("\"bin\""), "{}", page.heard());
    page.type_text("number", "1");
    assert_eq!(text(&page.next("bin", "true").await, "bin"), "41111111");
    page.send("({type: 'reset'})");
    let revoked = page.next("bin", "true").await;
    assert!(member(&revoked, "bin").is_null() && member(&revoked, "scheme").is_null());
    assert_eq!(page.value("number"), "");
}

#[wasm_bindgen_test]
async fn a_card_becomes_a_token_and_the_envelope_is_bound_to_this_page() {
    let vault = Vault::new(1);
    let requests = vault.answers(&format!("[{ISSUED}]"));
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 7, deadline_ms: 5000})");
    let token = page.next("token", "m.id === 7").await;
    assert_eq!(
        show(&member(&token, "token")),
        r#"{"token":"tok_one","kind":"card","scheme":"visa","bin":"41111111","last4":"1111","exp_month":12,"exp_year":2030,"expires_at":"2030-01-01T00:15:00Z","preferred_scheme":null}"#
    );
    let request = requests.get(0);
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    assert_eq!(text(&request, "url"), format!("{origin}/v1/tokens"));
    assert_eq!(text(&request, "authorization"), format!("Bearer {KEY}"));
    assert_eq!(text(&request, "body.page_origin"), origin);
    let idempotency_key = text(&request, "idempotency_key");
    assert_eq!(idempotency_key.len(), 32);
    assert!(idempotency_key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    let context = Context {
        publishable_key: KEY,
        frame_origin: &origin,
        page_origin: &origin,
        kind: instrument::Kind::Card,
        idempotency_key: &idempotency_key,
    };
    let envelope = Envelope::from_text(&text(&request, "body.envelope")).unwrap();
    let opened = seal::open(&envelope, &vault.private, &context).unwrap();
    let instrument::Draft::Card(card) = opened else { panic!("not a card") };
    assert_eq!(card.number.expose(), "4111111111111111");
    assert_eq!(card.code.unwrap().expose(), "123");
    // A declined payment must not force retyping.
    assert_eq!(page.value("number"), "4111 1111 1111 1111");
}

#[wasm_bindgen_test]
async fn an_account_becomes_a_token() {
    let requests = Vault::new(1).answers(
        r#"[{status: 201, body: {token: "tok_two", kind: "ach", expires_at: "2030-01-01T00:15:00Z",
            ach: {last4: "6789", account_type: "checking"}}}]"#,
    );
    let page = Page::connected().await;
    page.choose_method("ach");
    page.next("change", "m.method === 'ach'").await;
    assert!(page.is_shown("#routing_number") && !page.is_shown("#number"));
    page.fill("routing_number", "021000021");
    page.fill("account_number", "000123456789");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let missing = page.next("error", "true").await;
    assert_eq!(
        (text(&missing, "error.field"), text(&missing, "error.code")),
        ("holder".into(), "required".into())
    );
    page.fill("holder", "Ada Lovelace");
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    let token = page.next("token", "m.id === 2").await;
    assert_eq!(text(&token, "token.last4"), "6789");
    assert!(member(&token, "token.scheme").is_null() && member(&token, "token.exp_year").is_null());
    assert_eq!(requests.length(), 1);
    assert_eq!(text(&requests.get(0), "body.kind"), "ach");
}

#[wasm_bindgen_test]
async fn the_same_state_of_the_fields_is_the_same_attempt() {
    let requests = Vault::new(1).answers(&format!("[{ISSUED}]"));
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.next("token", "m.id === 1").await;
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    page.send("({type: 'tokenize', id: 3, deadline_ms: 5000})");
    page.next("token", "m.id === 3").await;
    let keys = |at| text(&requests.get(at), "idempotency_key");
    let envelopes = |at| text(&requests.get(at), "body.envelope");
    assert_eq!((keys(0), envelopes(0)), (keys(1), envelopes(1)));
    assert_eq!((keys(0), envelopes(0)), (keys(2), envelopes(2)));
    page.fill("code", "124");
    page.send("({type: 'tokenize', id: 4, deadline_ms: 5000})");
    page.next("token", "m.id === 4").await;
    assert_ne!(keys(0), keys(3));
}

#[wasm_bindgen_test]
async fn an_attempt_that_is_over_is_made_anew_once() {
    let over = r#"{status: 409, body: {error: {code: "attempt_over", classification: "merchant", message: "", field: null}}}"#;
    let requests = Vault::new(1).answers(&format!("[{over}, {ISSUED}, {over}]"));
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.next("token", "m.id === 1").await;
    assert_eq!(requests.length(), 2);
    assert_ne!(text(&requests.get(0), "idempotency_key"), text(&requests.get(1), "idempotency_key"));
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    assert_eq!(text(&page.next("error", "m.id === 2").await, "error.code"), "attempt_over");
    assert_eq!(requests.length(), 4);
}

#[wasm_bindgen_test]
async fn a_key_that_the_vault_dropped_is_fetched_anew() {
    let unknown = r#"{status: 400, body: {error: {code: "sealing_key_unknown", classification: "environment", message: "", field: null}}}"#;
    let vault = Vault::new(9);
    let first = Vault::new(1).answers("[]");
    let page = Page::connected().await;
    page.fill_card();
    // The key that was fetched ahead is there now; the vault turns its keys over.
    while member(&first, "keys").is_undefined() {
        page.next("change", "true").await;
    }
    let requests = vault.answers(&format!("[{unknown}, {ISSUED}]"));
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.next("token", "true").await;
    assert_eq!(text(&requests.get(0), "idempotency_key"), text(&requests.get(1), "idempotency_key"));
    let last = Envelope::from_text(&text(&requests.get(1), "body.envelope")).unwrap();
    assert_eq!(last.key_id(), vault.private.id());
}

#[wasm_bindgen_test]
async fn what_is_missing_is_shown_and_nothing_is_sent() {
    let requests = Vault::new(1).answers(&format!("[{ISSUED}]"));
    let page = Page::connected().await;
    page.fill("number", "4111111111111112");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let error = page.next("error", "true").await;
    assert_eq!(text(&error, "error.classification"), "shopper");
    assert_eq!(page.words_of("number"), "Check the card number: a digit seems to be mistyped.");
    assert_eq!(page.words_of("expiry"), "Enter the expiry date.");
    assert_eq!(page.words_of("code"), "Enter the security code.");
    assert_eq!(page.words_of("holder"), "");
    assert_eq!(
        page.text_of("#announcement"),
        "3 entries need attention. Check the card number: a digit seems to be mistyped."
    );
    let active = web_sys::window().unwrap().document().unwrap().active_element().unwrap();
    assert_eq!(active.id(), "number");
    assert_eq!(requests.length(), 0);
}

#[wasm_bindgen_test]
async fn the_same_card_number_in_the_name_field_is_refused() {
    let page = Page::connected().await;
    page.fill_card();
    page.fill("holder", "Ada 4111 1111 1111 1111");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let error = page.next("error", "true").await;
    assert_eq!(
        (text(&error, "error.field"), text(&error, "error.code")),
        ("holder".into(), "contains_card_number".into())
    );
    assert!(!show(&error).contains("4111"));
}

#[wasm_bindgen_test]
async fn a_refusal_of_the_vault_is_told_to_both_sides() {
    Vault::new(1).answers(
        r#"[{status: 403, body: {error: {code: "origin_not_allowed", classification: "merchant", message: "x", field: null}}}]"#,
    );
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let error = page.next("error", "true").await;
    assert_eq!(text(&error, "error.code"), "origin_not_allowed");
    assert_eq!(text(&error, "error.help"), "docs/errors.md#origin_not_allowed");
    assert_eq!(page.text_of("#notice"), text(&error, "error.message"));
    page.fill("code", "124");
    assert_eq!(page.text_of("#notice"), "");
}

#[wasm_bindgen_test]
async fn report_enter_update_and_unknown_messages() {
    let page = Page::connected().await;
    page.send("({type: 'report'})");
    page.next("change", "true").await;
    assert_eq!(page.words_of("number"), "Enter the card number.");
    page.form.request_submit().unwrap();
    page.next("submit", "true").await;
    page.send("({type: 'update', methods: ['ach'], disabled: true})");
    page.next("change", "m.method === 'ach'").await;
    assert!(!page.is_shown("#methods"));
    assert!(page.form.elements().named_item("routing_number").unwrap().has_attribute("disabled"));
    for nonsense in ["({type: 'reveal'})", "({})", "null", "7", "({type: 'update', methods: ['cash']})"] {
        page.send(nonsense);
    }
    page.send("({type: 'update', disabled: false})");
    page.next("change", "true").await;
    page.next("change", "true").await;
    assert!(!page.form.elements().named_item("routing_number").unwrap().has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn one_offered_method_needs_no_chooser() {
    let mut page = Page::started();
    page.greet("({data: {methods: ['ach']}})");
    page.next("change", "m.method === 'ach'").await;
    assert!(!page.is_shown("#methods") && page.is_shown("#account_type"));
}

#[wasm_bindgen_test]
async fn the_method_named_first_is_shown_unless_the_shopper_has_begun_with_another() {
    let mut page = Page::started();
    page.greet("({data: {methods: ['ach', 'card']}})");
    page.next("change", "m.method === 'ach'").await;
    assert!(page.is_shown("#methods") && page.is_shown("#routing_number") && !page.is_shown("#number"));
    drop(page);

    let mut page = Page::started();
    page.type_text("number", "4");
    page.greet("({data: {methods: ['ach', 'card']}})");
    page.next("change", "m.method === 'card'").await;
    assert!(page.is_shown("#number"));
}

#[wasm_bindgen_test]
async fn an_aborted_attempt_is_answered_once_and_shows_nothing() {
    Vault::new(1).answers("[{hang: true}]");
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.send("({type: 'abort', id: 1})");
    assert_eq!(text(&page.next("error", "m.id === 1").await, "error.code"), "aborted");
    assert_eq!(page.text_of("#notice"), "");
}

#[wasm_bindgen_test]
async fn a_vault_that_does_not_answer_ends_with_the_deadline() {
    Vault::new(1).answers("[{hang: true}]");
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 300})");
    assert_eq!(text(&page.next("error", "m.id === 1").await, "error.code"), "timeout");
}

#[wasm_bindgen_test]
async fn after_a_reset_no_copy_of_the_number_is_on_the_heap() {
    Vault::new(1).answers(&format!("[{ISSUED}]"));
    let page = Page::connected().await;
    page.fill_unseen();
    assert!(sightings(&wasm_bindgen::memory()) > 0, "the search finds what is there");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.next("token", "true").await;
    page.send("({type: 'reset'})");
    page.next("change", "m.fields.number.empty").await;
    assert_eq!(sightings(&wasm_bindgen::memory()), 0);
}
